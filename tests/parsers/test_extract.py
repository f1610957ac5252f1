"""What one message says: invented mails of many styles (`mails.toml`), calendar objects, own mail, trust, bad input."""

import re
import tomllib
from datetime import UTC, date, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.extract import Reader, extract, message_key
from parsers.mail import read_mail
from parsers.model import (
    Address,
    Assessed,
    Away,
    Bounced,
    Cancelled,
    Declined,
    Direction,
    Facts,
    HandedIn,
    Invited,
    Kind,
    Mail,
    Moved,
    Offered,
    Part,
    Promised,
    Scheduled,
    Session,
    Trust,
    Withdrew,
)

T = TypeVar("T")

USER = "noor.haddad@letters.example"
OWN_MESSAGE = "own-1@letters.example"
SENT = datetime(2026, 11, 30, 10, 12, tzinfo=ZoneInfo("America/New_York"))
MAILS = tomllib.loads((Path(__file__).parent / "mails.toml").read_text(encoding="utf-8"))["mail"]


def reader(timezone: str = "America/New_York", **more: Any) -> Reader:
    return Reader(account="personal", addresses=frozenset({USER}), full_name="Noor Haddad", timezone=timezone, **more)


def mail(text: str, *, sender: str = "Dana Lee <dana.lee@northwind.example>", subject: str = "", **more: Any) -> Mail:
    name, address = parseaddr(sender)
    values: dict[str, Any] = {
        "message_id": "m-1@northwind.example",
        "received_at": SENT,
        "sent_at": SENT,
        "senders": (Address(address=address.lower(), name=name or None),),
        "to": (Address(address=USER),),
        "subject": subject,
        "text": text,
        "links": tuple(link.rstrip(").") for link in re.findall(r"https?://\S+", text)),
    }
    return Mail(**values | more)


def read_case(case: dict[str, Any]) -> Facts:
    timezone = case.get("timezone", "America/New_York")
    sent = SENT.astimezone(ZoneInfo(timezone))
    message = mail(
        case["text"],
        sender=case["from"],
        subject=case["subject"],
        sent_at=sent,
        received_at=sent,
        in_reply_to=(OWN_MESSAGE,) if case.get("answer") else (),
        headers={"auto-submitted": ("auto-replied",)} if case.get("automatic_answer") else {},
    )
    return extract(message, reader(timezone, own_message_ids=frozenset({OWN_MESSAGE})))


def sessions_of(facts: Facts) -> list[Session]:
    return [s for said in facts.statements if isinstance(said, Scheduled | Moved) for s in said.sessions]


def the(facts: Facts, kind: type[T]) -> T:
    found = [statement for statement in facts.statements if isinstance(statement, kind)]
    assert len(found) == 1, facts.statements
    return found[0]


def with_key(key: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in MAILS if key in case]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in MAILS])
def test_a_mail_is_of_the_kind_that_a_person_would_give_it(case: dict[str, Any]) -> None:
    facts = read_case(case)
    assert facts.kind in {case["kind"], *case.get("also", ())}
    assert not facts.problems


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in MAILS if c["kind"] != "other"])
def test_a_clear_mail_is_sure_and_one_with_half_the_evidence_is_not(case: dict[str, Any]) -> None:
    assert (read_case(case).confidence >= 0.8) is not case.get("unsure", False)


@pytest.mark.parametrize("case", with_key("start"))
def test_the_time_of_the_talk_is_read_exactly(case: dict[str, Any]) -> None:
    sessions = sessions_of(read_case(case))
    assert sessions[0].start == datetime.fromisoformat(case["start"])
    if "end" in case:
        assert sessions[-1].end == datetime.fromisoformat(case["end"])
    assert len(sessions) == case.get("sessions", len(sessions))
    assert sessions[0].medium == case.get("medium", sessions[0].medium)


@pytest.mark.parametrize("case", with_key("interviewers"))
def test_the_interviewers_are_those_whom_the_user_will_meet(case: dict[str, Any]) -> None:
    people = [person for session in sessions_of(read_case(case)) for person in session.people]
    assert {person.address or person.name for person in people} == set(case["interviewers"])
    assert {person.part for person in people} == {Part.INTERVIEWER}


