"""The sample mail is an ordinary Maildir, whatever the day on which the demo is run."""

from __future__ import annotations

import mailbox
import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from daemon.samples import ADDRESS, Sample, write_sample_maildir

FOLDERS = (".", ".Sent", ".Drafts")


@pytest.fixture(params=[date(2026, 11, 30), date(2027, 3, 10), date(2024, 2, 29)], ids=str)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Sample:
    return write_sample_maildir(tmp_path / "mail", start=request.param)


def messages(sample: Sample, folder: str) -> list[tuple[Path, EmailMessage]]:
    found = sorted((sample.directory / folder / "cur").iterdir())
    read = [(path, message_from_bytes(path.read_bytes(), policy=policy.default)) for path in found]
    return [(path, message) for path, message in read if isinstance(message, EmailMessage)]


def arrival(message: EmailMessage) -> datetime:
    return parsedate_to_datetime(message.get_all("Received")[0].rpartition(";")[2].strip())


def test_it_is_a_maildir_with_sent_and_drafts(sample: Sample) -> None:
    for folder in FOLDERS:
        assert {part.name for part in (sample.directory / folder).iterdir()} >= {"cur", "new", "tmp"}
    box = mailbox.Maildir(sample.directory, create=False)
    assert set(box.list_folders()) == {"Sent", "Drafts"}
    assert len(box.get_folder("Drafts")) == 0
    assert len(box) + len(box.get_folder("Sent")) == sample.messages >= 40


def test_every_message_reads_without_a_defect(sample: Sample) -> None:
    for folder in FOLDERS:
        for path, message in messages(sample, folder):
            assert not message.defects, path.name
            for part in message.walk():
                assert not part.defects, path.name
                assert all(not value.defects for value in part.values()), path.name
            assert "{{" not in path.read_text(encoding="utf-8"), path.name


def test_every_message_has_an_identity_of_its_own_and_is_from_or_to_the_seeker(sample: Sample) -> None:
    seen = [message["Message-ID"] for folder in FOLDERS for _, message in messages(sample, folder)]
    assert len(set(seen)) == len(seen)
    for _, message in messages(sample, "."):
        assert ADDRESS in str(message["To"])
    for _, message in messages(sample, ".Sent"):
        assert message["From"].addresses[0].addr_spec == ADDRESS


def test_an_answer_names_a_message_that_is_there_and_older(sample: Sample) -> None:
    every = {message["Message-ID"]: message for folder in FOLDERS for _, message in messages(sample, folder)}
    for message in every.values():
        for known in str(message["References"] or "").split():
            assert every[known]["Date"].datetime < message["Date"].datetime


def test_the_file_and_the_topmost_received_field_agree_on_the_arrival(sample: Sample) -> None:
    for path, message in messages(sample, "."):
        assert path.stat().st_mtime == arrival(message).timestamp()
        assert timedelta() < arrival(message) - message["Date"].datetime < timedelta(minutes=1)
        assert sample.since <= arrival(message) < sample.until
    for path, message in messages(sample, ".Sent"):
        assert path.stat().st_mtime == message["Date"].datetime.timestamp()


def test_every_calendar_object_is_valid_and_the_moved_one_keeps_its_uid(sample: Sample) -> None:
    events = []
    for path, message in messages(sample, "."):
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                calendar = Calendar.from_ical(part.get_content())
                assert all(len(line) <= 75 for line in part.get_content().splitlines()), path.name
                (event,) = calendar.walk("VEVENT")
                assert event.errors == []
                events.append((arrival(message), event))
    moved = [event for _, event in sorted(events, key=lambda pair: pair[0]) if "google" in event["UID"]]
    assert [event["SEQUENCE"] for event in moved] == [0, 1]
    assert len({event["UID"] for event in moved}) == 1
    assert moved[1].start - moved[0].start == timedelta(days=1, hours=1)
    assert {event.start.utcoffset() for event in moved} <= {timedelta(hours=-5), timedelta(hours=-4)}


def test_weekdays_and_dates_in_the_text_belong_together(sample: Sample) -> None:
    named = re.compile(
        r"(\w+day), ((?:January|February|March|April|May|June|July|August|September|October|November|December) \d+)"
    )
    found = 0
    for folder in (".", ".Sent"):
        for path, _ in messages(sample, folder):
            for weekday, day in named.findall(path.read_text(encoding="utf-8")):
                year = next(y for y in (sample.since.year, sample.until.year) if _fits(day, y, sample))
                assert datetime.strptime(f"{day} {year}", "%B %d %Y").strftime("%A") == weekday  # noqa: DTZ007 (a date)
                found += 1
    assert found > 20


def _fits(day: str, year: int, sample: Sample) -> bool:
    there = datetime.strptime(f"{day} {year}", "%B %d %Y").date()  # noqa: DTZ007 (a date)
    return sample.since.date() <= there <= sample.until.date()


def test_a_directory_that_holds_mail_is_left_alone(tmp_path: Path) -> None:
    write_sample_maildir(tmp_path, start=date(2026, 11, 30))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(FileExistsError):
        write_sample_maildir(tmp_path, start=date(2026, 12, 7))
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_the_names_are_invented(sample: Sample) -> None:
    systems = {
        "us.greenhouse-mail.io",
        "hire.lever.co",
        "codility.com",
        "myworkday.com",
        "linkedin.com",
        "indeed.com",
        "zoom.us",
        "calendly.com",
        "google.com",
    }
    for folder in (".", ".Sent"):
        for _, message in messages(sample, folder):
            domain = message["From"].addresses[0].domain
            assert domain.endswith(".example") or domain in systems
