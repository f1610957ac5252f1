"""Prints for people, in tables with colour only on a terminal, and JSON Lines for programs."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from daemon.decision import Action, Decision
from daemon.report import JsonObject, to_line

PATIENCE = 2.0  # seconds after which a bar is shown


class JsonLines:
    """Prints objects to standard output, one a line, each at once."""

    def print(self, documents: Iterable[JsonObject]) -> None:
        """Print them as they come."""
        for document in documents:
            sys.stdout.write(to_line(document) + "\n")
            sys.stdout.flush()


def _console() -> Any:
    from rich.console import Console

    # Into a file or a pipe there is no width to keep to; on a terminal rich asks it.
    # What strangers wrote is printed as it is: no markup, no emoji by name.
    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 140)


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


class Progress:
    """A bar on standard error while a mailbox is read, once that takes longer than two seconds."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._started = time.monotonic()
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def update(self, folder: str, done: int, total: int) -> None:
        """Show how many of a folder's messages were looked at."""
        if not self._shown or time.monotonic() - self._started < PATIENCE:
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress as Bar

            self._bar = Bar(console=Console(stderr=True))
            self._bar.start()
        if folder not in self._tasks:
            self._tasks[folder] = self._bar.add_task(folder, total=total)
        self._bar.update(self._tasks[folder], completed=done, total=total)


def _local(instant: datetime | str | None, timezone: str) -> str:
    if instant is None:
        return ""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return moment.astimezone(ZoneInfo(timezone)).strftime("%a %d %b %H:%M")


def print_decisions(decisions: Iterable[Decision], timezone: str) -> None:
    """Print what was done and what was held back, each with its reason."""
    made = _table("when", "what", "to", "application", "rule", "why")
    held = _table("when", "not made", "to", "application", "rule", "why")
    for decision in decisions:
        application = ", ".join(part for part in (decision.company, decision.role) if part)
        when = _local(decision.at, timezone)
        row = (decision.to or "", application, decision.rule, decision.reason)
        match decision.action:
            case Action.CREATE:
                made.add_row(when, f"draft: {_letter(decision.kind)}", *row)
            case Action.WITHDRAW:
                made.add_row(when, f"taken back: {_letter(decision.kind)}", *row)
            case Action.CLOSE:
                made.add_row(when, f"closed: {_spoken(decision.state)}", *row)
            case Action.SUPPRESS:
                held.add_row(when, _letter(decision.kind), *row)
            case Action.POSTPONE:
                made.add_row(when, f"later: {_letter(decision.kind)}", *row)
    console = _console()
    console.print("What was done" if made.row_count else "Nothing was to be done.", style="bold")
    if made.row_count:
        console.print(made)
    if held.row_count:
        console.print("What was held back", style="bold")
        console.print(held)


_LETTERS = {
    "thank_you": "thank-you",
    "check_in_1": "check-in",
    "check_in_final": "final check-in",
    "closing_note": "closing note",
    "reschedule_offer": "answer to a cancellation",
    "rejection_reply": "answer to a rejection",
    "offer_ack": "answer to an offer",
}


def _letter(kind: str | None) -> str:
    return _LETTERS.get(kind or "", _spoken(kind))


def _spoken(word: str | None) -> str:
    return (word or "").replace("_", " ")


def print_readings(documents: Iterable[JsonObject]) -> None:
    """Print what each message says."""
    table = _table("message", "kind", "sure", "company", "role", "when", "answer by")
    problems: list[str] = []
    for document in documents:
        starts = ", ".join(interview["start"] for interview in document["interviews"])
        promise = document["promise"]["by"] if document["promise"] else None
        row = (document["path"], document["kind"], f"{document['confidence']:.2f}", document["company"] or "")
        table.add_row(*row, document["role"] or "", starts, promise or "")
        problems += [f"{document['path']}: {problem}" for problem in document["problems"]]
    console = _console()
    console.print(table)
    for problem in problems:
        console.print(problem, style="yellow")


_ENOUGH = 12  # characters of an id, of which the beginning is enough to name it
_STATES = {
    "intent": "being stored",
    "unknown": "being looked for",
    "appended": "waits for you",
    "refused": "refused by the server, tried again",
    "failed": "could not be stored",
    "needs-a-look": "look into Drafts yourself",
    "taken-over": "yours",
    "gone": "deleted or moved by you",
    "withdrawing": "being taken back",
    "withdrawn": "taken back",
    "left": "yours: it could not be taken back",
}


