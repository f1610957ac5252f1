"""The person's YAML file in, a Config out; or every problem at once, each with its place and what would be right.

It and what it imports are the only modules that need pydantic, which takes long to import: import it where a
configuration is loaded.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, ValidationError, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from composer.policy import Policy
from daemon.config_problems import Problem, problems_of
from daemon.config_values import OF_THE_THREAD, Count, Duration, FilePath, Line, MailAddress, Section, Zone
from daemon.digest_config import DigestSection
from daemon.errors import ConfigError
from daemon.letters_config import LetterSettings
from daemon.mailbox import Use
from daemon.oauth_config import OAuthSection
from daemon.policy_config import PolicySettings
from daemon.polish_config import PolishSection
from daemon.server_config import ImapSection, SmtpSection
from daemon.yaml_tree import Tree, YamlSyntaxError, read_yaml

if TYPE_CHECKING:
    from composer.letter import Voice


class FolderSettings(Section):
    """Folders, where they are not found by themselves."""

    drafts: Line | None = Field(default=None, description="where drafts go")
    sent: Line | None = Field(default=None, description="where your mail program keeps what you sent")
    trash: Line | None = Field(default=None, description="where it puts what you delete")
    extra: tuple[Line, ...] = Field(default=(), description="folders to read besides INBOX and sent mail")

    def overrides(self) -> dict[Use, str]:
        """Give the folders that are named, by their use."""
        named = {Use.DRAFTS: self.drafts, Use.SENT: self.sent, Use.TRASH: self.trash}
        return {use: name for use, name in named.items() if name is not None}


class AccountConfig(Section):
    """One mailbox."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = Field(
        description="a word of your choice, for commands and logs"
    )
    address: MailAddress = Field(description="your address, as employers write to it")
    aliases: tuple[MailAddress, ...] = Field(default=(), description="your other addresses that arrive here")
    full_name: Line = Field(description="your name, as letters are signed")
    timezone: Zone = Field(description="where you are")
    imap: ImapSection | None = Field(default=None, description="the IMAP server; or maildir")
    maildir: FilePath | None = Field(default=None, description="a Maildir that is synchronised, instead of imap")
    smtp: SmtpSection | None = Field(default=None, description="the SMTP server; optional")
    oauth: OAuthSection | None = Field(default=None, description="how you log in where password says oauth")
    folders: FolderSettings = FolderSettings()
    authserv_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,253}$")] | None = Field(
        default=None,
        description="first word of the Authentication-Results that your own server writes",
    )
    date_order: Literal["month-first", "day-first"] | None = Field(
        default=None, description="how 03/04 is read; by default as the sender's country does"
    )
    register_: Literal["plain", "formal"] = Field(
        default="plain", alias="register", description='how you address strangers: "Hi Dana," or "Dear Dana Lee,"'
    )
    signature: tuple[Line, ...] = Field(default=(), description="lines below your name")

    @model_validator(mode="after")
    def _has_one_store(self) -> Self:
        if (self.imap is None) == (self.maildir is None):
            raise ValueError("needs either imap or maildir, and not both")
        return self

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        for server in (self.imap, self.smtp):
            if server is not None and server.password.oauth is not None:
                if self.oauth is None:
                    raise ValueError("needs the section oauth with the client_id of your own client")
                self.oauth.provider(server.password.oauth)
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address of the person here, the main one first, each once."""
        return tuple(dict.fromkeys((self.address, *self.aliases)))

    @property
    def month_first(self) -> bool | None:
        """How dates with slashes are read; None: by the sender."""
        return None if self.date_order is None else self.date_order == "month-first"

    def voice(
        self,
        language: str | None = None,
        letters: LetterSettings = LetterSettings(),  # noqa: B008 - a value that never changes
        templates: Mapping[str, str] | None = None,
    ) -> Voice:
        """Give how the person writes; `templates` are the texts of their own, by "<language>/<letter>"."""
        # Only here: the template engine takes long to import.
        from composer.letter import Placeholders, Register, Voice

        return Voice(
            full_name=self.full_name,
            language=language,
            register=Register(self.register_),
            signature=self.signature,
            placeholders=Placeholders(letters.placeholders),
            templates=templates or {},
        )


class Config(Section):
    """The configuration of Tactful."""

    state_dir: FilePath | None = Field(
        default=None, description="where the ledger is; default: $STATE_DIRECTORY, else $XDG_STATE_HOME/tactful"
    )
    log_level_: Literal["debug", "info", "warning", "error"] = Field(
        default="info", alias="log_level", description="how much is logged; never subjects, addresses or text"
    )
    check_every: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=30),
        description="how often the clock is looked at; 1 to 30 s",
    )
    keep_days: Count = Field(
        default=180,
        ge=60,
        le=3650,
        description="days of silence after which what is stored of an application is erased",
    )
    lookback_days: Count = Field(default=60, ge=1, le=3650, description="days of old mail that the first start reads")
    ask_for_notes: StrictBool = Field(
        default=False, description="ask you by mail after an interview what was talked about; your answer is a note"
    )
    digest: DigestSection = Field(default=DigestSection(), description="a mail about what your week brings")
    calendar_file: FilePath | None = Field(
        default=None, description="an iCalendar file of the planned letters, kept up to date"
    )
    controls: bool = Field(
        default=False, description="mailboxes Tactful/Approved, Later and Never: what you move there is an order"
    )
    accounts: tuple[AccountConfig, ...] = Field(min_length=1, description="your mailboxes")
    policy_: PolicySettings = Field(default=PolicySettings(), alias="policy", description="when to write what")
    letters: LetterSettings = Field(default=LetterSettings(), description="how letters are written")
    polish: PolishSection = Field(default=PolishSection(), description="a language model that may rephrase letters")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [account.name.casefold() for account in self.accounts]
        if len(set(names)) != len(names):
            raise ValueError("has two accounts of the same name; give each its own")
        return self

    @property
    def timezone(self) -> str:
        """The person's zone: that of the first account."""
        return self.accounts[0].timezone

    @property
    def log_level(self) -> str:
        """How much is logged, as a name of the logging module."""
        return self.log_level_.upper()

    @property
    def tick(self) -> timedelta:
        """How often the clock is looked at."""
        return self.check_every

    @property
    def look_back(self) -> timedelta:
        """How old the mail may be that is read at the first start."""
        return timedelta(days=self.lookback_days)

    @property
    def language(self) -> str | None:
        """The language of letters; None: that of the thread."""
        return None if self.policy_.language == OF_THE_THREAD else self.policy_.language

    def policy(self) -> Policy:
        """Give the follow-up policy, within its fixed ceilings."""
        return self.policy_.policy(timezone=self.timezone)

    def state_directory(self, environ: Mapping[str, str]) -> Path:
        """Give the directory of the ledger."""
        if self.state_dir is not None:
            return self.state_dir
        if environ.get("STATE_DIRECTORY"):
            return Path(environ["STATE_DIRECTORY"].split(":")[0])  # systemd.exec(5): several are joined by ":"
        return _base_directory(environ, "XDG_STATE_HOME", ".local/state") / "tactful"


