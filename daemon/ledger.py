"""The ledger: what was seen and what was done. Nothing that can be computed again is in it.

One process writes it; beside it the command only appends what the person wishes, which every pass looks for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from composer.acts import Act
from daemon.codec import dump_act, dump_decision, dump_facts, load_act, load_decision, load_facts
from daemon.decision import Decision
from daemon.drafts import DraftRow, DraftState, check_edge
from daemon.errors import StateError
from daemon.ledger_holdings import HoldingsTable
from daemon.ledger_notices import NoticeTable
from daemon.ledger_sending import SendingTable
from daemon.state_lock import StateLock
from daemon.tombstones import Tombstones
from parsers.model import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """Everything below `uidnext` has been read, as long as the folder keeps its `uidvalidity`."""

    uidvalidity: int
    uidnext: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What became of one message: `outcome` is facts, ignored, unreadable or gone."""

    uid: int
    outcome: str
    reason: str | None = None
    key: str | None = None


class Ledger(SendingTable, NoticeTable, HoldingsTable):
    """What is written and read, table by table. Its methods may be called from several threads."""

    def __init__(
        self, connection: sqlite3.Connection, tombstones: Tombstones | None = None, lock: StateLock | None = None
    ) -> None:
        super().__init__(connection, tombstones, lock)
        # What every pass asks for is kept as it was stored; None: to be read again.
        self._acts: tuple[Act, ...] | None = None
        self._version = 0  # SQLite's, of what others have committed
        self._drafts: dict[str, DraftRow] | None = None
        self._decided: set[str] | None = None

    def _forget_what_was_read(self) -> None:
        self._acts = self._drafts = self._decided = None

    @property
    def secret(self) -> bytes:
        """The 32 random bytes of this installation, from which the Message-IDs of our drafts are made."""
        value: bytes = self._rows("SELECT value FROM setting WHERE name = 'secret'")[0]["value"]
        return value

    def set_health(self, states: Mapping[str, str], at: datetime) -> None:
        """Write how each account is, for `status` to read."""
        document = json.dumps({"at": at.isoformat(), "accounts": dict(states)}).encode()
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES ('health', ?)", (document,))

    def health(self) -> dict[str, Any] | None:
        """Give what `set_health` wrote last: `at` and `accounts`; None: no daemon has run."""
        rows = self._rows("SELECT value FROM setting WHERE name = 'health'")
        document: dict[str, Any] | None = json.loads(rows[0]["value"]) if rows else None
        return document

    @property
    def home(self) -> str | None:
        """Where its state directory was last used (daemon.home); None: nowhere yet."""
        rows = self._rows("SELECT value FROM setting WHERE name = 'home'")
        return rows[0]["value"].decode("ascii") if rows else None

    @home.setter
    def home(self, home: str) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES ('home', ?)", (home.encode("ascii"),))

    def note_company(self, account: str, at: datetime) -> None:
        """Write down that another installation was seen at work on the account."""
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO setting VALUES (?, ?)", (f"company {account}", _stamp(at).encode("ascii"))
            )

    def has_company(self, account: str) -> bool:
        """Whether another installation was ever seen at work on the account."""
        return bool(self._rows("SELECT 1 FROM setting WHERE name = ?", (f"company {account}",)))

    # ---------------------------------------------------------------------------------------------- what was seen

    def watermark(self, account: str, folder: str) -> Watermark | None:
        """Say how far a folder has been read; None: never."""
        rows = self._rows(
            "SELECT uidvalidity, uidnext FROM watermark WHERE account = ? AND folder = ?", (account, folder)
        )
        return Watermark(uidvalidity=rows[0]["uidvalidity"], uidnext=rows[0]["uidnext"]) if rows else None

    def record_seen(
        self, account: str, folder: str, watermark: Watermark, seen: Iterable[Seen], facts: Iterable[Facts]
    ) -> None:
        """Write what a batch of messages gave, and how far the folder has been read, in one transaction.

        A row never falls back: a message of which facts were taken stays so.
        """
        with self._transaction():
            self._db.executemany(
                "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "outcome = excluded.outcome, reason = excluded.reason, key = excluded.key "
                "WHERE seen.outcome <> 'facts'",
                [(account, folder, watermark.uidvalidity, s.uid, s.outcome, s.reason, s.key) for s in seen],
            )
            self._db.executemany(
                "INSERT INTO fact VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [(account, f.key, _stamp(f.received_at), dump_facts(f)) for f in facts],
            )
            self._db.execute(
                "INSERT INTO watermark VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "uidvalidity = excluded.uidvalidity, uidnext = excluded.uidnext",
                (account, folder, watermark.uidvalidity, watermark.uidnext),
            )

    def ignored(self, account: str, folder: str, uidvalidity: int, uids: Iterable[int]) -> tuple[int, ...]:
        """Give those of the UIDs that were ignored, ascending."""
        wanted = frozenset(uids)
        rows = self._rows(
            "SELECT uid FROM seen WHERE account = ? AND folder = ? AND uidvalidity = ? AND outcome = 'ignored'",
            (account, folder, uidvalidity),
        )
        return tuple(sorted(row["uid"] for row in rows if row["uid"] in wanted))

    def facts(self, account: str) -> tuple[Facts, ...]:
        """Give every message's facts, oldest first."""
        rows = self._rows("SELECT document FROM fact WHERE account = ? ORDER BY received_at, key", (account,))
        return tuple(load_facts(row["document"]) for row in rows)

    def seen_counts(self, account: str) -> dict[str, int]:
        """Count the messages by what became of them."""
        rows = self._rows("SELECT outcome, count(*) FROM seen WHERE account = ? GROUP BY outcome", (account,))
        return {row[0]: row[1] for row in rows}

    def unreadable(self, account: str) -> tuple[tuple[str, int, str], ...]:
        """Give folder, UID and reason of each message that could not be read."""
        rows = self._rows(
            "SELECT folder, uid, reason FROM seen WHERE account = ? AND outcome = 'unreadable'", (account,)
        )
        return tuple((row["folder"], row["uid"], row["reason"] or "") for row in rows)

    # ----------------------------------------------------------------------------------------------- what was done

    def acts(self) -> tuple[Act, ...]:
        """Give every act, in the order in which they were recorded."""
        with self._turn:
            version = self._rows("PRAGMA data_version")[0][0]
            if self._acts is None or version != self._version:
                self._version = version
                rows = self._rows("SELECT document FROM act ORDER BY number")
                self._acts = tuple(load_act(row["document"]) for row in rows)
            return self._acts

    def record_act(self, act: Act) -> None:
        """Write one act."""
        with self._transaction():
            self._insert_act(act)

    def _insert_act(self, act: Act) -> None:
        self._db.execute("INSERT INTO act (at, document) VALUES (?, ?)", (_stamp(act.at), dump_act(act)))
        self._acts = None

    def drafts(self, account: str | None = None) -> tuple[DraftRow, ...]:
        """Give every draft that was ever tried, oldest first."""
        rows = self._draft_rows().values()
        return tuple(row for row in rows if account is None or row.account == account)

    def draft(self, followup_id: str) -> DraftRow | None:
        """Give the draft of a follow-up; None: never tried."""
        return self._draft_rows().get(followup_id)

    def _draft_rows(self) -> dict[str, DraftRow]:
        with self._turn:
            if self._drafts is None:
                rows = self._rows("SELECT * FROM draft ORDER BY rowid")
                self._drafts = {row["id"]: DraftRow.from_columns(dict(row)) for row in rows}
            return self._drafts

    def intend(self, row: DraftRow, act: Act) -> None:
        """Write the intent to append a draft, and the act that goes with it. Raises StateError if there is one."""
        columns = row.columns()
        names = ", ".join(columns)
        marks = ", ".join(f":{name}" for name in columns)
        try:
            with self._transaction():
                self._db.execute(f"INSERT INTO draft ({names}) VALUES ({marks})", columns)  # noqa: S608 - our own names
                self._insert_act(act)
        except sqlite3.IntegrityError as error:
            raise StateError(f"follow-up {row.id} was tried before; it is never made twice") from error
        self._drafts = None

    def change_draft(self, row: DraftRow, *acts: Act) -> None:
        """Write what became of a draft, and the acts that go with it, in one transaction.

        Raises ValueError for an edge that the protocol does not have.
        """
        with self._transaction():
            before = self._db.execute("SELECT state FROM draft WHERE id = ?", (row.id,)).fetchone()
            check_edge(DraftState(before["state"]), row.state)
            columns = row.columns()
            self._db.execute(
                f"UPDATE draft SET {', '.join(f'{n} = :{n}' for n in columns)} WHERE id = :id",  # noqa: S608 - our own names
                columns,
            )
            for act in acts:
                self._insert_act(act)
        self._drafts = None

    def decide(self, decision: Decision) -> bool:
        """Record a decision; False when it was recorded before."""
        with self._turn:
            if self._decided is None:
                self._decided = {row["identity"] for row in self._rows("SELECT identity FROM decision")}
            if decision.identity in self._decided:
                return False
            with self._transaction():
                self._db.execute(
                    "INSERT INTO decision (identity, document) VALUES (?, ?)",
                    (decision.identity, dump_decision(decision)),
                )
            self._decided.add(decision.identity)
            return True

    def decisions(self) -> tuple[Decision, ...]:
        """Give every decision, in the order in which they were recorded."""
        rows = self._rows("SELECT document FROM decision ORDER BY number")
        return tuple(load_decision(row["document"]) for row in rows)


def _stamp(instant: datetime) -> str:
    # One zone for all, so that text order is time order.
    return instant.astimezone(UTC).isoformat(timespec="seconds")
