"""Finds in a mail's text when the employer says that it will answer, read by policy.md section 4."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources

from parsers.atoms import read_atoms
from parsers.days import Reckoned, add_workdays
from parsers.lexicon import NO_ROLES, Lexicon, lexicon
from parsers.model import Promise
from parsers.phrase import Atom, Kind, Row
from parsers.when import LONGEST_TEXT, read_row
from parsers.windows import Ahead, Until

_TABLES = frozenset({"en", "de", "fr", "es", "pt"})
_LONGEST_SENTENCE = 600  # characters; what is longer is no prose
_FURTHEST = 110  # characters between "you will hear from us" and its date
_FURTHEST_PATIENCE = 24  # characters between "give us" and its date: "give us three slots by Friday" is no promise
_BEFORE = 60  # characters before a date that tell what happens then
_BESIDE = 30  # and behind it
_AFTER_RETURN = 2  # business days; policy.md section 4, "when X is back on"
_AFTER_INTERVIEWS = 3  # business days; likewise, "once interviews end on"
_WEEK = timedelta(days=7)
_YEARS = range(1970, 9000)

_SENTENCE_END = re.compile(
    r"[.!?]+[\"')\]»”]{0,2}(?=\s|$)|\n[ \t>]{0,20}\n|\n(?=[ \t]{0,8}(?:[-*•–]|\d{1,2}[.)])[ \t])"
)
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|[ap]\.m|approx|no|nr|mon|tues?|weds?|thurs?|fri|sat|sun|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|z\.b|bzw|ca|inkl|st|dr|mr|ms|mrs)\.$",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"\s{0,4}([^\W\d_]{1,20})")
_FOLDED = str.maketrans({"’": "'", "‘": "'", "\n": " ", "\t": " ", "\r": " ", "\u00a0": " "})


def find_promises(
    text: str, *, sent_at: datetime, timezone: str, month_first: bool = True, language: str = "en", vague: bool = False
) -> tuple[Promise, ...]:
    """Return what the text promises of an answer, in its order.

    `sent_at` is the mail's date in the sender's zone, whose day the promise is counted from; `timezone` is not
    needed for days and stands for the likeness to find_moments. What the candidate has to do by a date, an answer
    that depends on being chosen, and "soon" are no promises. With `vague`, any day on which the employer will do or
    know something counts, whatever the words: a guess.
    """
    if sent_at.year not in _YEARS:
        return ()
    phrases = _phrases(language)
    text = text[:LONGEST_TEXT]
    row = read_row(text, sent_at=sent_at, month_first=month_first, language=language, promise=True)
    reader = _Reader(phrases, row, read_atoms(row) if row else [], vague=vague)
    found: list[Promise] = []
    for start, end in _sentences(text, lexicon(language)):
        reader.read(text[start:end].translate(_FOLDED), start, found)
    return tuple(found)


def latest_promise(promises: tuple[Promise, ...]) -> Promise | None:
    """Return the promise that counts within one message: the later date; a refusal of contact stays with it."""
    dated = [promise for promise in promises if promise.by is not None]
    if not promises:
        return None
    chosen = max(dated, key=lambda promise: (promise.by or date.min, promise.permission)) if dated else promises[-1]
    return replace(chosen, no_contact=any(promise.no_contact for promise in promises))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    groups: dict[str, re.Pattern[str]]

    def has(self, group: str, text: str) -> bool:
        return self.groups[group].search(text) is not None


@cache
def _phrases(language: str) -> _Phrases:
    known = language if language in _TABLES else "en"
    source = resources.files("parsers").joinpath(f"languages/promises_{known}.toml").read_text(encoding="utf-8")
    read = tomllib.loads(source)
    parts: dict[str, str] = read["parts"]
    groups: dict[str, re.Pattern[str]] = {}
    for name, patterns in read["patterns"].items():
        whole = "|".join(f"(?:{_filled(pattern, parts)})" for pattern in patterns)
        groups[name] = re.compile(whole, re.IGNORECASE)
    return _Phrases(groups=groups)


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for _ in range(2):  # a part may hold one other part
        for name, part in parts.items():
            pattern = pattern.replace("{" + name + "}", part)
    return pattern


def _sentences(text: str, words: Lexicon) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _SENTENCE_END.finditer(text):
        if found[0].startswith(".") and _goes_on(text, found, words):
            continue
        if text[start : found.end()].strip():
            yield start, found.end()
        start = found.end()
    if text[start:].strip():
        yield start, len(text)


def _goes_on(text: str, stop: re.Match[str], words: Lexicon) -> bool:
    """Whether a full stop ends an abbreviation or a German ordinal ("11. Dezember") and not the sentence."""
    if _ABBREVIATED.search(text[max(0, stop.start() - 8) : stop.start() + 1]):
        return True
    following = _NEXT_WORD.match(text, stop.end())
    if not words.day_first or not following or not text[max(0, stop.start() - 1) : stop.start()].isdigit():
        return False
    return following[1].islower() or "month" in words.words.get(following[1].casefold(), NO_ROLES)


class _Reader:
    """The dated atoms of one text, looked up sentence by sentence."""

    def __init__(self, phrases: _Phrases, row: Row | None, atoms: list[Atom], *, vague: bool) -> None:
        self.vague = vague
        self.phrases = phrases
        self.row = row
        self.atoms = atoms
        self.next = 0  # the first atom that no sentence has taken yet

    def read(self, sentence: str, offset: int, found: list[Promise]) -> None:
        """Add what a sentence promises."""
        if len(sentence) > _LONGEST_SENTENCE:
            return  # its atoms fall to the next sentence, which begins behind them
        shown = " ".join(sentence.split())
        has = self.phrases.has
        dated = list(self._dated(sentence, offset))
        if has("no_contact", sentence):
            found.append(Promise(by=None, text=shown, no_contact=True))
            if not has("unheard", sentence):
                return
        lapse = has("unheard", sentence) or (not dated and found and has("then", sentence))
        if lapse and self._unheard(sentence, shown, dated, found):
            return
        if not dated or has("condition", sentence) or has("commerce", sentence):
            return
        found.extend(self._promises(sentence, shown, dated))

    def _unheard(self, sentence: str, shown: str, dated: list[_Dated], found: list[Promise]) -> bool:
        """Add a passive rejection or a permission to write; False where the sentence is neither."""
        passive = self.phrases.has("closed", sentence)
        permission = not passive and self.phrases.has("reach", sentence)
        if not passive and not permission:
            return False
        window = max((one.window for one in dated), key=lambda window: window.last, default=None)
        if window is None and self.phrases.has("then", sentence) and found and found[-1].by is not None:
            found[-1] = replace(found[-1], passive_rejection=passive, permission=permission)
            return True
        promise = self._made(window, shown)
        found.append(replace(promise, passive_rejection=passive, permission=permission))
        return True

    def _promises(self, sentence: str, shown: str, dated: list[_Dated]) -> Iterator[Promise]:
        # Where nothing is said in so many words, any word of deciding or telling will do, if nothing speaks against it.
        groups = ["answer", "patience", "noun"]
        if not any(self.phrases.has(bar, sentence) for bar in ("candidate", "paperwork", "aside")):
            vague = self.vague and not self.phrases.has("not_vague", sentence)
            groups += ["loose", "vague"] if vague else ["loose"]
        for group in groups:
            cues = list(self.phrases.groups[group].finditer(sentence))
            ends = [cue.start() for cue in cues[1:]] + [len(sentence)]
            found = [self._belonging(sentence, group, *cue, dated) for cue in zip(cues, ends, strict=False)]
            chosen = [one for one in found if one]
            if chosen:
                # What is said outright counts before what would follow from the end of the interviews.
                plain = [one for one in chosen if not one.added]
                for one in plain or chosen:
                    yield self._made(one.window, shown, one.added)
                return
        if self.phrases.has("finish", sentence) and not self.phrases.has("candidate", sentence):
            for one in dated:
                if one.added == _AFTER_INTERVIEWS:
                    yield self._made(one.window, shown, one.added)

    def _belonging(
        self, sentence: str, group: str, cue: re.Match[str], until: int, dated: list[_Dated]
    ) -> _Dated | None:
        """Return the date that a cue announces: the one behind it, else one that opens its clause."""
        head = sentence[: cue.start()]
        if not self._by_the_employer(sentence, group, cue, head):
            return None
        furthest = _FURTHEST_PATIENCE if group == "patience" else _FURTHEST
        behind = [one for one in dated if cue.start() <= one.start < until and one.start - cue.end() <= furthest]
        for index, one in enumerate(behind):
            between = sentence[cue.end() : max(cue.end(), one.start)]
            if self.phrases.has("candidate", between) or (one.timed and self.phrases.has("speak", cue[0])):
                continue
            if group == "patience" and one.short:
                continue  # "it should take about three hours": the length of a test
            if one.bare and (group == "answer" or one.start - cue.end() > _FURTHEST_PATIENCE):
                continue
            return self._last_of_list(sentence, behind[index:])
        behind_cue = self.phrases.has("that_day", sentence[cue.end() :])
        for one in reversed([one for one in dated if one.end <= cue.start() and not one.bare]):
            then = behind_cue or self.phrases.has("that_day", sentence[one.end : cue.start()])
            led = sentence[: one.start].rstrip()
            opens = not led or led[-1] in ",;:–—-(" or self.phrases.has("opens", led)
            if one.added or ((then or opens) and not self.phrases.has("candidate", head)):
                return one
        return None

    def _by_the_employer(self, sentence: str, group: str, cue: re.Match[str], head: str) -> bool:
        """Whether the employer is the one who acts, and what it does is an answer."""
        if self.phrases.has("told", head.rstrip()) and not self.phrases.has("untold", cue[0]):
            return False
        if group == "patience":  # "Please allow ten days", "could you give us until Friday"
            return True
        if self.phrases.has("asked", cue[0]):
            return False
        near = sentence[max(0, cue.start() - 20) : cue.end() + 40]
        if self.phrases.has("paperwork", near):
            return False
        return group == "answer" or not self.phrases.has("candidate", head[-_BEFORE:] + cue[0])

    def _dated(self, sentence: str, offset: int) -> Iterator[_Dated]:
        """Yield the days and windows in a sentence that may be the day of an answer."""
        row = self.row
        if row is None:
            return
        for index in range(self.next, len(self.atoms)):
            atom = self.atoms[index]
            first = row.back(atom.first, "by", "the", "approx", "on") if atom.day else atom.first
            start, end = row.at(first).start - offset, row.at(atom.last - 1).end - offset
            if start >= len(sentence):
                return
            self.next = index + 1
            if start < 0 or atom.kind not in (Kind.DAY, Kind.WINDOW):
                continue
            window = _reckoned(row, atom)
            if window is None or window.last < row.reference.today or (atom.day and atom.day.after):
                continue
            before = sentence[max(0, start - _BEFORE) : start]
            added = self._added(before, sentence[start:end], sentence[end : end + _BESIDE])
            if not added and not atom.by and atom.day and self.phrases.has("talk", before.rstrip()):
                continue
            length = atom.window if isinstance(atom.window, Ahead) else None
            yield _Dated(
                start=start,
                end=end,
                window=window,
                added=added,
                timed=self._timed(index),
                short=length is not None and length.within_a_day,
                bare=length is not None and length.bare,
            )

    def _added(self, before: str, said: str, after: str) -> int:
        """Return the business days that follow a return or the end of the interviews."""
        parts = self.phrases.groups["clause"]
        clause = parts.split(before)[-1]
        if self.phrases.has("finish", clause):
            return _AFTER_INTERVIEWS
        whole = clause + said + parts.split(after)[0]  # "am 30. November zurück ist"
        return _AFTER_RETURN if self.phrases.has("back", whole) and not self.phrases.has("answer", clause) else 0

    def _last_of_list(self, sentence: str, dated: list[_Dated]) -> _Dated:
        """Return the last of dates that stand in one list: "Monday or Tuesday" ends on Tuesday.

        On a Wednesday, "by Tuesday, Thursday at the latest" ends in the week of that Tuesday.
        """
        chosen = dated[0]
        for following in dated[1:]:
            if not self.phrases.has("joined", sentence[chosen.end : following.start].strip(" ,")):
                break
            window = following.window
            if window.last < chosen.window.last <= window.last + _WEEK:
                window = replace(window, first=window.first and window.first + _WEEK, last=window.last + _WEEK)
            chosen = replace(following, window=window)
        return chosen

    def _timed(self, index: int) -> bool:
        near = self.atoms[max(0, index - 1) : index + 2]
        return any(atom.kind is Kind.TIME and abs(atom.first - self.atoms[index].last) <= 3 for atom in near)

    def _made(self, window: Reckoned | None, shown: str, added: int = 0) -> Promise:
        if window is None or self.row is None:
            return Promise(by=None, text=shown)
        if added:
            by = add_workdays(window.last, added)
            return Promise(by=by, text=shown, business_days=added, counted_from=window.last)
        since = window.first if window.first != window.last else None
        counted = self.row.reference.today if window.workdays is not None else None
        return Promise(by=window.last, text=shown, since=since, business_days=window.workdays, counted_from=counted)


def _reckoned(row: Row, atom: Atom) -> Reckoned | None:
    stated = atom.window or (atom.day and (Until(day=atom.day) if atom.by else atom.day))
    return stated.reckon(row.reference) if stated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """A day or window within a sentence, in characters.

    `added`: business days that follow it; `timed`: a time of day stands beside it; `short`: less than a day from now;
    `bare`: a length of time that no word places in the future.
    """

    start: int
    end: int
    window: Reckoned
    added: int
    timed: bool
    short: bool
    bare: bool
