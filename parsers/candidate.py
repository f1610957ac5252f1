"""The first look at a message: its header in, the reason to read its body out, or None.

It must miss no mail about an application and may pass a tenth of a normal mailbox; bodies are weighed later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from parsers.employer import employer_domain
from parsers.model import Mail
from parsers.senders import find_system, has_automatic_header, is_bulk, is_list, is_recruiting_mailbox, is_robot
from parsers.wordbook import subjects

# Robots that say nothing of an application themselves but bring what does: bounces (policy.md S21).
_BOUNCE: Final = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the account's earlier mail about applications has made known; `own` are the user's addresses."""

    message_ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()  # registrable domains of employers
    own: frozenset[str] = frozenset()


def reason_to_read(header: Mail, *, has_calendar: bool, known: Known) -> str | None:
    """Say why this message's body is worth reading; None where nothing speaks for it."""
    sender = header.senders[0] if header.senders else None
    if not known.message_ids.isdisjoint((*header.in_reply_to, *header.references)):
        return "it belongs to a known thread"
    others = {address.address for address in (*header.to, *header.cc, *header.reply_to)}
    if not known.addresses.isdisjoint(others) or (sender is not None and sender.address in known.addresses):
        return "it is from or to somebody known"
    if has_calendar:
        return "it has a calendar object"
    system = find_system(sender)
    if system is not None and sender is not None:
        return None if system.is_noise(sender.address, header.subject) else f"it comes from {system.name}"
    if sender is not None and (domain := employer_domain(sender.domain)) and domain in known.domains:
        return "it comes from a known employer"
    if sender is not None and _BOUNCE.match(sender.local_part):
        return "it is a delivery report"
    if subjects().search(header.subject[:500]):
        return "its subject speaks of an application"
    if sender is not None and is_recruiting_mailbox(sender) and not is_list(header):
        return "it comes from a recruiting mailbox"
    return _personal(header, known)


def _personal(header: Mail, known: Known) -> str | None:
    """A person's mail to the user alone may say anything: "you will hear from us by Friday"."""
    sender = header.senders[0] if header.senders else None
    if sender is None or is_robot(sender) or is_bulk(header) or has_automatic_header(header):
        return None
    if sender.address in known.own:
        return None  # the user's own mail matters by its thread, its recipient or its subject
    if known.own and known.own.isdisjoint(address.address for address in header.to):
        return None
    return "it is a personal mail" if len(header.to) + len(header.cc) <= _FEW else None


_FEW: Final = 8  # recipients
