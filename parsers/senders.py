"""Knows the systems that send recruiting mail: an address in, the system's description and what it allows out.

Each system is one small module of `parsers.extractors` with a `SYSTEM`; this module finds them by walking the package,
so a new system is a new file. Mail domains differ from board domains (workablemail.com, not workable.com), hence a
system is recognised by a suffix of the MAIL domain.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Final

import parsers.extractors
from parsers.model import Address, Mail
from parsers.names import word_lists


class SystemKind(StrEnum):
    """What a system is for, which decides what its mail can mean."""

    TRACKER = "tracker"  # applicant tracking: mail about one application
    SCHEDULER = "scheduler"  # books times, for anything
    CALENDAR = "calendar"  # carries calendar objects of everybody
    TEST = "test"  # online tests: no conversation
    RECORDED = "recorded"  # one-way video and AI interviews: no conversation
    BOARD = "board"  # job boards: applications, alerts and messages of recruiters


class Reply(StrEnum):
    """Where an answer to a system's mail goes."""

    NOWHERE = "nowhere"
    PERSON = "person"  # the address is a relay to a person
    REPLY_TO = "reply_to"  # a person only if Reply-To names another address


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSystem:
    """One sender system. Patterns are regular expressions, matched against lower-case addresses from the start."""

    name: str
    domains: tuple[str, ...]  # suffixes of the mail domain
    kind: SystemKind = SystemKind.TRACKER
    reply: Reply = Reply.REPLY_TO
    relay: str | None = None  # addresses behind which a person writes: neither automatic nor a dead end
    tenant: str | None = None  # group "company" of an address; often the parent company, so text beats it
    tenant_is_code: bool = False  # a parent's or an invented name: it confirms what the text says and names nobody
    display: str | None = None  # group "company" (and "person") of a display name of this system
    subjects: tuple[str, ...] = ()  # groups "company", "role", "person"; matched case-insensitively
    noise: str | None = None  # subjects that say nothing about an application (codes, alerts, recordings)
    alerts: str | None = None  # addresses that send nothing but advertisements of posts

    def is_relay(self, address: str) -> bool:
        """Tell whether a person writes and reads behind this address."""
        return self.relay is not None and re.match(self.relay, address) is not None

    def is_noise(self, address: str, subject: str) -> bool:
        """Tell whether this mail says nothing about an application, whatever its words."""
        if self.alerts is not None and re.match(self.alerts, address):
            return True
        return self.noise is not None and re.search(self.noise, subject, re.IGNORECASE) is not None


# Local parts that no person reads. Matched on the local part with marks removed.
_ROBOT_LOCAL = re.compile(
    r"(?:.*(?:no|not|nicht|ne)(?:reply|replies|respond|repondez|antworten|responder)"
    r"|(?:reply|responder|antworten)?(?:noresponder|keineantwort|pasdereponse)"
    r"|notifications?|notify|notifier|alerts?|jobalerts?|autoreply|autoresponder|auto|automated|mailer|mailerdaemon"
    r"|postmaster|bounces?|system|robot|bot|messages?|mailings?|newsletters?|updates?|digest|donot.{0,12})\d{0,4}$"
)
_ROBOT_PART = re.compile(
    r"(?:^|[.+_-])(?:no-?reply|autoreply|donotreply|mailer-daemon|bounces?|notifications?)(?:[.+_-]|$)"
)
_MARKS = re.compile(r"[._+=-]")

_ROOM_DOMAIN = "resource.calendar.google.com"
_GROUP_DOMAIN = "group.calendar.google.com"  # calendars that several people share
_DEAD_DOMAINS = ("invalidemail.com", "invalid")  # Oracle Recruiting's deliberately dead senders; RFC 2606


@cache
def systems() -> tuple[SenderSystem, ...]:
    """Give every system that has a module in `parsers.extractors`, in alphabetical order of the modules."""
    names = sorted(module.name for module in pkgutil.iter_modules(parsers.extractors.__path__))
    found = (getattr(import_module(f"parsers.extractors.{name}"), "SYSTEM", None) for name in names)
    return tuple(system for system in found if isinstance(system, SenderSystem))


