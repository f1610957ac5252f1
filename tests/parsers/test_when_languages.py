"""Moments in German, French, Spanish and Portuguese prose."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from parsers.model import Grain, Moment
from parsers.when import find_moments

SENT = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Wednesday

# As in test_when.py: "start/end zone" for a time, a date for a day, "first..last" for a window.
STATED = [
    ("de", "Wir laden Sie zum Gespräch am Donnerstag, 3.12.2026 um 10.30 Uhr ein.", "2026-12-03T10:30 Europe/Berlin"),
    (
        "de",
        "Passt Ihnen Freitag um 14 Uhr oder Montag um halb drei?",
        "2026-11-27T14:00 Europe/Berlin; 2026-11-30T14:30 Europe/Berlin",
    ),
    (
        "de",
        "Mo 30.11. 9-10 Uhr, Di 1.12. 14:30-15:15 Uhr",
        "2026-11-30T09:00/10:00 Europe/Berlin; 2026-12-01T14:30/15:15 Europe/Berlin",
    ),
    ("de", "Das Interview findet am 08.12. von 10 bis 11 Uhr statt.", "2026-12-08T10:00/11:00 Europe/Berlin"),
    ("de", "Wir melden uns bis spätestens 12. Dezember.", "..2026-12-12"),
    ("de", "Sie erhalten bis Ende nächster Woche eine Rückmeldung.", "..2026-12-04"),
    ("de", "Anfang nächster Woche geben wir Bescheid.", "2026-11-30..2026-12-01"),
    ("de", "in den nächsten Tagen", "..2026-11-28"),
    ("de", "innerhalb der nächsten zwei Wochen", "..2026-12-09"),
    ("de", "in ein bis zwei Wochen", "2026-12-02..2026-12-09"),
    ("de", "spätestens Ende Dezember", "..2026-12-31"),
    ("de", "in KW 50", "2026-12-07..2026-12-11"),
    (
        "de",
        "Können wir das Gespräch von Montag auf Dienstag, 15 Uhr, verschieben?",
        "2026-11-30; 2026-12-01T15:00 Europe/Berlin",
    ),
    ("de", "nächsten Montag um 11:00", "2026-11-30T11:00 Europe/Berlin"),
    ("de", "übermorgen um 9 Uhr", "2026-11-27T09:00 Europe/Berlin"),
    (
        "de",
        "Guten Morgen Frau Haddad, so können wir uns morgen Vormittag um 10 treffen.",
        "2026-11-26T10:00 Europe/Berlin",
    ),
    ("de", "am 3. Dezember 2026, 13 Uhr (MEZ)", "2026-12-03T13:00 Europe/Berlin"),
    ("de", "Bis zum 15.12. treffen wir eine Entscheidung.", "..2026-12-15"),
    ("de", "Mitte Januar", "2027-01-11..2027-01-15"),
    ("de", "Vielen Dank für das Gespräch am Montag.", "2026-11-23"),
    ("de", "Viertel nach zwei am Dienstag", "2026-12-01T14:15 Europe/Berlin"),
    ("de", "Wir haben 30 Tage Urlaub, 40 Stunden pro Woche, 3.500 Euro.", ""),
    ("de", "Telefon: 030 12345-67, Raum 4.12", ""),
    ("fr", "Votre entretien aura lieu le jeudi 3 décembre à 14 h 30.", "2026-12-03T14:30 Europe/Berlin"),
    ("fr", "L'entretien de vendredi passe à 11h.", "2026-11-27T11:00 Europe/Berlin"),
    ("fr", "Nous avions dit vendredi passé.", "2026-11-20"),
    (
        "fr",
        "Seriez-vous disponible lundi prochain à 10h ou mardi à 15h ?",
        "2026-11-30T10:00 Europe/Berlin; 2026-12-01T15:00 Europe/Berlin",
    ),
    ("fr", "Nous vous répondrons d'ici vendredi.", "..2026-11-27"),
    ("fr", "d'ici la fin de la semaine", "..2026-11-27"),
    ("fr", "sous 48 heures", "..2026-11-27"),
    ("fr", "dans un délai de 5 jours ouvrés", "..2026-12-02"),
    ("fr", "en début de semaine prochaine", "2026-11-30..2026-12-01"),
    ("fr", "le 12/12 de 14h à 15h", "2026-12-12T14:00/15:00 Europe/Berlin"),
    ("fr", "entre 10h et 12h mercredi", "2026-12-02T10:00/12:00 Europe/Berlin"),
    ("fr", "avant le 15 décembre", "..2026-12-15"),
    ("fr", "fin janvier", "2027-01-21..2027-01-29"),
    ("fr", "mi-décembre", "2026-12-11..2026-12-15"),
    ("fr", "d'ici une à deux semaines", "..2026-12-09"),
    ("fr", "dans les prochains jours", "..2026-11-28"),
    ("fr", "demain matin à 9h", "2026-11-26T09:00 Europe/Berlin"),
    ("fr", "après-demain à midi", "2026-11-27T12:00 Europe/Berlin"),
    ("fr", "au plus tard le 11 décembre", "..2026-12-11"),
    ("fr", "le 1er décembre 2026 à 9 heures", "2026-12-01T09:00 Europe/Berlin"),
    ("fr", "L'entretien dure 45 minutes, avec 2 personnes.", ""),
    ("es", "La entrevista será el jueves 3 de diciembre de 2026 a las 15:00.", "2026-12-03T15:00 Europe/Berlin"),
    (
        "es",
        "¿Te vendría bien el lunes a las 10 o el martes a las 3 de la tarde?",
        "2026-11-30T10:00 Europe/Berlin; 2026-12-01T15:00 Europe/Berlin",
    ),
    ("es", "Te diremos algo antes del 12 de diciembre.", "..2026-12-12"),
    ("es", "a finales de la próxima semana", "2026-12-03..2026-12-04"),
    ("es", "en un plazo de 5 días hábiles", "..2026-12-02"),
    ("es", "en una o dos semanas", "2026-12-02..2026-12-09"),
    ("es", "como máximo el viernes", "..2026-11-27"),
    ("es", "a principios de la próxima semana", "2026-11-30..2026-12-01"),
    ("es", "mañana a las 9", "2026-11-26T09:00 Europe/Berlin"),
    ("es", "pasado mañana por la tarde a las 4", "2026-11-27T16:00 Europe/Berlin"),
    ("es", "el próximo lunes a las 11:30", "2026-11-30T11:30 Europe/Berlin"),
    ("es", "la semana que viene", "2026-11-30..2026-12-04"),
    ("es", "a mediados de enero", "2027-01-11..2027-01-15"),
    ("es", "de 10:00 a 11:00 el miércoles", "2026-12-02T10:00/11:00 Europe/Berlin"),
    ("es", "el 12/12 a las 16h", "2026-12-12T16:00 Europe/Berlin"),
    ("es", "en los próximos días", "..2026-11-28"),
    ("es", "La entrevista dura 45 minutos.", ""),
    ("pt", "A entrevista será na quinta-feira, 3 de dezembro de 2026, às 15h.", "2026-12-03T15:00 Europe/Berlin"),
    (
        "pt",
        "Você pode na segunda às 10h ou na terça às 14h30?",
        "2026-11-30T10:00 Europe/Berlin; 2026-12-01T14:30 Europe/Berlin",
    ),
    ("pt", "Daremos uma resposta até sexta-feira.", "..2026-11-27"),
    ("pt", "em até 5 dias úteis", "..2026-12-02"),
    ("pt", "até o final da próxima semana", "..2026-12-04"),
    ("pt", "no início da próxima semana", "2026-11-30..2026-12-01"),
    ("pt", "amanhã às 9h", "2026-11-26T09:00 Europe/Berlin"),
    ("pt", "semana que vem", "2026-11-30..2026-12-04"),
    ("pt", "dia 8/12 das 14h às 15h", "2026-12-08T14:00/15:00 Europe/Berlin"),
    ("pt", "nos próximos dias", "..2026-11-28"),
    ("pt", "em uma ou duas semanas", "2026-12-02..2026-12-09"),
    ("pt", "meados de janeiro", "2027-01-11..2027-01-15"),
    ("pt", "A entrevista dura 45 minutos.", ""),
]


def described(moment: Moment) -> str:
    first = moment.start.strftime("%Y-%m-%d") if moment.start else ""
    if moment.grain is Grain.DAY:
        return first
    if moment.grain is Grain.WINDOW:
        assert moment.end is not None
        return f"{first}..{moment.end:%Y-%m-%d}"
    assert moment.start is not None
    end = f"/{moment.end:%H:%M}" if moment.end else ""
    return f"{moment.start:%Y-%m-%dT%H:%M}{end} {moment.timezone}"


@pytest.mark.parametrize(("language", "text", "moments"), STATED)
def test_a_sentence_states_its_moments(language: str, text: str, moments: str) -> None:
    found = find_moments(text, sent_at=SENT, timezone="Europe/Berlin", month_first=False, language=language)
    assert "; ".join(described(moment) for moment in found) == moments


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Il colloquio è fissato per martedì 1 dicembre 2026 alle ore 14:00."),
        ("nl", "Het gesprek is op dinsdag 1 december om 14.00 uur."),
        ("pl", "Zapraszamy na rozmowę we wtorek, 1 grudnia 2026 o godz. 14:00."),
    ],
)
def test_an_invitation_in_a_further_language_is_understood(language: str, text: str) -> None:
    (moment,) = find_moments(text, sent_at=SENT, timezone="Europe/Berlin", month_first=False, language=language)
    assert moment.start == datetime(2026, 12, 1, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