@pytest.mark.parametrize(
    "key", ["company", "role", "requisition", "round", "language", "agency", "automatic", "answerable"]
)
def test_what_is_known_of_the_post_and_the_sender_is_read(key: str) -> None:
    cases = [case for case in MAILS if key in case]
    assert cases
    assert {c["id"]: getattr(read_case(c), key) for c in cases} == {c["id"]: c[key] for c in cases}


@pytest.mark.parametrize("case", with_key("promise"))
def test_a_promise_is_read_beside_whatever_else_is_said(case: dict[str, Any]) -> None:
    assert the(read_case(case), Promised).promise.by == date.fromisoformat(case["promise"])


def test_deadlines_and_days_of_return_are_read() -> None:
    for case in MAILS:
        for key, statement in (("decide_by", Offered), ("due", Assessed), ("returns_on", Away)):
            if key in case:
                assert getattr(the(read_case(case), statement), key) == date.fromisoformat(case[key]), case["id"]


def test_who_has_left_the_employer_says_so_in_the_answer_of_a_program_only() -> None:
    case = {"from": "Nadia Frost <nadia@harbourlight.example>", "subject": "Automatic reply: Thank you", "answer": True}
    left = (
        "Thank you for your message. I am no longer working at Harbour Light.",
        "I’ve left the company. Please write to our front desk.",
        "Ich bin nicht mehr bei Harbour Light tätig. Ihre Nachricht wird nicht weitergeleitet.",
        "Je ne travaille plus chez Harbour Light. Votre message n'a pas été transmis.",
        "Gracias por su mensaje. Ya no trabajo en Harbour Light.",
        "Obrigada pela mensagem. Já não trabalho na Harbour Light.",
    )
    back = (
        "I am out of the office and no longer at my desk today. I will be back on 1 February.",
        "I am on leave and return on 1 February. I have left the office keys with Theo.",
    )

    for text in (*left, *back):
        facts = read_case(case | {"text": text, "automatic_answer": True})
        assert the(facts, Away).left is (text in left), text
    for text in left:
        by_hand = read_case(case | {"text": text, "subject": "Re: Thank you"})
        assert not any(isinstance(said, Away) and said.left for said in by_hand.statements), text


def test_options_links_questions_and_reminders_are_told_apart_from_fixed_times() -> None:
    for case in MAILS:
        facts = read_case(case)
        if "options" in case:
            assert len(the(facts, Invited).options) == case["options"], case["id"]
        if "scheduling_link" in case:
            assert the(facts, Invited).scheduling_link, case["id"]
        if "asked" in case:
            moved = the(facts, Moved)
            assert moved.asked, case["id"]
            assert moved.options, case["id"]
            assert not moved.sessions, case["id"]
        if "reminder" in case:
            assert the(facts, Scheduled).reminder, case["id"]


# ------------------------------------------------------------------------------------------------- more than one thing


def test_a_confirmation_may_promise_as_well() -> None:
    facts = extract(
        mail(
            "Your interview is confirmed for Friday, December 4 at 10:00 AM ET with Hugo Marsh.\n"
            "We will get back to you with a decision by December 11."
        ),
        reader(),
    )
    assert facts.kind is Kind.INTERVIEW_CONFIRMED
    assert the(facts, Promised).promise.by == date(2026, 12, 11)


def test_a_rejection_that_cancels_the_interview_is_both() -> None:
    text = "Unfortunately the position has been filled, so we have to cancel your interview on Thursday at 10:00."
    facts = extract(mail(text, subject="Your interview"), reader())
    assert facts.kind is Kind.REJECTION
    assert the(facts, Cancelled)


def test_every_statement_quotes_the_words_it_rests_on() -> None:
    facts = extract(mail("We regret to inform you that the position has been filled."), reader())
    assert "position has been filled" in the_evidence(facts)


def the_evidence(facts: Facts) -> str:
    return " | ".join(evidence.text for statement in facts.statements for evidence in statement.evidence)


# --------------------------------------------------------------------- what says nothing although it sounds so


