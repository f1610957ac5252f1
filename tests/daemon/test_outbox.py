"""At most once, whatever happens between intent and outcome: on the memory twin, with faults put into its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from composer.acts import Drafted, Edited, Gone, Sent, Withdrawn
from composer.agenda import FollowUp, FollowUpKind, Withdrawal
from daemon.drafts import DraftState, check_edge
from daemon.errors import LinkLost, MailboxError, StateError
from daemon.fate import SURPLUS, Fate
from daemon.home import come_home, home_of
from daemon.ledger import Ledger
from daemon.mailbox import Appended
from daemon.memory import MemoryMailbox
from daemon.outbox import LAST_LOOK, SECOND_LOOK, Outbox, Outgoing, message_id_for
from daemon.places import Places
from daemon.turns import LONGEST, Turns
from parsers.model import Address, Direction, Facts

NOW = datetime(2026, 12, 1, 22, tzinfo=UTC)
DANA = Address(address="dana.lee@northwind.example", name="Dana Lee")
ME = Address(address="noor@letters.example", name="Noor Haddad")
DRAFTS = "Drafts"
SENT = "Sent"
WORDS = (
    "Thank you for the conversation this afternoon about the Data Engineer role. I enjoyed hearing how your team\r\n"
    "moves its nightly loads, and I look forward to the next step.\r\n"
)


class FaultyMailbox(MemoryMailbox):
    """The twin, whose APPEND can lose its answer, be lost itself, be refused, or answer without a UID."""

    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)
    says_uid = True

    def append_draft(self, folder: str, message: bytes) -> Appended:
        self.before()
        answer = super().append_draft(folder, message)
        self.after()
        return answer if self.says_uid else Appended()


def _raise(error: Exception) -> Callable[[], None]:
    def fault() -> None:
        raise error

    return fault


def _followup(identifier: str = "f-1") -> FollowUp:
    return FollowUp(
        id=identifier,
        kind=FollowUpKind.THANK_YOU,
        rule="T1",
        reason="interview ended 15:00, +2 h",
        account="personal",
        application="northwind",
        company="Northwind",
        role="Data Engineer",
        to=DANA,
        due=NOW,
        stale_at=NOW + timedelta(days=2),
    )


def _outgoing(ledger: Ledger, identifier: str = "f-1", answers: str | None = "invite@northwind.example") -> Outgoing:
    message_id = message_id_for(identifier, "letters.example", ledger.secret)
    thread = f"In-Reply-To: <{answers}>\r\nReferences: <{answers}>\r\n" if answers else ""
    message = (
        f"From: {ME.address}\r\nTo: {DANA.address}\r\nSubject: Re: Your interview\r\n"
        f"Message-ID: <{message_id}>\r\n{thread}\r\n{WORDS}"
    )
    return Outgoing(
        followup=_followup(identifier),
        message_id=message_id,
        message=message.encode(),
        subject="Re: Your interview",
        answers=answers,
    )


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.in_memory()


@pytest.fixture
def mailbox() -> FaultyMailbox:
    return FaultyMailbox(lambda: NOW)


@pytest.fixture
def outbox(ledger: Ledger) -> Outbox:
    return Outbox(ledger, "personal", Places(drafts=DRAFTS))


@pytest.fixture
def fate(ledger: Ledger) -> Fate:
    return Fate(ledger, "personal", Places(drafts=DRAFTS), sent=SENT)


def _state(ledger: Ledger) -> DraftState:
    row = ledger.draft("f-1")
    assert row is not None
    return row.state


def _sent_reply(at: datetime = NOW + timedelta(minutes=40)) -> Facts:
    return Facts(
        key="sent-1",
        account="personal",
        direction=Direction.OWN,
        message_id="another-id@letters.example",
        in_reply_to=("invite@northwind.example",),
        received_at=at,
        sender=ME,
        to=(DANA,),
        subject="Re: Your interview",
    )


def test_a_draft_is_put_once(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    first = outbox.put(mailbox, _outgoing(ledger), NOW)
    assert first is not None
    assert first.created
    assert outbox.put(mailbox, _outgoing(ledger), NOW) is None
    assert len(mailbox.uids(DRAFTS)) == 1
    assert [type(act) for act in ledger.acts()] == [Drafted]


def test_a_server_that_names_no_uid_is_searched_by_exact_comparison(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox
) -> None:
    mailbox.says_uid = False
    outbox.put(mailbox, _outgoing(ledger), NOW)
    row = ledger.draft("f-1")
    assert row is not None
    assert row.state is DraftState.APPENDED
    assert row.uid in mailbox.uids(DRAFTS)


def test_a_lost_answer_is_found_and_never_repeated(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    mailbox.after = _raise(LinkLost("the answer was lost"))
    with pytest.raises(LinkLost):
        outbox.put(mailbox, _outgoing(ledger), NOW)
    assert _state(ledger) is DraftState.UNKNOWN
    settled = outbox.settle(mailbox, NOW + timedelta(minutes=1))
    assert [put.created for put in settled] == [True]
    assert _state(ledger) is DraftState.APPENDED
    assert len(mailbox.uids(DRAFTS)) == 1


def test_a_lost_command_is_repeated_only_after_the_last_look(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox
) -> None:
    mailbox.before = _raise(LinkLost("the command was lost"))
    with pytest.raises(LinkLost):
        outbox.put(mailbox, _outgoing(ledger), NOW)
    mailbox.before = lambda: None
    assert outbox.settle(mailbox, NOW + LAST_LOOK - timedelta(seconds=1)) == ()
    assert not mailbox.uids(DRAFTS)
    outbox.settle(mailbox, NOW + LAST_LOOK)
    assert _state(ledger) is DraftState.APPENDED
    assert len(mailbox.uids(DRAFTS)) == 1


def test_what_was_lost_twice_is_given_up(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    mailbox.before = _raise(LinkLost("the command was lost"))
    with pytest.raises(LinkLost):
        outbox.put(mailbox, _outgoing(ledger), NOW)
    with pytest.raises(LinkLost):
        outbox.settle(mailbox, NOW + LAST_LOOK)
    outbox.settle(mailbox, NOW + 2 * LAST_LOOK)
    assert _state(ledger) is DraftState.FAILED
    mailbox.before = lambda: None
    outbox.settle(mailbox, NOW + 3 * LAST_LOOK)
    assert not mailbox.uids(DRAFTS)


def test_when_something_was_stored_that_is_not_ours_nothing_is_repeated(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox
) -> None:
    mailbox.before = _raise(LinkLost("the command was lost"))
    with pytest.raises(LinkLost):
        outbox.put(mailbox, _outgoing(ledger), NOW)
    mailbox.before = lambda: None
    mailbox.deliver(DRAFTS, b"Subject: something else\r\n\r\n", NOW)
    outbox.settle(mailbox, NOW + LAST_LOOK)
    assert _state(ledger) is DraftState.NEEDS_A_LOOK
    assert len(mailbox.uids(DRAFTS)) == 1


def test_a_refusal_is_tried_again_later(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    mailbox.before = _raise(MailboxError("[OVERQUOTA]"))
    outbox.put(mailbox, _outgoing(ledger), NOW)
    assert _state(ledger) is DraftState.REFUSED
    mailbox.before = lambda: None
    outbox.settle(mailbox, NOW + timedelta(minutes=5))
    assert _state(ledger) is DraftState.REFUSED
    outbox.settle(mailbox, NOW + timedelta(minutes=10))
    assert _state(ledger) is DraftState.APPENDED


def test_a_draft_of_the_persons_own_in_the_thread_stands_for_ours(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox
) -> None:
    own = b"To: dana.lee@northwind.example\r\nIn-Reply-To: <invite@northwind.example>\r\nSubject: Re: x\r\n\r\nDear"
    mailbox.deliver(DRAFTS, own, NOW - timedelta(hours=1), flags=("\\Draft",))
    put = outbox.put(mailbox, _outgoing(ledger), NOW)
    assert put is not None
    assert not put.created
    assert _state(ledger) is DraftState.TAKEN_OVER
    assert len(mailbox.uids(DRAFTS)) == 1


def test_an_earlier_letter_of_ours_that_nobody_touched_does_not_stand_for_the_next(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    second = outbox.put(mailbox, _outgoing(ledger, "f-2"), NOW + timedelta(days=7))
    assert second is not None
    assert second.created
    mailbox.mark(DRAFTS, uid, "\\Draft", "\\Seen", "\\Flagged")
    third = outbox.put(mailbox, _outgoing(ledger, "f-3"), NOW + timedelta(days=8))
    assert third is not None
    assert not third.created


def test_a_deleted_draft_is_never_brought_back(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (), NOW + timedelta(hours=1))
    fate.watch(mailbox, (), NOW + timedelta(hours=2))
    assert _state(ledger) is DraftState.GONE
    assert [type(act) for act in ledger.acts()] == [Drafted, Gone]
    outbox.settle(mailbox, NOW + timedelta(days=1))
    assert outbox.put(mailbox, _outgoing(ledger), NOW + timedelta(days=1)) is None
    assert not mailbox.uids(DRAFTS)


def test_a_draft_saved_anew_by_a_client_is_the_persons(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    saved = _outgoing(ledger).message.replace(b"Message-ID: <fu.", b"Message-ID: <new.")
    mailbox.deliver(DRAFTS, saved + b"and more", NOW + timedelta(minutes=10), flags=("\\Draft",))
    fate.watch(mailbox, (), NOW + timedelta(minutes=11))
    assert _state(ledger) is DraftState.TAKEN_OVER
    assert [type(act) for act in ledger.acts()] == [Drafted, Edited]
    withdrawal = Withdrawal(followup=_followup(), rule="S1", reason="rejected", at=NOW)
    assert not outbox.withdraw(mailbox, withdrawal, NOW + timedelta(minutes=12))
    assert len(mailbox.uids(DRAFTS)) == 1


def test_a_sent_draft_is_recognised_by_thread_and_recipient(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (_sent_reply(),), NOW + timedelta(hours=1))
    assert _state(ledger) is DraftState.SENT
    assert ledger.acts()[-1] == Sent(at=NOW + timedelta(minutes=40), followup_id="f-1")


def test_what_looked_deleted_may_turn_out_to_be_sent(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (), NOW + timedelta(minutes=39))
    fate.watch(mailbox, (_sent_reply(),), NOW + timedelta(hours=1))
    assert [type(act) for act in ledger.acts()] == [Drafted, Gone, Sent]


def test_a_draft_sent_in_the_second_in_which_it_was_made_is_known_to_be_sent(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW + timedelta(milliseconds=700))
    fate.watch(mailbox, (_sent_reply(NOW),), NOW + timedelta(hours=1))
    assert _state(ledger) is DraftState.SENT


def test_a_mail_sent_before_the_draft_was_made_is_not_the_draft(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    fate.watch(mailbox, (_sent_reply(NOW - timedelta(minutes=1)),), NOW + timedelta(hours=1))
    assert _state(ledger) is DraftState.APPENDED


def test_an_untouched_draft_is_taken_back(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    other = mailbox.deliver(DRAFTS, b"Subject: mine\r\n\r\n", NOW, flags=("\\Draft", "\\Deleted"))
    outbox.put(mailbox, _outgoing(ledger), NOW)
    withdrawal = Withdrawal(followup=_followup(), rule="S1", reason="rejected", at=NOW)
    assert outbox.withdraw(mailbox, withdrawal, NOW + timedelta(hours=1))
    assert mailbox.uids(DRAFTS) == {other}
    assert ledger.acts()[-1] == Withdrawn(at=NOW + timedelta(hours=1), followup_id="f-1", rule="S1")


def test_a_withdrawal_that_was_cut_off_is_finished(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    row = ledger.draft("f-1")
    assert row is not None
    ledger.change_draft(replace(row, state=DraftState.WITHDRAWING, note="S1"))
    mailbox.delete(DRAFTS, next(iter(mailbox.uids(DRAFTS))))
    outbox.settle(mailbox, NOW + timedelta(hours=1))
    assert _state(ledger) is DraftState.WITHDRAWN


def test_a_flagged_draft_is_left_alone(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.mark(DRAFTS, uid, "\\Draft", "\\Seen", "\\Flagged")
    withdrawal = Withdrawal(followup=_followup(), rule="S1", reason="rejected", at=NOW)
    assert not outbox.withdraw(mailbox, withdrawal, NOW + timedelta(hours=1))
    assert mailbox.uids(DRAFTS) == {uid}
    assert _state(ledger) is DraftState.LEFT
    assert ledger.acts()[-1] == Edited(at=NOW + timedelta(hours=1), followup_id="f-1")


def test_a_renumbered_folder_makes_no_second_draft(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    mailbox.renumber(DRAFTS)
    fate.watch(mailbox, (), NOW + timedelta(hours=1))
    row = ledger.draft("f-1")
    assert row is not None
    assert row.state is DraftState.APPENDED
    assert row.uid in mailbox.uids(DRAFTS)


def _message(words: str = WORDS, **fields: str) -> bytes:
    """Write a message of the person's own, with a Message-ID that nothing knows."""
    header = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"From: {ME.address}\r\nMessage-ID: <client-1@client.example>\r\n{header}\r\n{words}".encode()


