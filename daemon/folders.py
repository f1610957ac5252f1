"""Names and attributes of folders in, each folder with what it is for out.

The order of belief (RFC 6154, and servers that get it wrong): what the person named in the configuration, then the
server's SPECIAL-USE attribute, then a name that mail programs and providers are known to give.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imapclient import imap_utf7

from daemon.errors import FolderMissing, MailboxError
from daemon.mailbox import Folder, Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One line of a LIST answer: the decoded name, the attributes in lower case, the hierarchy delimiter."""

    name: str
    attributes: frozenset[str] = frozenset()
    delimiter: str | None = None


# RFC 3501 7.2.2 and RFC 5258 3.4: names that exist only as a branch of the tree.
_NOT_SELECTABLE = frozenset({"\\noselect", "\\nonexistent"})

_ATTRIBUTES: Mapping[Use, str] = {
    Use.DRAFTS: "\\drafts",
    Use.SENT: "\\sent",
    Use.TRASH: "\\trash",
    Use.JUNK: "\\junk",
    Use.ARCHIVE: "\\archive",
    Use.ALL: "\\all",
}

# Names that Thunderbird, Apple Mail, Outlook, Gmail, GMX, Yahoo, Roundcube and the like give, the likeliest first; in
# English, German, French, Spanish, Portuguese, Italian, Dutch, Polish and Swedish.
_KNOWN_NAMES: Mapping[Use, tuple[str, ...]] = {
    Use.DRAFTS: (
        "Drafts", "Draft", "Entwürfe", "Entwurf", "Brouillons", "Brouillon", "Borradores", "Borrador", "Rascunhos",
        "Rascunho", "Bozze", "Bozza", "Concepten", "Concept", "Kopie robocze", "Wersje robocze", "Szkice", "Robocze",
        "Utkast",
    ),
    Use.SENT: (
        "Sent", "Sent Mail", "Sent Items", "Sent Messages", "Gesendet", "Gesendete Objekte", "Gesendete Elemente",
        "Gesendete Nachrichten", "Gesendete", "Envoyés", "Messages envoyés", "Éléments envoyés",
        "Courrier envoyé", "Objets envoyés", "Enviados", "Elementos enviados", "Mensajes enviados", "Correo enviado",
        "E-mails enviados", "Itens enviados", "Mensagens enviadas", "Enviadas", "Correio enviado", "Inviati",
        "Posta inviata", "Elementi inviati", "Inviata", "Messaggi inviati", "Verzonden", "Verzonden items",
        "Verzonden berichten", "Verzonden objecten", "Wysłane", "Elementy wysłane", "Wysłano", "Skickat",
        "Skickade meddelanden", "Skickade objekt", "Skickade",
    ),
    Use.TRASH: (
        "Trash", "Bin", "Deleted", "Deleted Items", "Deleted Messages", "Papierkorb", "Gelöscht", "Gelöschte Objekte",
        "Gelöschte Elemente", "Corbeille", "Éléments supprimés", "Messages supprimés", "Papelera",
        "Papelera de reciclaje", "Elementos eliminados", "Eliminados", "Lixo", "Lixeira", "Itens excluídos",
        "Itens eliminados", "Reciclagem", "Cestino", "Posta eliminata", "Elementi eliminati", "Prullenbak",
        "Verwijderde items", "Kosz", "Elementy usunięte", "Papperskorgen", "Papperskorg", "Borttaget",
        "Borttagna objekt",
    ),
    Use.JUNK: (
        "Junk", "Spam", "Junk E-mail", "Junk Email", "Junk Mail", "Bulk Mail", "Bulk", "Unerwünscht", "Spamverdacht",
        "Junk-E-Mail", "Werbung", "Pourriel", "Indésirables", "Courrier indésirable", "Correo no deseado",
        "No deseado", "Lixo eletrônico", "Lixo eletrónico", "Posta indesiderata", "Indesiderata", "Ongewenst",
        "Ongewenste e-mail", "Ongewenste reclame", "Wiadomości-śmieci", "Niechciane", "Skräppost",
    ),
    Use.ARCHIVE: (
        "Archive", "Archives", "Archiv", "Archivo", "Archivados", "Arquivo", "Arquivo morto", "Arquivados", "Archivio",
        "Archief", "Archiwum", "Arkiv",
    ),
    Use.ALL: (
        "All Mail", "Alle Nachrichten", "Alle E-Mails", "Tous les messages", "Todos", "Todo el correo",
        "Todos os e-mails", "Todo o correio", "Tutti i messaggi", "Alle berichten", "Wszystkie", "Alla mail",
        "Alla meddelanden",
    ),
}  # fmt: skip

