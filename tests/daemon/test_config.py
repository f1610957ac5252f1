"""What daemon.config makes of a YAML file, and what it says of a wrong one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.policy import (
    CancellationPolicy,
    CheckInPolicy,
    DraftingHours,
    OfferPolicy,
    Override,
    Policy,
    Preset,
    QuietPeriod,
    RejectionPolicy,
    ThankYouPolicy,
    Vacation,
    WeekendRule,
)
from daemon.config import Config, find_config, json_schema, load_config, schema_text
from daemon.credentials import CommandSecret, CredentialSecret, FileSecret
from daemon.errors import ConfigError
from daemon.mailbox import Use
from daemon.secrets_keyring import KeyringSecret
from daemon.yaml_tree import YamlSyntaxError, read_yaml

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "config.example.yaml"
SMALL = """\
accounts:
  - name: personal
    address: Jordan@Example.org
    full_name: Jordan Doe
    timezone: America/New_York
    imap:
      host: imap.example.org
      username: jordan
      password: {keyring: tactful}
"""


def load(directory: Path, text: str) -> Config:
    path = directory / "config.yaml"
    path.write_text(text, "utf-8")
    return load_config(path)


def problems(directory: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(directory, text)
    return [problem.removeprefix(f"{directory / 'config.yaml'}:") for problem in caught.value.problems]


def policy(directory: Path, text: str) -> Policy:
    return load(directory, f"{SMALL}policy:\n{text}").policy()


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    config = load(tmp_path, SMALL)
    (account,) = config.accounts
    assert account.addresses == ("jordan@example.org",)
    assert account.imap is not None
    assert (account.imap.host, account.imap.port_number, account.imap.tls) == ("imap.example.org", 993, "implicit")
    assert account.imap.secret == KeyringSecret(service="tactful", username="jordan")
    assert account.smtp is None
    assert account.folders.overrides() == {}
    assert config.timezone == "America/New_York"
    assert config.look_back == timedelta(days=60)
    assert config.tick == timedelta(seconds=30)
    assert config.log_level == "INFO"
    assert config.policy() == Policy(timezone="America/New_York")


def test_the_example_loads_and_shows_the_defaults() -> None:
    config = load_config(EXAMPLE)
    assert [account.name for account in config.accounts] == ["personal", "local"]
    shown = replace(config.policy(), vacations=(), holidays=(), bridge_days=frozenset(), overrides=())
    assert shown == Policy(timezone="America/New_York")


def options(schema: dict[str, Any], part: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, option in part.get("properties", {}).items():
        yield f"{path}{name}"
        for reference in re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(option)):
            yield from options(schema, schema["$defs"][reference], f"{path}{name}.")


def keys(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield f"{path}{name}"
            yield from keys(below, f"{path}{name}.")
    elif isinstance(value, list):
        for entry in value:
            yield from keys(entry, path)


def test_the_example_names_every_option_and_says_what_it_is() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=docs/config.schema.json"
    # The alternatives to the keyring stand there as comments.
    written = set(keys(read_yaml(re.sub(r"(?m)^( +)# (\w+: )", r"\1\2", text)).value))
    # The ways to keep a secret are shown once, with the first password.
    elsewhere = re.compile(r"(smtp\.password|oauth\.client_secret|polish\.key)\..*")
    named = {elsewhere.sub(r"\1", option) for option in options(json_schema(), json_schema())}
    assert named <= written
    commented = set(re.findall(r"(?m)^ *(?:- |# )?(\w+):.* # ?\S", text))
    assert {option.rpartition(".")[2] for option in named} - commented == {"accounts", "policy"}


def test_the_schema_in_the_documentation_is_that_of_the_program() -> None:
    written = (ROOT / "docs" / "config.schema.json").read_text("utf-8")
    assert written == schema_text(), "write daemon.config.schema_text() to docs/config.schema.json"


def test_a_default_in_the_schema_is_what_a_person_may_write(tmp_path: Path) -> None:
    sections = json_schema()["$defs"]
    thanks = {name: option["default"] for name, option in sections["ThankYouSettings"]["properties"].items()}
    asking = {name: option["default"] for name, option in sections["CheckInSettings"]["properties"].items()}
    assert thanks["delay"] == "2 h"
    assert asking["after_promise"] == "2 business days"
    text = f"  thank_you: {json.dumps(thanks)}\n  check_in: {json.dumps(asking)}\n"
    assert policy(tmp_path, text) == Policy(timezone="America/New_York")


# --------------------------------------------------------------------------------------------------------- YAML 1.2


def test_yaml_is_read_by_the_rules_of_version_1_2() -> None:
    tree = read_yaml(
        "a: 12:30\nb: no\nc: 010\nd: 0o10\ne: 1_000\nf: 2026-12-01\ng: ~\nh: True\ni: .5\nj: 1e3\nk: <<\nl:"
    )
    words = ["12:30", "no", 10, 8, "1_000", "2026-12-01", None, True, 0.5, 1000.0, "<<", None]
    assert tree.value == dict(zip("abcdefghijkl", words, strict=True))


def test_an_object_of_python_is_never_made(tmp_path: Path) -> None:
    found = problems(tmp_path, SMALL + 'state_dir: !!python/object/apply:os.system ["touch /tmp/x"]\n')
    assert found == ["10:1: state_dir: is no absolute path; begin it with / or ~/"]
    assert "10:1: log_level: has a tag (!) that means nothing here" in problems(
        tmp_path, SMALL + "log_level: !x info\n"
    )


def test_aliases_may_be_used_and_may_not_explode(tmp_path: Path) -> None:
    text = SMALL + "    smtp: {host: s.example, username: jordan, password: *p}\n"
    smtp = load(tmp_path, text.replace("password: {", "password: &p {")).accounts[0].smtp
    assert smtp is not None
    assert smtp.secret == KeyringSecret(service="tactful", username="jordan")
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    assert "aliases repeat too much" in problems(tmp_path, bomb)[0]
    assert "too deep" in problems(tmp_path, "a: &a [*a]")[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty"),
        ("# nothing\n", "1:1: the file is empty"),
        ("a: 1\n---\nb: 2\n", "2:1: this is not YAML"),
        ("a: [1\nb: 2\n", "2:2: this is not YAML"),
        ("a:\n\t- 1\n", "2:1: this is not YAML"),
        ("a: \x00", "1:1: the file has characters that no text has"),
        ("[a]: 1", "1:1: a key must be a word"),
        ("x" * 300_000, "1:1: the file is larger than 256 KiB"),
    ],
)
def test_what_is_not_yaml_has_a_place(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(problem)


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`?, \n\t~01.", max_size=40))
def test_any_text_is_a_tree_or_a_syntax_error(text: str) -> None:
    try:
        place = read_yaml(text).place(())
    except YamlSyntaxError as error:
        place = error.place
    assert place.line >= 1


# --------------------------------------------------------------------------------------------------------- problems


def test_every_problem_is_told_at_once_with_its_place_and_what_would_be_right(tmp_path: Path) -> None:
    text = """\
