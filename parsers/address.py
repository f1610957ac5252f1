"""Reads an address list (RFC 5322 section 3.4) into Addresses; what is doubtful gives no address but a problem."""

from __future__ import annotations

import re
import unicodedata

from parsers.header import decode_words
from parsers.homograph import PROBLEM as DECEPTIVE
from parsers.homograph import is_deceptive
from parsers.model import Address

ADDRESS_COUNT = 500  # of one field; each costs time, and nobody is interviewed by more people
NAME_LENGTH = 200

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}"
_ADDRESS = re.compile(rf"({_LOCAL})@([^\s@\[\]<>()\"',;:\\]{{1,253}})")
_ASCII_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,20}")
# Nine of ten values are one plain mailbox.
_PLAIN = re.compile(
    rf"(?:\"([^\"\\]{{0,200}})\"\s?|([^\"<>()@,;:\\\[\]]{{0,200}}))<({_LOCAL}@[A-Za-z0-9.\-]{{1,253}})>"
)
_TOKEN = re.compile(
    r"(?P<encoded>=\?[^?\s]{1,70}\?[bBqQ]\?[^?\s]{0,1000}\?=)"
    r"|\"(?P<quoted>(?:[^\"\\]|\\.){0,250})\""
    r"|\((?P<comment>[^()]{0,250})\)"
    r"|<(?P<angle>[^<>]{0,1000})>"
    r"|(?P<mark>[,;:])"
    r"|(?P<word>[^\s\",;:<>()]{1,1000})"
    r"|(?P<stray>[\"<>()])"
)
_ESCAPE = re.compile(r"\\(.)")
_ROUTE = re.compile(r"(?:@[A-Za-z0-9.\-]{1,253},?){1,5}:")  # obsolete source route, RFC 5322 4.4


def read_addresses(value: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Read every mailbox of a raw field value, groups opened, with a problem for each that is left out."""
    if plain := _PLAIN.fullmatch(value):
        quoted, words, address = plain.groups()
        return _checked(address, words if quoted is None else quoted)
    if "," not in value and _ADDRESS.fullmatch(value):
        return _checked(value, None)
    addresses: list[Address] = []
    problems: list[str] = []
    mailbox = _Mailbox()
    for token in _TOKEN.finditer(value):
        if token["mark"] is None:
            mailbox.take(token)
        elif token["mark"] == ":" and mailbox.may_name_a_group():
            mailbox = _Mailbox()
        else:
            if token["mark"] == ":":
                mailbox.doubtful = True
                continue
            mailbox.close(addresses, problems)
            mailbox = _Mailbox()
            if len(addresses) + len(problems) >= ADDRESS_COUNT:
                problems.append(f"an address list has more than {ADDRESS_COUNT} entries; the rest was left out")
                break
    else:
        mailbox.close(addresses, problems)
    return tuple(addresses), tuple(dict.fromkeys(problems))


def readable_name(raw: str) -> str | None:
    """Decode a display name and drop controls and invisible format characters; None where nothing is left."""
    name = unicodedata.normalize("NFC", decode_words(raw)[: 5 * NAME_LENGTH])
    if not (name.isascii() and name.isprintable()):
        # Trojan Source class: a right-to-left override shows another name than is meant.
        name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(name.split())
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":  # Outlook quotes a name twice
        name = name[1:-1]
    return name[:NAME_LENGTH].strip() or None


def _checked(address: str, name: str | None) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return (), ("an address could not be read with certainty",)
    local, domain = found.groups()
    domain = domain.rstrip(".").lower()
    problems: tuple[str, ...] = ()
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return (), ("an address has an impossible domain",)
        problems = ("an address has a domain with other than ASCII letters, shown as punycode",)
    if is_deceptive(domain):
        problems = (DECEPTIVE,)
    if not _ASCII_DOMAIN.fullmatch(domain):
        return (), ("an address has an impossible domain",)
    return (Address(address=f"{local.lower()}@{domain}", name=readable_name(name) if name else None),), problems


class _Mailbox:
    """The tokens of one list entry, until its comma."""

    __slots__ = ("angles", "comments", "doubtful", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angles: list[str] = []
        self.doubtful = False

    def take(self, token: re.Match[str]) -> None:
        if token["stray"]:
            self.doubtful = True
        elif token["angle"] is not None:
            self.angles.append(token["angle"])
        elif token["comment"] is not None:
            self.comments.append(token["comment"])
        elif self.angles:
            self.doubtful = True  # "<a@b> c@d": which of the two is meant?
        elif token["quoted"] is not None:
            self.words.append(_ESCAPE.sub(r"\1", token["quoted"]))
        else:
            self.words.append(token["encoded"] or token["word"])

    def may_name_a_group(self) -> bool:
        return bool(self.words) and not self.angles and not any("@" in word for word in self.words)

    def close(self, addresses: list[Address], problems: list[str]) -> None:
        if not self.words and not self.angles and not self.doubtful:
            return
        name: str | None = " ".join(self.words)
        candidate = ""
        if self.angles:
            candidate = "" if len(self.angles) > 1 else _ROUTE.sub("", self.angles[0].strip(), count=1)
        elif len(self.words) == 1:
            candidate, name = self.words[0], " ".join(self.comments)
        read, found = _checked("" if self.doubtful else candidate, name)
        addresses.extend(read)
        problems.extend(found)
