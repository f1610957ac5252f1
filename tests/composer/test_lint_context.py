"""What the lint is told around a letter: whose it is, and whose it is not."""

from __future__ import annotations

from dataclasses import replace

from composer.agenda import FollowUpKind, Wording
from composer.lint_context import context_of
from parsers.model import Address, Direction, Part, Person
from tests.composer.letter_parts import facts, followup, timeline

DANA = Person(name="Dana Lee", address="dana.lee@northwind.example", part=Part.INTERVIEWER)
SHARED = Person(name="Rae Agent", address="rae@agency.example", part=Part.RECRUITER)
KIM = Person(name="Kim Berg", address="kim@globex.example", part=Part.INTERVIEWER)
LENA = Address(name="Lena Vogt", address="lena@globex.example")
OWN = timeline(facts=(facts(people=(DANA, SHARED)),))
OTHER = timeline(
    id="application-2",
    company="Globex",
    role="Analyst",
    facts=(facts(key="globex", people=(KIM, SHARED), sender=LENA),),
)
LETTER = followup(FollowUpKind.THANK_YOU, wording=Wording.LATER_ROUND, evidence=("confirmation",))


def test_a_letter_knows_its_own_application_and_who_belongs_to_others_only() -> None:
    context = context_of(LETTER, (OWN, OTHER), last_letter="Hi Dana")
    assert (context.kind, context.wording) == (FollowUpKind.THANK_YOU, Wording.LATER_ROUND)
    assert (context.to_name, context.company, context.roles) == ("Dana Lee", "Northwind", ("Data Engineer",))
    assert context.other_companies == {"Globex"}
    assert context.other_recipients == {KIM.address, LENA.address}
    assert context.last_letter == "Hi Dana"


def test_an_application_whose_id_has_changed_is_known_by_its_messages() -> None:
    context = context_of(LETTER, (replace(OWN, id="another"), OTHER))
    assert context.other_companies == {"Globex"}
    assert context.roles == ("Data Engineer",)


def test_a_merged_check_in_is_about_both_applications() -> None:
    merged = followup(FollowUpKind.CHECK_IN_1, rule="C7", evidence=("confirmation", "globex"))
    context = context_of(merged, (OWN, OTHER))
    assert context.roles == ("Data Engineer", "Analyst")
    assert not context.other_companies
    assert not context.other_recipients


def test_the_persons_own_address_belongs_to_no_application() -> None:
    mine = facts(key="own", direction=Direction.OWN, sender=Address(address="noor@mail.example"))
    context = context_of(LETTER, (OWN, replace(OTHER, facts=(*OTHER.facts, mine))))
    assert "noor@mail.example" not in context.other_recipients
