"""The laws of threads: a message belongs to the nearest message that it names."""

from __future__ import annotations

from datetime import UTC, datetime

from parsers.model import Direction, Facts
from parsers.thread import Threads

AT = datetime(2026, 12, 1, tzinfo=UTC)


def message(name: str | None, *references: str, answers: tuple[str, ...] = ()) -> Facts:
    return Facts(
        key=name or "sha256:0",
        account="personal",
        direction=Direction.INBOUND,
        message_id=name,
        in_reply_to=answers,
        references=references,
        received_at=AT,
    )


def test_an_unknown_message_has_no_thread() -> None:
    assert Threads[str]().find(message("a")) is None


def test_an_answer_and_an_answer_to_it_belong_together() -> None:
    threads = Threads[str]()
    threads.add(message("a"), "first")
    threads.add(message("b", "a"), "first")
    assert threads.find(message("c", answers=("b",))) == "first"


def test_two_answers_to_a_lost_message_belong_together() -> None:
    threads = Threads[str]()
    threads.add(message("b", "lost"), "first")
    assert threads.find(message("c", answers=("lost",))) == "first"


def test_an_answer_that_overtook_its_original_leads_to_it() -> None:
    threads = Threads[str]()
    threads.add(message("b", "a"), "first")
    assert threads.find(message("a")) == "first"


def test_the_nearest_of_two_threads_counts() -> None:
    threads = Threads[str]()
    threads.add(message("old"), "first")
    threads.add(message("new"), "second")
    assert threads.find(message("c", "old", "new")) == "second"
    assert threads.find(message("d", "new", answers=("old",))) == "first"


def test_a_message_that_names_two_threads_does_not_join_them() -> None:
    threads = Threads[str]()
    threads.add(message("old"), "first")
    threads.add(message("new"), "second")
    threads.add(message("c", "old", "new"), "second")
    assert threads.find(message("d", "old")) == "first"


def test_a_message_without_a_name_is_found_by_what_it_answers() -> None:
    threads = Threads[str]()
    threads.add(message(None, "a"), "first")
    assert threads.find(message(None, "a")) == "first"
    assert threads.find(message(None)) is None
