"""Loads labelled mail: the project's own corpus, and collections of others in the same terms.

Own corpus (`tests/corpus`): a folder a collection, in it `NAME.eml` (or `NAME.ics`) and a table `[NAME]` in
`labels.toml`. What a label leaves out the mail does not say. `tests/corpus/README.md` lists the keys.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from hashlib import sha1
from pathlib import Path
from typing import Any

from daemon.archive import Stored
from daemon.reading import read_stored, reading
from daemon.report import JsonObject
from parsers.extract import Reader
from parsers.model import Facts

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
LABELS = "labels.toml"
USER = "Jordan Doe"
ADDRESSES = frozenset({"jordan@example.org", "jordan.doe@alumni.example"})
TEXTS = (".eml", ".ics")
KEPT_ASIDE = "replies_en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One message and what a careful person reads in it; `scored` names the keys of the label that are complete."""

    name: str
    provenance: str
    message: bytes
    gold: dict[str, Any]
    scored: frozenset[str]
    received_at: datetime | None = None

    @property
    def language(self) -> str:
        """The language of the mail, as labelled."""
        return str(self.gold.get("language", "en"))

    @property
    def kept_aside(self) -> bool:
        """Whether nobody who works on the reader looks at it: half of the corpus, by a digest of the name, and a
        whole collection. Its figures tell what to expect of mail that nobody has seen.
        """
        return (
            self.provenance == KEPT_ASIDE
            or int(sha1(self.name.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 1
        )

    def facts(self) -> Facts:
        """Read it for the user of the corpus, in the zone of the label."""
        zone = self.gold.get("timezone", "America/New_York")
        reader = Reader(account="corpus", addresses=ADDRESSES, full_name=USER, timezone=zone)
        stored = Stored.held(self.name, self.message)
        return read_stored(stored, reader, received_at=self.received_at)

    def read(self) -> JsonObject:
        """Read it as `tactful read --json` does."""
        return reading(self.facts(), self.name)


FIELDS = frozenset(
    "kind interviews options promise passive_rejection company role round people returns_on language".split()
)


def own_cases(corpus: Path = CORPUS) -> Iterator[Case]:
    """Give every case of the project's corpus; the name is its path without the suffix.

    Raises: ValueError naming a file without a label or a label without a file.
    """
    for labels in sorted(corpus.rglob(LABELS)):
        folder = labels.parent
        tables = tomllib.loads(labels.read_text("utf-8"))
        defaults = tables.pop("defaults", {})
        tables.pop("thread", None)
        files = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in TEXTS}
        if odd := files.keys() ^ tables.keys():
            raise ValueError(f"{labels}: a file without a label, or a label without a file: {', '.join(sorted(odd))}")
        for name, path in files.items():
            yield Case(
                name=str(path.relative_to(corpus).with_suffix("")),
                provenance=path.relative_to(CORPUS).parts[0],
                message=path.read_bytes(),
                gold=defaults | tables[name],
                scored=FIELDS,
            )


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Give the objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def job_cases(path: Path) -> Iterator[Case]:
    """Give the mails of a `job_mails.jsonl`; one that the candidate wrote comes from the user's own address."""
    for row in lines(path):
        gold = dict(row["gold"])
        own = "written_by_candidate" in gold.get("tags", ())
        zone = "Europe/Berlin" if row["lang"] == "de" else "UTC"
        scored = {"kind"}
        gold |= {"language": row["lang"], "timezone": zone}
        if "company" in gold:
            scored.add("company")
        if "role" in gold:
            scored.add("role")
        if "start" in gold or "start_local" in gold:
            gold["interviews"] = [{"start": gold.get("start") or gold["start_local"] + "+00:00"}]
            scored.add("interviews")
        if "proposed" in gold:
            gold["options"] = [dict(zip(("start", "end"), pair.split("/"), strict=True)) for pair in gold["proposed"]]
            scored.add("options")
        if "decision_by" in gold or gold["kind"] == "timeline_promise":
            gold["promise"] = gold.get("decision_by")
            scored.add("promise")
        else:
            gold.pop("promise", None)
        yield Case(
            name=row["id"],
            provenance=row["provenance"],
            message=_message(row, "jordan@example.org" if own else row["from"]),
            gold=gold,
            scored=frozenset(scored),
            received_at=datetime.fromisoformat(row["received_at"]),
        )


def _message(row: dict[str, Any], sender: str) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "jordan@example.org"
    message["Subject"] = " ".join(row["subject"].split())
    message["Date"] = datetime.fromisoformat(row["received_at"])
    message.set_content(row["text"])
    return message.as_bytes()


def negative_cases(folder: Path) -> Iterator[Case]:
    """Give every file below a folder of mails that have nothing to do with a job hunt."""
    for path in sorted(folder.rglob("*.eml")):
        yield Case(
            name=str(path.relative_to(folder)),
            provenance="negatives",
            message=path.read_bytes(),
            gold={"kind": "other"},
            scored=frozenset({"kind", "interviews"}),
        )