@cache
def _by_domain() -> Mapping[str, SenderSystem]:
    return {domain: system for system in systems() for domain in system.domains}


def find_system(address: Address | None) -> SenderSystem | None:
    """Find the system whose mail domain the address belongs to."""
    if address is None:
        return None
    table = _by_domain()
    labels = address.domain.split(".")[-6:]
    for start in range(len(labels) - 1):
        if system := table.get(".".join(labels[start:])):
            return system
    return None


def is_room(address: Address) -> bool:
    """Tell whether the address is a room's or another resource's in Google Calendar."""
    return address.domain == _ROOM_DOMAIN


def is_robot(address: Address) -> bool:
    """Tell whether nobody reads this address: no-reply, notifications, rooms, dead domains (policy.md S16)."""
    if is_room(address) or address.domain == _GROUP_DOMAIN or address.domain in _DEAD_DOMAINS:
        return True
    local = address.local_part[:80]
    return bool(_ROBOT_LOCAL.match(_MARKS.sub("", local)) or _ROBOT_PART.search(local))


def is_shared(address: Address) -> bool:
    """Tell whether several people read this address (hr@, jobs@, careers@): not a person."""
    local = address.local_part[:80]
    shared = word_lists()["shared_mailboxes"]
    return _MARKS.sub("", local) in shared or re.split(r"[._+-]", local)[0] in shared


def is_answerable(mail: Mail, system: SenderSystem | None) -> bool:
    """Tell whether an answer to this mail reaches a person."""
    if not mail.senders:
        return False
    sender = mail.senders[0]
    answer_to = mail.reply_to[0] if mail.reply_to else sender
    if answer_to.address != sender.address:
        target = find_system(answer_to)
        return not is_robot(answer_to) and (target is None or target.is_relay(answer_to.address))
    if system is None:
        return not is_robot(sender)
    if system.is_relay(sender.address):
        return True
    return system.reply is Reply.PERSON and not is_robot(sender)


def has_automatic_header(mail: Mail) -> bool:
    """Tell whether the header says that a program wrote it (RFC 3834)."""
    submitted = (mail.headers.get("auto-submitted") or ("no",))[0].strip().lower()
    if not submitted.startswith("no"):
        return True
    precedence = (mail.headers.get("precedence") or ("",))[0].strip().lower()
    return precedence in {"bulk", "auto_reply", "list", "junk"} or any(
        name in mail.headers for name in ("x-autoreply", "x-autorespond", "x-autogenerated")
    )


def is_list(mail: Mail) -> bool:
    """Tell whether it came over a mailing list (RFC 2919)."""
    precedence = (mail.headers.get("precedence") or ("",))[0].strip().lower()
    return precedence in {"bulk", "list", "junk"} or any(
        name in mail.headers for name in ("list-id", "list-post", "x-mailing-list", "x-loop")
    )


def is_bulk(mail: Mail) -> bool:
    """Tell whether the header marks it as sent to many (RFC 2919, RFC 2369); a tracker's mail may carry it too."""
    precedence = (mail.headers.get("precedence") or ("",))[0].strip().lower()
    return precedence in {"bulk", "list", "junk"} or any(
        name in mail.headers for name in ("list-id", "list-post", "x-mailing-list", "x-loop", "list-unsubscribe")
    )


def is_recruiting_mailbox(address: Address) -> bool:
    """Tell whether the local part names recruiting ("jobs", "talent.team", "bewerbung")."""
    return _RECRUITING_LOCAL.match(address.local_part) is not None


_RECRUITING_LOCAL: Final = re.compile(
    r"(?:hr|jobs?|careers?|recruit\w{0,8}|talents?\w{0,12}|hiring|people\w{0,10}|bewerbung\w{0,3}|karriere|personal|recrutement|rh|candidature\w?|rrhh|empleo|offers|assessments|interviews?|scheduling)\b"
)