def print_plan(documents: Iterable[JsonObject], timezone: str) -> None:
    """Print interviews, what comes next, what is held back and why, and what needs a look."""
    console = _console()
    sections: dict[str, tuple[str, Any]] = {
        "interview": ("Interviews", _table("when", "company", "role", "with", "state", "id")),
        "planned": ("What comes next", _table("due", "what", "to", "application", "rule", "why", "id")),
        "draft": ("Drafts", _table("since", "what", "to", "application", "state", "note", "id")),
        "note": ("What you noted", _table("visit", "application", "for", "note")),
        "held_back": ("What is held back", _table("would be due", "what", "to", "application", "rule", "why", "id")),
        "closed": ("Closed", _table("when", "application", "state", "rule", "why")),
        "wish": ("What you want nothing of", _table("until", "what", "of", "said by")),
        "review": ("To be looked at", _table("came", "from", "application", "why", "subject and words")),
        "unreadable": ("Could not be read", _table("folder", "UID", "why")),
    }
    for document in documents:
        if document["what"] == "health":
            states = document["accounts"] or {"daemon": "has not run yet"}
            if document["accounts"] and not document["running"]:
                console.print("The daemon does not run. This is how it was when it last did:", style="bold")
            for account, state in states.items():
                console.print(f"{account}: {state}")
            if recovery := document["recovery"]:
                source = "its copy of the day" if recovery["copy"] else "one made anew from the mailbox"
                console.print(f"The ledger was damaged and is kept as {recovery['damaged']}; {source} took its place.")
        elif document["what"] != "postponed":  # what is put off stands in what comes next, with the rule that moved it
            sections[document["what"]][1].add_row(*map(_harmless, _cells(document, timezone)))
    for title, table in sections.values():
        if table.row_count:
            console.print(title, style="bold")
            console.print(table)
    if not any(table.row_count for _, table in sections.values()):
        console.print("No interviews were found, and nothing is planned.")
    if any(sections[what][1].row_count for what in ("planned", "held_back", "draft")):
        console.print("`tactful explain ID` tells the story of each; the beginning of an id is enough.")


def _harmless(text: str) -> str:
    """Take out what would steer a terminal: mail is written by strangers."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n" else c for c in text)


def _cells(document: JsonObject, timezone: str) -> Iterator[str]:
    application = ", ".join(document[key] for key in ("company", "role") if document.get(key))
    match document["what"]:
        case "interview":
            people = ", ".join(somebody["name"] or somebody["address"] for somebody in document["people"])
            start = _local(document["start"], timezone)
            yield from (start, document["company"] or "", document["role"] or "", people, document["status"])
            yield document["application"][:_ENOUGH]
        case "draft":
            yield from (_local(document["since"], timezone), _letter(document["kind"]), document["to"])
            yield from (application, _STATES.get(document["state"]) or document["state"], document["note"] or "")
            yield document["id"][:_ENOUGH]
        case "note":
            yield from (document["visit"], application, document["for"] or "", document["text"])
        case "closed":
            yield from (_local(document["at"], timezone), application, _spoken(document["state"]))
            yield from (document["rule"], document["reason"])
        case "review":
            words = (document["subject"], *document["quotes"])
            yield from (_local(document["at"], timezone), str(document["from"] or ""))
            yield from (application or document["application"], document["reason"])
            yield " / ".join(" ".join(word.split()) for word in words if word)
        case "wish":
            until = _local(document["until"], timezone) or "for good"
            yield from (until, _spoken(document["wish"]), f"{document['name']} ({document['scope']})", document["by"])
        case "unreadable":
            yield from (document["folder"], str(document["uid"]), document["reason"])
        case _:
            when = _local(document.get("due") or document.get("at"), timezone)
            yield from (f"now, since {when}" if document.get("due_now") else when, _letter(document["kind"]))
            yield from (document["to"] or "", application, document["rule"], document["reason"])
            yield document["id"][:_ENOUGH]


def print_wish(document: JsonObject, timezone: str) -> None:
    """Print what the person wished, as it was understood."""
    until = f" until {_local(document['until'], timezone)}" if document["until"] else ""
    said = {"muted": "Muted", "snoozed": "Put off", "resumed": "Taken up again"}[document["wish"]]
    _console().print(f"{said}{until}: {document['name']} ({document['scope']})")


def print_checkup(documents: Iterable[JsonObject]) -> None:
    """Print how each account is, and the person's own letters."""
    console = _console()
    for document in documents:
        what = document.get("account") or document["letters"]
        console.print(f"{what}: {'ok' if document['ok'] else 'not ok'}", style="bold")
        for use, folder in document.get("folders", {}).items():
            console.print(f"  {use}: {folder}")
        if document.get("templates"):
            console.print(f"  your own letters: {', '.join(document['templates'])}")
        if document.get("capabilities"):
            console.print(f"  capabilities: {' '.join(document['capabilities'])}")
        for problem in document["problems"]:
            console.print(f"  {problem}", style="yellow")


_CHAPTERS = {"messages": "What happened", "reckoning": "Why then", "outcome": "What became of it"}
_IN_THE_TITLE = frozenset({"company", "role"})


def print_explanation(document: JsonObject, timezone: str) -> None:
    """Print the story of one follow-up."""
    console = _console()
    post = ", ".join(document[key] for key in ("company", "role") if document[key])
    made = " (not made)" if document["held_back"] else ""
    console.print(f"{_letter(document['kind'])} to {document['to'] or 'nobody'}{made}", style="bold", soft_wrap=True)
    console.print(f"{post or 'an unnamed application'}; id {document['id']}", soft_wrap=True)
    for part, title in _CHAPTERS.items():
        lines = [line for line in document["story"] if line["part"] == part]
        if lines:
            console.print(f"\n{title}", style="bold")
        for line in lines:
            when = f"{_dated(line['at'], timezone)}  " if line["at"] else " " * 23
            console.print(f"  {when}{_harmless(line['text'])}", soft_wrap=True)
            for quote in line["evidence"]:
                words = _harmless(" ".join(quote["text"].split()))
                if quote["field"] not in _IN_THE_TITLE and words not in line["text"]:
                    console.print(f"  {' ' * 23}“{words}”", style="italic", soft_wrap=True)


def _dated(instant: str, timezone: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(timezone)).strftime("%a %d %b %Y %H:%M")