@pytest.mark.parametrize(
    "text",
    [
        "If you are selected, we will invite you to an interview on Thursday at 2 PM.",
        "A recruiter may reach out to schedule an interview.",
        "Successful candidates will be invited to an interview.",
        "Should we decide to proceed, your interview will take place on site.",
    ],
)
def test_a_condition_fixes_and_invites_to_nothing(text: str) -> None:
    facts = extract(mail(f"Thank you for applying.\n{text}", sender="Jobs <jobs@contoso.example>"), reader())
    assert facts.kind is Kind.APPLICATION_RECEIVED


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Si vous êtes toujours intéressée, quelles sont vos disponibilités pour un entretien ?", True),
        ("Si le poste vous tente, pourrait-on se parler jeudi pour un premier entretien ?", True),
        ("Si votre profil est retenu et que vous êtes disponible, nous vous inviterons à un entretien.", False),
    ],
)
def test_a_request_stands_if_its_condition_is_that_the_reader_wants_it(text: str, asks: bool) -> None:
    facts = extract(mail(f"Bonjour,\nIl s'agit du poste de comptable.\n{text}"), reader())
    assert (facts.kind is Kind.INTERVIEW_INVITATION) is asks


def test_unfortunately_alone_decides_nothing() -> None:
    facts = extract(mail("Unfortunately the parking garage is closed on the day of your interview."), reader())
    assert facts.kind is not Kind.REJECTION


def test_not_being_able_to_answer_everyone_is_no_rejection() -> None:
    text = "We received your application. Unfortunately we may not be able to answer everyone."
    assert extract(mail(text), reader()).kind is Kind.APPLICATION_RECEIVED


def test_what_is_quoted_says_nothing() -> None:
    text = "Thanks!\n\nOn Mon, Nov 30, 2026 at 9:00 AM Noor <n@x.example> wrote:\n> the position has been filled\n"
    assert extract(mail(text, subject="Re: Data Engineer"), reader()).kind is Kind.OTHER


def test_the_subject_of_a_thread_is_not_said_again() -> None:
    facts = extract(mail("Thanks for letting me know!", subject="Re: Interview rescheduled to Friday 3 PM"), reader())
    assert facts.kind is Kind.OTHER


def test_advice_on_how_to_reschedule_moves_nothing() -> None:
    text = (
        "Your interview is confirmed for Tuesday, December 1 at 2:00 PM.\nTo reschedule or cancel, use the link below."
    )
    assert extract(mail(text), reader()).kind is Kind.INTERVIEW_CONFIRMED


def test_a_candidates_own_letter_from_an_address_that_is_not_known_says_nothing() -> None:
    text = "Thank you for offering me the position. Unfortunately I have decided not to accept the offer."
    assert (
        extract(mail(text, sender="Sam <sam@elsewhere.example>", subject="Re: Job offer"), reader()).kind is Kind.OTHER
    )


def test_a_mailing_list_is_not_written_to_a_candidate() -> None:
    text = "Your interview is confirmed for Tuesday, December 1 at 2:00 PM."
    message = mail(text, to=(Address(address="list@lists.example"),), headers={"list-id": ("<jobs.lists.example>",)})
    assert extract(message, reader()).kind is Kind.OTHER


# ---------------------------------------------------------------------------------------------------- whose clock it is