def find_config(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Give the path of the configuration: the one named, else $TACTFUL_CONFIG, else the one in $XDG_CONFIG_HOME."""
    if explicit is not None:
        return explicit
    if environ.get("TACTFUL_CONFIG"):
        return Path(environ["TACTFUL_CONFIG"])
    return _base_directory(environ, "XDG_CONFIG_HOME", ".config") / "tactful" / "config.yaml"


def load_config(path: Path) -> Config:
    """Read and check the configuration. Raises ConfigError with every problem."""
    try:
        tree = read_yaml(_text_of(path))
    except YamlSyntaxError as error:
        raise ConfigError((f"{path}:{error.place.line}:{error.place.column}: {error.what}",)) from None
    problems = [Problem(path=where, text=text) for where, text in tree.problems]
    try:
        config = Config.model_validate(tree.value)
    except ValidationError as error:
        problems += problems_of(error, json_schema())
    else:
        problems += _misfits(config)
        if not problems:
            return config
    raise ConfigError(_lines(path, tree, problems))


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of the configuration, for editors: docs/config.schema.json."""
    schema = Config.model_json_schema(schema_generator=_SchemaOfTheFile)
    return {"$schema": _SchemaOfTheFile.schema_dialect, **schema, "title": "Tactful configuration"}


class _SchemaOfTheFile(GenerateJsonSchema):
    """Shows each default as a person would write it, which pydantic does for whole sections only."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        shown = super().model_schema(schema)
        defaults = schema["cls"].model_construct().model_dump(mode="json", by_alias=True)
        for name, option in shown.get("properties", {}).items():
            option.pop("title", None)
            if "default" in option:
                option["default"] = defaults[name]
        return shown


def schema_text() -> str:
    """Give the schema as it stands in the file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
        # Whoever writes it decides which command gives the password, and to which server it goes.
        if status.st_uid not in {os.getuid(), 0} or stat.S_IMODE(status.st_mode) & stat.S_IWOTH:
            raise ConfigError((f"{path}:1:1: others can change it; make it yours with chown, and chmod o-w",))
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            (f"{path}:1:1: there is no configuration; copy config.example.yaml to it and fill in your account",)
        ) from None
    except OSError as error:
        raise ConfigError((f"{path}:1:1: cannot be read ({error.strerror}); check its name and rights",)) from None
    except UnicodeDecodeError:
        raise ConfigError((f"{path}:1:1: is no text in UTF-8; save it as UTF-8",)) from None


def _misfits(config: Config) -> list[Problem]:
    """Give what single values do not show; Policy names the key in front of a colon."""
    try:
        config.policy()
    except ValueError as error:
        key, _, text = str(error).partition(": ")
        return [Problem(path=("policy", *key.split(".")), text=text)]
    return []


def _lines(path: Path, tree: Tree, problems: list[Problem]) -> tuple[str, ...]:
    placed = sorted(
        ((tree.place(problem.path), problem) for problem in problems),
        key=lambda pair: (pair[0].line, pair[0].column),
    )
    return tuple(
        f"{path}:{place.line}:{place.column}: {_shown(problem.path)}: {problem.text}" for place, problem in placed
    )


def _shown(path: tuple[str | int, ...]) -> str:
    if "password" in path:  # a key below it may be the password itself
        path = path[: path.index("password") + 1]
    return ".".join(map(str, path)) or "the file"


def _base_directory(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    # XDG Base Directory Specification: a relative path is to be ignored.
    named = environ.get(variable, "")
    return Path(named) if named.startswith("/") else Path(environ.get("HOME") or "/") / below_home
