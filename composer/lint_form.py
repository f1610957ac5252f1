"""Takes a letter's page; gives the faults of form: length, gaps left open, shouting, links, what was said before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.agenda import FollowUpKind, Wording
from composer.lint_greeting import Greeting, read_greeting
from composer.lint_page import Page
from composer.lint_phrases import Table, fold, sentences
from composer.lint_values import Check, Context, Fault, Severity

# policy.md section 6, greeting and signature not counted: fewest words, most, what no letter of the kind may pass.
_LENGTHS = {
    FollowUpKind.THANK_YOU: (80, 150, 200),
    FollowUpKind.CHECK_IN_1: (50, 90, 120),
    FollowUpKind.CHECK_IN_FINAL: (40, 80, 120),
    FollowUpKind.CLOSING_NOTE: (40, 80, 120),
    FollowUpKind.RESCHEDULE_OFFER: (40, 80, 120),
    FollowUpKind.REJECTION_REPLY: (50, 100, 150),
    FollowUpKind.OFFER_ACK: (40, 80, 120),
}
_OTHER_THANK_YOU = {
    Wording.SHORT: (50, 150, 200),  # where the decision falls on the same day, fewer words are enough
    Wording.RECRUITER_SCREEN: (50, 100, 200),
}
_ANY_LENGTH = (0, 150, 200)

_GAP = re.compile(r"\[\[[^\[\]]{1,200}\]\]|\{\{[^{}]{1,200}\}\}")
_MAYBE_GAP = re.compile(r"(?<!\[)\[[^\W\d_][^\[\]\n\d@:/]{1,40}\](?![(\]])|<[^\W\d_][\w ]{2,40}>|\bX{3,20}\b")
_LINK = re.compile(r"https?://\S{1,200}|\bwww\.\S{1,200}", re.IGNORECASE)
_EXCLAMATION = re.compile(r"[!！]{1,20}")
# Pictographs, dingbats and what makes them up; arrows, "©" and "™" are no emoji.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b50][\ufe0f\u200d\U0001f000-\U0001faff\u2640\u2642]{0,10}"
    r"|(?<![\w:;=])[:;=]['’]?-?[)(DPp](?![\w)])|(?<!\w)<3(?!\w)"
)
_CAPITALS = re.compile(r"[^\W\d_]{2,40}")
_SHOUTED_WORDS = 3  # in a row; two may be names: "AWS SQL", "IBM UK"
_REPEATED_WORDS = 6  # of a sentence; "Thank you for your time." may stand twice


def form_faults(page: Page, table: Table | None, context: Context) -> Iterator[Fault]:
    """Find what is wrong whatever the words mean."""
    yield from _gaps(page)
    yield from _length(page, read_greeting(page, table), context)
    yield from _marks(page)
    if not context.links_asked_for:
        for found in page.find(_LINK):
            yield page.fault(Check.LINK, Severity.WARN, found.span(), "Leave out links that nobody asked for.")
    yield from _shouting(page, table, context)
    yield from _repeated(page, context)


def _gaps(page: Page) -> Iterator[Fault]:
    for found in page.find(_GAP):
        yield page.fault(Check.PLACEHOLDER, Severity.BLOCK, found.span(), "Fill this in, or delete the sentence.")
    for found in page.find(_MAYBE_GAP):
        advice = "If this was to be filled in, fill it in."
        yield page.fault(Check.PLACEHOLDER, Severity.WARN, found.span(), advice)


def _length(page: Page, greeting: Greeting | None, context: Context) -> Iterator[Fault]:
    skipped = greeting.span[1] if greeting else 0
    words = [found for found in page.words if found.start() >= skipped]
    if not words:
        return
    count = len(words)
    fewest, most, limit = _lengths(context)
    if count > most:
        severity = Severity.BLOCK if count > limit and context.kind else Severity.WARN
        span = words[most].span()
        advice = f"The letter has {count} words; {most} are enough" + (f", {limit} the most." if context.kind else ".")
        yield page.fault(Check.TOO_LONG, severity, span, advice)
    elif count < fewest:
        advice = f"The letter has {count} words; with {fewest} or more it can say something of its own."
        yield page.fault(Check.TOO_SHORT, Severity.WARN, (words[0].start(), words[-1].end()), advice)


def _lengths(context: Context) -> tuple[int, int, int]:
    if context.kind is None:
        return _ANY_LENGTH
    if context.kind is FollowUpKind.THANK_YOU and context.wording in _OTHER_THANK_YOU:
        return _OTHER_THANK_YOU[context.wording]
    return _LENGTHS[context.kind]


def _marks(page: Page) -> Iterator[Fault]:
    exclamations = list(page.find(_EXCLAMATION))
    if sum(len(found[0]) for found in exclamations) > 1:
        span = exclamations[-1].span()
        yield page.fault(Check.EXCLAMATION, Severity.WARN, span, "One exclamation mark is the most; none is better.")
    for found in page.find(_EMOJI):
        yield page.fault(Check.EMOJI, Severity.WARN, found.span(), "Leave out emoji and smileys.")


def _shouting(page: Page, table: Table | None, context: Context) -> Iterator[Fault]:
    """Find capitals that are no acronyms: several words in a row, or one that is a common word: "VERY"."""
    names = {
        word
        for known in (context.company, context.to_name, *context.roles)
        if known
        for word in re.findall(r"\w+", known)
    }
    emphasis = table.sets["emphasis"] if table else frozenset()
    row: list[re.Match[str]] = []
    for found in (*page.find(_CAPITALS), None):
        capital = found is not None and found[0].isupper() and found[0] not in names
        apart = (
            found is not None
            and row
            and re.fullmatch(r"[ \t,;]{1,5}", page.text[row[-1].end() : found.start()]) is None
        )
        if row and (not capital or apart):
            common = any(fold(word[0]) in emphasis for word in row)
            if common or (len(row) >= _SHOUTED_WORDS and any(len(word[0]) > 4 for word in row)):
                span = (row[0].start(), row[-1].end())
                yield page.fault(Check.SHOUTING, Severity.WARN, span, "Write it in small letters.")
            row = []
        if found is not None and capital:
            row.append(found)


def _repeated(page: Page, context: Context) -> Iterator[Fault]:
    if context.last_letter is None:
        return
    before = {sentence.words for sentence in sentences(context.last_letter, 0, len(context.last_letter))}
    for sentence in page.sentences:
        if len(sentence.spans) >= _REPEATED_WORDS and sentence.words in before:
            span = (sentence.spans[0][0], sentence.spans[-1][1])
            advice = "The last letter to them had this very sentence: say it in another way."
            yield page.fault(Check.REPEATED, Severity.WARN, span, advice)