def test_a_bare_time_is_on_the_senders_clock_where_the_date_field_tells_it() -> None:
    sent = datetime(2026, 11, 30, 16, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    facts = extract(
        mail("Your interview is confirmed for 1 December 2026 at 14:00.", sent_at=sent, received_at=sent), reader()
    )
    assert sessions_of(facts)[0].start == datetime(2026, 12, 1, 13, 0, tzinfo=UTC)
    assert sessions_of(facts)[0].timezone is None


def test_a_servers_plus_zero_is_nobodys_clock() -> None:
    facts = extract(
        mail("Your interview is confirmed for December 1, 2026 at 14:00.", sent_at=SENT.astimezone(UTC)), reader()
    )
    assert sessions_of(facts)[0].start == datetime(2026, 12, 1, 19, 0, tzinfo=UTC)


def test_a_zone_that_is_stated_is_kept() -> None:
    facts = extract(mail("Your interview is confirmed for December 1 at 2 PM Pacific time."), reader())
    assert facts.stated_zone == "America/Los_Angeles"
    assert sessions_of(facts)[0].timezone == "America/Los_Angeles"


def test_topics_are_read_where_they_are_announced() -> None:
    text = "Your interview is confirmed for December 1 at 2 PM. We will look at your caching project."
    assert extract(mail(text), reader()).topics == ("caching project",)


# ------------------------------------------------------------------------------------------------- automatic and trust


def test_a_no_reply_sender_is_automatic_and_no_dead_end_with_a_reply_to() -> None:
    sender = "Contoso <no-reply@us.greenhouse-mail.io>"
    assert extract(mail("Hello", sender=sender), reader()).automatic
    assert not extract(mail("Hello", sender=sender), reader()).answerable
    answer_to = (Address(address="li.chen@contoso.example"),)
    facts = extract(mail("Hello", sender=sender, reply_to=answer_to), reader())
    assert facts.answerable
    assert facts.reply_to == answer_to[0]


def test_what_a_sender_says_who_cannot_be_believed_is_never_sure() -> None:
    message = mail(
        "Your interview is confirmed for December 1 at 2 PM.",
        headers={"from": ("dana.lee@northwind.example",), "authentication-results": ("mx.example; dmarc=fail",)},
    )
    facts = extract(message, reader(authserv_id="mx.example"))
    assert facts.trust is Trust.FAILED
    assert facts.confidence <= 0.5
    assert any(e.field == "trust" for statement in facts.statements for e in statement.evidence)


def test_a_bounce_names_the_address_that_failed() -> None:
    message = mail(
        "Delivery failed\n\nFinal-Recipient: rfc822; gone@contoso.example\nAction: failed\n",
        sender="Mail Delivery Subsystem <mailer-daemon@letters.example>",
        subject="Undeliverable: Thank you",
    )
    facts = extract(message, reader())
    assert the(facts, Bounced).address == "gone@contoso.example"
    assert facts.automatic


def test_a_delayed_delivery_is_no_bounce() -> None:
    sender = "Mail Delivery System <mailer-daemon@letters.example>"
    assert not extract(mail("still trying", sender=sender, subject="Delivery delayed"), reader()).statements


# ------------------------------------------------------------------------------------------------------------- own mail


def own(text: str, subject: str = "Re: Data Engineer") -> Facts:
    return extract(mail(text, sender=f"Noor Haddad <{USER}>", subject=subject, in_reply_to=("x@y.example",)), reader())


def test_the_users_own_mail_fixes_and_guesses_nothing() -> None:
    facts = own("Tuesday at 2 PM works for me, looking forward to the interview with Dana Lee at Northwind Freight.")
    assert facts.direction is Direction.OWN
    assert facts.addressed_as == USER
    assert (facts.statements, facts.company, facts.people) == ((), None, ())


def test_a_take_home_is_handed_in_by_the_user() -> None:
    assert the(own("Please find attached my solution for the take-home exercise."), HandedIn)


def test_the_user_withdraws() -> None:
    assert the(own("I would like to withdraw my application. Thank you for your time."), Withdrew)


# --------------------------------------------------------------------------------------------- calendar objects


def invitation(
    *,
    method: str | None = "REQUEST",
    summary: str = "Interview: Data Engineer",
    organizer: str = "Dana Lee <dana.lee@northwind.example>",
    guests: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    subject: str | None = None,
    body: str = "",
    sender: str | None = None,
    partstat: str = "NEEDS-ACTION",
) -> Facts:
    def person(kind: str, written: str, parameters: str = "") -> str:
        name, address = parseaddr(written)
        return f"{kind};CN={name}{parameters}:mailto:{address}"

    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        *([f"METHOD:{method}"] if method else []),
        "BEGIN:VEVENT",
        "UID:u-12@calendar.example",
        "SEQUENCE:0",
        "DTSTAMP:20261130T150000Z",
        "DTSTART;TZID=America/New_York:20261201T140000",
        "DTEND;TZID=America/New_York:20261201T150000",
        f"SUMMARY:{summary}",
        person("ORGANIZER", organizer),
        person("ATTENDEE", f"Noor Haddad <{USER}>", f";PARTSTAT={partstat}"),
        *(person("ATTENDEE", guest) for guest in guests),
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    raw = "\r\n".join(
        [
            f"From: {sender or organizer}",
            f"To: {USER}",
            f"Subject: {summary if subject is None else subject}",
            "Date: Mon, 30 Nov 2026 10:12:00 -0500",
            "Message-ID: <i-1@calendar.example>",
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "Content-Type: text/plain; charset=utf-8",
            "",
            body,
            "--b",
            "Content-Type: text/calendar; charset=utf-8",
            "",
            *lines,
            "--b--",
            "",
        ]
    )
    return extract(read_mail(raw.encode()), reader())


def test_an_invite_fixes_the_time_with_its_uid_and_is_no_human_mail() -> None:
    facts = invitation()
    (session,) = the(facts, Scheduled).sessions
    assert (session.uid, session.sequence, session.timezone) == ("u-12@calendar.example", 0, "America/New_York")
    assert session.start == datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
    assert [person.address for person in session.people] == ["dana.lee@northwind.example"]
    assert facts.confidence >= 0.8
    assert facts.automatic
    assert facts.stated_zone == "America/New_York"
    assert facts.role == "Data Engineer"


def test_an_invite_with_a_letter_around_it_is_a_human_mail() -> None:
    body = "Hi Noor,\n\nhere is the invite for next week, I am looking forward to meeting you.\n\nDana"
    assert not invitation(body=body).automatic


def test_guests_interview_and_organizers_arrange_and_rooms_do_neither() -> None:
    facts = invitation(
        organizer="Rachel Ng <rachel.ng@relecloud.example>",
        guests=("Hugo Marsh <hugo@relecloud.example>", "Room 5 <c_1@resource.calendar.google.com>"),
        body="Hi Noor,\n\nyou will meet Hugo.\n\nRachel Ng\nTechnical Recruiter",
    )
    (session,) = the(facts, Scheduled).sessions
    assert [(person.name, person.part) for person in session.people] == [("Hugo Marsh", Part.INTERVIEWER)]
    parts = {person.address: person.part for person in facts.people}
    assert parts["rachel.ng@relecloud.example"] is Part.RECRUITER
    assert parts["c_1@resource.calendar.google.com"] is Part.ROOM


def test_an_updated_invitation_is_a_move_when_the_mail_says_so() -> None:
    facts = invitation(more=("SEQUENCE:1",), subject="Updated invitation: Interview: Data Engineer @ Tue Dec 1")
    assert facts.kind is Kind.RESCHEDULE
    assert sessions_of(facts)[0].uid == "u-12@calendar.example"


def test_a_cancelled_event_names_its_uid() -> None:
    facts = invitation(method="CANCEL", more=("STATUS:CANCELLED",), subject="Canceled event: Interview: Data Engineer")
    assert the(facts, Cancelled).uid == "u-12@calendar.example"
    assert facts.kind is Kind.CANCELLATION


@pytest.mark.parametrize("summary", ["Dana Lee <> Noor Haddad", "Chat with Dana", "Catch up"])
def test_an_invite_that_merely_carries_a_name_is_not_sure(summary: str) -> None:
    assert invitation(summary=summary).confidence < 0.8 or invitation(summary=summary).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("summary", "more"),
    [
        ("Interview sync", ("RRULE:FREQ=WEEKLY",)),
        ("Webinar: ace your interview", ("LOCATION:https://us02web.zoom.us/webinar/register/1",)),
        ("Podcast interview with Noor", ()),
        ("Dental appointment", ()),
        ("Viewing of the apartment", ()),
        ("Product demo", ()),
        ("Interview day for everybody", tuple(f"ATTENDEE:mailto:a{n}@northwind.example" for n in range(20))),
    ],
)
def test_look_alikes_are_no_interviews(summary: str, more: tuple[str, ...]) -> None:
    assert not sessions_of(invitation(summary=summary, more=more))


