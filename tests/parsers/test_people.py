"""Names, parts, company and role: told from teams, systems and titles, and never guessed."""

from datetime import UTC, datetime
from time import perf_counter

import pytest

from parsers.model import Address, Attendee, Invite, Mail, Part
from parsers.names import is_full_name, is_title, part_of_title, person_name
from parsers.people import Cast, find_cast, invited_people
from parsers.places import find_place
from parsers.post import Post, find_post, find_round
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "The panel will consist of Prof. Anders Nygaard, Dr. Mei Tanaka and Joanna Wells.",
            ["Anders Nygaard", "Mei Tanaka", "Joanna Wells"],
        ),
        ("The committee (Rosa Delgado, chair; Ian McBride) will see you.", ["Rosa Delgado", "Ian McBride"]),
        ("It'll be me and our lead engineer Sam Poole.", ["Sam Poole", "Dana Lee"]),
        (
            "I will be joined by our CEO, Björn Axelsson, and by Dr. Petra Lang.",
            ["Björn Axelsson", "Petra Lang", "Dana Lee"],
        ),
        (
            "Ihre Gesprächspartner sind Frau Dr. Inga Holtkamp (Bereichsleiterin Konstruktion) und Herr Jens Lübbers.",
            ["Inga Holtkamp", "Jens Lübbers"],
        ),
        (
            "Am Gespräch nehmen Herr Klaus Ottersbach (Werksleiter), Frau Yvonne Pohl und ich teil.",
            ["Klaus Ottersbach", "Yvonne Pohl", "Dana Lee"],
        ),
        ("Dabei sein werden unser CTO Matthias Brandl und Svenja Krüger.", ["Matthias Brandl", "Svenja Krüger"]),
        ("Vous échangerez avec M. Paul Girardin (DG) et Mme Nadia Bensaïd.", ["Paul Girardin", "Nadia Bensaïd"]),
        ("Le recibirán D. Andrés Almonte (Director) y Dña. Pilar Seco.", ["Andrés Almonte", "Pilar Seco"]),
        ("Asistirán Pedro Gil y Lola Arce.", ["Pedro Gil", "Lola Arce"]),
        ("Será recebida pelo Eng. Nuno Brito.", ["Nuno Brito"]),
        ("Interview panel\n\nDr. Iqbal Rahman\nMs Jodie Finch, HR Partner", ["Iqbal Rahman", "Jodie Finch"]),
        (
            "Nous serons trois : Karine Delmas (DRH), Olivier Sow et moi-même.",
            ["Karine Delmas", "Olivier Sow", "Dana Lee"],
        ),
        ("You would be meeting Sir Alan Harding and Ms Priti Shah at 9 Bedford Row.", ["Alan Harding", "Priti Shah"]),
        ("Panel: Cody Marsh / Renee Dubois / Al Kim", ["Cody Marsh", "Renee Dubois", "Al Kim"]),
        ("Oi Noor, tudo certo com Thiago Prado, tech lead.", ["Thiago Prado"]),
        ("You will meet April Jones, Tom Baker and Jo March.", ["April Jones", "Tom Baker", "Jo March"]),
        ("You will meet Late March or 3 April Monday with Anna Baker.", ["Anna Baker"]),
        ("Attendees: Omar Saleh, Otter.ai Notetaker, Conf Room Maple", ["Omar Saleh"]),
    ],
)
def test_people_are_listed_in_prose_in_many_ways(text: str, names: list[str]) -> None:
    assert [person.name for person in cast(text).interviewers()] == names


