"""Takes a letter (ours, or the person's) and what is known around it; gives its faults by policy.md section 6.

Ours are judged in tests, the person's before they are sent and by `tactful lint`. Nothing here knows what is true: a
letter without faults may still be wrong.
"""

from __future__ import annotations

from composer.lint_address import address_faults
from composer.lint_form import form_faults
from composer.lint_greeting import greeted_in
from composer.lint_page import Page
from composer.lint_phrases import table
from composer.lint_values import Check, Context, Fault, Severity, Writing
from composer.lint_wording import wording_faults

__all__ = ["Check", "Context", "Fault", "Severity", "Writing", "blocks", "greeted_in", "lint"]

_NOTHING_KNOWN = Context()
_ORDER = {"text": 1}  # the header stands above the text


def lint(writing: Writing, *, language: str | None, context: Context = _NOTHING_KNOWN) -> tuple[Fault, ...]:
    """Give every fault of a letter, those of the header first, then in the order of the text; nothing is raised.

    `language` is a BCP 47 primary subtag; the words of a language without a table (`composer/faults`), or of None, are
    not judged, the rest is. A check whose context is not known is left out.
    """
    page = Page(writing)
    words = table(language) if language else None
    found = [*address_faults(writing, page, words, context), *form_faults(page, words, context)]
    if words:
        found += wording_faults(page, words, context)
    return tuple(sorted(found, key=lambda fault: (_ORDER.get(fault.place, 0), fault.line, fault.column)))


def blocks(faults: tuple[Fault, ...]) -> bool:
    """Tell whether a letter with these faults must not be sent."""
    return any(fault.severity is Severity.BLOCK for fault in faults)
