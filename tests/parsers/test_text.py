"""A body is split into the person's own words, quotations, forwarded messages and signatures."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.text import SegmentKind, fold_characters, split_body

ANSWER = "Hi Sam,\n\nTuesday works.\n"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, 1 Dec 2026 at 10:00, Sam Doe <sam@me.example> wrote:",
        "On Mon, 1 Dec 2026 at 10:00, Samuel Doe of Somewhere <sam@me.example>\nwrote:",
        "On Monday, December 1, 2026 at 10:00 AM, Samuel Long Doe\n<samuel@a-long.example>\nwrote:",
        "> On Dec 1, 2026, at 10:00 AM, Sam <sam@me.example> wrote:",
        "Sam Doe wrote:",
        "Am Mo., 1. Dez. 2026 um 10:00 Uhr schrieb Sam Doe <sam@me.example>:",
        "Am 01.12.2026 um 10:00 schrieb Sam Doe:",
        "Le lun. 1 déc. 2026 à 10:00, Sam Doe <sam@me.example> a écrit :",
        "El lun, 1 dic 2026 a las 10:00, Sam Doe (<sam@me.example>) escribió:",
        "Em seg., 1 de dez. de 2026 às 10:00, Sam Doe <sam@me.example> escreveu:",
        "Il giorno lun 1 dic 2026 alle ore 10:00 Sam Doe <sam@me.example> ha scritto:",
        "Op ma 1 dec 2026 om 10:00 schreef Sam Doe <sam@me.example>:",
        "Den mån 1 dec. 2026 kl 10:00 skrev Sam Doe <sam@me.example>:",
        "пн, 1 дек. 2026 г. в 10:00, Sam Doe <sam@me.example>:",
        "2026-12-01 10:00 GMT+01:00 Sam Doe <sam@me.example>:",
    ],
)
def test_an_attribution_and_the_marked_lines_below_are_quoted(introduction: str) -> None:
    body = split_body(f"{ANSWER}\n{introduction}\n\n> Which day?\n>\n> Sam\n")
    assert body.fresh == ANSWER.strip()
    assert body.quoted.startswith(introduction)
    assert body.quoted.endswith("> Sam")


def test_a_dated_attribution_without_marks_takes_the_rest() -> None:
    body = split_body(f"{ANSWER}\nOn Mon, 1 Dec 2026 at 10:00, Sam Doe <sam@me.example> wrote:\n\nWhich day?\n\nSam")
    assert body.fresh == ANSWER.strip()


@pytest.mark.parametrize(
    "header",
    [
        "From: Sam Doe <sam@me.example>\nSent: Monday, December 1, 2026 10:00 AM\nTo: Dana Lee\nSubject: RE: Interview",
        "*From:* Sam Doe <sam@me.example>\n*Date:* Monday, December 1, 2026\n*Subject:* Interview",
        "________________________________\nFrom: Sam Doe <sam@me.example>\nSent: Monday, December 1, 2026 10:00\nTo: A",
        "-----Original Message-----\nFrom: Sam Doe",
        "Von: Sam Doe\nGesendet: Montag, 1. Dezember 2026 10:00\nAn: Dana Lee\nBetreff: AW: Interview",
        "-----Ursprüngliche Nachricht-----\nVon: Sam Doe\nGesendet: Montag, 1. Dezember 2026 10:00",
        "De : Sam Doe <sam@me.example>\nEnvoyé : lundi 1 décembre 2026 10:00\nÀ : Dana Lee\nObjet : RE: Entretien",
        "De: Sam Doe\nEnviado el: lunes, 1 de diciembre de 2026 10:00\nPara: Dana Lee\nAsunto: RE: Entrevista",
        "Da: Sam Doe <sam@me.example>\nInviato: lunedì 1 dicembre 2026 10:00\nA: Dana Lee\nOggetto: R: Colloquio",
        "De: Sam Doe <sam@me.example>\nEnviada em: 1 de dezembro de 2026\nPara: Dana\nAssunto: RES: Entrevista",
        "Van: Sam <sam@me.example>\nVerzonden: maandag 1 december 2026 10:00\nAan: Dana Lee\nOnderwerp: RE: Gesprek",
        "Från: Sam Doe <sam@me.example>\nSkickat: den 1 december 2026 10:00\nTill: Dana Lee\nÄmne: SV: Intervju",
        "________________________________\nOd: Sam Doe <sam@me.example>\nWysłane: 1 grudnia\nDoręczono: Dana\nTytuł: X",
    ],
)
def test_a_copied_header_begins_the_old_message(header: str) -> None:
    body = split_body(f"{ANSWER}\n{header}\n\nWhich day?\n\nSam")
    assert body.fresh == ANSWER.strip()
    assert "Which day?" in body.quoted


@pytest.mark.parametrize(
    "rule",
    [
        "---------- Forwarded message ---------",
        "-------- Forwarded Message --------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "Anfang der weitergeleiteten Nachricht:",
        "---------- Message transféré ---------",
        "Début du message transféré :",
        "---------- Mensaje reenviado ---------",
        "-------- Messaggio inoltrato --------",
        "---------- Mensagem encaminhada ----------",
        "-------- Doorgestuurd bericht --------",
        "-------- Vidarebefordrat meddelande --------",
        "----- Forwarded by Sam Doe/NW on 12/01/2026 -----",
    ],
)
def test_a_forwarded_message_is_kept_apart(rule: str) -> None:
    body = split_body(f"Look at this.\n\n{rule}\n\n> From: Dana <dana@northwind.example>\n>\n> Tuesday at 2pm?\n")
    assert body.fresh == "Look at this."
    assert "\nTuesday at 2pm?" in body.forwarded
    assert body.quoted == ""


def test_the_subject_or_the_lack_of_own_words_tells_a_forward_from_an_answer() -> None:
    old = "From: Dana <dana@northwind.example>\nSent: Monday, December 1, 2026\nSubject: Interview\n\nTuesday at 2pm?"
    assert split_body(f"See below.\n\n{old}", subject="FW: Interview").forwarded.endswith("Tuesday at 2pm?")
    assert split_body(f"See below.\n\n{old}", subject="RE: Interview").quoted.endswith("Tuesday at 2pm?")
    assert split_body(old, subject="Interview").forwarded.endswith("Tuesday at 2pm?")


def test_answers_between_quotations_are_fresh() -> None:
    body = split_body("On 1 Dec 2026, Dana wrote:\n> Is Tuesday fine?\n\nYes.\n\n> At two?\nRather three.\n\nSam")
    assert body.fresh == "Yes.\n\nRather three.\n\nSam"


def test_an_answer_between_quotations_stands_behind_its_question() -> None:
    text = "Hi,\n\n> Is Tuesday fine?\n\nYes.\n\n> At two, with Hugo?\n> Or Ann?\n\nWith Ann.\n\nSam"
    body = split_body(text)
    told = [(segment.kind, text[segment.start : segment.end].strip()) for segment in body.segments]
    assert told == [
        (SegmentKind.OWN, "Hi,"),
        (SegmentKind.QUOTED, "> Is Tuesday fine?"),
        (SegmentKind.OWN, "Yes."),
        (SegmentKind.QUOTED, "> At two, with Hugo?\n> Or Ann?"),
        (SegmentKind.OWN, "With Ann.\n\nSam"),
    ]


def test_other_marks_under_an_attribution_count_too() -> None:
    body = split_body("On Mon, 1 Dec 2026, Dana Lee wrote:\n\n| Is Tuesday fine?\n| Dana\n\nYes.\n\n| And two?\n\nNo.")
    assert body.fresh == "Yes.\n\nNo."


def test_below_an_original_message_with_marks_the_person_writes_on() -> None:
    body = split_body("----- Original Message -----\nFrom: Dana <dana@northwind.example>\n\n> Tuesday?\n\nYes.")
    assert body.fresh == "Yes."


@pytest.mark.parametrize(
    "trap",
    [
        "On Monday I wrote to the team\nand they agree:\nwe go on.",
        "From: our side everything is fine\nTo: be honest, we like you.",
        "Schedule\nFrom: 10:00\nTo: 11:00\nDate: Tuesday\nSubject: Interview",
        "Am Montag haben wir Folgendes vereinbart:\nSie melden sich.",
        "Date: Tuesday, December 1, 2026\nTime: 2:00 PM\nLocation: Berlin\nSubject: Interview",
        ">From here on it is easy.",
        "Here is what I wrote:\n\na summary of our talk",
        "Join us\n____________________________________\nMicrosoft Teams meeting\nMeeting ID: 123 456",
        "You will meet: Dana Lee <dana@northwind.example>\nwho leads the team.",
        "Thanks!\n\nWe would like to invite you to an interview on Tuesday at 2pm.",
        "Agenda:\n- 10:00 Dana Lee\n- 11:00 Kim Park",
        "Regards the interview:\nwe move it.",
    ],
)
def test_words_that_only_look_like_a_frame_stay_fresh(trap: str) -> None:
    text = f"Hello,\n\n{trap}\n\nWe look forward to it."
    assert split_body(text).fresh == text


@pytest.mark.parametrize(
    ("closing", "name"),
    [
        ("Best regards,\nDana Lee\nTalent Partner | Northwind\n+1 555 0100", "Dana Lee"),
        ("Best,\n\nDana", "Dana"),
        ("Thanks again and best wishes,\nDana Lee, Recruiter", "Dana Lee"),
        ("Thanks, Dana", "Dana"),
        ("Kind regards\n*Dana Lee (she/her)*\nNorthwind", "Dana Lee"),
        ("Looking forward to speaking with you,\nDana", "Dana"),
        ("Cheers!\n- Dana", "Dana"),
        ("Sincerely,\n\nThe Northwind Hiring Team", "The Northwind Hiring Team"),
        ("Mit freundlichen Grüßen\n\ni. A. Jörg von der Heide\nPersonalabteilung", "Jörg von der Heide"),
        ("VG Dana", "Dana"),
        ("Viele Grüße aus Berlin\nDana Lee", "Dana Lee"),
        ("Bien cordialement,\nMarie-Claire d'Arcy", "Marie-Claire d'Arcy"),
        ("Un saludo,\nJosé", "José"),
        ("Cordiali saluti\nPaolo Rossi", "Paolo Rossi"),
        ("Atenciosamente,\nAna Souza", "Ana Souza"),
        ("Met vriendelijke groet,\nJan de Vries", "Jan de Vries"),
        ("Med vänliga hälsningar,\nÅsa Berg", "Åsa Berg"),
        ("-- \nDana Lee\nNorthwind", "Dana Lee"),
    ],
)
def test_the_name_under_a_closing_phrase_signs(closing: str, name: str) -> None:
    body = split_body(f"{ANSWER}\n{closing}\n")
    assert body.sign_off == name
    assert body.fresh == ANSWER.strip()
    assert name in body.signature


def test_a_bare_name_at_the_end_signs_and_stays() -> None:
    assert split_body("Tuesday works.\n\n— Dana").sign_off == "Dana"
    assert split_body("Tuesday works.\n\nDana Lee").sign_off == "Dana Lee"
    assert split_body("Tuesday works.\n\nSee you on Tuesday").sign_off is None
    assert split_body("Tuesday works.\n\nCheers").sign_off is None


def test_a_postscript_is_fresh() -> None:
    body = split_body("Tuesday works.\n\nBest,\nDana Lee\nNorthwind\n\nP.S. Please bring your laptop.")
    assert body.fresh == "Tuesday works.\n\nP.S. Please bring your laptop."
    assert body.sign_off == "Dana Lee"


def test_the_name_in_a_quotation_does_not_sign() -> None:
    assert split_body("Yes.\n\n> Tuesday?\n>\n> Best regards,\n> Dana Lee").sign_off is None


@pytest.mark.parametrize(
    "added",
    [
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.example/o>",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verzonden vanaf mijn iPhone",
        "Skickat från min iPhone",
        "##- Please type your reply above this line -##",
        "This email and any attachments are confidential and intended solely for the\naddressee.",
        "CONFIDENTIALITY NOTICE: The contents of this message are for the addressee.",
        "If you are not the intended recipient, please delete this message.",
        "CAUTION: This email originated from outside of the organization.",
        "To unsubscribe from these messages click here.",
        "You received this email because you applied at Northwind.",
        "Northwind Ltd | Privacy policy | Unsubscribe",
        "© 2026 Northwind. All rights reserved.",
        "Diese E-Mail enthält vertrauliche Informationen.",
        "Ce message est confidentiel et destiné à son destinataire.",
        "Este mensaje es confidencial.",
        "Amtsgericht Berlin HRB 12345",
    ],
)
def test_what_programs_and_lawyers_add_is_not_fresh(added: str) -> None:
    body = split_body(f"We confirm your interview.\n\n{added}\n\nSee you then.")
    assert body.fresh == "We confirm your interview.\n\nSee you then."
    assert added.split("\n")[0] in body.signature


def test_the_interviews_own_confidential_words_stay() -> None:
    text = "This role is confidential. If you are free, this message has a link to book a time."
    assert split_body(text).fresh == text


def test_segments_cover_the_text_in_order() -> None:
    text = f"{ANSWER}\nBest,\nDana\n\nOn Mon, 1 Dec 2026 at 10:00, Sam wrote:\n> Hi\n"
    body = split_body(text)
    assert [segment.kind for segment in body.segments] == [SegmentKind.OWN, SegmentKind.SIGNATURE, SegmentKind.QUOTED]
    assert "".join(text[segment.start : segment.end] for segment in body.segments) == text


def test_folding_keeps_every_place() -> None:
    text = "“We’ll” meet –\u00a0at\u202f２pm…\u200b"
    folded = fold_characters(text)
    assert folded == '"We\'ll" meet - at 2pm. '
    assert len(folded) == len(text)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("a ", 50_000),
        ("x", 100_000),
        ("a\n", 100_000),
        ("thanks\n\n\n\n", 25_000),
        ("From: a\nTo: b\n", 20_000),
        ("On x <\n", 30_000),
        ("> x\na\n", 40_000),
        ("--\n", 80_000),
        ("-----------\n", 20_000),
        ("best\nDana\n", 20_000),
        ("this email is ", 10_000),
    ],
)
def test_long_lines_and_many_lines_cost_little(line: str, count: int) -> None:
    start = time.process_time()
    split_body(line * count)
    assert time.process_time() - start < 1


LINES = (
    "|| > a|>|Hello|On Mon, 1 Dec 2026, X wrote:|From: A <a@b.example>|Subject: x|-- |--|Best,|Dana|: x|P.S. more|"
    "Sent from my iPhone|-----Original Message-----|Begin forwarded message:|____________"
).split("|")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(LINES)).map("\n".join)), st.text(max_size=10))
def test_segments_always_cover_the_text(text: str, subject: str) -> None:
    body = split_body(text, subject=subject)
    assert "".join(text[segment.start : segment.end] for segment in body.segments) == text
    assert len(fold_characters(text)) == len(text)
    assert all(isinstance(part, str) for part in (body.fresh, body.quoted, body.signature, body.forwarded))