def test_a_card_below_a_time_may_hold_two_people() -> None:
    text = "12:45 - 1:30 PM\nSally Ho & Mark Lindqvist (Senior Engineers)\nTopic: System design"
    message = Mail(message_id="m-1@x.example", received_at=datetime(2026, 11, 30, tzinfo=UTC))
    found = find_cast(
        message, text, signature="", sign_off=None, own=OWN, own_name="Noor Haddad", company=None, times=[(0, 15)]
    )
    assert [person.name for person in found.interviewers()] == ["Sally Ho", "Mark Lindqvist"]


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
            Attendee(address="maple@relecloud.example", name="Meeting Room Maple (8)"),
            Attendee(address="bot@relecloud.example", name="Relecloud Notetaker"),
        ),
    )
    interviewers, others = invited_people(invite, own=OWN, cast=Cast())
    assert [person.name for person in interviewers] == ["Hugo Marsh"]
    assert {person.name: person.part for person in others} == {
        "Rachel Ng": Part.UNKNOWN,
        "Otter": Part.ROBOT,
        "Room 4": Part.ROOM,
        "Meeting Room Maple (8)": Part.ROOM,
        "Relecloud Notetaker": Part.ROBOT,
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


def test_the_company_comes_from_display_name_and_signature_and_never_from_an_address_alone() -> None:
    assert post("Hi", sender=Address(address="jobs@x.example", name="Contoso Careers")).company == "Contoso"
    assert post("Hi", sender=Address(address="contoso@myworkday.com", name="Workday Contoso")).company == "Contoso"
    assert post("Hi", sender=Address(address="rgt7@myworkday.com", name="Workday")).company is None
    tenant = Address(address="fourth-coffee+email+1@talent.icims.com", name="Pat Gomez")
    assert post("Hi", "Welcome to Fourth Coffee.", sender=tenant).company == "Fourth Coffee"
    assert post("Hi", sender=tenant).company is None
    human = Address(address="dana@northwind.example", name="Dana Lee")
    assert post("Hi", sender=human).company is None
    assert (
        post("Hi", sender=human, signature="Dana Lee\nTalent Partner, Northwind Freight").company == "Northwind Freight"
    )
    assert post("Hi", sender=Address(address="dana@gmail.com", name="Dana Lee")).company is None


@pytest.mark.parametrize(
    ("domain", "text", "company"),
    [
        ("oxbowmedia.example", "We are Oxbow Media, four people in a barn.", "Oxbow Media"),
        ("kettlebridge.example", "Nadia Roth | Kettle Bridge Inc. | 555 0100", "Kettle Bridge Inc"),
        ("zephyrtech.example", "À bientôt chez Zéphyr Tech !", "Zéphyr Tech"),
        ("tarsis.example", "Gracias por tu interés en Grupo Tarsis.", "Grupo Tarsis"),
        ("getlantern.example", "What we do at Lantern is simple.", "Lantern"),
        ("redkilnhq.example", "Everybody at Red Kiln says hello", "Red Kiln"),
        ("tinyseed.example", "thanks for writing to tinyseed!", "tinyseed"),
        ("grain.example", "take it with a grain of salt", None),
        ("best.example", "Best regards", None),
        ("oxbowmedia.example", "See www.oxbowmedia.example or write to me@oxbowmedia.example", None),
        ("dana-lee.example", "Dana Lee", None),
        ("ac.example", "See you, Ac", None),
    ],
)
def test_a_domain_tells_which_words_of_the_text_are_the_company(domain: str, text: str, company: str | None) -> None:
    found = find_post(
        subject="Hi",
        text=text,
        signature="",
        sender=Address(address=f"dana@{domain}", name="Dana Lee"),
        system=None,
        persons=("Dana Lee",),
    )
    assert found.company == company


@pytest.mark.parametrize(
    "text",
    [
        "my client Caldera Foods would like to see you for the Brand Manager position.",
        "I am writing on behalf of Caldera Foods about your application.",
        "Notre client, la société Caldera Foods, souhaite vous rencontrer.",
        "Unser Mandant Caldera Foods möchte Sie kennenlernen.",
        "Nuestro cliente Caldera Foods quiere conocerte.",
        "I handle recruiting for Caldera Foods.",
        "I represent Caldera Foods, who would like to meet you.",
    ],
)
def test_the_employer_is_the_client_and_not_the_agency(text: str) -> None:
    agent = Address(address="rachel@thornhillsearch.example", name="Rachel Moss")
    signature = "Rachel Moss\nSenior Consultant\nThornhill Search Ltd"
    assert post("Your application", text, sender=agent, signature=signature).company == "Caldera Foods"
    own = "I am writing on behalf of Thornhill Search about your application."
    assert post("Hi", own, sender=agent, signature=signature).company == "Thornhill Search"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Interview at 11am tomorrow", ""),
        ("", "I am pleased to confirm your interview at 10.15am."),
        ("Gespräch am 3.12.", "Das Gespräch ist um 14h30."),
        ("Thanks for applying to Construction Estimator", ""),
    ],
)
def test_times_and_titles_are_no_companies(subject: str, text: str) -> None:
    assert post(subject, text).company is None