@pytest.mark.parametrize(
    ("summary", "more"),
    [
        ("[HOLD] Interview Noor", ()),
        ("[Provisório] Entrevista Noor Haddad", ()),
        ("Por confirmar: entrevista Noor Haddad", ()),
        ("Hold: Interview Noor Haddad, Data Engineer", ("STATUS:CONFIRMED",)),
        ("Interview: Data Engineer", ("STATUS:TENTATIVE",)),
    ],
)
def test_a_hold_fixes_nothing(summary: str, more: tuple[str, ...]) -> None:
    body = "Hi Noor, I am blocking Tuesday, December 1 at 2pm for your interview until everybody has agreed.\n\nDana"
    facts = invitation(summary=summary, more=more, subject=f"Invitation: {summary} @ Tue Dec 1, 2026 2pm", body=body)
    assert not sessions_of(facts)
    assert facts.kind is Kind.OTHER


@pytest.mark.parametrize(
    "when",
    [
        "on Tuesday, December 8 at 9:00 AM. Please arrive at 8:45 AM to sign in.",
        "on Tuesday, December 8 at 9:00 AM (please be there by 8:40 AM).",
        "on Tuesday, December 8. Check-in is from 8:30 AM; the interview itself starts at 9:00 AM.",
        "on Tuesday, December 8 at 9:00 AM. You may log in from 8:50 AM.",
    ],
)
def test_the_time_to_be_there_is_not_the_time_of_the_talk(when: str) -> None:
    text = f"Hi Noor,\n\nyour interview for the Data Engineer position is confirmed {when}\n\nDana"
    facts = extract(mail(text, subject="Your interview"), reader())
    assert [session.start.strftime("%H:%M") for session in sessions_of(facts)] == ["09:00"]


