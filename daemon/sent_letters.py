"""Facts of an account in, whether one of its letters was sent out: by the person's own copy, or by an answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daemon.drafts import DraftRow, DraftState
from parsers.model import Direction, Facts


def own_copy(row: DraftRow, rows: Sequence[DraftRow], mail: Sequence[Facts]) -> Facts | None:
    """Find the person's own mail that this draft became.

    A letter of ours that was written later is the better match for a mail sent after it.
    """
    for facts in mail:
        if facts.direction is Direction.OWN and _became(row, facts):
            later = (other for other in rows if other.intended_at > row.intended_at)
            if facts.message_id == row.message_id or not any(_became(other, facts) for other in later):
                return facts
    return None


def _became(row: DraftRow, sent: Facts) -> bool:
    """Whether this own mail may be the draft: its Message-ID, or the recipient and one more mark."""
    if sent.received_at < row.intended_second:
        return False
    if sent.message_id == row.message_id:
        return True
    if row.followup.to.address not in {address.address for address in sent.to}:
        return False
    threaded = row.answers is not None and row.answers in (*sent.in_reply_to, *sent.references)
    return threaded or sent.subject == row.subject


def answered_at(row: DraftRow, mail: Sequence[Facts]) -> datetime | None:
    """Say when a letter was sent of which no copy is to be found, since somebody answers it; None: nobody does.

    Its Message-ID in an answer is proof. So it is, for a draft that is missed, that its recipient goes on in its thread
    with an answer to a message that nobody has.
    """
    known = {row.answers, *(facts.message_id for facts in mail)}
    for facts in mail:
        if facts.direction is not Direction.INBOUND or facts.received_at < row.intended_second:
            continue
        named = (*facts.in_reply_to, *facts.references)
        proven = row.message_id in named or (
            row.state is DraftState.GONE
            and facts.sender is not None
            and facts.sender.address == row.followup.to.address
            and row.answers in named
            and bool(facts.in_reply_to)
            and known.isdisjoint(facts.in_reply_to)
        )
        if proven:
            return min(row.changed_at, facts.received_at) if row.state is DraftState.GONE else facts.received_at
    return None