@pytest.mark.parametrize(
    ("subject", "text", "company"),
    [
        ("Hold: Noor & Hugo", "", None),
        ("Interview - Editor - Fiction", "", None),
        ("Editor - Marlowe", "Greetings from all of us here, Marlowe has a garden.", "Marlowe"),
        ("Copy Editor at Marlowe", "Marlowe has a garden.", "Marlowe"),
        ("Hugo's Zoom Meeting - Hugo's Zoom Meeting", "", None),
        ("", "Thanks for coming to our Boston office for your interview at Boston.", None),
        ("", "You are welcome at your interview in the Berlin team at Leeds.", None),
    ],
)
def test_the_edge_of_a_subject_and_a_town_name_no_company(subject: str, text: str, company: str | None) -> None:
    assert post(subject, text).company == company


def test_a_person_who_writes_through_a_tracker_is_not_the_company() -> None:
    relay = Address(address="no-reply@eu.greenhouse-mail.io", name="Marisol Vega (via Greenhouse)")
    text = "Thanks for speaking with us at Paper Lantern Studio about your application.\n\nMarisol"
    assert post("Update", text, sender=relay).company == "Paper Lantern Studio"
    board = Address(address="indeedapply@indeed.com", name="Indeed Apply")
    text = "The following items were sent to Willow Dental Group."
    assert post("Indeed Application: Dental Receptionist", text, sender=board).company == "Willow Dental Group"


@pytest.mark.parametrize(
    ("subject", "text", "role"),
    [
        ("Einladung: Konstrukteurin (m/w/d) - Münster", "", "Konstrukteurin"),
        ("", "vielen Dank für Ihre Bewerbung als Sachbearbeiter Einkauf (w/m/d).", "Sachbearbeiter Einkauf"),
        ("", "unser Gespräch für die Stelle Leiter Qualitätssicherung (m/w/d)", "Leiter Qualitätssicherung"),
        ("", "danke für deine Bewerbung als Frontend-Entwickler:in (all genders)!", "Frontend-Entwickler:in"),
        ("Votre candidature au poste de Comptable fournisseurs F/H - Nantes", "", "Comptable fournisseurs"),
        ("", "Le point est fixé. Poste : Développeur full-stack (H/F)", "Développeur full-stack"),
        ("Tu candidatura a Técnico/a de Mantenimiento", "", "Técnico/a de Mantenimiento"),
        ("", "Le recibirá la Responsable de RRHH. Puesto: Enólogo/a.", "Enólogo/a"),
        ("Processo seletivo Analista Fiscal Júnior", "", "Analista Fiscal Júnior"),
        ("", "a sua entrevista para a vaga de Desenvolvedor Backend no dia 10", "Desenvolvedor Backend"),
        ("Application Status - 2026-1183 Warehouse Lead", "", "Warehouse Lead"),
        ("", "Thank you for applying to the position of Claims Adjuster II - 240093.", "Claims Adjuster II"),
        ("", "about the Graduate Underwriter - 2027 Intake position", "Graduate Underwriter"),
        ("Signalling Engineer - Leeds", "You will work in Leeds.", "Signalling Engineer"),
        ("", "for the Product Manager - Payments position", "Product Manager - Payments"),
        ("Chat about the Growth Lead role?", "", "Growth Lead"),
        ("", "applying to our open Mechanical Engineer position here", "Mechanical Engineer"),
        ("Your application to join us as a Pattern Maker", "", "Pattern Maker"),
        ("", "confirmed at 2 pm for the Customer Success Manager interview.", "Customer Success Manager"),
        ("", "confirming our interview for Customer Care Lead on Tuesday", "Customer Care Lead"),
        ("", "The position you'd be interviewing for is Lifecycle Marketing Manager.", "Lifecycle Marketing Manager"),
        ("", "para el puesto de Jefe/a de Obra el jueves 10 de diciembre", "Jefe/a de Obra"),
        ("AW: Bewerbung Projektleitung Messebau", "", "Projektleitung Messebau"),
        ("RE: Candidature chargé d'affaires CVC", "", "chargé d'affaires CVC"),
        ("", "concernant le poste d'assistante de direction", "assistante de direction"),
        ("", "para la vacante de fisioterapeuta en Clínicas Albor", "fisioterapeuta"),
        ("", "for the post of Research Associate in Soil Ecology.", "Research Associate in Soil Ecology"),
        ("", "for the post of Research Associate in Leeds.", "Research Associate"),
        ("", "the position of Data Engineer in Soil Ecology", "Data Engineer"),
        ("RE: vacante fisioterapeuta", "", "fisioterapeuta"),
        ("Entretien poste de professeur d'anglais", "", "professeur d'anglais"),
        ("", "dropping off your resume for the line cook job", "line cook"),
        ("", "Can you interview a candidate for the job? We look for the right one for the job.", None),
    ],
)
def test_a_title_is_read_without_its_neighbours(subject: str, text: str, role: str | None) -> None:
    assert post(subject, text).role == role


