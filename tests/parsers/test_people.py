"""Names, parts, company and role: told from teams, systems and titles, and never guessed."""

from datetime import UTC, datetime

import pytest

from parsers.model import Address, Attendee, Invite, Mail, Part
from parsers.names import is_full_name, is_title, part_of_title, person_name
from parsers.people import Cast, find_cast, invited_people
from parsers.post import Post, find_post
from parsers.senders import find_system

OWN = frozenset({"noor.haddad@letters.example"})


def cast(text: str, *, sender: str = "Dana Lee <dana.lee@northwind.example>", cc: tuple[Address, ...] = ()) -> Cast:
    name, _, address = sender.rpartition(" ")
    message = Mail(
        message_id="m-1@x.example",
        received_at=datetime(2026, 11, 30, tzinfo=UTC),
        senders=(Address(address=address.strip("<>"), name=name or None),),
        to=(Address(address="noor.haddad@letters.example", name="Noor Haddad"),),
        cc=cc,
    )
    return find_cast(message, text, signature="", sign_off=None, own=OWN, own_name="Noor Haddad", company="Northwind")


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Dana Lee", "Dana Lee"),
        ("Lindqvist, Hannah", "Hannah Lindqvist"),
        ("Dr. Anna van der Berg Jr.", "Anna van der Berg"),
        ("Hannah Lindqvist, PhD", "Hannah Lindqvist"),
        ("Amy Farrow, Head of Brand", "Amy Farrow"),
        ("J. Smith via Greenhouse", "J. Smith"),
        ("Hannah @ Acme", "Hannah"),
        ("Dana Lee (Northwind)", "Dana Lee"),
        ("Dana Lee | Northwind", "Dana Lee"),
        ("DANA LEE", "Dana Lee"),
        ("Jean-Luc O'Neill", "Jean-Luc O'Neill"),
        ("Recruiting Team", None),
        ("Acme Careers", None),
        ("Northwind Hiring Team", None),
        ("Graphic Design Institute", None),
        ("no-reply@acme.example", None),
        ("Contoso HR", None),
        ("", None),
    ],
)
def test_a_display_name_is_read_as_a_person_or_as_none(display: str, name: str | None) -> None:
    assert person_name(display) == name


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Talent Partner", Part.RECRUITER),
        ("Senior Recruiter", Part.RECRUITER),
        ("Resourcing Adviser", Part.RECRUITER),
        ("HR Business Partner", Part.RECRUITER),
        ("Recruiting Coordinator", Part.COORDINATOR),
        ("Executive Assistant", Part.COORDINATOR),
        ("Personalreferentin", Part.RECRUITER),
        ("Engineering Manager", Part.UNKNOWN),
        (None, Part.UNKNOWN),
    ],
)
def test_a_title_tells_recruiters_and_coordinators_from_the_rest(title: str | None, part: Part) -> None:
    assert part_of_title(title) is part


def test_titles_and_dates_are_no_names() -> None:
    assert is_full_name("Ann Whitlock")
    assert is_full_name("Jan Koch")
    assert not any(
        map(is_full_name, ("Data Engineer", "Tuesday December", "Thu Dec", "Hiring Manager", "Kind Regards"))
    )
    assert is_title("Head of Operations")
    assert not is_title("Ann Whitlock")


def test_who_is_met_has_title_and_address_as_they_stand_beside_the_name() -> None:
    found = cast("You will be speaking with Hugo Marsh (hugo.marsh@relecloud.example), Support Engineering Manager.")
    (person,) = found.interviewers()
    assert (person.name, person.address, person.title, person.part) == (
        "Hugo Marsh",
        "hugo.marsh@relecloud.example",
        "Support Engineering Manager",
        Part.INTERVIEWER,
    )


def test_an_address_is_taken_from_the_header_and_never_made_up() -> None:
    copied = (Address(address="ann.whitlock@margie.example"),)
    met = {p.name: p.address for p in cast("You will meet Ann Whitlock and Dev Patel.", cc=copied).interviewers()}
    assert met == {"Ann Whitlock": "ann.whitlock@margie.example", "Dev Patel": None}


def test_a_list_below_you_will_meet_is_of_interviewers() -> None:
    text = "You will meet:\n- Ann Whitlock, Head of Operations\n- Ben Osei\n\nQuestions? Contact Ruth Ellery."
    assert [person.name for person in cast(text).interviewers()] == ["Ann Whitlock", "Ben Osei"]


def test_who_is_only_mentioned_is_not_met() -> None:
    found = cast("Your interview is with Hugo Marsh. If you have questions, contact Rachel Ng.")
    assert [person.name for person in found.interviewers()] == ["Hugo Marsh"]
    assert {person.name for person in found.people} >= {"Hugo Marsh", "Rachel Ng", "Dana Lee"}


def test_who_offers_to_answer_questions_does_not_interview() -> None:
    text = "You will meet Hugo Marsh on Friday, and I look forward to it. Get in touch with me or write to me any time."
    assert [person.name for person in cast(text).interviewers()] == ["Hugo Marsh"]


