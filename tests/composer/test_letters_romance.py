"""The grammar and manners of French, Spanish and Portuguese letters, whatever is known."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from composer.letter import PLACEHOLDER, paragraphs
from composer.letter_forms import languages, letter_names, our_form
from composer.letter_sandbox import rendered

LANGUAGES = sorted(languages() & {"fr", "es", "pt"})
NAMES = sorted(letter_names())
NUDGES = {"check_in_1", "check_in_1_cancelled", "check_in_1_promised", "check_in_final", "closing_note"}

TUESDAY = date(2026, 12, 1)
SATURDAY = date(2027, 3, 13)
# With an article that would contract, in the singular and the plural, and with none.
NOTED = {
    "fr": ("le projet de cache", "les revues de code à plusieurs", "comment vous testez vos versions"),
    "es": ("el proyecto de caché", "las revisiones de código en grupo", "cómo prueban sus versiones"),
    "pt": ("o projeto de cache", "as revisões de código em grupo", "como vocês testam as versões"),
}
LONG_ROLE = "Senior Staff Software Engineer, Developer Platform (Remote)"
DAYS = {
    "fr": ("mardi 1er décembre", "samedi 13 mars"),
    "es": ("martes 1 de diciembre", "sábado 13 de marzo"),
    "pt": ("terça-feira, 1º de dezembro", "sábado, 13 de março"),
}

# What would tell, or guess, whether the writer or the reader is a man or a woman.
GENDERED = {
    "fr": r"ravie?|heureu(?:x|se)|contente?|impatiente?|curieu(?:x|se)|motivée?|intéressée?|convaincue?|prête?|"
    r"certaine?|sûre?|reconnaissante?|enchantée?|honorée?|touchée?|désireu(?:x|se)|persuadée?|passionnée?|chère?|cher|monsieur|"
    r"madame|m'a (?:séduit|conquis|convaincu|marqué|intéressé|aidé|préparé|inspiré|impressionné|touché)e?|"
    r"je (?:me )?suis \w+ée?|seule?|candidate?",
    "es": r"encantad[oa]|interesad[oa]|agradecid[oa]|dispuest[oa]|segur[oa]|convencid[oa]|preparad[oa]|list[oa]|"
    r"content[oa]|atent[oa]|motivad[oa]|ilusionad[oa]|(?:yo|mí|usted) mism[oa]|estimad[oa]|señora?|bienvenid[oa]|"
    r"compañer[oa]|emocionad[oa]|entusiasmad[oa]|candidat[oa]",
    "pt": r"obrigad[oa]|interessad[oa]|agradecid[oa]|dispost[oa]|segur[oa]|convencid[oa]|preparad[oa]|pront[oa]|"
    r"content[oa]|atent[oa]|motivad[oa]|animad[oa]|(?:eu|mim|você) mesm[oa]|sozinh[oa]|prezad[oa]|car[oa]|"
    r"senhora?|bem-vind[oa]|empolgad[oa]|grat[oa]|honrad[oa]|encantad[oa]|entusiasmad[oa]|candidat[oa]|ansios[oa]",
}
# Faults of policy.md 6: pressure, guilt, apologies, pay, "just checking in".
FAULTS = {
    "fr": r"désolée?|excus\w*|pardon|malheureusement|relance\w*|sans nouvelles?|toujours pas|attend[sr]\w*|"
    r"dans l'attente|promis\w*|pourquoi|urgent\w*|salaire|rémunération|vacances|congés?|silence|rappel\w*|délai|"
    r"dérang\w*|déçue?|comme convenu|dernière chance|de mes rêves|simplement savoir",
    "es": r"disculp\w*|perd[oó]n\w*|lamento|lamentablemente|desgraciadamente|seguimiento|sin noticias|sigo esperando|"
    r"a la espera|esperando|prometi\w*|por qué|urgente\w*|salario|sueldo|vacaciones|silencio|recordatorio|recordar\w*|"
    r"plazo|molest\w*|decepcion\w*|última oportunidad|de mis sueños|solo quería",
    "pt": r"desculp\w*|perdão|lamento|infelizmente|acompanhamento|sem notícias|sem resposta|aguard\w*|à espera|"
    r"esperando|promet\w*|por que|por quê|urgente\w*|salário|remuneração|férias|silêncio|lembrete|lembrar\w*|"
    r"prazo|incomod\w*|decepcion\w*|última chance|dos meus sonhos|só queria|só para saber",
}
# Contractions and elisions that a placeholder's neighbour must not need.
GRAMMAR = {
    "fr": r"\b(?:de|à) (?:le|les) (?:poste|projet|revue|stage)|\b(?:de|le|la|que|je|ne|se|ce|me|te) [aeiouéèêàâîôûœ]|"
    r"\bsi ils?\b|\w[?!;:]|\bd'[^aâeéèêiîoôuhœy]",
    "es": r"\b(?:de|a) el\b|\by (?:i|hi(?!e))|\bo (?:o|ho)|¿[^?]*$|^[^¿]*\?",
    "pt": r"\b(?:de|em|por|a) (?:o|a|os|as) (?:vaga|projeto|revis|equipe|conversa|ligaç|entrevista|exerc)",
}


def everything_known(**changes: object) -> dict[str, object]:
    return {
        "first_name": "Ana",
        "full_name": "Ana Ruiz",
        "company": "Acme",
        "roles": ("Data Engineer",),
        "visit": TUESDAY,
        "promised": SATURDAY,
        "decide_by": SATURDAY,
        "mentions": ("Omar Said",),
        "topic": None,
        "phone": False,
        "formal": False,
        "month_first": False,
        "occasion": "visit",
        "occasion_day": TUESDAY,
        "noted": None,
        "omit": False,
    } | changes


def whatever_is_known(language: str, name: str) -> Iterator[dict[str, object]]:
    """Give values for a letter: all combinations of what its kind of letter looks at."""
    axes: dict[str, tuple[Any, ...]] = {
        "roles": ((), ("Ingénieur logiciel",), (LONG_ROLE,)),
        "company": (None, "Acme"),
        "who": (
            {"first_name": None, "full_name": None, "visit": None},
            {"formal": True, "phone": True},
            {"visit": SATURDAY},
        ),
    }
    if name.startswith("thank_you"):
        axes |= {
            "note": (
                *((None, omit, topic) for omit, topic in ((False, None), (True, None), (True, "caching project"))),
                *((noted, False, None) for noted in NOTED[language]),
            ),
        }
    if name == "thank_you_pass_on":
        axes |= {"mentions": ((), ("Omar Said",), ("Lena Vogt", "Irene Sol"), ("Lena Vogt", "Omar Said", "Ida Ek"))}
    if name in NUDGES:
        axes["roles"] = (*axes["roles"], ("Data Engineer", "Analista"), ("Auditor", "Ingeniero de datos"))
        axes |= {"occasion_day": (None, TUESDAY)}
        axes["occasion"] = (
            ("cancelled",) if name == "check_in_1_cancelled" else ("visit", "take_home", "cancelled", "application")
        )
    if name == "reschedule_offer":
        axes |= {"omit": (False, True), "occasion": ("cancelled",), "occasion_day": (None, TUESDAY)}
    if name == "offer_ack":
        axes |= {"decide_by": (None, TUESDAY, SATURDAY)}
    for chosen in itertools.product(*axes.values()):
        values = dict(zip(axes, chosen, strict=True))
        noted, omit, topic = values.pop("note", (None, values.pop("omit", False), None))
        who = values.pop("who")
        yield everything_known(**values, **who, noted=noted, omit=omit, topic=topic)


@cache
def every_body(language: str, name: str) -> tuple[tuple[dict[str, object], str], ...]:
    """Give each body, as one line, with everything that may be known; a placeholder is an X."""
    form = our_form(language, name)
    return tuple(
        (known, PLACEHOLDER.sub("X", " ".join(paragraphs(rendered(body, known)))))
        for known, body in itertools.product(whatever_is_known(language, name), form.bodies)
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_articles_contract_and_elide_as_they_must(language: str, name: str) -> None:
    form = our_form(language, name)
    frames = (
        rendered(part, known) for known in whatever_is_known(language, name) for part in (form.subject, form.frame)
    )
    for line in (*(text for _, text in every_body(language, name)), *frames):
        wrong = re.search(GRAMMAR[language], PLACEHOLDER.sub("X", " ".join(line.split())), re.IGNORECASE)
        assert not wrong, f"{wrong}: {line}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_letter_tells_or_guesses_whether_somebody_is_a_man_or_a_woman(language: str, name: str) -> None:
    for _, text in every_body(language, name):
        guess = re.search(rf"\b(?:{GENDERED[language]})\b", text, re.IGNORECASE)
        assert not guess, f"{guess}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_letter_presses_complains_apologises_or_speaks_of_money(language: str, name: str) -> None:
    for _, text in every_body(language, name):
        fault = re.search(rf"\b(?:{FAULTS[language]})\b", text, re.IGNORECASE)
        assert not fault, f"{fault}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(NUDGES))
def test_a_nudge_names_every_role_and_its_occasion_and_asks_one_thing_or_nothing(language: str, name: str) -> None:
    first, last = DAYS[language]
    for known, text in every_body(language, name):
        assert text.count("?") == (1 if name.startswith("check_in_1") else 0), text
        roles = known["roles"]
        assert isinstance(roles, tuple)
        assert all(role.casefold() in text.casefold() for role in roles), text
        dated = known["occasion"] in {"visit", "take_home"} or name == "check_in_1_cancelled"
        assert not dated or not known["occasion_day"] or first in text, text
        assert (last in text) == (name == "check_in_1_promised"), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_month_or_weekday_has_a_capital_and_no_sentence_lacks_one(language: str, name: str) -> None:
    calendar = "|".join(day.split(",")[0].split()[0] for day in DAYS[language])
    for _, text in every_body(language, name):
        assert not re.search(rf"\b(?:{calendar.title()})\b", text), text
        assert not re.search(r"(?:\A|[.?] )[¿]?[a-zà-ÿ]", text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_is_acknowledged_with_its_date_or_a_question_for_it(language: str) -> None:
    for known, text in every_body(language, "offer_ack"):
        assert text.count("?") == (0 if known["decide_by"] else 1), text
        assert (DAYS[language][1] in text) == (known["decide_by"] == SATURDAY), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_who_could_not_be_written_to_is_named(language: str) -> None:
    for known, text in every_body(language, "thank_you_pass_on"):
        mentions = known["mentions"]
        assert isinstance(mentions, tuple)
        assert all(name in text for name in mentions), text


@pytest.mark.parametrize(
    ("language", "roles", "called"),
    [
        ("fr", ("Data Engineer",), "poste de Data Engineer"),
        ("fr", ("Ingénieur logiciel",), "poste d'Ingénieur logiciel"),
        ("fr", ("Hôte d'accueil",), "poste d'Hôte d'accueil"),
        ("fr", ("Head of Data",), "poste de Head of Data"),
        ("fr", ("Stage marketing",), "stage marketing"),
        ("fr", ("Alternance finance",), "alternance finance"),
        ("fr", ("Data Engineer", "Analyste"), "postes de Data Engineer et d'Analyste"),
        ("es", ("Auditor", "Ingeniero de datos"), "puestos de Auditor e Ingeniero de datos"),
        ("es", ("Auditor", "Analista"), "puestos de Auditor y Analista"),
        ("pt", ("Auditor", "Analista"), "vagas de Auditor e Analista"),
    ],
)
def test_a_post_is_called_what_a_native_would_call_it(language: str, roles: tuple[str, ...], called: str) -> None:
    subject = rendered(our_form(language, "check_in_1").subject, everything_known(roles=roles))
    assert " ".join(subject.split()).endswith(f": {called}")
