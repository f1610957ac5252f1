"""The real command with a language model behind it: letters in other words, and everything else as without."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.endpoint import Endpoint, endpoint, saying


def rephrasing(change: Callable[[str], str]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with the paragraphs that were asked for, each changed so."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        assert isinstance(handler.server, Endpoint)
        _, _, asked = handler.server.asked[-1]
        paragraphs = json.loads(asked["messages"][1]["content"])  # type: ignore[index] - what was asked is known
        saying(json.dumps([change(paragraph) for paragraph in paragraphs]))(handler)

    return answer


@pytest.fixture
def ended(seat: Any, invite: Callable[..., EmailMessage], interview_day: datetime) -> Any:
    """Give a seat whose interview ended three hours ago."""
    seat.deliver(invite(seat.user, interview_day))
    seat.move_clock(interview_day + timedelta(hours=4))
    return seat


def with_model(seat: Any, server: Endpoint) -> None:
    url = f"http://127.0.0.1:{server.server_port}/v1"
    section = f"polish: {{enabled: true, url: '{url}', model: some-model, timeout: 5 s}}\n"
    seat.config.write_text(seat.config.read_text() + section)


def text_of_the_draft(seat: Any) -> str:
    ((_, draft),) = seat.messages("Drafts")
    content: str = message_from_bytes(draft, policy=default).get_content()
    return " ".join(content.split())


def test_the_draft_has_the_models_words_and_the_letters_frame(ended: Any) -> None:
    with endpoint(rephrasing(lambda text: text.replace(" I ", " I really ", 1))) as server:
        with_model(ended, server)
        (made,) = [d for d in ended.lines("run", "--once") if d["action"] == "create"]
    assert made["rule"] == "T1"
    text = text_of_the_draft(ended)
    assert "I really" in text
    assert "Hi Dana," in text
    assert text.endswith("Noor Haddad")
    assert len(server.asked) == 1


def test_a_model_that_invents_changes_nothing(ended: Any) -> None:
    with endpoint(rephrasing(lambda text: text + " Peter offered me 90000 a year.")) as server:
        with_model(ended, server)
        (made,) = [d for d in ended.lines("run", "--once") if d["action"] == "create"]
    assert made["to"] == "dana.lee@northwind.example"
    assert len(server.asked) == 1
    assert "Peter" not in text_of_the_draft(ended)


def test_what_arrives_while_a_letter_is_put_in_other_words_is_read_first(ended: Any) -> None:
    rejection = EmailMessage()
    rejection["From"] = "Dana Lee <dana.lee@northwind.example>"
    rejection["To"] = ended.user
    rejection["Subject"] = "Re: Interview: Data Engineer at Northwind Freight"
    rejection["Message-ID"] = "<no@northwind.example>"
    rejection["In-Reply-To"] = "<mail.loop-1@northwind.example>"
    rejection.set_content(
        "Hi Noor,\n\nthank you for your time. Unfortunately we have decided not to move forward with your application "
        "for the Data Engineer role.\n\nBest regards,\nDana Lee\n"
    )

    def late(handler: BaseHTTPRequestHandler) -> None:
        ended.deliver(rejection)
        rephrasing(lambda text: text)(handler)

    with endpoint(late) as server:
        with_model(ended, server)
        decisions = ended.lines("run", "--once")
    assert len(server.asked) == 1
    assert not [d for d in decisions if d["action"] == "create"]
    assert ended.messages("Drafts") == []