@pytest.mark.parametrize(
    ("answer", "question", "start"),
    [
        ("Perfect, 3 it is, same link.", "> I could do either 11 or 3 on Thursday, December 3.", "2026-12-03T15:00"),
        ("11 works, see you then!", "> Friday, December 4 at 11am or 4pm would suit.", "2026-12-04T11:00"),
        (
            "4:30 works, see you then!",
            "> Friday, December 4 at 4:30 pm or Monday, December 7 at 9?",
            "2026-12-04T16:30",
        ),
        ("11 works, see you then!", "> Friday, December 4 at 11am or Monday, December 7 at 11am?", None),
        ("3 it is.", "> I could do 11 or 3 tomorrow.", None),
        ("3 it is.", "> I could do 11 or 2 on Thursday, December 3.", None),
        ("3 it is.", ">> The Data Engineer interview? Either 11 or 3 on Thursday, December 3.\n> Fine.", None),
    ],
)
def test_a_few_words_pick_a_time_of_the_quotation(answer: str, question: str, start: str | None) -> None:
    text = f"{answer}\n\nOn Mon, Nov 30, 2026 at 9:00 AM Noor Haddad wrote:\n> Dear Dana,\n{question}\n"
    facts = extract(
        mail(text, subject="Re: Interview for the Data Engineer position", in_reply_to=(OWN_MESSAGE,)),
        reader(own_message_ids=frozenset({OWN_MESSAGE})),
    )
    assert [session.start.isoformat()[:16] for session in sessions_of(facts)] == ([start] if start else [])


@pytest.mark.parametrize("summary", ["Roadmap sync", "Platform weekly", "Sprint planning"])
def test_a_meeting_of_colleagues_that_speaks_of_a_candidate_is_never_sure(summary: str) -> None:
    facts = invitation(
        summary=summary,
        guests=("Hugo Marsh <hugo@northwind.example>", "Ana Prado <ana@northwind.example>"),
        more=("SEQUENCE:1",),
        subject=f"Updated invitation: {summary} @ Tue Dec 1, 2026 2pm",
        body="This event has been updated\nChanged: time\n\nSorry, the candidate of this morning took all of my time.",
    )
    assert not sessions_of(facts) or facts.confidence < 0.8


def test_a_time_that_the_other_side_proposes_is_offered_and_not_fixed() -> None:
    facts = invitation(method="COUNTER", subject="New Time Proposed: Interview: Data Engineer", body="Would this suit?")
    moved = the(facts, Moved)
    assert moved.asked
    assert not moved.sessions
    assert [option.start.isoformat() for option in moved.options] == ["2026-12-01T14:00:00-05:00"]