# Nothing that is a wildcard, a delimiter or a quotation anywhere, and no "." or ".."; letters of any script are fine.
_PLAIN_LEVEL = re.compile(r"\w[\w &+-]{0,60}")

# Trees in which providers put all that is not INBOX: Courier and Cyrus below INBOX, Gmail below its own name.
_ROOTS = frozenset({"inbox", "[gmail]", "[google mail]"})


def assign_uses(listings: Sequence[Listing], overrides: Mapping[Use, str]) -> tuple[Folder, ...]:
    """Give every selectable folder with its use; each use at most once, INBOX always there and first.

    Raises FolderMissing for an override that names no selectable folder.
    """
    selectable = {listing.name: listing for listing in listings if is_selectable(listing)}
    inbox = next((name for name in selectable if name.upper() == "INBOX"), "INBOX")
    uses: dict[str, Use] = {inbox: Use.INBOX}
    for use, wanted in overrides.items():
        uses[_named(wanted, use, selectable)] = use
    for find in (_by_attribute, _by_name):
        for use in _ATTRIBUTES:
            if use in uses.values():
                continue
            found = find(use, [listing for listing in selectable.values() if listing.name not in uses])
            if found is not None:
                uses[found] = use
    return tuple(Folder(name=name, use=uses.get(name)) for name in dict.fromkeys((inbox, *selectable)))


def is_selectable(listing: Listing) -> bool:
    """Whether the folder can hold messages."""
    return not listing.attributes & _NOT_SELECTABLE


def use_by_name(name: str) -> Use | None:
    """Give the use that a folder's name alone tells of, whether its tree is written with "/" or "."."""
    if name.upper() == "INBOX":
        return Use.INBOX
    for delimiter in ("/", "."):
        listing = Listing(name=decode_name(name.encode("utf-8", "surrogateescape")), delimiter=delimiter)
        for use in _ATTRIBUTES:
            if _by_name(use, [listing]) is not None:
                return use
    return None


def levels_of(path: str) -> tuple[str, ...]:
    """Divide the path of a folder that is to be made at each "/".

    Raises MailboxError for a level that a server or a file system may read as more than a name.
    """
    levels = tuple(path.split("/"))
    for level in levels:
        if not _PLAIN_LEVEL.fullmatch(level):
            raise MailboxError(f"{level[:60]!r} cannot be the name of a new folder.")
    return levels


def decode_name(name: bytes) -> str:
    """Decode a folder's name as servers and Maildirs spell it: modified UTF-7 (RFC 3501 5.1.3), or UTF-8 as it is."""
    try:
        text = imap_utf7.decode(name) if name.isascii() else name.decode("utf-8")
        text.encode("utf-8")
    except UnicodeError:
        return name.decode("latin-1")
    return text


def _named(wanted: str, use: Use, selectable: Collection[str]) -> str:
    # As it is written, else in another case, else with the other hierarchy delimiter.
    for spelled in (str, _folded, lambda name: _folded(name).replace(".", "/")):
        same = [name for name in selectable if spelled(name) == spelled(wanted)]
        if same:
            return same[0]
    raise FolderMissing(
        f"The configuration names the folder “{wanted}” for {use}, but the mailbox has none of that name. "
        f"It has: {', '.join(sorted(selectable)) or 'no folder at all'}."
    )


def _by_attribute(use: Use, free: Iterable[Listing]) -> str | None:
    marked = [listing for listing in free if _ATTRIBUTES[use] in listing.attributes]
    # Two folders with one attribute occur (a migrated account keeps the old one): the one with the usual name wins.
    return _by_name(use, marked) or (marked[0].name if marked else None)


def _by_name(use: Use, free: Iterable[Listing]) -> str | None:
    rank = {_folded(name): place for place, name in enumerate(_KNOWN_NAMES[use])}
    ranked = [(rank[leaf], listing.name) for listing in free if (leaf := _leaf(listing)) in rank]
    return min(ranked)[1] if ranked else None


def _leaf(listing: Listing) -> str:
    """The name below the tree's root; a folder deeper down ("Archive/Drafts") keeps its whole path and is not known."""
    parts = listing.name.split(listing.delimiter) if listing.delimiter else [listing.name]
    if len(parts) > 1 and _folded(parts[0]) in _ROOTS:
        parts = parts[1:]
    return _folded("\0".join(parts))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
