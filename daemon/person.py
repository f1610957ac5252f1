"""Who the user is, for a verb that reads stored mail: from the options, the configuration and the mail itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from composer.letter import Voice
from composer.policy import Policy
from daemon.account import AccountSettings
from daemon.archive import Stored
from daemon.mailbox import Use
from parsers.mail import read_header
from parsers.model import Address, Mail
from parsers.reader import Reader

_ANY = datetime(1970, 1, 1, tzinfo=UTC)  # the arrival does not matter here


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The user; `addresses` are their own, the main one first."""

    account: str
    addresses: tuple[str, ...]
    full_name: str
    timezone: str
    policy: Policy
    authserv_id: str | None = None
    month_first: bool | None = None
    voice: Voice | None = None  # None: as most people write

    def reader(self) -> Reader:
        """Give what reading a message needs."""
        return Reader(
            account=self.account,
            addresses=frozenset(self.addresses),
            full_name=self.full_name,
            timezone=self.timezone,
            authserv_id=self.authserv_id,
            month_first=self.month_first,
        )

    def settings(self) -> AccountSettings:
        """Give what a pass needs."""
        # A person without a known address still gets a From that cannot be mistaken for somebody's.
        addresses = self.addresses or ("me@mail.invalid",)
        return AccountSettings(
            reader=self.reader(),
            identities=tuple(Address(address=address, name=self.full_name or None) for address in addresses),
            voice=replace(self.voice or Voice(full_name=""), full_name=self.full_name or addresses[0]),
            look_back=timedelta(days=36500),
        )

    def learn_from(self, messages: Iterable[Stored]) -> Person:
        """Fill in what the options left open: who sent the mail in Sent, and the name that goes with the address."""
        sent: Counter[str] = Counter()
        names: Counter[str] = Counter()
        known = set(self.addresses)
        for stored in messages:
            mail = read_header(stored.header, received_at=_ANY)
            if stored.use is Use.SENT:
                sent.update(sender.address for sender in mail.senders)
            for address in _ends(mail):
                if address.name and (address.address in known or address.address in sent):
                    names[address.name] += 1
        addresses = self.addresses or tuple(address for address, _ in sent.most_common())
        name = names.most_common(1)[0][0] if names else ""
        return replace(self, addresses=addresses, full_name=self.full_name or name)


def _ends(mail: Mail) -> tuple[Address, ...]:
    return (*mail.senders, *mail.to)
