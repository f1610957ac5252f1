"""The main job by the real command on servers that differ: a draft is made once, edited, sent, and known for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest

from tests.daemon.test_mailbox_contract import on_the_wire
from tests.interop.conftest import Other
from tests.process.conftest import ZONE, Seat, invitation, until
from tests.process.life import Life


@pytest.fixture
def life(other: Other, tmp_path: Path) -> Iterator[Life]:
    """A job seeker's daemon on that server."""
    seat = Seat(server=other.server, user=other.server.fresh_user(), folder=tmp_path, clock=datetime.now(UTC))
    seat.address = "noor@mail.example"
    seat.write_config()
    made = Life(seat, until)
    yield made
    for process in seat.processes:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=10)


def edited(draft: bytes) -> EmailMessage:
    """Write what most mail programs save: other words, another Message-ID, the thread kept."""
    before = message_from_bytes(draft, policy=default)
    after = EmailMessage(policy=SMTP)
    for name in ("From", "To", "Subject", "In-Reply-To", "References", "Date"):
        if before[name]:
            after[name] = str(before[name])
    after["Message-ID"] = "<edited-1@client.example>"
    after.set_content(before.get_content().replace("Thank you", "Many thanks", 1) + "\nPS: See you soon.\n")
    return after


def states(seat: Seat) -> list[str]:
    return [entry["state"] for entry in seat.lines("status") if entry["what"] == "draft"]


def test_a_draft_is_made_once_edited_sent_and_known_for_it(life: Life, other: Other) -> None:
    seat = life.seat
    drafts, sent = on_the_wire(other.drafts), on_the_wire(other.sent)
    # All of it in the past: Dovecot takes no date of arrival from the future.
    day = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=5)
    while day.weekday() != 1:
        day -= timedelta(days=1)
    seat.deliver(invitation("noor@mail.example", day), at=day - timedelta(days=1))
    life.start(day - timedelta(hours=1))
    assert seat.messages(drafts) == []

    life.go_to(day + timedelta(hours=3, minutes=1))
    life.go_to(seat.now)
    ((uid, draft),) = seat.messages(drafts)
    assert states(seat) == ["appended"]

    letter = edited(draft)
    seat.deliver(letter, drafts, seat.now)
    seat.delete(drafts, uid)
    life.go_to(seat.now)
    life.go_to(seat.now)
    assert states(seat) == ["taken-over"]
    ((uid, _),) = seat.messages(drafts)

    seat.deliver(letter, sent, seat.now)
    seat.delete(drafts, uid)
    life.go_to(seat.now)
    life.go_to(seat.now)
    assert states(seat) == ["sent"]

    life.stop()
    assert seat.lines("run", "--once") == []
    assert seat.messages(drafts) == []
    assert len(seat.messages(sent)) == 1