# The letter as each of them leaves it: at least two of its marks, or its own Message-ID.
KEPT = {
    "thread and recipient": _message("Short.\r\n", To=DANA.address, In_Reply_To="<invite@northwind.example>"),
    "recipient and subject": _message("Short.\r\n", To=DANA.address, Subject="Re: Your interview"),
    "recipient and words": _message(To=DANA.address, Subject="Something else"),
    "words, quoted, wrapped anew and added to": _message(
        "Hello Dana,\r\n> "
        + WORDS.upper().replace("\r\n", " ").replace(" HEARING HOW", "\r\n> HEARING HOW")
        + "\r\nNoor\r\n",
        To=DANA.address,
    ),
    "thread and words": _message(To="hr@northwind.example", In_Reply_To="<invite@northwind.example>"),
}
LOST = {
    "recipient alone": _message("Something else altogether, about another matter.\r\n", To=DANA.address, Subject="x"),
    "thread and its subject": _message(
        "Short.\r\n", To="hr@northwind.example", In_Reply_To="<invite@northwind.example>", Subject="Re: Your interview"
    ),
    "words alone": _message(To="hr@northwind.example", Subject="x"),
}


@pytest.mark.parametrize("saved", KEPT.values(), ids=KEPT)
def test_any_two_marks_tell_that_a_draft_was_saved_anew(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate, saved: bytes
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    mailbox.deliver(DRAFTS, saved, NOW + timedelta(minutes=10), flags=("\\Draft",))
    fate.watch(mailbox, (), NOW + timedelta(minutes=11))
    assert _state(ledger) is DraftState.TAKEN_OVER


@pytest.mark.parametrize("other", LOST.values(), ids=LOST)
def test_one_mark_does_not_make_another_message_of_the_persons_the_draft(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate, other: bytes
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    mailbox.deliver(DRAFTS, other, NOW + timedelta(minutes=10), flags=("\\Draft",))
    fate.watch(mailbox, (), NOW + timedelta(minutes=11))
    assert _state(ledger) is DraftState.GONE


@pytest.mark.parametrize("sent", KEPT.values(), ids=KEPT)
def test_any_two_marks_in_sent_tell_that_a_missing_draft_was_sent(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate, sent: bytes
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    mailbox.deliver(SENT, sent, NOW + timedelta(minutes=10))
    fate.watch(mailbox, (), NOW + timedelta(hours=5))
    assert _state(ledger) is DraftState.SENT
    assert ledger.acts()[-1] == Sent(at=NOW + timedelta(minutes=10), followup_id="f-1")


def test_the_original_id_that_exchange_leaves_tells_that_a_draft_was_sent(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outgoing = _outgoing(ledger)
    outbox.put(mailbox, outgoing, NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    sent = _message("Short.\r\n", X_Microsoft_Original_Message_ID=f"<{outgoing.message_id}>", To="hr@northwind.example")
    mailbox.deliver(SENT, sent, NOW + timedelta(minutes=10))
    fate.watch(mailbox, (), NOW + timedelta(hours=5))
    assert _state(ledger) is DraftState.SENT


def test_what_was_sent_to_the_recipient_when_the_draft_vanished_is_the_draft_and_days_later_is_not(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (), NOW + timedelta(hours=1))
    mailbox.deliver(SENT, LOST["recipient alone"], NOW + timedelta(hours=20))
    fate.watch(mailbox, (), NOW + timedelta(hours=20))
    assert _state(ledger) is DraftState.GONE
    mailbox.deliver(SENT, LOST["recipient alone"], NOW + timedelta(minutes=59))
    fate.watch(mailbox, (), NOW + timedelta(hours=21))
    assert _state(ledger) is DraftState.SENT


def _answer(*named: str, sender: Address = DANA) -> Facts:
    return Facts(
        key="answer",
        account="personal",
        direction=Direction.INBOUND,
        message_id="answer@northwind.example",
        in_reply_to=named[-1:],
        references=named,
        received_at=NOW + timedelta(hours=3),
        sender=sender,
        to=(ME,),
        subject="Re: Your interview",
    )


def test_an_answer_proves_that_a_letter_without_a_copy_was_sent(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outgoing = _outgoing(ledger)
    outbox.put(mailbox, outgoing, NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (), NOW + timedelta(hours=1))
    # These answer what we know of, or are of somebody else.
    for other in (
        _answer("invite@northwind.example"),
        _answer("invite@northwind.example", "lost@letters.example", sender=ME),
    ):
        fate.watch(mailbox, (other,), NOW + timedelta(hours=4))
        assert _state(ledger) is DraftState.GONE
    fate.watch(mailbox, (_answer("invite@northwind.example", outgoing.message_id),), NOW + timedelta(hours=4))
    assert _state(ledger) is DraftState.SENT
    assert ledger.acts()[-1] == Sent(at=NOW + timedelta(hours=1), followup_id="f-1")


def test_its_message_id_in_an_answer_is_proof_though_the_draft_still_lies_there(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outgoing = _outgoing(ledger)
    outbox.put(mailbox, outgoing, NOW)
    fate.watch(mailbox, (_answer(outgoing.message_id, sender=ME),), NOW + timedelta(hours=4))
    assert _state(ledger) is DraftState.SENT


def test_an_answer_in_the_thread_to_a_message_that_nobody_has_proves_it_as_well(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    invite = replace(
        _answer(), key="invite", message_id="invite@northwind.example", received_at=NOW - timedelta(days=1)
    )
    answer = _answer("invite@northwind.example", "rewritten@provider.example")
    fate.watch(mailbox, (invite, answer), NOW + timedelta(hours=4))
    assert _state(ledger) is DraftState.APPENDED, "the draft is still there"
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (invite,), NOW + timedelta(hours=4))
    fate.watch(mailbox, (invite, answer), NOW + timedelta(hours=5))
    assert _state(ledger) is DraftState.SENT


def test_a_client_that_keeps_both_versions_has_taken_the_draft_over(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    mailbox.deliver(DRAFTS, KEPT["recipient and subject"], NOW + timedelta(minutes=5), flags=("\\Draft",))
    fate.watch(mailbox, (), NOW + timedelta(minutes=6))
    assert _state(ledger) is DraftState.TAKEN_OVER
    withdrawal = Withdrawal(followup=_followup(), rule="S1", reason="rejected", at=NOW)
    assert not outbox.withdraw(mailbox, withdrawal, NOW + timedelta(minutes=12))
    assert len(mailbox.uids(DRAFTS)) == 2


def test_a_copy_goes_with_the_letter_of_which_it_has_most(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    """Two letters to one person in two threads: what one of them became says nothing of the other."""
    outbox.put(mailbox, _outgoing(ledger), NOW)
    outbox.put(mailbox, _outgoing(ledger, "f-2", "offer@northwind.example"), NOW)
    for uid in mailbox.uids(DRAFTS):
        mailbox.delete(DRAFTS, uid)
    saved = _message(
        "Short.\r\n", To=DANA.address, Subject="Re: Your interview", In_Reply_To="<offer@northwind.example>"
    )
    mailbox.deliver(DRAFTS, saved, NOW + timedelta(minutes=5), flags=("\\Draft",))
    fate.watch(mailbox, (), NOW + timedelta(minutes=6))
    assert {row.id: row.state for row in ledger.drafts()} == {"f-1": DraftState.GONE, "f-2": DraftState.TAKEN_OVER}


def test_a_draft_that_is_only_marked_as_deleted_is_gone_and_fetched_back_it_is_the_persons(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.mark(DRAFTS, uid, "\\Draft", "\\Deleted")
    fate.watch(mailbox, (), NOW + timedelta(minutes=6))
    assert _state(ledger) is DraftState.GONE
    mailbox.mark(DRAFTS, uid, "\\Draft")
    fate.watch(mailbox, (), NOW + timedelta(minutes=9))
    assert _state(ledger) is DraftState.TAKEN_OVER


def test_a_copy_byte_for_byte_is_no_edit(ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    mailbox.deliver(DRAFTS, _outgoing(ledger).message, NOW + timedelta(minutes=5), flags=("\\Draft",))
    fate.watch(mailbox, (), NOW + timedelta(minutes=6))
    assert _state(ledger) is DraftState.APPENDED


def test_a_draft_edited_under_its_own_message_id_in_a_renumbered_folder_is_never_taken_back(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    mailbox.deliver(
        DRAFTS, _outgoing(ledger).message + b"And more.\r\n", NOW + timedelta(minutes=5), flags=("\\Draft",)
    )
    mailbox.renumber(DRAFTS)
    fate.watch(mailbox, (), NOW + timedelta(minutes=6))
    assert _state(ledger) is DraftState.TAKEN_OVER


def test_what_differs_by_one_byte_is_not_ours_to_take_back(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    row = ledger.draft("f-1")
    assert row is not None
    edited = mailbox.deliver(DRAFTS, _outgoing(ledger).message + b"!", NOW, flags=("\\Draft", "\\Seen"))
    ledger.change_draft(replace(row, uid=edited))
    withdrawal = Withdrawal(followup=_followup(), rule="S1", reason="rejected", at=NOW)
    assert not outbox.withdraw(mailbox, withdrawal, NOW + timedelta(hours=1))
    assert edited in mailbox.uids(DRAFTS)


def test_drafts_that_a_folder_made_anew_does_not_have_are_waited_for_a_day(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    outbox.put(mailbox, _outgoing(ledger), NOW)
    (uid,) = mailbox.uids(DRAFTS)
    mailbox.delete(DRAFTS, uid)
    mailbox.renumber(DRAFTS)
    fate.watch(mailbox, (), NOW + timedelta(hours=1))
    assert _state(ledger) is DraftState.APPENDED
    assert fate.alarm
    fate.watch(mailbox, (), NOW + timedelta(hours=24))
    assert _state(ledger) is DraftState.APPENDED
    fate.watch(mailbox, (), NOW + timedelta(hours=25))
    assert _state(ledger) is DraftState.GONE
    assert outbox.put(mailbox, _outgoing(ledger), NOW + timedelta(hours=26)) is None
    # It had only been slow.
    mailbox.deliver(DRAFTS, _outgoing(ledger).message, NOW + timedelta(hours=27), flags=("\\Draft", "\\Seen"))
    fate.watch(mailbox, (), NOW + timedelta(hours=27))
    assert _state(ledger) is DraftState.TAKEN_OVER


def test_a_folder_for_drafts_that_is_emptied_is_told_of(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    for number in (1, 2):
        outbox.put(mailbox, _outgoing(ledger, f"f-{number}", f"invite-{number}@northwind.example"), NOW)
    fate.watch(mailbox, (), NOW)
    assert fate.alarm is None
    for uid in mailbox.uids(DRAFTS):
        mailbox.delete(DRAFTS, uid)
    fate.watch(mailbox, (), NOW + timedelta(hours=1))
    assert [row.state for row in ledger.drafts()] == [DraftState.GONE] * 2
    assert "suddenly empty" in (fate.alarm or "")


# --------------------------------------------------------------------------------------------- another installation


def _theirs(answers: str | None = "invite@northwind.example") -> bytes:
    """The same letter as another installation makes it."""
    return _outgoing(Ledger.in_memory(), answers=answers).message


def test_the_letter_of_another_installation_stands_for_ours_and_lets_later_ones_wait_their_turn(
    ledger: Ledger, mailbox: FaultyMailbox
) -> None:
    turns = Turns(ledger, "personal")
    outbox = Outbox(ledger, "personal", Places(drafts=DRAFTS), turns)
    mailbox.deliver(DRAFTS, _theirs(answers=None), NOW, flags=("\\Draft", "\\Seen"))
    outbox.put(mailbox, _outgoing(ledger, answers=None), NOW)
    assert ledger.has_company("personal")
    assert NOW <= turns.of("f-1", NOW) <= NOW + LONGEST
    outbox.put(mailbox, _outgoing(ledger, answers=None), NOW + LONGEST)
    assert _state(ledger) is DraftState.TAKEN_OVER
    assert len(mailbox.uids(DRAFTS)) == 1
    waits = {Turns(ledger, "personal").of("f-2", NOW) for _ in range(20)}
    assert len(waits) > 1, "no two installations draw alike"


def test_two_installations_at_the_same_second_leave_two_letters_and_say_so(
    ledger: Ledger, mailbox: FaultyMailbox, outbox: Outbox, fate: Fate
) -> None:
    mailbox.before = lambda: mailbox.deliver(DRAFTS, _theirs(), NOW, flags=("\\Draft", "\\Seen")) and None
    put = outbox.put(mailbox, _outgoing(ledger), NOW)
    assert put is not None
    assert put.created
    assert outbox.next_at(NOW) == NOW + SECOND_LOOK
    fate.watch(mailbox, (), NOW + SECOND_LOOK)
    row = ledger.draft("f-1")
    assert row is not None
    assert (row.state, row.note) == (DraftState.TAKEN_OVER, SURPLUS)
    assert fate.alarm
    assert len(mailbox.uids(DRAFTS)) == 2


def test_without_another_installation_no_letter_waits(ledger: Ledger) -> None:
    assert Turns(ledger, "personal").of("f-1", NOW) == NOW


def test_a_copied_state_directory_is_known_by_its_machine_and_its_path(ledger: Ledger, tmp_path: Path) -> None:
    come_home(ledger, tmp_path, moved=False)
    come_home(ledger, tmp_path, moved=False)
    with pytest.raises(StateError, match="copied or moved"):
        come_home(ledger, tmp_path / "copy", moved=False)
    come_home(ledger, tmp_path / "copy", moved=True)
    come_home(ledger, tmp_path / "copy", moved=False)
    for machine in ("one", "two"):
        (tmp_path / machine).write_text(machine)
    assert home_of(tmp_path, tmp_path / "one") != home_of(tmp_path, tmp_path / "two")


def test_message_ids_are_fixed_per_followup_and_per_installation() -> None:
    first = message_id_for("f-1", "letters.example", b"a" * 32)
    assert first == message_id_for("f-1", "letters.example", b"a" * 32)
    assert first != message_id_for("f-2", "letters.example", b"a" * 32)
    assert first != message_id_for("f-1", "letters.example", b"b" * 32)
    assert first.startswith("fu.")
    assert first.endswith("@letters.example")


@pytest.mark.parametrize(
    "state", [s for s in DraftState if s not in {DraftState.UNKNOWN, DraftState.REFUSED, DraftState.INTENT}]
)
def test_no_edge_leads_back_to_an_attempt(state: DraftState) -> None:
    with pytest.raises(ValueError, match="cannot go"):
        check_edge(state, DraftState.INTENT)