@pytest.mark.parametrize(
    "text",
    [
        "Your interview on Tuesday, December 8 at 2 PM has been moved to Thursday, December 10 at 9 AM.",
        "Your interview, Tuesday, December 8 at 2 PM, we now have to push to Thursday, December 10 at 9 AM.",
        (
            "Sorry, we have to reschedule. Hugo is away on Tuesday, December 8 at 2 PM.\n"
            "Your interview is confirmed for Thursday, December 10 at 9 AM."
        ),
    ],
)
def test_of_two_times_of_a_move_the_one_that_was_left_is_the_old_one(text: str) -> None:
    facts = extract(mail(f"Hi Noor,\n\n{text}\n\nDana", subject="Interview for the Data Engineer position"), reader())
    moved = the(facts, Moved)
    assert [session.start.isoformat() for session in moved.sessions] == ["2026-12-10T09:00:00-05:00"]
    assert moved.old_start is not None
    assert moved.old_start.isoformat() == "2026-12-08T14:00:00-05:00"


def test_breaks_meals_and_tours_of_an_agenda_are_no_interviews() -> None:
    text = """Hi Noor,

your onsite interview for the Data Engineer position is confirmed for Tuesday, December 8, 2026:

09:00 AM - 09:15 AM  Arrival and badge
09:15 AM - 10:00 AM  Hugo Marsh, Support Engineering Manager
10:00 AM - 10:15 AM  Coffee break
10:15 AM - 11:00 AM  Lunch interview with Ana Prado, Data Lead
11:00 AM - 11:30 AM  Tour of the plant

Dana Lee
Talent Partner
"""
    facts = extract(mail(text, subject="Your interview day"), reader())
    assert [session.start.strftime("%H:%M") for session in sessions_of(facts)] == ["09:15", "10:15"]


def test_a_time_below_a_label_of_what_was_is_given_up() -> None:
    moved = the(
        extract(
            mail(
                "Your interview for the Data Engineer position was rescheduled.\n\nNew time\n"
                "Monday, December 7, 2026, 8:00 AM EST\n\nFormer time\nFriday, December 4, 2026, 3:30 PM EST\n",
                subject="Interview rescheduled",
            ),
            reader(),
        ),
        Moved,
    )
    assert [session.start.isoformat() for session in moved.sessions] == ["2026-12-07T08:00:00-05:00"]
    assert moved.old_start is not None
    assert moved.old_start.isoformat() == "2026-12-04T15:30:00-05:00"


@pytest.mark.parametrize(
    "body",
    [
        "Can you sit on the interview panel for Rui Mendes? Could you interview the candidate for system design?",
        "Panel for Rui (Backend). The scorecard template is attached to the requisition.",
        "Noor takes the first half, Hugo the second. Please do not discuss the candidate with Hugo before the debrief.",
        "CV attached. Please submit your scorecard by Friday.",
    ],
)
def test_who_is_asked_to_interview_a_candidate_is_not_interviewed(body: str) -> None:
    assert not invitation(summary="Interview panel: Rui Mendes - Backend Engineer", body=body).statements


def test_only_the_users_own_refusal_counts_among_replies() -> None:
    declined = invitation(method="REPLY", partstat="DECLINED", sender=f"Noor Haddad <{USER}>")
    assert the(declined, Declined).uid == "u-12@calendar.example"
    assert not invitation(method="REPLY", partstat="ACCEPTED", sender=f"Noor Haddad <{USER}>").statements
    assert not sessions_of(invitation(method="REPLY", guests=("Dana Lee <dana.lee@northwind.example>",)))


MARKUP = """<html><head><script type="application/ld+json">
{"@context": "http://schema.org", "@type": "Event", "name": "Interview", "startDate": "2026-12-01T14:00:00-05:00",
 "endDate": "2026-12-01T15:00:00-05:00"}
</script></head><body><p>Your interview for the Data Engineer role</p></body></html>"""


def test_markup_of_a_mail_about_a_job_states_the_time() -> None:
    facts = extract(mail("Details of your interview for the Data Engineer role", html=MARKUP), reader())
    assert sessions_of(facts)[0].start == datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
    assert facts.confidence >= 0.8
    assert not sessions_of(extract(mail("Details of the concert", html=MARKUP), reader()))