def test_a_requisition_id_is_kept_and_a_year_is_none() -> None:
    assert post("Product Analyst - R-012345").requisition == "R-012345"
    assert post("", "Job ID: 44120").requisition == "44120"
    assert post("Summer 2026 position (2026)").requisition is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Place: Grovestead Estate, R45, Franschhoek", "Grovestead Estate, R45, Franschhoek"),
        ("at our office, Kungsgatan 14, Stockholm. You will meet me.", "Kungsgatan 14, Stockholm"),
        ("in unser Haus in der Industriestraße 22, 48155 Münster ein.", "Industriestraße 22, 48155 Münster"),
        ("bei uns in der Werkstatt, Am Hafen 12, 28195 Bremen. Bis dann", "Am Hafen 12, 28195 Bremen"),
        ("dans nos locaux, 12 rue des Tanneurs, 69002 Lyon. Vous", "12 rue des Tanneurs, 69002 Lyon"),
        ("en nuestras oficinas (Calle del Río 8, 26001 Logroño).", "Calle del Río 8, 26001 Logroño"),
        ("no nosso escritório: Rua do Almada 210, 4050-032 Porto.", "Rua do Almada 210, 4050-032 Porto"),
        ("at the shop, 22 Baker Lane, Salem. Ask for Tony.", "22 Baker Lane, Salem"),
        ("in Room 4, 18 Canal Walk, Bristol BS1 4QA", "18 Canal Walk, Bristol BS1 4QA"),
        ("at the brewery (1414 Levee Street, St. Louis). You", "1414 Levee Street, St. Louis"),
        ("come to 5 Park Place or to 9 Canal Street", None),
        ("Northwind Inc. · 500 Howard Street, San Francisco", None),
        ("at 10 AM in the Court, 3 people on the way, Arbeitsplatz 3", None),
        ("im Dezember 2026 um 14 Uhr am Dienstag 15", None),
    ],
)
def test_a_place_is_a_labelled_line_or_the_address_that_a_sentence_leads_to(text: str, place: str | None) -> None:
    assert find_place(text, in_sentences=True) == place


def test_a_video_call_has_no_address_from_its_sentences() -> None:
    assert find_place("at our office, 22 Baker Lane", in_sentences=False) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("your third and final interview", 3),
        ("Round 2", 2),
        ("unser zweites Gespräch", 2),
        ("un premier entretien téléphonique", 1),
        ("la segunda entrevista", 2),
        ("interview 2 pm", None),
        ("the first interview and the second interview", None),
    ],
)
def test_a_round_is_a_number_that_the_text_states_once(text: str, number: int | None) -> None:
    assert find_round(text, ()) == number


