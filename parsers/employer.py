"""Names, domains and titles in, the answer to "is this the same employer, the same post?" out."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

from parsers.model import Address
from parsers.senders import find_system

_CAP = 200  # characters of a name or title that are looked at; longer ones are not names
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]{0,80}[)\]}]")
_ABBREVIATION_DOT = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_WORDS = re.compile(r"[^\W_]+")
_TEXT = 8000  # characters of a text in which a name is looked for
_TOKENS = 1500
_NAME_WORDS = 6
_SHORTENED_WORDS = 8
_ENOUGH = 4  # letters of one word that make a shortened name sure
_LABEL = 3  # letters; shorter labels stand for too much
_TOKEN = re.compile(r"[^\W_][\w'’.-]{0,40}(?<![.'’-])")
_POSSESSIVE = re.compile(r"['’]s$")
_GAPS = frozenset({" ", " & ", ", ", " + ", "-", ". "})
_GOES_ON = re.compile(r"[@/]|\.\w")


@cache
def _table() -> Mapping[str, str]:
    text = files("parsers").joinpath("languages").joinpath("employers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_table()[name].split())


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:_CAP].casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=4096)
def company_key(name: str | None) -> str:
    """Reduce a company's name to what two spellings of it share; "" where nothing is left."""
    if not name:
        return ""
    text = _ABBREVIATION_DOT.sub("", _folded(name)).replace("&", " and ")
    words = _WORDS.findall(re.sub(r"['’`´]", "", text))
    if words[:1] == ["the"] and len(words) > 1:
        words = words[1:]
    while len(words) > 1 and words[-1] in _words("legal_forms"):
        words.pop()
    return " ".join(words)


def same_company(one: str, other: str) -> bool:
    """Tell whether two keys mean one company: equal, or one the short form ("Northwind", "Northwind Freight")."""
    if not one or not other:
        return False
    if one == other or _forms(one)[1] == _forms(other)[1]:
        return True
    if _forms(one)[0] != _forms(other)[0]:
        return False
    shorter, longer = sorted((one.split(), other.split()), key=len)
    return len(shorter) < len(longer) and longer[: len(shorter)] == shorter and len(shorter[0]) > 2


def domain_names_company(domain: str, key: str) -> bool:
    """Tell whether a registrable domain looks like the company's own: its name, its first word or its initials."""
    first, squeezed, initials = _forms(key)
    return bool(first) and any(_is_of(label, first, squeezed, initials) for label in _spellings(_label(domain)))


def _is_of(label: str, first: str, squeezed: str, initials: str) -> bool:
    if not label:
        return False
    return (
        label in (squeezed, first)
        or (len(label) > 3 and squeezed.startswith(label))
        or (len(squeezed) > 3 and label.startswith(squeezed))
        or (len(initials) > 2 and label == initials)
    )


def spell_out(label: str, text: str) -> str | None:
    """Find the words of a text that a domain's label squeezes together: "Oxbow Media" of "oxbowmedia".

    Capitalized words come before others, which count only where the text says "at", "from" or "join" before them.
    """
    wanted = {squeezed for squeezed in _without_affixes(_label(label)) if len(squeezed) >= _LABEL}
    tokens = list(islice(_TOKEN.finditer(text[:_TEXT]), _TOKENS)) if wanted else []
    plain = [_POSSESSIVE.sub("", _folded(token[0])).replace(".", "") for token in tokens]
    found: list[str] = []
    for first, token in enumerate(tokens):
        squeezed = ""
        for last in range(first, min(first + _NAME_WORDS, len(tokens))):
            if last > first and text[tokens[last - 1].end() : tokens[last].start()] not in _GAPS:
                break
            if last > first and "&" in text[tokens[last - 1].end() : tokens[last].start()]:
                joined = (f"{squeezed}{word}" for word in _words("ampersands"))
                squeezed = next((j for j in joined if any(name.startswith(j) for name in wanted)), squeezed)
            squeezed += "".join(_WORDS.findall(plain[last]))
            if not any(name.startswith(squeezed) for name in wanted):
                break
            if squeezed in wanted and _stands_alone(text, token.start(), tokens[last].end()):
                end = _with_legal_form(text, tokens, plain, last)
                before = plain[first - 1] if first else ""
                led = before in _words("name_beginnings") and text[tokens[first - 1].end() : token.start()] == " "
                formal = end > tokens[last].end()  # "blaugrund Messebau GmbH"
                if token[0][0].isupper() or formal or before in _words("before_company"):
                    found.append(text[tokens[first - led].start() : end])
    capital = [name for name in found if name[0].isupper()]
    return max(capital or found, key=len, default=None)


def without_legal_form(name: str) -> str:
    """Give a name as people say it: "Nordwind Energie" of "Nordwind Energie GmbH"."""
    words = name.split()
    while len(words) > 1 and (words[-1] == "&" or company_key(f"x {words[-1]}") == "x"):
        words.pop()
    return " ".join(words).rstrip(" ,&")


def shortens(domain: str, name: str) -> bool:
    """Tell whether a domain's label is made of beginnings of a name's words: "lonemesacu" of "Lone Mesa Credit Union".

    One word has to stand in it with four letters, or all have to stand in it as initials.
    """
    words = company_key(name).split()
    return 0 < len(words) <= _SHORTENED_WORDS and any(_shortens(label, words) for label in _spellings(_label(domain)))