# ----------------------------------------------------------------------------------------------- identity, input


def test_a_message_without_an_id_has_the_same_key_whenever_it_is_read() -> None:
    first = mail("Hello", message_id=None)
    again = mail("Hello", message_id=None, received_at=SENT.astimezone(UTC))
    assert message_key(first) == message_key(again)
    assert message_key(first) != message_key(mail("Hello!", message_id=None))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=60), st.binary(max_size=200))
def test_no_input_raises(text: str, subject: str, name: str, calendar: bytes) -> None:
    message = mail(f"interview {text}", subject=subject, calendars=(calendar,))
    named = Mail(
        message_id=None,
        received_at=message.received_at,
        senders=(Address(address="hr@x.example", name=name),),
        subject=f"Interview {subject}",
        text=message.text,
        calendars=message.calendars,
    )
    for each in (message, named):
        assert not [problem for problem in extract(each, reader()).problems if "could not be read" in problem]


@pytest.mark.parametrize("text", ["Ab " * 20_000, "with Ann " * 9_000, "interview at A " * 9_000, "A" * 90_000])
def test_hostile_texts_cost_little(text: str) -> None:
    started = datetime.now(UTC)
    extract(mail(text, subject="Interview"), reader())
    assert (datetime.now(UTC) - started).total_seconds() < 2


@pytest.mark.parametrize("end", ["11:00 to 12:00", "11:00-12:00", "from 11:00 until 12:00"])
def test_what_follows_the_new_day_of_a_move_is_a_span(end: str) -> None:
    facts = extract(mail(f"Your interview was moved to Friday, December 4, {end} ET."), reader())
    (session,) = sessions_of(facts)
    assert session.start == datetime(2026, 12, 4, 11, tzinfo=ZoneInfo("America/New_York"))
    assert session.end == datetime(2026, 12, 4, 12, tzinfo=ZoneInfo("America/New_York"))


def test_the_time_that_another_takes_the_place_of_is_the_old_one() -> None:
    text = "The new time for your interview is December 7 at 10:30 AM ET (instead of December 3 at 2:00 PM)."
    moved = the(extract(mail(text), reader()), Moved)
    assert moved.old_start == datetime(2026, 12, 3, 14, tzinfo=ZoneInfo("America/New_York"))
    assert [session.start.day for session in moved.sessions] == [7]


def test_a_word_about_work_below_a_private_text_is_still_met() -> None:
    long = "The garden is full of beans. " * 90
    facts = extract(mail(f"{long}\n\nYour interview is confirmed for Friday, December 4 at 2 PM ET."), reader())
    assert [session.start.day for session in sessions_of(facts)] == [4]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hi Ann, we are at the lake until Sunday, come and see us if you have the time. Love, Bea", "en"),
        ("Liebe Oma, wir kommen am Sonntag zum Kaffee und bringen einen Kuchen mit. Bis bald, dein Jan", "de"),
        ("Coucou, on se voit samedi pour le marché ? Je suis libre toute la journée avec les enfants.", "fr"),
        ("Hola mamá, llegamos el sábado por la tarde con los niños. Un beso muy fuerte para todos.", "es"),
        ("Oi mãe, chegamos no sábado com as crianças. Um beijo para você e até lá, não se preocupe.", "pt"),
        ("Ciao mamma, arriviamo sabato con i bambini. Un bacio a tutti e grazie per la torta, era buonissima.", None),
        ("Hoi oma, we komen zondag op de koffie en nemen een taart mee. Tot dan, veel liefs van ons allemaal.", None),
        ("Ref 4711", None),
    ],
)
def test_a_private_mail_has_its_language_named_where_it_is_one_of_ours(text: str, language: str | None) -> None:
    assert extract(mail(text), reader()).language == language


def test_a_few_lines_that_say_one_thing_twice_and_name_no_job_are_not_sure() -> None:
    facts = extract(
        mail("Noor, we both want you. 120k, 0.5% and you can start whenever you like.\n\nAbe\n", subject="so"), reader()
    )
    assert (facts.kind, facts.confidence) == (Kind.OFFER, 0.6)