@pytest.mark.parametrize(
    "piece", ["1 a ", "1 A Street ", "Am A 1 ", "Calle A ", "als als ", "(m/w/d) ", "A - ", "Mr. A. "]
)
def test_names_titles_and_places_are_sought_in_linear_time(piece: str) -> None:
    hostile = piece * (100_000 // len(piece))
    begin = perf_counter()
    find_place(hostile, in_sentences=True)
    post(hostile, hostile, sender=Address(address="dana@alsals.example", name="Dana Lee"))
    cast(hostile)
    assert perf_counter() - begin < 1


@pytest.mark.parametrize(
    ("subject", "text", "role"),
    [
        ("Ihre Bewerbung als Elektroniker:in für Betriebstechnik", "", "Elektroniker:in für Betriebstechnik"),
        ("Vorstellungsgespräch Sachbearbeiter/in Bauamt", "", "Sachbearbeiter/in Bauamt"),
        ("", "Die Stelle Filialbetreuer*in Süd geht an eine Kollegin.", "Filialbetreuer*in Süd"),
        (
            "",
            'auf die Stelle "Wasserrecht und Bauaufsicht" sind 64 Bewerbungen eingegangen',
            "Wasserrecht und Bauaufsicht",
        ),
        ("", "votre candidature au poste de conducteur(trice) de travaux.", "conducteur(trice) de travaux"),
        ("", "au sujet du poste d'Attaché(e) de direction. Merci", "Attaché(e) de direction"),
        ("", "l'avis n° 2027-0088 (agent d'entretien, catégorie C)", "agent d'entretien"),
        ("", "l'entretien pour le poste de Chef comptable initialement prévu lundi", "Chef comptable"),
        ("Entrevista Responsable de Logística", "", "Responsable de Logística"),
        ("", "para el puesto de Jefe de Obra el lunes a las 9.", "Jefe de Obra"),
        ("", "Entrevista para Técnico/a de Radiologia fica marcada", "Técnico/a de Radiologia"),
        ("", "a vaga de Product Manager está parada.", "Product Manager"),
        ("Re: Vaga para padeiro", "", "padeiro"),
        ("", "a candidatura à vaga de Enfermeiro(a) na Casa Azul", "Enfermeiro(a)"),
        ("Re: Editorial Assistant", "We've gone with someone internal.", "Editorial Assistant"),
        ("", "Thanks for sending your CV across for the Solutions Engineer role.", "Solutions Engineer"),
        ("", "We are looking for a senior data engineer, fully remote.", "senior data engineer"),
        ("", "The Deputy Warden seat went to somebody who has run\na hall before.", "Deputy Warden"),
        ("", "Thank you for coming to see us about the position of\nHead of Estates.", "Head of Estates"),
        # What is no title.
        ("Besichtigungstermin Samstag 11 Uhr", "", None),
        ("Invitation : Entretien Noor Haddad - lun. 5 oct. 2026 11am - 12pm (CEST) (noor@letters.example)", "", None),
        ("Founder chat between Contoso and Noor Haddad", "", None),
        ("", "Cher(ère) candidat(e), vous êtes prié(e) de vous présenter muni(e) d'une pièce.", None),
    ],
)
def test_a_title_is_read_with_both_its_ends_and_no_further(subject: str, text: str, role: str | None) -> None:
    assert post(subject, text).role == role


@pytest.mark.parametrize(
    ("sender", "text", "company"),
    [
        (
            "Trace Moss <tmoss@lonepeakcu.example>",
            "See you at 10.\n\nTrace Moss\nLone Peak Credit Union",
            "Lone Peak Credit Union",
        ),
        (
            "Rita Lang <rita.lang@stadt-neuburg.example>",
            "Bis dann\n\nRita Lang\nStadt Neuburg\nPersonalamt",
            "Stadt Neuburg",
        ),
        ("Paul Kerr <p.kerr@marlow.example>", "Yours\nPaul Kerr\nUniversity of Marlow", "University of Marlow"),
        ("Ulla Heim <ulla@baeckerei-suess.example>", "Passt das?\n\nUlla Heim\nBäckerei Süß", "Bäckerei Süß"),
        ("abe <abe@millstone.example>", "that was fun\n\nabe / millstone", "millstone"),
        ("Ida Falk <ida@norrlys.example>", "Leider nein.\n\nIda von Norrlys", "Norrlys"),
        ("Lea Vogt <lea@kranich.example>", "Danke dir!\n\nLea vom Kranich-Team", "Kranich"),
        ("Sam Hill <sam@letters-of-sam.example>", "Saturday at 10?\n\nSam, The Copper Pot", "Copper Pot"),
        ("Vagas <vagas@vs.example>", "Vamos analisar.\n\nTime de Gente da Vega Sul", "Vega Sul"),
        ("Fabrikam Energie | Karriere <noreply@post.example>", "Danke für deine Bewerbung.", "Fabrikam Energie"),
        ("Doces da Maria via Gupy <noreply@gupy.com.br>", "Sua etapa mudou.", "Doces da Maria"),
        ("Zoe Hart <zoe@merrow.example>", "Merrow's board meets next week.", "Merrow"),
        ("Amy Fox <amy@larkspur.example>", "Your interview with Neil is on Monday.", None),
        ("Secrétariat Direction <secretariat@post.example>", "Votre entretien est déplacé.", None),
    ],
)
def test_a_company_is_read_from_who_signs_and_who_sends(sender: str, text: str, company: str | None) -> None:
    name, _, address = sender.rpartition(" ")
    body = post("", text, sender=Address(address=address.strip("<>"), name=name))
    assert body.company == company


def test_what_is_answered_spells_the_company_and_names_no_other() -> None:
    sender = Address(address="priya@oakline.example", name="Priya Raman")
    quoted = "On Monday Priya wrote:\n> Thursday?\n>\n> Priya Raman\n> Oakline Insurance\n> partner of Contoso"
    answer = find_post(subject="Re: Thursday", text="Fine!", signature="", sender=sender, system=None, quoted=quoted)
    assert answer.company == "Oakline Insurance"
