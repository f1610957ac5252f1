"""Says whose mail is read: what the user's account and configuration add to a message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose mail it is. Addresses are lower-case; `month_first` is how "3/4" is read, None: by sender and zone."""

    account: str
    addresses: frozenset[str]
    full_name: str
    timezone: str  # IANA
    authserv_id: str | None = None
    own_message_ids: frozenset[str] = frozenset()
    month_first: bool | None = None