def is_label(domain: str, name: str) -> bool:
    """Tell whether a name is a domain's label, but for spaces and marks."""
    squeezed = company_key(name).replace(" ", "")
    return len(squeezed) >= _LABEL and squeezed in _spellings(_label(domain))


def begins_like_company(name: str) -> bool:
    """Tell whether a name of several words begins as only companies and public bodies do: "Grupo", "Fundación"."""
    words = _folded(name).split()
    return len(words) > 1 and words[0] in _words("name_beginnings")


@lru_cache(maxsize=4096)
def _spellings(label: str) -> tuple[str, ...]:
    """Give a label, and what it is if "oe" spells "ö"."""
    umlauts = re.sub(r"([aou])e", r"\1", label)
    return (label,) if umlauts == label else (label, umlauts)


def _shortens(label: str, words: Sequence[str]) -> bool:
    if len(label) < _LABEL:
        return False
    # States: how many letters of the label are consumed, whether a word gave enough of them, whether one was left out.
    states = {(0, False, False)}
    for word in words:
        reached: set[tuple[int, bool, bool]] = set()
        for at, enough, left in states:
            reached.add((at, enough, True))
            for length in range(1, _shared(label, at, word) + 1):
                reached.add((at + length, enough or length >= _ENOUGH, left))
        states = reached
    return any(at == len(label) and (enough or not left) for at, enough, left in states)


def _shared(label: str, at: int, word: str) -> int:
    """Count the letters with which a word begins as the label goes on at a place."""
    if label[at : at + 1].isdigit():
        return 1  # "tornearia4irmaos"
    count = 0
    while count < len(word) and at + count < len(label) and word[count] == label[at + count]:
        count += 1
    return count


def _without_affixes(label: str) -> Iterable[str]:
    """Give a label, and what it is without "get" before it or "hq" behind it."""
    yield from _spellings(label)
    yield from (label.removeprefix(word) for word in _words("label_beginnings") if label.startswith(word))
    yield from (label.removesuffix(word) for word in _words("label_endings") if label.endswith(word))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell a name from a part of an address or a domain."""
    return text[max(0, start - 1) : start] not in {"@", ".", "/", "-"} and not _GOES_ON.match(text, end)


def _with_legal_form(text: str, tokens: Sequence[re.Match[str]], plain: Sequence[str], last: int) -> int:
    """Give the end of a name with what belongs to it: "Oxbow Labs", "Oxbow Timber AB"."""
    end = tokens[last].end()
    reached = end
    for after in range(last + 1, min(last + 4, len(tokens))):
        if text[reached : tokens[after].start()] not in _GAPS or not tokens[after][0][0].isupper():
            break
        reached = tokens[after].end()
        word = plain[after].strip(".")
        if word in _words("legal_forms") or (word in _words("name_endings") and end == tokens[after - 1].end()):
            end = reached
    return end


@lru_cache(maxsize=4096)
def _label(domain: str) -> str:
    return _folded(domain.split(".", 1)[0]).replace("-", "")


@lru_cache(maxsize=4096)
def _forms(key: str) -> tuple[str, str, str]:
    """Give a company's first word, its name without spaces and its initials."""
    words = key.split()
    return words[0] if words else "", "".join(words), "".join(word[0] for word in words)


@lru_cache(maxsize=4096)
def is_system(domain: str) -> bool:
    """Tell whether a mail domain belongs to a system that writes for many employers."""
    labels = domain.split(".")[-6:]
    suffixes = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return find_system(Address(address=f"x@{domain}")) is not None or not _words("bystanders").isdisjoint(suffixes)


@lru_cache(maxsize=4096)
def employer_domain(domain: str) -> str | None:
    """Give the registrable domain by which an employer is known; None for free mail, for systems, for no domain."""
    labels = [label for label in domain.casefold().split(".") if label]
    if len(labels) < 2 or is_system(".".join(labels)):
        return None
    depth = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _words("shared_second_levels") else 2
    registrable = ".".join(labels[-depth:])
    return None if registrable in _words("free_mail") else registrable


class Likeness(IntEnum):
    """How far two titles name one post."""

    DIFFERENT = 0
    ALIKE = 1  # one holds the other, or they share most words
    SAME = 2  # but for level and legal clutter
    EQUAL = 3


@lru_cache(maxsize=4096)
def _title_words(title: str | None) -> tuple[str, ...]:
    words = _WORDS.findall(_BRACKETS.sub(" ", _folded(title or "")))
    # Requisition ids inside a title ("Data Engineer R-012345") compare elsewhere.
    return tuple(word for word in words if sum(letter.isdigit() for letter in word) < 3)


def post_likeness(one: str | None, other: str | None) -> Likeness | None:
    """Compare two titles; None where either says nothing."""
    first, second = _title_words(one), _title_words(other)
    if not first or not second:
        return None
    if first == second:
        return Likeness.EQUAL
    core, other_core = set(first) - _words("title_clutter"), set(second) - _words("title_clutter")
    if not core or not other_core:
        return None
    if core == other_core:
        return Likeness.SAME
    shared = len(core & other_core)
    alike = core <= other_core or other_core <= core or 2 * shared > len(core | other_core)
    return Likeness.ALIKE if alike else Likeness.DIFFERENT


def requisition_key(requisition: str | None) -> str:
    """Reduce a requisition id to its letters and digits; "" where there is none."""
    return "".join(_WORDS.findall(_folded(requisition or "")))
