"""Which folder is for what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import FolderMissing
from daemon.folders import Listing, assign_uses, decode_name, use_by_name
from daemon.mailbox import Use


def listing(name: str, *attributes: str, delimiter: str | None = "/") -> Listing:
    return Listing(name=name, attributes=frozenset(attributes), delimiter=delimiter)


def uses(*listings: Listing, overrides: dict[Use, str] | None = None) -> dict[Use, str]:
    return {folder.use: folder.name for folder in assign_uses(listings, overrides or {}) if folder.use}


def test_the_servers_attribute_goes_before_a_name() -> None:
    found = uses(listing("INBOX"), listing("Drafts"), listing("Zettel", "\\drafts"))
    assert found[Use.DRAFTS] == "Zettel"


def test_the_persons_word_goes_before_everything() -> None:
    found = uses(
        listing("INBOX"), listing("Drafts", "\\drafts"), listing("Mine"), overrides={Use.DRAFTS: "Mine"}
    )  # fmt: skip
    assert found[Use.DRAFTS] == "Mine"


def test_the_persons_word_may_take_a_folder_from_another_use() -> None:
    found = uses(listing("INBOX"), listing("Sent", "\\sent"), overrides={Use.ARCHIVE: "sent"})
    assert found == {Use.INBOX: "INBOX", Use.ARCHIVE: "Sent"}


def test_a_name_that_the_person_gave_and_that_is_not_there_is_an_error_which_lists_the_others() -> None:
    with pytest.raises(FolderMissing, match=r"“Entwurf” for drafts.*Drafts, INBOX"):
        uses(listing("INBOX"), listing("Drafts"), overrides={Use.DRAFTS: "Entwurf"})


@pytest.mark.parametrize(
    ("drafts", "sent", "trash", "junk"),
    [
        ("Drafts", "Sent", "Trash", "Spam"),
        ("Drafts", "Sent Items", "Deleted Items", "Junk Email"),
        ("Drafts", "Sent Messages", "Deleted Messages", "Junk"),
        ("Draft", "Sent", "Trash", "Bulk"),
        ("Entwürfe", "Gesendet", "Papierkorb", "Spamverdacht"),
        ("Entwürfe", "Gesendete Elemente", "Gelöschte Elemente", "Junk-E-Mail"),
        ("Brouillons", "Éléments envoyés", "Éléments supprimés", "Courrier indésirable"),
        ("Borradores", "Enviados", "Papelera", "Correo no deseado"),
        ("Rascunhos", "Itens enviados", "Lixeira", "Lixo eletrônico"),
        ("Bozze", "Posta inviata", "Cestino", "Posta indesiderata"),
        ("Concepten", "Verzonden items", "Prullenbak", "Ongewenste e-mail"),
        ("Kopie robocze", "Wysłane", "Kosz", "Spam"),
        ("Utkast", "Skickade objekt", "Papperskorgen", "Skräppost"),
    ],
)
@pytest.mark.parametrize(("prefix", "delimiter"), [("", "/"), ("INBOX.", "."), ("[Gmail]/", "/"), ("INBOX/", "/")])
def test_usual_names_are_known_in_many_languages_and_trees(
    drafts: str, sent: str, trash: str, junk: str, prefix: str, delimiter: str
) -> None:
    names = [f"{prefix}{name}" for name in (drafts, sent, trash, junk)]
    found = uses(listing("INBOX"), *(listing(name, delimiter=delimiter) for name in names))
    assert found == {
        Use.INBOX: "INBOX",
        Use.DRAFTS: names[0],
        Use.SENT: names[1],
        Use.TRASH: names[2],
        Use.JUNK: names[3],
    }


def test_a_name_deeper_in_the_tree_means_nothing() -> None:
    assert Use.DRAFTS not in uses(listing("INBOX"), listing("Archive/Drafts"), listing("Clients/Drafts"))


def test_of_two_folders_with_one_attribute_the_usual_name_wins() -> None:
    assert uses(listing("Old", "\\sent"), listing("Sent", "\\sent"))[Use.SENT] == "Sent"
    assert uses(listing("Old", "\\sent"), listing("Older", "\\sent"))[Use.SENT] == "Old"


def test_what_cannot_be_selected_is_no_folder() -> None:
    found = assign_uses([listing("INBOX"), listing("[Gmail]", "\\noselect"), listing("Gone", "\\nonexistent")], {})
    assert [folder.name for folder in found] == ["INBOX"]


def test_inbox_is_there_though_it_is_not_listed_and_however_it_is_written() -> None:
    assert assign_uses([], {})[0].use is Use.INBOX
    assert [folder.name for folder in assign_uses([listing("Sent"), listing("Inbox")], {})] == ["Inbox", "Sent"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["INBOX", "Drafts", "Sent", "Entwürfe", "INBOX/Sent", "x", "All Mail", "Trash", "Spam"])
            | st.text(max_size=8),
            st.frozensets(st.sampled_from(["\\drafts", "\\sent", "\\all", "\\junk", "\\noselect"])),
        ),
        max_size=12,
    )
)
def test_each_use_has_at_most_one_folder_and_inbox_is_first(given_listings: list[tuple[str, frozenset[str]]]) -> None:
    found = assign_uses([listing(name, *attributes) for name, attributes in given_listings], {})
    named = [folder.use for folder in found if folder.use]
    assert len(named) == len(set(named))
    assert found[0].use is Use.INBOX
    assert len({folder.name for folder in found}) == len(found)


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("INBOX", Use.INBOX),
        ("Sent", Use.SENT),
        ("INBOX.Sent", Use.SENT),
        ("[Gmail]/Sent Mail", Use.SENT),
        ("Entw&APw-rfe", Use.DRAFTS),
        ("Work", None),
        ("Work/Sent", None),
    ],
)
def test_a_name_alone_tells_of_a_use(name: str, use: Use | None) -> None:
    assert use_by_name(name) is use


@given(st.binary(max_size=40))
def test_any_octets_decode_to_a_name_that_can_be_written(octets: bytes) -> None:
    decode_name(octets).encode("utf-8")
