"""What the person wishes by the command while the daemon runs: nothing more, nothing before a day, and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

Wait = Callable[[Callable[[], Any], str], Any]


def test_a_muted_company_loses_its_untouched_draft_and_gets_none_until_it_is_resumed(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime, wait_until: Wait
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    seat.move_clock(interview_day + timedelta(hours=4))
    daemon = seat.start()
    wait_until(lambda: seat.messages("Drafts"), "the draft is there")

    (said,) = seat.lines("mute", "northwind freight")
    assert (said["wish"], said["scope"], said["name"]) == ("muted", "company", "Northwind Freight")
    wait_until(lambda: not seat.messages("Drafts"), "the draft was taken back")
    seat.stop(daemon)

    seat.lines("run", "--once")  # another process remembers
    assert seat.messages("Drafts") == []
    assert {entry["rule"] for entry in seat.lines("status") if entry["what"] == "held_back"} == {"S10"}

    seat.lines("resume", "Northwind Freight")
    seat.lines("run", "--once")
    assert len(seat.messages("Drafts")) == 1


def test_a_snoozed_application_is_put_off(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    scanned = seat.lines("scan")
    (application,) = {entry["application"] for entry in scanned if entry["what"] == "interview"}
    day = interview_day + timedelta(days=1)
    (said,) = seat.lines("snooze", application[:12], "--until", day.isoformat())
    assert (said["scope"], said["until"]) == ("application", day.isoformat(timespec="seconds"))
    (thank_you,) = [e for e in seat.lines("status") if e["what"] == "planned" and e["kind"] == "thank_you"]
    assert (thank_you["rule"], datetime.fromisoformat(thank_you["due"])) == ("S18", day)


def test_a_wish_of_something_unknown_or_past_is_refused(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime
) -> None:
    assert seat.run("mute", "Northwind").returncode == 75  # nothing is known yet
    seat.deliver(invite(seat.user, interview_day))
    seat.lines("scan")
    unknown = seat.run("mute", "Fabrikam")
    assert (unknown.returncode, "tactful status" in unknown.stderr) == (65, True)
    assert seat.run("snooze", "Northwind Freight", "--until", "2020-01-01").returncode == 65
