"""The contract of `daemon.mailbox`, word for word, on servers that differ: see conftest.py."""

from __future__ import annotations

import pytest

import tests.daemon.test_mailbox_contract as contract
from daemon.mailbox import Mailbox
from tests.interop.conftest import LONG, Other

# More than half of the contract's tests; `make faults` has them here as well.
_MANY = "test_a_hostile_folder_name_is_a_mailbox_error_and_makes_nothing"
# What a server without UIDPLUS and MOVE cannot do to one message alone.
_BEYOND = (
    "test_a_moved_message_keeps_its_bytes_flags_and_arrival_and_no_other_is_touched",
    "test_a_message_that_nobody_has_seen_is_moved_as_one",
    "test_expunging_removes_exactly_one_message_though_another_is_marked_deleted",
)
# What a server may refuse to take in.
_STRANGE = "test_a_strange_message_still_has_an_outline_and_can_be_read"
_REFUSED = ("no body", "binary")

# The same tests, in whose `world` another server stands.
for name, test in vars(contract).items():
    if name.startswith("test_") and name not in (*_BEYOND, _STRANGE) and (LONG or name != _MANY):
        globals()[name] = test
mailbox = contract.mailbox


@pytest.fixture
def world(other: Other) -> contract.World:
    return contract.ImapWorld(other.server, drafts=other.drafts, archive=other.archive)


@pytest.mark.parametrize("promise", _BEYOND)
def test_one_message_is_removed_or_moved_alone_or_not_at_all(
    promise: str, world: contract.World, mailbox: Mailbox, other: Other
) -> None:
    if other.alone:
        getattr(contract, promise)(world, mailbox)
        return
    for name in ("mine", "deleted"):
        world.deliver(world.drafts, contract.plain(name))
    world.mark_deleted(world.drafts, "deleted")
    before = world.flags(world.drafts)
    for uid in mailbox.uids(world.drafts):
        assert mailbox.expunge_draft(world.drafts, uid) is False
        assert mailbox.move(world.drafts, uid, world.archive) is False
    assert world.flags(world.drafts) == before
    assert world.flags(world.archive) == {}


@pytest.mark.parametrize("kind", contract.STRANGE)
def test_a_strange_message_can_be_read_or_is_not_taken_in(
    kind: str, world: contract.World, mailbox: Mailbox, other: Other
) -> None:
    if other.whole or kind not in _REFUSED:
        getattr(contract, _STRANGE)(world, mailbox, kind)
        return
    with pytest.raises(AssertionError, match="invalid header"):
        world.deliver("INBOX", contract.STRANGE[kind])
