"""Compares what was read with what a careful person reads: hits, misses and false findings, field by field."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from benchmarks.labelled import Case
from daemon.report import JsonObject

SURE = 0.8  # confidence from which the program acts; below it a finding goes to the review list
FIXED = ("interview_confirmed", "reschedule")
_LEGAL = re.compile(
    r"^(?:the|sarl|sas|sa|les) "
    r"|[ ,]+(?:inc|ltd|limited|llc|llp|plc|pvt|gmbh|ag|se|kg|nv|bv|co|sas|sarl|sl|sa|s\.a\.s|s\.a|s\.l|lda|ltda)\.?$"
)
_TAGS = re.compile(r"\s*\((?:[mwfdxhgn]\s*/\s*)+[mwfdxhgn*]\)|\s*\(all genders\)")


@dataclass(slots=True)
class Tally:
    """How often something was rightly found, missed, and found where it is not."""

    right: int = 0
    missed: int = 0
    false: int = 0

    @property
    def stated(self) -> int:
        """How often it stands in the mails."""
        return self.right + self.missed

    @property
    def precision(self) -> float | None:
        """The share of the findings that are right; None where nothing was found."""
        found = self.right + self.false
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """The share of what stands there that was found; None where it stands nowhere."""
        return self.right / self.stated if self.stated else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two."""
        if not self.stated and not self.false:
            return None
        return 2 * self.right / (2 * self.right + self.missed + self.false)


@dataclass(slots=True)
class Score:
    """The tallies of a collection of cases."""

    cases: int = 0
    kinds: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    fields: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by: defaultdict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))  # kinds, by a property
    unsure: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    phantoms: int = 0  # interviews read with confidence where there is none

    def add(self, case: Case) -> None:
        """Read one case and compare."""
        self.cases += 1
        read = case.read()
        self._kind(case, read)
        for name, compare in _COMPARED.items():
            if name in case.scored:
                stated, found = compare(case.gold, read)
                self._field(case, name, stated, found)
        if "interviews" in case.scored:
            self._ends(case, read)
            standing = read["kind"] in FIXED and read["interviews"] and read["confidence"] >= SURE
            self.phantoms += bool(standing and not case.gold.get("interviews"))

    def _kind(self, case: Case, read: JsonObject) -> None:
        kind, gold = str(read["kind"]), str(case.gold["kind"])
        right = kind == gold or kind in case.gold.get("kind_alt", ())
        if right:
            self.kinds[gold].right += 1
        else:
            self.kinds[gold].missed += 1
            self.kinds[kind].false += 1
            self.misses.append(f"{case.name}: kind {gold}, read {kind} {read['confidence']}")
        groups = {group: case.gold.get(group) for group in ("language", "style", "system")}
        groups |= {"collection": case.provenance, "half": "kept aside" if case.kept_aside else "worked on"}
        for group, value in groups.items():
            if value:
                tally = self.by[group, str(value)]
                tally.right += right
                tally.missed += not right
        if kind != "other" and read["confidence"] < SURE:
            self.unsure["right" if right else "wrong"] += 1

    def _field(self, case: Case, name: str, stated: Iterable[Any], found: Iterable[Any]) -> None:
        stated, found = set(stated), set(found)
        tally = self.fields[name]
        tally.right += len(stated & found)
        tally.missed += len(stated - found)
        tally.false += len(found - stated)
        if stated != found:
            missed = ", ".join(sorted(map(str, stated - found))) or "-"
            false = ", ".join(sorted(map(str, found - stated))) or "-"
            self.misses.append(f"{case.name}: {name} missed {missed}; read {false}")

    def _ends(self, case: Case, read: JsonObject) -> None:
        ends = {_when(session["start"]): session["end"] for session in read["interviews"] if session["start"]}
        for session in case.gold.get("interviews", ()):
            start = _when(session["start"])
            if "end" in session and start in ends:
                said = ends[start]
                right = said is not None and _when(said) == _when(session["end"])
                self.fields["end, where start is right"].right += right
                self.fields["end, where start is right"].missed += not right


def _when(stated: str) -> date | datetime:
    """Give an instant in one zone, or the day of a date."""
    return datetime.fromisoformat(stated) if "T" in stated else date.fromisoformat(stated)


def _sessions(sessions: Iterable[dict[str, Any]]) -> set[date | datetime]:
    standing = [s for s in sessions if s["start"] and s.get("status") != "cancelled"]
    return {_when(s["start"][:10] if s.get("all_day") else s["start"]) for s in standing}


def _starts(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return _sessions(gold.get("interviews", ())), _sessions(read["interviews"])


def _offered(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return {_when(o["start"]) for o in gold.get("options", ())}, {_when(o["start"]) for o in read["options"]}


def _promised(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    by = read["promise"] and read["promise"]["by"]
    return _only(gold.get("promise")), _only(by)


def _passive(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    said = read["promise"] and read["promise"]["passive_rejection"]
    return _only(gold.get("passive_rejection")), _only(said or None)


def _company(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return _only(_name(gold.get("company"))), _only(_name(read["company"]))


def _role(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return _only(_title(gold.get("role"))), _only(_title(read["role"]))


def _round(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return _only(gold.get("round")), _only(read["round"])


def _returning(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return _only(gold.get("returns_on")), _only(read["returns_on"])


def _language(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    return _only(gold.get("language")), _only(read["language"])


def _people(gold: dict[str, Any], read: JsonObject) -> tuple[set[Any], set[Any]]:
    """Compare interviewers; one that is read with name and address answers to either."""
    stated = {person.casefold() for session in gold.get("interviews", ()) for person in session.get("people", ())}
    found = set()
    for session in read["interviews"]:
        for person in session["people"]:
            if person["part"] == "interviewer":
                names = [str(person[key]).casefold() for key in ("address", "name") if person[key]]
                found.add(next((name for name in names if name in stated), names[0]))
    return stated, found


def _only(value: Any) -> set[Any]:
    return set() if value is None else {value}


def _name(name: str | None) -> str | None:
    return _LEGAL.sub("", _LEGAL.sub("", name.casefold().strip())) if name else None


def _title(title: str | None) -> str | None:
    return " ".join(_TAGS.sub("", title.casefold()).split()) if title else None


_COMPARED = {
    "interviews": _starts,
    "options": _offered,
    "promise": _promised,
    "passive_rejection": _passive,
    "company": _company,
    "role": _role,
    "round": _round,
    "people": _people,
    "returns_on": _returning,
    "language": _language,
}
