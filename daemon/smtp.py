"""A letter, its envelope and a server in, what the server made of it out (RFC 6409).

What could be read as a command stops here, before anything goes out; `daemon.smtp_talk` does the talking.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from daemon.errors import SecretError
from daemon.imap_wire import Tls
from daemon.transport import NoLogin, Outcome, Parcel, Refused, Transport

_log = logging.getLogger("tactful.smtp")

LONGEST_LINE = 998  # octets without the line end, RFC 5321 4.5.3.1.6
# Submission servers that put what they take over into Sent by themselves.
FILING_HOSTS = frozenset({"smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com", "smtp-mail.outlook.com"})

# What no server can read as anything but an address, and no command can be hidden in.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_BROKEN_LINES = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where letters go out, and who asks."""

    host: str
    port: int = 465
    tls: Tls = Tls.IMPLICIT
    ca_file: Path | None = None  # one more authority, PEM
    username: str
    files_sent: bool | None = None  # None: by the host's name
    step_timeout: float = 30.0  # seconds for the connection, and for each command and its reply
    end_timeout: float = 600.0  # seconds for the reply to the whole letter, RFC 5321 4.5.3.2.6: it may be scanned
    whole_timeout: float = 690.0  # seconds for all of it; `daemon.service.LONGEST_WORK` is longer

    @property
    def name(self) -> str:
        """The server's name for people."""
        return f"{self.host}:{self.port}"


class SmtpTransport(Transport):
    """One account's server. `secret` gives the password or an access token, or raises SecretError; it is asked for at
    each letter. `spoil` is told of an access token that the server refuses; `secret` then gives another, or raises.
    """

    def __init__(
        self, settings: SmtpSettings, secret: Callable[[], str], spoil: Callable[[str], None] | None = None
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._spoil = spoil

    @property
    def files_sent(self) -> bool:
        """As the person says, else by the host's name."""
        if self._settings.files_sent is not None:
            return self._settings.files_sent
        return self._settings.host.casefold().rstrip(".") in FILING_HOSTS

    def send(self, parcel: Parcel, about_to_end: Callable[[], None]) -> Outcome:
        """See the port. Not to be called where an event loop runs."""
        if fault := _fault_of(parcel):
            return Refused(reply=fault)
        # Only here: asyncio and the library take long to import, and most commands never send.
        from daemon.smtp_talk import hand_over

        try:
            secret = self._secret()
            outcome = hand_over(self._settings, secret, parcel, about_to_end)
            if isinstance(outcome, NoLogin) and self._spoil is not None:
                self._spoil(secret)  # it may have died before its time
                outcome = hand_over(self._settings, self._secret(), parcel, about_to_end)
        except SecretError as error:
            return NoLogin(reply=str(error))
        _log.info("a letter was handed to the server: %s", type(outcome).__name__.lower())
        return outcome


def _fault_of(parcel: Parcel) -> str | None:
    """Say why this cannot be sent: whatever could be read as a command, or differently by different servers."""
    if not parcel.recipients:
        return "The letter has no recipient."
    for address in (parcel.sender, *parcel.recipients):
        if not _ADDRESS.fullmatch(address):
            return f"{address[:200]!r} cannot be written to by SMTP: it is no plain address of ASCII characters."
    if _BROKEN_LINES.search(parcel.message) or not parcel.message.endswith(b"\r\n"):
        return "The letter has broken line ends or a NUL character."
    if max(map(len, parcel.message.split(b"\r\n"))) > LONGEST_LINE:
        return f"The letter has a line of more than {LONGEST_LINE} octets."
    return None