acounts: []
accounts:
  - name: a b
    address: Jordan <jordan@example.org>
    timezone: Mars/Olympus
    tiem: 1
    imap:
      host: https://imap.example.org
      port: "993"
      password: {keyring: tactful}
policy:
  check_in: {at: 9, gap: 5}
  drafting_hours: ["08:00"]
"""
    assert problems(tmp_path, text) == [
        "1:1: acounts: is no option here; did you mean accounts?",
        (
            "3:5: accounts.0.name: may have letters, digits, '.', '-' and '_' only "
            "(a word of your choice, for commands and logs)"
        ),
        "3:5: accounts.0.full_name: is missing (your name, as letters are signed)",
        "4:5: accounts.0.address: is no mail address; write it bare, such as jordan@example.org",
        "5:5: accounts.0.timezone: is no IANA time zone; write a name such as Europe/Berlin or America/New_York",
        (
            "6:5: accounts.0.tiem: is no option here; there are: name, address, aliases, full_name, timezone, imap, "
            "maildir, smtp, oauth, folders, authserv_id, date_order, register, signature"
        ),
        "7:5: accounts.0.imap.username: is missing (login name, most often the address)",
        "8:7: accounts.0.imap.host: is no host name; write it without a protocol, such as imap.example.org",
        (
            "9:7: accounts.0.imap.port: must be a whole number, without quotes "
            "(TCP port; by default that of protocol and tls)"
        ),
        '12:14: policy.check_in.at: is no time of day; write hours and minutes, such as "09:00"',
        '12:21: policy.check_in.gap: is no number of business days; write it with its unit, such as "2 business days"',
        "13:3: policy.drafting_hours.1: is missing (for example 09:00)",
    ]


def test_a_key_that_is_set_twice_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, SMALL + "log_level: info\nlog_level: debug\n") == [
        "10:1: log_level: is set twice, in line 10 and in line 11; keep one"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    imap:", "    maildir: ~/Mail\n    imap:", "2:5: accounts.0: needs either imap or maildir, and not both"),
        (
            "host: imap",
            "tls: none\n      host: imap",
            "7:7: accounts.0.imap.tls: none would send the password readable",
        ),
        (
            "{keyring: tactful}",
            "{oauth: google}",
            "2:5: accounts.0: needs the section oauth with the client_id of your own client",
        ),
        (
            "{keyring: tactful}",
            "{}",
            "9:7: accounts.0.imap.password: needs exactly one of keyring, credential, command",
        ),
        ("{keyring: tactful}", "{keyring: a, file: /b}", "9:7: accounts.0.imap.password: needs exactly one of"),
        ("{keyring: tactful}", "{file: secret}", "9:18: accounts.0.imap.password: is no absolute path"),
        ("{keyring: tactful}", "{command: pass show}", "9:18: accounts.0.imap.password: must be a list"),
        ("{keyring: tactful}", "{credential: ../x}", "9:18: accounts.0.imap.password: may have letters"),
    ],
)
def test_settings_that_exclude_or_endanger_are_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    found = problems(tmp_path, SMALL.replace(old, new))
    assert [line for line in found if line.startswith(problem)], found


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", '"::1"'])
def test_a_server_on_this_machine_needs_no_encryption(tmp_path: Path, host: str) -> None:
    imap = load(tmp_path, SMALL.replace("imap.example.org", f"{host}\n      tls: none")).accounts[0].imap
    assert imap is not None
    assert (imap.tls, imap.port_number) == ("none", 143)


@pytest.mark.parametrize(
    "password",
    [
        "hunter2",
        "12345678",
        "{hunter2}",
        "{hunter2: x}",
        "{keyring: tactful, hunter2: x}",
        "{hunter2: 1, hunter2: 2}",
        "[hunter2]",
        "!hunter2 x",
        "*hunter2",
        '"hunter2',
        "{keyring: [hunter2]}",
        "{file: hunter2}",
        "{command: [pass, {hunter2: x}]}",
    ],
)
def test_a_password_in_the_file_is_refused_and_never_repeated(tmp_path: Path, password: str) -> None:
    found = problems(tmp_path, SMALL.replace("{keyring: tactful}", password))
    assert found
    assert "hunter2" not in " ".join(found)
    assert "12345678" not in " ".join(found)


def test_two_accounts_of_one_name_are_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, SMALL + SMALL.removeprefix("accounts:\n").replace("personal", "Personal"))
    assert problem == "1:1: the file: has two accounts of the same name; give each its own"


def test_at_least_one_account_is_needed(tmp_path: Path) -> None:
    assert problems(tmp_path, "accounts: []") == ["1:1: accounts: needs at least 1 (your mailboxes)"]
    assert problems(tmp_path, "log_level: info") == ["1:1: accounts: is missing (your mailboxes)"]
    assert problems(tmp_path, "just text") == ["1:1: the file: must have options below it"]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "there is no configuration; copy config.example.yaml"),
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: path.write_bytes(b"name: \xff"), "is no text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_of_the_configuration(tmp_path: Path, make: Any, problem: str) -> None:
    path = tmp_path / "config.yaml"
    make(path)
    with pytest.raises(ConfigError, match=problem):
        load_config(path)


# ----------------------------------------------------------------------------------------------------------- policy


def test_wishes_become_the_policy(tmp_path: Path) -> None:
    text = """\
  drafting_hours: ["07:30", "19:00"]
  thank_you: {delay: 90 min, weekend: next-business-day}
  check_in: {after_promise: 3 business days, at: 10:15, prefer_days: [tuesday, Wednesday]}
  quiet_periods: [{start: 08-01, end: 08-15}]
  vacations: [{start: 2026-12-20, end: 2027-01-03}]
  holidays: [DE-BY, US]
  bridge_days: [2026-11-27]
  overrides:
    - {company: Northwind, snooze_until: 2026-12-01}
    - {company: Fabrikam, snooze_until: "2026-12-01T09:00:00+01:00", mute: true}
