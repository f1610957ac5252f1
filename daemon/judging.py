"""A draft that the person wants to be sent in, the faults for which it must not go out as sentences for them out."""

from __future__ import annotations

from collections.abc import Iterator

from composer.lint import Check, Context, Severity
from daemon.drafts import DraftRow
from daemon.ledger import Ledger
from daemon.proof import read_proof


class Judge:
    """Judges letters by policy.md section 6, with what the ledger knows of the person's other applications."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __call__(self, row: DraftRow, message: bytes) -> Iterator[str]:
        """Give a sentence for each fault that blocks; open placeholders are named elsewhere."""
        for fault in read_proof(message).judge(self._context(row)):
            if fault.severity is Severity.BLOCK and fault.check is not Check.PLACEHOLDER:
                place = f"line {fault.line}" if fault.place == "text" else fault.place.title()
                yield f"{place}, “{fault.words}”: {fault.advice}"

    def _context(self, row: DraftRow) -> Context:
        followup = row.followup
        known = [other.followup for other in self._ledger.drafts()]
        same = [other for other in known if other.application == followup.application]
        others = [other for other in known if other.application != followup.application]
        companies = {other.company for other in same if other.company}
        recipients = {other.to.address for other in same}
        return Context(
            kind=followup.kind,
            wording=followup.wording,
            to_name=followup.to.name,
            company=followup.company,
            roles=(followup.role,) if followup.role else (),
            other_companies=frozenset(other.company for other in others if other.company) - companies,
            other_recipients=frozenset(other.to.address for other in others) - recipients,
        )
