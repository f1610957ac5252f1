"""Gestures made by a second mail client on a real server, while the daemon runs, and kill -9 while it obeys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.extent import spread
from tests.process.sweep import ends_at, place_of, traced

Wait = Callable[[Callable[[], Any], str], Any]
Invite = Callable[..., EmailMessage]

OTHERS = ("INBOX", "Sent", "Archive", "Trash")


@pytest.fixture
def controlled(seat: Any) -> Any:
    """A seat whose person gives orders by moving drafts."""
    with seat.config.open("a", encoding="utf-8") as config:
        config.write("controls: true\n")
    return seat


def move(seat: Any, source: str, target: str) -> None:
    """Move the only message of a folder, as the server lets a mail program do it."""
    ((uid, _),) = seat.messages(source)
    with seat.server.raw(seat.user) as link:
        link.select(f'"{source}"')
        if "MOVE" in link.capabilities or "MOVE" in str(link.capability()[1]):
            status, said = link.uid("MOVE", str(uid), f'"{target}"')
        else:
            status, said = link.uid("COPY", str(uid), f'"{target}"')
            link.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
            link.expunge()
        assert status == "OK", said


def others(seat: Any) -> dict[str, list[Any]]:
    """All mail that is none of ours, with its flags."""
    found: dict[str, list[Any]] = {}
    with seat.server.raw(seat.user) as link:
        for folder in OTHERS:
            status, counted = link.select(folder, readonly=True)
            if status == "OK" and counted != [b"0"]:
                found[folder] = link.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
    return found


def status_message(seat: Any, folder: str = "Tactful") -> dict[str, Any]:
    """The JSON part of the newest status message."""
    _, raw = seat.messages(folder)[-1]
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == "Tactful: status"
    (part,) = [part for part in mail.walk() if part.get_content_type() == "application/json"]
    document: dict[str, Any] = json.loads(part.get_payload(decode=True))
    return document


def drafted(seat: Any, invite: Invite, interview_day: datetime) -> tuple[datetime, bytes]:
    """Have a thank-you in Drafts, and mail of others in every folder; give the instant and the draft."""
    seat.deliver(invite(seat.user, interview_day))
    for folder in OTHERS:
        seat.deliver(b"From: mum@home.example\r\nSubject: Sunday\r\n\r\nLunch?\r\n", folder)
    after = interview_day + timedelta(hours=4)
    seat.move_clock(after)
    seat.lines("run", "--once")
    ((_, draft),) = seat.messages("Drafts")
    return after, draft


def draft_of(seat: Any) -> dict[str, Any]:
    """What `status` says of the draft."""
    (entry,) = [entry for entry in seat.lines("status") if entry["what"] == "draft"]
    return entry


def test_a_draft_that_is_put_off_comes_back_on_the_next_morning(
    controlled: Any, invite: Invite, interview_day: datetime, wait_until: Wait
) -> None:
    seat = controlled
    after, draft = drafted(seat, invite, interview_day)
    before = others(seat)
    daemon = seat.start()
    wait_until(lambda: "healthy" in str(seat.lines("status")[0]), "the daemon is healthy")
    move(seat, "Drafts", "Tactful/Later")
    wait_until(lambda: draft_of(seat)["place"] == "later", "the move is noticed")
    morning = (after + timedelta(days=1)).replace(hour=8)
    assert datetime.fromisoformat(draft_of(seat)["until"]) == morning
    assert seat.messages("Drafts") == []
    seat.stop(daemon)

    daemon = seat.start()
    seat.move_clock(morning + timedelta(minutes=1))
    ((_, again),) = wait_until(lambda: seat.messages("Drafts"), "it is back")
    assert again == draft
    wait_until(lambda: draft_of(seat)["place"] == "drafts", "the return is written down")
    seat.stop(daemon)
    assert seat.messages("Tactful/Later") == []
    assert others(seat) == before
    (story,) = seat.lines("explain", draft_of(seat)["id"])
    told = [line["text"] for line in story["story"]]
    assert any("Later" in text for text in told)
    assert len(seat.messages("Tactful")) == 1
    assert "mum@home.example" not in (seat.folder / "log").read_text()


def test_never_mutes_the_application_until_the_draft_is_moved_back(
    controlled: Any, invite: Invite, interview_day: datetime, wait_until: Wait
) -> None:
    seat = controlled
    _, draft = drafted(seat, invite, interview_day)
    daemon = seat.start()
    planned = [entry for entry in seat.lines("status") if entry["what"] == "planned"]
    assert planned
    move(seat, "Drafts", "Tactful/Never")
    wait_until(lambda: not [e for e in seat.lines("status") if e["what"] == "planned"], "nothing more is planned")
    assert [raw for _, raw in seat.messages("Tactful/Never")] == [draft]
    move(seat, "Tactful/Never", "Drafts")
    wait_until(lambda: draft_of(seat)["place"] == "drafts", "the move back is noticed")
    wait_until(lambda: not any("muted" in str(e) for e in status_message(seat)["entries"]), "it is taken back")
    seat.stop(daemon)
    assert [raw for _, raw in seat.messages("Drafts")] == [draft]


def test_what_cannot_be_sent_goes_back_and_the_person_is_told(
    controlled: Any, invite: Invite, interview_day: datetime, wait_until: Wait
) -> None:
    seat = controlled
    _, draft = drafted(seat, invite, interview_day)
    mails = len(seat.messages("INBOX"))
    daemon = seat.start()
    move(seat, "Drafts", "Tactful/Approved")
    wait_until(lambda: (draft_of(seat)["note"] or "").startswith("not sent"), "the refusal is written down")
    ((_, again),) = wait_until(lambda: seat.messages("Drafts"), "it is back")
    assert again == draft
    wait_until(lambda: len(seat.messages("INBOX")) == mails + 1, "the person is told")
    assert any("no SMTP server" in problem for problem in status_message(seat)["problems"])
    seat.stop(daemon)
    assert len(seat.messages("INBOX")) == mails + 1


SERVERS: dict[str, tuple[dict[str, str], str, bool]] = {
    "below INBOX": ({"prefix": "INBOX.", "sep": "."}, "INBOX.", True),
    "without MOVE": ({"capability": "IMAP4rev1 UIDPLUS IDLE"}, "", True),
    "without MOVE and UIDPLUS": ({"capability": "IMAP4rev1 IDLE"}, "", False),
    "without special use": ({"special": "no"}, "", True),
    "hardly any capability": ({"capability": "IMAP4rev1"}, "", False),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_gestures_work_on_every_kind_of_server_or_what_is_missing_is_said(
    controlled: Any, invite: Invite, interview_day: datetime, start_dovecot: Any, kind: str
) -> None:
    seat = controlled
    settings, prefix, can_move = SERVERS[kind]
    seat.server = start_dovecot(**settings)
    seat.user = seat.server.fresh_user()
    seat.address = "noor@letters.example"
    seat.write_config()
    with seat.config.open("a", encoding="utf-8") as config:
        config.write("controls: true\n")
    separator = settings.get("sep", "/")
    drafts, root = f"{prefix}Drafts", f"{prefix}Tactful"
    later = f"{root}{separator}Later"
    seat.deliver(invite(seat.address, interview_day))
    after = interview_day + timedelta(hours=4)
    seat.move_clock(after)
    seat.lines("run", "--once")
    ((_, draft),) = seat.messages(drafts)
    move(seat, drafts, later)
    seat.lines("run", "--once")
    assert draft_of(seat)["place"] == "later"
    for days in (1, 2):
        seat.move_clock((after + timedelta(days=days)).replace(hour=8, minute=1))
        seat.lines("run", "--once")
    assert [raw for _, raw in seat.messages(drafts if can_move else later)] == [draft]
    assert seat.messages(later if can_move else drafts) == []
    (checked,) = seat.lines("check")
    said = status_message(seat, root)["problems"]
    for problems in (checked["problems"], said):
        assert any("MOVE" in problem for problem in problems) is not can_move
    assert any("move it yourself" in problem for problem in said) is not can_move
    assert len(seat.messages(root)) == (1 if can_move else 3)


@pytest.mark.timeout(900)  # it runs the program twice for each of some forty steps
@pytest.mark.parametrize("capability", ["", "IMAP4rev1 UIDPLUS"])
def test_a_draft_comes_back_once_whenever_that_is_killed(
    controlled: Any, invite: Invite, interview_day: datetime, start_dovecot: Any, tmp_path: Path, capability: str
) -> None:
    seat = controlled
    if capability:
        seat.server = start_dovecot(capability=capability)
        seat.write_config()
        with seat.config.open("a", encoding="utf-8") as config:
            config.write("controls: true\n")
    after, draft = drafted(seat, invite, interview_day)
    move(seat, "Drafts", "Tactful/Later")
    seat.lines("run", "--once")
    kept = tmp_path / "state-before"
    shutil.copytree(seat.state, kept)
    before = others(seat)
    morning = (after + timedelta(days=1)).replace(hour=8, minute=1)
    seat.move_clock(morning)
    steps = traced(seat, tmp_path)
    for step in spread(steps[place_of(steps, "UID MOVE", "UID COPY") : place_of(steps, "LOGOUT")], 1):
        shutil.rmtree(seat.state)
        shutil.copytree(kept, seat.state)
        move(seat, "Drafts", "Tactful/Later")
        seat.move_clock(after + timedelta(minutes=1))
        seat.lines("run", "--once")
        seat.move_clock(morning)
        assert ends_at(seat, step), step
        seat.lines("run", "--once")
        assert [raw for _, raw in seat.messages("Drafts")] == [draft], step
        assert seat.messages("Tactful/Later") == [], step
        assert len(seat.messages("Tactful")) == 1, step
        assert draft_of(seat)["place"] == "drafts", step
    assert others(seat) == before