"""
    found = policy(tmp_path, text)
    assert found.drafting_hours == DraftingHours(start=time(7, 30), end=time(19))
    assert found.thank_you.delay == timedelta(minutes=90)
    assert found.thank_you.weekend is WeekendRule.NEXT_BUSINESS_DAY
    assert (found.check_in.after_promise, found.check_in.at) == (3, time(10, 15))
    assert found.check_in.prefer_days == {2, 3}
    assert found.quiet_periods == (QuietPeriod(start=(8, 1), end=(8, 15)),)
    assert found.vacations == (Vacation(start=date(2026, 12, 20), end=date(2027, 1, 3)),)
    assert found.holidays == ("DE-BY", "US")
    assert found.bridge_days == {date(2026, 11, 27)}
    northwind, fabrikam = found.overrides
    assert northwind.snooze_until == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert fabrikam.snooze_until == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert (northwind.mute, fabrikam.mute) == (False, True)


def test_a_preset_gives_what_is_not_written(tmp_path: Path) -> None:
    persistent = policy(tmp_path, "  preset: persistent\n  check_in: {gap: 7 business days}\n")
    assert persistent.preset is Preset.PERSISTENT
    assert (persistent.check_in.gap, persistent.check_in.max_nudges_per_round) == (7, 3)
    assert persistent.check_in.closing_note
    assert policy(tmp_path, "  preset: gentle\n").check_in.max_nudges_per_round == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "  check_in: {max_nudges_per_round: 4}",
            "11:14: policy.check_in.max_nudges_per_round: must be less than or equal to 3",
        ),
        ("  check_in: {max_nudges_per_process: 6}", "11:14: policy.check_in.max_nudges_per_process: must be less than"),
        ("  check_in: {after_promise: 0 business days}", "11:14: policy.check_in.after_promise: must be greater than"),
        (
            "  thank_you: {delay: 10 min}",
            "11:15: policy.thank_you.delay: 0:10:00 is not between 30 minutes and 24 hours",
        ),
        ("  drafting_hours: [20:00, 08:00]", "11:3: policy.drafting_hours: 20:00 is not before 08:00"),
        (
            "  rejection_reply: {after: 4 bd}",
            "11:3: policy.rejection_reply.stale_business_days: 3 is not between 5 and 10",
        ),
        ("  vacations: [{start: 2027-02-01, end: 2027-01-01}]", "11:3: policy.vacations: 2027-02-01 is after"),
        ("  quiet_periods: [{start: 02-31, end: 03-01}]", "11:20: policy.quiet_periods.0.start: is no day of the year"),
        ("  holidays: [UK]", "11:14: policy.holidays.0: is no country or subdivision"),
        ("  language: xx", "11:3: policy.language: is no language that letters exist in"),
        ("  confidence_threshold: 0.2", "11:3: policy.confidence_threshold: must be greater than or equal to 0.5"),
        ("  confidence_threshold: '0.9'", "11:3: policy.confidence_threshold: must be a number, without quotes"),
        ("  thank_you: {enabled: no}", "11:15: policy.thank_you.enabled: must be true or false"),
        ("  thank_you: {weekend: never}", "11:15: policy.thank_you.weekend: must be 'allow' or 'next-business-day'"),
        (
            "  overrides: [{company: X, snooze_until: 2026-12-01T09:00}]",
            "11:28: policy.overrides.0.snooze_until: is no instant",
        ),
        ("  send: true", "11:3: policy.send: is no option here"),
    ],
)
def test_no_wish_lifts_a_ceiling(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = problems(tmp_path, f"{SMALL}policy:\n{text}\n")
    assert found.startswith(problem)


def numbers(section: str) -> list[tuple[str, int, int]]:
    found = []
    for name, field in Config.model_fields["policy_"].annotation.model_fields[section].annotation.model_fields.items():  # type: ignore[union-attr]  # a section of sections
        low = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
        high = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
        if isinstance(low, int) and isinstance(high, int):
            found.append((name, low, high))
    return found


@pytest.mark.parametrize("section", ["thank_you", "check_in", "after_cancellation", "rejection_reply", "offer_ack"])
def test_the_bounds_are_those_of_the_policy(section: str) -> None:
    part = getattr(Policy(timezone="UTC"), section)
    assert numbers(section)
    for name, low, high in numbers(section):
        for allowed in (low, high):
            if (section, name) != ("rejection_reply", "after"):  # bounded by its own stale_business_days as well
                replace(part, **{name: allowed})
        for refused in (low - 1, high + 1):
            with pytest.raises(ValueError, match=f"{section}.{name}"):
                replace(part, **{name: refused})


# ------------------------------------------------------------------------------------------------------------ places


def test_the_configuration_is_found_where_the_documents_say() -> None:
    home = {"HOME": "/home/jordan"}
    assert find_config(Path("x.yaml"), {**home, "TACTFUL_CONFIG": "/y"}) == Path("x.yaml")
    assert find_config(None, {**home, "TACTFUL_CONFIG": "/y"}) == Path("/y")
    assert find_config(None, {**home, "XDG_CONFIG_HOME": "/c"}) == Path("/c/tactful/config.yaml")
    assert find_config(None, {**home, "XDG_CONFIG_HOME": "c"}) == Path("/home/jordan/.config/tactful/config.yaml")


def test_the_state_is_where_the_documents_say(tmp_path: Path) -> None:
    config = load(tmp_path, SMALL)
    home = {"HOME": "/home/jordan"}
    assert config.state_directory({**home, "STATE_DIRECTORY": "/var/lib/tactful:/x"}) == Path("/var/lib/tactful")
    assert config.state_directory({**home, "XDG_STATE_HOME": "/s"}) == Path("/s/tactful")
    assert config.state_directory(home) == Path("/home/jordan/.local/state/tactful")
    assert load(tmp_path, SMALL + "state_dir: /s\n").state_directory(home) == Path("/s")


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jordan")
    assert load(tmp_path, SMALL + "state_dir: ~/s\n").state_dir == Path("/home/jordan/s")


@pytest.mark.parametrize(
    ("password", "source"),
    [
        ("{credential: imap-password}", CredentialSecret(name="imap-password")),
        ("{command: [pass, show, mail]}", CommandSecret(argv=("pass", "show", "mail"))),
        ("{file: /run/secret}", FileSecret(path=Path("/run/secret"))),
    ],
)
def test_every_place_of_a_password_can_be_named(tmp_path: Path, password: str, source: object) -> None:
    imap = load(tmp_path, SMALL.replace("{keyring: tactful}", password)).accounts[0].imap
    assert imap is not None
    assert imap.secret == source


def test_folders_voice_and_the_order_of_dates_are_handed_on(tmp_path: Path) -> None:
    text = SMALL + "    folders: {drafts: Entwürfe, extra: [Jobs]}\n    date_order: day-first\n    register: formal\n"
    (account,) = load(tmp_path, text).accounts
    assert account.folders.overrides() == {Use.DRAFTS: "Entwürfe"}
    assert account.folders.extra == ("Jobs",)
    assert account.month_first is False
    voice = account.voice("en")
    assert (voice.full_name, voice.register) == ("Jordan Doe", "formal")


def test_every_wish_that_the_policy_has_can_be_written() -> None:
    schema = json_schema()
    sections = {
        "PolicySettings": Policy,
        "ThankYouSettings": ThankYouPolicy,
        "CheckInSettings": CheckInPolicy,
        "CancellationSettings": CancellationPolicy,
        "RejectionSettings": RejectionPolicy,
        "OfferSettings": OfferPolicy,
        "QuietPeriodSettings": QuietPeriod,
        "VacationSettings": Vacation,
        "OverrideSettings": Override,
    }
    for name, kind in sections.items():
        wishes = {field.name for field in fields(kind)} - {"timezone"}  # that of the account
        assert wishes == schema["$defs"][name]["properties"].keys()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:11434/v1", "https://models.example/v1"],
)
def test_a_model_may_be_on_this_machine_or_behind_https(tmp_path: Path, url: str) -> None:
    config = load(tmp_path, f"{SMALL}polish: {{enabled: true, url: '{url}', model: m}}\n")
    assert config.polish.url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example/v1",
        "ftp://127.0.0.1/",
        "https://key@models.example/",
        "https://models.example/?key=1",
        "models.example",
        "http://127.0.0.1:port/v1",
        "https://[::1",
    ],
)
def test_letters_do_not_leave_readable_for_everybody(tmp_path: Path, url: str) -> None:
    (problem,) = problems(tmp_path, f"{SMALL}polish: {{enabled: true, url: '{url}', model: m}}\n")
    assert "polish.url" in problem


def test_a_model_is_asked_only_where_it_is_named(tmp_path: Path) -> None:
    assert not load(tmp_path, SMALL).polish.enabled
    (problem,) = problems(tmp_path, f"{SMALL}polish: {{enabled: true, model: m}}\n")
    assert "needs url and model" in problem
