"""What the person noted after a visit, made each recipient's topic; whatever is no clean phrase stays what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.acts import Noted
from composer.agenda import FollowUp, FollowUpKind
from composer.letter import Placeholders, Voice, write_letter
from composer.lint import Writing, lint
from composer.notes import Topic, topic_for, topic_of
from parsers.model import Address, FixedTime, Interview, Person, Timeline

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
DAY = date(2026, 12, 1)
DANA, SAM = "dana@northwind.example", "sam@northwind.example"
PANEL = (Person(name="Dana Lee", address=DANA), Person(name="Sam Ortiz", address=SAM))


def interview(people: tuple[Person, ...] = PANEL, identifier: str = "u-1", start: datetime = START) -> Interview:
    time = FixedTime(start=start, end=None, timezone="UTC", all_day=False, fixed_by="mail-1", fixed_at=start)
    return Interview(id=identifier, times=(time,), confidence=1.0, people=people, sources=("mail-1",))


def timeline(*interviews: Interview) -> Timeline:
    return Timeline(
        id="northwind", account="personal", company="Northwind", role=None, timezone="UTC", interviews=interviews
    )


def thank_you(to: str, mentions: tuple[str, ...] = ()) -> FollowUp:
    return FollowUp(
        id=f"thank-{to}",
        kind=FollowUpKind.THANK_YOU,
        rule="T1",
        reason="",
        account="personal",
        application="northwind",
        company="Northwind",
        role=None,
        to=Address(address=to),
        due=START,
        stale_at=START,
        interview="u-1",
        visit=DAY,
        mentions=mentions,
    )


def noted(text: str, about: str | None = None) -> Noted:
    return Noted(at=START, interview="u-1", visit=DAY, messages=("mail-1",), text=text, about=about)


def topics(text: str, language: str = "en") -> tuple[Topic | None, Topic | None]:
    acts, story = (noted(text),), timeline(interview())
    return topic_for(thank_you(DANA), story, acts, language), topic_for(thank_you(SAM), story, acts, language)


def phrases(text: str, language: str = "en") -> tuple[str | None, str | None]:
    dana, sam = topics(text, language)
    return dana.phrase if dana else None, sam.phrase if sam else None


ENGLISH = [
    ("We talked about their caching project.", "your caching project"),
    ("we spoke at length about event sourcing because they have trouble with it", "event sourcing"),
    ("Talked a lot about incident reviews, which is what I did before", "incident reviews"),
    ("discussed how they test releases", "how you test releases"),
    ("They explained how they plan to split their monolith", "how you plan to split your monolith"),
    ("Dana told me about her caching project", "your caching project"),
    ("Dana's caching project", "your caching project"),
    ("Dana: caching project", "the caching project"),
    ("With Dana: the roadmap for next year", "the roadmap for next year"),
    ("Dana - the roadmap", "the roadmap"),
    ("Spoke with Dana about remote work", "remote work"),
    ("the rewrite in Rust (Dana)", "the rewrite in Rust"),
    ("dana lee liked my idea on tests", "my idea on tests"),
    ("Topics: distributed tracing", "distributed tracing"),
    ("Kafka migration", "the Kafka migration"),
    ("Migration to the cloud", "the migration to the cloud"),
    ("Moving to Kubernetes", "moving to Kubernetes"),
    ("- incident reviews", "incident reviews"),
    ("1) incident reviews", "incident reviews"),
    ("* on-call", "on-call"),
    ("We talked about tests e.g. in the pipeline.", "tests e.g. in the pipeline"),
    ("I was really interested in the data platform", "the data platform"),
    ("what they want to do next", "what you want to do next"),
    ("discussed roadmap", "the roadmap"),
    ("Pair programming every Friday", "the pair programming every Friday"),
    ("Berlin office opening in March", "the Berlin office opening in March"),
    ("first 90 days", "the first 90 days"),
    ("Five engineers in Berlin", "five engineers in Berlin"),
    ("observability (Grafana, Loki)", "observability"),
    ('"Meteor"', "Meteor"),
    ("Move into healthcare", "the move into healthcare"),
    ("scaling Postgres", "scaling Postgres"),
    ("monolith to services", "the monolith to services"),
    ("why they left AWS", "why you left AWS"),
    ("customer support tooling", "the customer support tooling"),
]
GERMAN = [
    ("Wir haben über ihr Caching-Projekt gesprochen.", "Ihr Caching-Projekt"),
    ("wir sprachen lange über die Migration auf Postgres", "die Migration auf Postgres"),
    ("Es ging vor allem um eure Release-Tests", "Ihre Release-Tests"),
    ("Mit Dana über Tests in der Pipeline gesprochen", "Tests in der Pipeline"),
    ("Dana fand meine Idee zu Tests spannend", "meine Idee zu Tests"),
    ("Wir haben die Rufbereitschaft besprochen", "die Rufbereitschaft"),
    ("Thema: Incident-Reviews", "Incident-Reviews"),
    ("wir sprachen über den neuen Prozess", "der neue Prozess"),
    ("Wir haben über ihren ersten großen Umbau gesprochen", "Ihr erster großer Umbau"),
    ("Es ging um einen Umbau der Plattform", "ein Umbau der Plattform"),
    ("Dana: ihr neuer Ansatz", "Ihr neuer Ansatz"),
    ("der Umbau der Plattform", "der Umbau der Plattform"),
    ("neuer Teamleiter in Berlin", "neuer Teamleiter in Berlin"),
    ("Es ging um Tests und um Kafka", "Tests"),
]
FRENCH = [
    ("Nous avons parlé de leur projet de cache.", "votre projet de cache"),
    ("on a longuement discuté du projet de migration", "le projet de migration"),
    ("on a parlé des astreintes", "les astreintes"),
    ("j'ai évoqué la migration vers Postgres", "la migration vers Postgres"),
    ("Dana a aimé mon idée sur les tests", "mon idée sur les tests"),
    ("Avec Dana, nous avons parlé des revues d'incidents", "les revues d'incidents"),
    ("Dana : l'équipe plateforme", "l'équipe plateforme"),
    ("on a parlé des tests et de Kafka", "les tests"),
    ("Dana : son parcours", "votre parcours"),
]
SPANISH = [
    ("Hablamos de su proyecto de caché.", "su proyecto de caché"),
    ("hablamos mucho del proyecto de migración", "el proyecto de migración"),
    ("A Dana le gustó mi idea sobre las pruebas", "mi idea sobre las pruebas"),
    ("Dana nos explicó la plataforma de datos", "la plataforma de datos"),
    ("hemos hablado sobre las guardias con Dana", "las guardias"),
    ("Dana: las guardias", "las guardias"),
    ("hablamos de las pruebas y de Kafka", "las pruebas"),
]
PORTUGUESE = [
    ("Falamos sobre o projeto de cache deles.", "o projeto de cache de vocês"),
    ("conversamos muito do projeto de migração", "o projeto de migração"),
    ("A Dana gostou da minha ideia sobre testes", "a minha ideia sobre testes"),
    ("Dana explicou a plataforma de dados", "a plataforma de dados"),
    ("Com a Dana falamos dos plantões", "os plantões"),
    ("falamos dos testes e do Kafka", "os testes"),
]
CASES = [
    (language, *case)
    for language, cases in (("en", ENGLISH), ("de", GERMAN), ("fr", FRENCH), ("es", SPANISH), ("pt", PORTUGUESE))
    for case in cases
]


@pytest.mark.parametrize(("language", "text", "phrase"), CASES, ids=[case[1] for case in CASES])
def test_a_note_becomes_a_noun_phrase(language: str, text: str, phrase: str) -> None:
    assert phrases(text, language)[0] == phrase


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "great talk"),
        ("en", "Dana was nice"),
        ("en", "team uses Rust"),
        ("en", "engineers deploy weekly"),
        ("en", "service moved to Kafka"),
        ("en", "it went well"),
        ("en", "ask about the offer"),
        ("en", "salary"),
        ("en", "we talked about salary"),
        ("en", "the salary range"),
        ("en", "my other offers"),
        ("en", "how they handle compensation"),
        ("de", "die Gehaltsvorstellungen"),
        ("fr", "la prime de fin d'année"),
        ("es", "el rango salarial"),
        ("pt", "a faixa salarial"),
        ("en", "the migration of their billing system"),  # whose, "their" does not say in a letter to them
        ("en", "how she tests releases"),
        ("en", "Dana and I laughed"),
        ("en", "Dana mentioned that the team grows"),
        ("en", "both from Ohio"),
        ("en", "two week onboarding"),
        ("en", "writing code"),  # the same form as "testing culture", and one of them needs an article
        ("en", "monolith -> services"),
        ("en", "Biggest problem: data quality"),
        ("en", 'my project "Meteor'),
        ("de", "wir sprachen über den Kunden"),  # one or many: "der Kunde" cannot be told from "die Kunden"
        ("de", "wir sprachen von der Migration"),
        ("de", "Dana: dem neuen Prozess"),
        ("de", "es war nett"),
        ("de", "Einarbeitung dauert zwei Wochen"),
        ("de", "Teams deployen täglich"),
        ("de", "Danas Vortrag auf der PyCon"),  # in a letter to her
        ("de", "Gehalt"),
        ("fr", "Dana : astreinte"),  # no article, so no French sentence can carry it
        ("fr", "c'était très bien"),
        ("fr", "la façon dont ils testent"),
        ("es", "la forma en que prueban"),
        ("es", "guardias"),
        ("es", "el equipo usa Rust"),
        ("pt", "plantões"),
        ("pt", "foi muito bom"),
    ],
)
def test_what_is_no_phrase_stays_what_the_person_wrote(language: str, text: str) -> None:
    topic = topics(text, language)[0]
    assert topic is not None
    assert (topic.phrase, topic.words) == (None, text)


@pytest.mark.parametrize("language", ["de", "fr", "es", "pt"])
def test_a_phrase_of_one_language_is_not_put_into_a_sentence_of_another(language: str) -> None:
    assert phrases("We talked about the caching project", language)[0] is None
    # What is the same everywhere is not of another language, where it can stand alone.
    assert phrases("Kubernetes", "de")[0] == "Kubernetes"


def test_each_interviewer_gets_what_the_note_says_of_them() -> None:
    text = "We talked about their caching project. Dana liked my idea on tests; Sam: on-call"
    assert phrases(text) == ("my idea on tests", "on-call")
    assert phrases("Dana:\n- caching\n- tests\n\nSam:\n- on-call") == ("caching", "on-call")
    assert phrases("Sam asked about my thesis and Dana told me about the roadmap") == ("the roadmap", "my thesis")
    assert phrases("Dana and Sam: the roadmap") == ("the roadmap", "the roadmap")


def test_what_names_nobody_is_spread_one_topic_a_person() -> None:
    assert phrases("- incident reviews\n- caching") == ("incident reviews", "caching")
    assert phrases("caching, on-call") == ("caching", "on-call")
    assert phrases("Sam: on-call\ncaching") == ("caching", "on-call")
    assert phrases("Dana: on-call\ncaching") == ("on-call", "caching")
    # Nobody gets a topic that another one of the visit has, and a scrap goes to whoever is left.
    assert phrases("caching") == ("caching", None)
    dana, sam = topics("great talk\ncaching")
    assert dana == Topic(words="caching", phrase="caching")
    assert sam == Topic(words="great talk", phrase=None)


def test_a_note_that_was_made_for_one_person_is_theirs_alone() -> None:
    acts = (noted("caching", about="Sam"), noted("the roadmap", about="dana@northwind.example"))
    story = timeline(interview())
    found = [topic_for(thank_you(to), story, acts, "en") for to in (DANA, SAM)]
    assert [topic.phrase if topic else None for topic in found] == ["the roadmap", "caching"]


def test_a_name_that_two_have_names_nobody() -> None:
    two = (Person(name="Dana Lee", address=DANA), Person(name="Dana Ray", address=SAM))
    story = timeline(interview(people=two))
    found = [topic_for(thank_you(to), story, (noted("Dana Ray: caching"),), "en") for to in (DANA, SAM)]
    assert [topic.phrase if topic else None for topic in found] == [None, "caching"]


def test_a_name_is_known_without_its_accents() -> None:
    story = timeline(interview(people=(Person(name="José Núñez", address=DANA),)))
    topic = topic_for(thank_you(DANA), story, (noted("jose: caching"),), "en")
    assert topic == Topic(words="jose: caching", phrase="caching")


def test_the_letter_that_is_passed_on_says_nothing_of_yours() -> None:
    story = timeline(interview(people=(Person(name="Dana Lee", address=None),)))
    recruiter = thank_you("recruiter@agency.example", mentions=("Dana Lee",))
    topic = topic_for(recruiter, story, (noted("Dana: caching"),), "en")
    assert topic == Topic(words="Dana: caching", phrase="caching")
    theirs = topic_for(recruiter, story, (noted("We talked about their caching project"),), "en")
    assert theirs is not None
    assert theirs.phrase is None


def test_a_note_belongs_to_its_visit_even_when_the_interview_got_another_id() -> None:
    refolded = timeline(interview(identifier="u-2"))
    assert topic_for(thank_you(DANA), refolded, (noted("caching"),), "en") is not None
    later = interview(identifier="u-2", start=START + timedelta(days=7))
    next_round = replace(thank_you(DANA), interview="u-2", visit=DAY + timedelta(days=7))
    assert topic_for(next_round, timeline(interview(), later), (noted("caching"),), "en") is None


def test_only_a_thank_you_carries_what_was_discussed() -> None:
    check_in = replace(thank_you(DANA), kind=FollowUpKind.CHECK_IN_1)
    assert topic_for(check_in, timeline(interview()), (noted("caching"),), "en") is None


def test_links_and_addresses_stay_out_of_the_letter() -> None:
    assert topics("the page https://evil.example") == (None, None)
    assert topics("mail to me@evil.example") == (None, None)


@given(st.text(max_size=300), st.sampled_from(["en", "de", "fr", "es", "pt", "xx"]))
def test_any_note_gives_one_harmless_line_or_nothing(text: str, language: str) -> None:
    for topic in topics(text, language):
        if topic:
            said = topic.words + (topic.phrase or "")
            assert said.isprintable()
            assert "[[" not in said
            assert len(topic.words) <= 120


def test_a_note_that_is_no_phrase_is_quoted_in_the_line_that_asks_for_one() -> None:
    voice = Voice(full_name="Noor Haddad", language="en")
    story = timeline(interview())
    letter = write_letter(thank_you(DANA), (story,), voice, said="Dana was [[really]] nice")
    assert len(letter.placeholders) == 2
    assert "“Dana was (really) nice”]]\n" in letter.text.replace("((", "(").replace("))", ")")
    assert "nice" not in letter.text.split("\n", 1)[1]
    assert len(write_letter(thank_you(DANA), (story,), voice, said="so " * 200).placeholders) == 2
    # Where nothing is to be filled in, there is no such line.
    omitted = write_letter(thank_you(DANA), (story,), replace(voice, placeholders=Placeholders.OMIT), said="so nice")
    assert "nice" not in omitted.text


def test_the_topic_stands_in_the_letter() -> None:
    voice = Voice(full_name="Noor Haddad", language="en")
    story = timeline(interview())
    topic = topic_of(thank_you(DANA), (story,), (noted("We talked about their caching project"),), voice)
    assert topic is not None
    letter = write_letter(thank_you(DANA), (story,), voice, noted=topic.phrase, said=topic.words)
    assert "your caching project" in letter.text
    assert letter.placeholders == ()


@pytest.mark.parametrize(("language", "phrase"), [(case[0], case[2]) for case in CASES])
def test_a_letter_with_a_noted_topic_has_no_fault(language: str, phrase: str) -> None:
    story = replace(timeline(interview()), role="Data Engineer")
    asked = replace(thank_you(DANA), role="Data Engineer", to=Address(address=DANA, name="Dana Lee"))
    letter = write_letter(asked, (story,), Voice(full_name="Noor Haddad", language=language), noted=phrase)
    assert phrase in letter.text
    writing = Writing(subject=letter.subject, text=letter.text, to=(Address(address=DANA, name="Dana Lee"),))
    assert lint(writing, language=language) == ()
