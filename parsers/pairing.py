"""Joins days and times: which "2pm" belongs to which "Thursday".

Every day and its neighbouring times are weighed by what stands between them, and the closest are joined first. What
is left inherits: a further time in a list the day before it, a further day in a list the time behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parsers.atoms import listed
from parsers.phrase import Atom, Kind, Row
from parsers.tokens import Shape
from parsers.windows import Between

_SENTENCE = 3.0  # the weight of a full stop
_PARAGRAPH = 3.0
_LINE = 1.0
_LIST = 2.0  # "and", "or"
_FURTHEST = 7.0
_DEADLINE_FURTHEST = 1.0  # "by Friday 5pm"
_BARE_FURTHEST = 1.3  # "Thursday, at 3"
_HABIT_FURTHEST = 1.5
_LONGEST_GAP = 24  # tokens
_LONGEST_INHERITANCE = 45
_LABEL = 5  # tokens before a time in a line that begins with it: "- Time:"

_MARKS = {",": 0.5, ";": 1.5, ":": 0.2, "(": 0.4, ")": 0.4, "|": 0.3, "/": 1.0}
_GLUE = frozenset(
    {"at", "on", "the", "from", "between", "of", "approx", "period", "date_article", "clock_article", "lead"}
)
_FAR = 99.0


@dataclass(slots=True)
class Pair:
    """A day and a time that belong together; either may be missing. `shared`: the day stands elsewhere."""

    day: Atom | None = None
    time: Atom | None = None
    shared: bool = False
    borrowed: bool = False  # the time stands with another day of the list


def join(row: Row, atoms: list[Atom]) -> list[Pair]:
    """Return the pairs in order of the text; windows and zones take no part."""
    partner = _closest(row, atoms)
    pairs: list[Pair] = []
    for index, atom in enumerate(atoms):
        if atom.kind is Kind.TIME:
            pair = _pair_of_time(row, atoms, index, partner)
            if pair:
                pairs.append(pair)
        elif atom.kind is Kind.DAY and index not in partner:
            pairs.append(_pair_of_day(row, atoms, index, partner))
    used = {id(pair.day) for pair in pairs if pair.time}
    return [pair for pair in pairs if pair.time or id(pair.day) not in used]


def weigh(row: Row, first: int, last: int) -> float:
    """Return how much stands between two places; less is closer."""
    if last - first > _LONGEST_GAP:
        return _FAR
    return sum(_weight(row, index) for index in range(first, last))


def _weight(row: Row, index: int) -> float:
    token = row.tokens[index]
    if token.shape is Shape.LINE:
        return _LINE
    if token.shape is Shape.PARAGRAPH:
        return _PARAGRAPH
    if token.shape is Shape.MARK:
        if token.text in ".!?":
            return _SENTENCE if _ends_sentence(row, index) else 0.2
        return _MARKS.get(token.text, 0.3)
    if "list" in token.roles:
        return _LIST
    if _GLUE & token.roles.keys():
        return 0.2
    return 1.5 if "to" in token.roles else 0.5


def _closest(row: Row, atoms: list[Atom]) -> dict[int, int]:
    """Return the partner of each joined day and time, the closest joined first."""
    weights: list[tuple[float, int, int]] = []
    pending: int | None = None  # the day or time last seen
    for index, atom in enumerate(atoms):
        if atom.kind is Kind.ZONE:
            continue
        if atom.kind is Kind.WINDOW or (atom.day and atom.time):
            pending = None
            continue
        if pending is not None and atoms[pending].kind is not atom.kind:
            weight = _between(row, atoms[pending], atom)
            if weight < _FURTHEST:
                weights.append((weight, pending, index))
        pending = index
    partner: dict[int, int] = {}
    for _, left, right in sorted(weights):
        if left not in partner and right not in partner:
            partner[left], partner[right] = right, left
    return partner


def _between(row: Row, left: Atom, right: Atom) -> float:
    weight = weigh(row, left.last, right.first)
    if left.kind is Kind.TIME and row.has(right.first - 1, "to"):
        weight += _LIST  # "Dec 8, 9:15 to Dec 9, 10:00"
    day, time = (left, right) if left.kind is Kind.DAY else (right, left)
    if day.by and (day is right or weight > _DEADLINE_FURTHEST):
        return _FAR
    if time.time and time.time.bare and weight > _BARE_FURTHEST:
        return _FAR
    if day.day and day.day.after and weight > _DEADLINE_FURTHEST:
        return _FAR
    return weight


def _pair_of_time(row: Row, atoms: list[Atom], index: int, partner: dict[int, int]) -> Pair | None:
    atom = atoms[index]
    if atom.day:
        return Pair(day=atom, time=atom)
    if index in partner:
        return Pair(day=atoms[partner[index]], time=atom)
    if any(_habitual(row, atoms, place, index) for place in (index - 1, index + 1)):
        return None
    inherited = _inherited_day(row, atoms, index)
    if inherited:
        return Pair(day=inherited, time=atom, shared=True)
    return None if atom.time and atom.time.bare else Pair(time=atom)


def _habitual(row: Row, atoms: list[Atom], place: int, index: int) -> bool:
    """Whether a time belongs to a habit or a span of days beside it: "Monday to Friday, 9am to 5pm"."""
    if not 0 <= place < len(atoms) or atoms[place].kind is not Kind.WINDOW:
        return False
    left, right = sorted((place, index))
    beside = weigh(row, atoms[left].last, atoms[right].first) <= _HABIT_FURTHEST
    return beside and (atoms[place].window is None or isinstance(atoms[place].window, Between))


def _inherited_day(row: Row, atoms: list[Atom], index: int) -> Atom | None:
    time = atoms[index]
    bare = time.time is not None and time.time.bare
    before = _nearest_day(atoms, range(index - 1, max(-1, index - 12), -1))
    behind = _nearest_day(atoms, range(index + 1, min(len(atoms), index + 12)))
    if bare:
        near = (
            index > 0
            and atoms[index - 1].kind is Kind.TIME
            and weigh(row, atoms[index - 1].last, time.first) <= _LIST + 0.5
        )
        if near:
            return before
        # "Ravi at 10, Kim at 10:45 and Lee at 11:30 on December 8"
        following = index + 1 < len(atoms) and atoms[index + 1].kind is Kind.TIME
        close = following and weigh(row, time.last, atoms[index + 1].first) <= _LIST + 0.5
        return behind if close else None
    if before and _same_sentence(row, before.last, time.first):
        return before
    if behind and _same_sentence(row, time.last, behind.first):
        return behind
    if before and not before.by and _follows(row, atoms[index - 1].last, time.first):
        return before
    if behind and not behind.by and weigh(row, time.last, behind.first) < _FURTHEST:
        return behind
    return None


def _nearest_day(atoms: list[Atom], places: Iterable[int]) -> Atom | None:
    for place in places:
        day = atoms[place].day
        if day and not day.after:
            return atoms[place]
    return None


def _same_sentence(row: Row, first: int, last: int) -> bool:
    if last - first > _LONGEST_INHERITANCE:
        return False
    return not any(_ends_sentence(row, index) for index in range(first, last))


def _ends_sentence(row: Row, index: int) -> bool:
    token = row.tokens[index]
    if token.shape is Shape.MARK and token.text in ".!?":
        return not row.at(index + 1).glued or _starts_line(row, index + 1)
    return _starts_line(row, index)


def _follows(row: Row, first: int, last: int) -> bool:
    """Whether a time belongs to the day before it: the next line of a schedule, or the same paragraph."""
    if last - first > _LONGEST_INHERITANCE:
        return False
    begin = next((index for index in range(last - 1, max(-1, last - _LABEL - 1), -1) if _starts_line(row, index)), None)
    if begin is not None:
        return True
    return not any(row.tokens[index].shape is Shape.PARAGRAPH for index in range(first, last))


def _starts_line(row: Row, index: int) -> bool:
    return row.tokens[index].shape in (Shape.LINE, Shape.PARAGRAPH)


def _pair_of_day(row: Row, atoms: list[Atom], index: int, partner: dict[int, int]) -> Pair:
    """Give a day in a list the time that stands with the list's last or first day: "March 11 and 12 at 10am"."""
    atom = atoms[index]
    if atom.by or not atom.day or atom.day.after:
        return Pair(day=atom)
    for step in (1, -1):
        place = index
        for _ in range(8):
            following = place + step
            if (
                not 0 <= following < len(atoms)
                or atoms[following].kind is not Kind.DAY
                or not listed(row, atoms[min(place, following)], atoms[max(place, following)])
            ):
                break
            place = following
            if place in partner:
                time = atoms[partner[place]]
                outer = partner[place] > place if step > 0 else partner[place] < place
                close = weigh(row, min(time.last, atoms[place].last), max(time.first, atoms[place].first)) <= _LIST
                return Pair(day=atom, time=time, borrowed=True) if outer and close else Pair(day=atom)
    return Pair(day=atom)
