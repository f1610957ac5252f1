"""What `scan` and `status` show besides the plan: doubts with the message behind them, and the person's wishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.process.conftest import Seat

Sit = Callable[[str, str], Seat]


def _reviews(seat: Seat) -> list[dict[str, Any]]:
    return [entry for entry in seat.lines("scan") if entry["what"] == "review"]


def test_a_promise_too_far_ahead_is_shown_with_its_message_and_words(sit: Sit) -> None:
    seat = sit("F39", "2027-01-20T12:00:00+00:00")
    (doubt,) = _reviews(seat)
    assert doubt["reason"] == "the promised day, 2027-04-30, is more than 60 days away"
    assert (doubt["company"], doubt["from"]) == ("Quillon Insurance", "amir.nasser@quillon.example")
    assert doubt["at"].startswith("2027-01-13T14:00")
    assert "You will have our decision by 30 April." in doubt["quotes"]
    shown = seat.run("status").stdout
    assert "To be looked at" in shown
    assert "2027-04-30" in shown


def test_somebody_without_an_address_is_shown_by_name(sit: Sit) -> None:
    reasons = {doubt["reason"] for doubt in _reviews(sit("F71", "2027-03-05T12:00:00-06:00"))}
    assert "thank you to Nadia Brandt: no known address; never guessed" in reasons


def test_wishes_are_shown_with_their_end_until_they_end(sit: Sit) -> None:
    seat = sit("W01", "2026-12-03T12:00:00-05:00")
    seat.config.write_text(
        seat.config.read_text("utf-8") + "policy:\n  overrides:\n    - {company: Contoso, mute: true}\n", "utf-8"
    )
    (company,) = {entry["company"] for entry in seat.lines("scan") if entry["what"] == "interview"}
    seat.lines("snooze", company, "--until", "2026-12-20T12:00:00-05:00")

    def wishes() -> list[tuple[str, str, str | None, str]]:
        told = [entry for entry in seat.lines("status") if entry["what"] == "wish"]
        return [(entry["wish"], entry["name"], entry["until"], entry["by"]) for entry in told]

    muted = ("muted", "Contoso", None, "configuration")
    assert wishes() == [("snoozed", company, "2026-12-20T12:00:00-05:00", "command"), muted]
    shown = seat.run("status").stdout
    assert "Sun 20 Dec 12:00" in shown
    assert "for good" in shown
    seat.move_clock(seat.clock.replace(day=21))
    assert wishes() == [muted]