def test_who_cannot_come_is_not_met() -> None:
    found = cast("You will meet Sam Ito. Hugo Marsh is unavailable, Sara Lind will step in.")
    assert [person.name for person in found.interviewers()] == ["Sam Ito", "Sara Lind"]


def test_the_sender_interviews_if_nobody_else_is_named() -> None:
    assert [p.address for p in cast("Your interview is confirmed.").interviewers()] == ["dana.lee@northwind.example"]
    assert not cast("You will meet our hiring manager.").interviewers()
    assert [p.name for p in cast("I will call you; later you meet our team.").interviewers()] == ["Dana Lee"]


def test_a_system_or_shared_mailbox_is_no_person() -> None:
    assert not cast("Your interview is confirmed.", sender="Northwind <no-reply@us.greenhouse-mail.io>").people
    assert not cast("Your interview is confirmed.", sender="Northwind HR <hr@northwind.example>").people


def test_the_company_is_not_taken_for_an_interviewer() -> None:
    assert [p.name for p in cast("Your interview with Northwind is confirmed.").interviewers()] == ["Dana Lee"]


def test_the_signature_gives_the_senders_title() -> None:
    (person,) = cast("See you on Friday.\n\nDana Lee\nTalent Partner\nNorthwind").people
    assert (person.title, person.part) == ("Talent Partner", Part.RECRUITER)


def test_recruiters_on_an_invite_sit_in_without_interviewing() -> None:
    invite = Invite(
        method="REQUEST",
        uid="u-1",
        organizer=Address(address="rachel.ng@relecloud.example", name="Rachel Ng"),
        attendees=(
            Attendee(address="noor.haddad@letters.example"),
            Attendee(address="hugo@relecloud.example", name="Hugo Marsh"),
            Attendee(address="rachel.ng@relecloud.example", name="Rachel Ng"),
            Attendee(address="notes@otter.ai", name="Otter"),
            Attendee(address="room4@relecloud.example", name="Room 4", cutype="ROOM"),
        ),
    )
    interviewers, others = invited_people(invite, own=OWN, cast=Cast())
    assert [person.name for person in interviewers] == ["Hugo Marsh"]
    assert {person.name: person.part for person in others} == {
        "Rachel Ng": Part.UNKNOWN,
        "Otter": Part.ROBOT,
        "Room 4": Part.ROOM,
    }


def post(subject: str, text: str = "", *, sender: Address | None = None, signature: str = "") -> Post:
    return find_post(
        subject=subject,
        text=text,
        signature=signature,
        sender=sender,
        system=find_system(sender),
        persons=("Noor Haddad", "Hugo Marsh"),
    )


@pytest.mark.parametrize(
    ("subject", "text", "company", "role"),
    [
        ("Thank you for applying to Northwind Freight", "", "Northwind Freight", None),
        ("Your application to Data Engineer at Contoso", "", "Contoso", "Data Engineer"),
        ("Contoso | Application Update", "", "Contoso", None),
        (
            "Interview for Senior Data Engineer (R-01234) at Margie's Travel",
            "",
            "Margie's Travel",
            "Senior Data Engineer",
        ),
        (
            "",
            "Thank you for your interest in the Risk Analyst position at Woodgrove Bank.",
            "Woodgrove Bank",
            "Risk Analyst",
        ),
        (
            "",
            "Position: AI, Digital and Cyber Compliance\nCompany: Ketrix",
            "Ketrix",
            "AI, Digital and Cyber Compliance",
        ),
        ("", "on behalf of Litware we would like to invite you", "Litware", None),
        ("Ihre Bewerbung als Backend Developer bei Adatum", "", "Adatum", "Backend Developer"),
        ("Interview with Hugo Marsh", "", None, None),
        ("Offer Letter", "Next Steps", None, None),
        ("Hello", "How are you?", None, None),
    ],
)
def test_company_and_role_are_read_where_they_stand_and_nowhere_else(
    subject: str, text: str, company: str | None, role: str | None
) -> None:
    found = post(subject, text)
    assert (found.company, found.role) == (company, role)


def test_the_company_comes_from_display_name_signature_tenant_and_last_from_the_domain() -> None:
    assert post("Hi", sender=Address(address="jobs@x.example", name="Contoso Careers")).company == "Contoso"
    assert post("Hi", sender=Address(address="contoso@myworkday.com", name="Workday Contoso")).company == "Contoso"
    tenant = Address(address="fourth-coffee+email+1@talent.icims.com", name="Pat Gomez")
    assert post("Hi", sender=tenant).company == "Fourth Coffee"
    human = Address(address="dana@northwind.example", name="Dana Lee")
    assert post("Hi", sender=human).company == "Northwind"
    assert (
        post("Hi", sender=human, signature="Dana Lee\nTalent Partner, Northwind Freight").company == "Northwind Freight"
    )
    assert post("Hi", sender=Address(address="dana@gmail.com", name="Dana Lee")).company is None


def test_a_requisition_id_is_kept_and_a_year_is_none() -> None:
    assert post("Product Analyst - R-012345").requisition == "R-012345"
    assert post("", "Job ID: 44120").requisition == "44120"
    assert post("Summer 2026 position (2026)").requisition is None
