"""`tactful run --once` on a real Dovecot: one draft, in the right thread, and never a second one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

THREE_HOURS_AFTER = timedelta(hours=4)  # the interview takes one


def test_an_interview_that_ended_gives_one_threaded_draft_ever(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    seat.move_clock(interview_day + THREE_HOURS_AFTER)

    decisions = seat.lines("run", "--once")
    assert [(d["action"], d["kind"], d["rule"]) for d in decisions if d["action"] == "create"] == [
        ("create", "thank_you", "T1")
    ]
    ((uid, draft),) = seat.messages("Drafts")
    message = message_from_bytes(draft)
    assert message["To"] == "Dana Lee <dana.lee@northwind.example>"
    assert message["From"] == f"Noor Haddad <{seat.user}>"
    assert message["In-Reply-To"] == "<mail.loop-1@northwind.example>"
    assert message["Subject"].startswith("Re: ")

    assert not [d for d in seat.lines("run", "--once") if d["action"] == "create"]
    assert [number for number, _ in seat.messages("Drafts")] == [uid]

    seat.delete("Drafts", uid)
    assert not [d for d in seat.lines("run", "--once") if d["action"] == "create"]
    assert seat.messages("Drafts") == []


def test_no_other_message_is_changed(seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime) -> None:
    seat.deliver(invite(seat.user, interview_day))
    private = EmailMessage()
    private["From"], private["To"], private["Subject"] = "mum@family.example", seat.user, "Sunday?"
    private.set_content("Lunch at one?\n")
    seat.deliver(private)

    def flags() -> list[bytes]:
        with seat.server.raw(seat.user) as link:
            link.select("INBOX", readonly=True)
            return sorted(link.fetch("1:*", "(UID FLAGS)")[1])

    before = flags()
    seat.move_clock(interview_day + THREE_HOURS_AFTER)
    seat.lines("scan")
    seat.lines("run", "--once")
    assert [line.replace(b"\\Recent", b"").replace(b" )", b")") for line in flags()] == [
        line.replace(b"\\Recent", b"").replace(b" )", b")") for line in before
    ]


def test_scan_status_and_explain_tell_the_same_story(
    seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime
) -> None:
    seat.deliver(invite(seat.user, interview_day))
    scanned = seat.lines("scan")
    (planned,) = [entry for entry in scanned if entry["what"] == "planned" and entry["kind"] == "thank_you"]
    assert datetime.fromisoformat(planned["due"]) == interview_day + timedelta(hours=3)
    assert seat.messages("Drafts") == []
    assert planned["id"] in {entry.get("id") for entry in seat.lines("status")}
    (story,) = seat.lines("explain", planned["id"][:10])
    assert story["rule"] == "T1"
    assert story["messages"] == ["mail.loop-1@northwind.example"]


def test_check_names_the_folders_and_what_is_missing(seat: Any) -> None:
    (account,) = seat.lines("check")
    assert account["ok"]
    assert account["folders"]["drafts"] == "Drafts"
    assert account["problems"] == []


def test_a_refused_login_ends_with_77(seat: Any) -> None:
    (seat.folder / "secret").write_text("wrong\n")
    outcome = seat.run("check")
    assert outcome.returncode == 77
    assert "personal" in outcome.stdout


def test_an_unreachable_server_ends_with_69(seat: Any) -> None:
    seat.config.write_text(seat.config.read_text().replace(f"port: {seat.server.port}", "port: 1"))
    assert seat.run("scan").returncode == 69


def test_a_wrong_configuration_ends_with_78_and_names_every_place(seat: Any) -> None:
    seat.config.write_text(
        seat.config.read_text().replace("full_name:", "ful_name:").replace("tls: none", "tls: maybe")
    )
    outcome = seat.run("check")
    assert outcome.returncode == 78
    assert outcome.stderr.count("config.yaml:") >= 3
