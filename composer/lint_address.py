"""Takes a letter's header, greeting and Context; gives the faults of who gets it and what its header does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.lint_greeting import Greeting, is_name_of, read_greeting
from composer.lint_page import Page
from composer.lint_phrases import Table, fold, sentences
from composer.lint_values import Check, Context, Fault, Severity, Writing
from composer.values import person_name

SUBJECT_LENGTH = 60  # characters; policy.md section 5
_RE = re.compile(r"\s*(?:re|aw|antw|rv|ref|res|tr|sv|fwd?|wg|enc)(?:\[\d{1,3}\])?\s?:", re.IGNORECASE)
_NAME_SUFFIXES = frozenset("inc llc ltd gmbh ag se sa sas sarl sl slu bv kg co corp plc lda ltda".split())

# Header fields that make the reader's program or server do something, or press the reader.
_ACTING = {
    "disposition-notification-to": "It asks for a read receipt (RFC 8098).",
    "return-receipt-to": "It asks for a receipt of delivery.",
    "x-confirm-reading-to": "It asks for a read receipt.",
    "read-receipt-to": "It asks for a read receipt.",
    "generate-delivery-report": "It asks for a receipt of delivery.",
    "reply-by": "It sets a date for the answer.",
    "expires": "It makes the mail disappear after a date.",
    "expiry-date": "It makes the mail disappear after a date.",
    "x-message-flag": "It marks the mail for the reader.",
    "auto-submitted": "It tells that a program wrote the mail (RFC 3834).",
    "precedence": "It tells that the mail goes to many.",
    "list-unsubscribe": "It tells that the mail goes to many.",
}
_WEIGHTS = ("importance", "priority", "x-priority", "x-msmail-priority")
_HEAVY = re.compile(r"\s*(?:high|urgent|highest|[12]\b)", re.IGNORECASE)
_HARMLESS = {"auto-submitted": "no"}


def address_faults(writing: Writing, page: Page, table: Table | None, context: Context) -> Iterator[Fault]:
    """Find what is wrong with recipients, header fields, subject, attachments, and the names in the text."""
    yield from _recipients(writing, context)
    yield from _acting(writing)
    yield from _subject(writing)
    if writing.attachments and not context.attachments_asked_for:
        files = ", ".join(writing.attachments)
        yield _field(Check.ATTACHMENT, Severity.WARN, "attachment", files, "Attach only what they asked for.")
    yield from _companies(writing, page, context)
    if greeting := read_greeting(page, table):
        yield from _name(writing, page, greeting, context)
    if table and not _names_something(writing, page, table, greeting, context):
        span = page.first_line or (0, 0)
        advice = "The letter names no role, no company and no person: it could have gone to anybody."
        yield page.fault(Check.NOTHING_NAMED, Severity.WARN, span, advice)


def _field(check: Check, severity: Severity, place: str, words: str, advice: str, column: int = 1) -> Fault:
    words = " ".join(words.split())[:200]
    return Fault(check=check, severity=severity, place=place, line=1, column=column, words=words, advice=advice)


def _recipients(writing: Writing, context: Context) -> Iterator[Fault]:
    if len(writing.to) > 1 or writing.copies:
        place = "to" if len(writing.to) > 1 else next((name for name in ("cc", "bcc") if name in writing.headers), "cc")
        words = ", ".join(address.address for address in (*writing.to, *writing.copies))
        advice = "One letter, one recipient: no copies, and no group mail."
        yield _field(Check.SEVERAL_RECIPIENTS, Severity.BLOCK, place, words, advice)
    for address in (*writing.to, *writing.copies):
        if address.address in context.other_recipients:
            advice = "This address belongs to another of your applications."
            yield _field(Check.OTHER_APPLICATION, Severity.BLOCK, "to", address.address, advice)


def _acting(writing: Writing) -> Iterator[Fault]:
    for name, values in writing.headers.items():
        value = values[0] if values else ""
        if name in _ACTING and value.strip().lower() != _HARMLESS.get(name):
            yield _field(Check.ACTING_HEADER, Severity.BLOCK, name, value, f"{_ACTING[name]} Take the field out.")
        elif name in _WEIGHTS and _HEAVY.match(value):
            advice = "It marks the mail as urgent. Take the field out."
            yield _field(Check.ACTING_HEADER, Severity.BLOCK, name, value, advice)


def _subject(writing: Writing) -> Iterator[Fault]:
    if writing.answers is not False:
        return
    if found := _RE.match(writing.subject):
        advice = "Nothing is answered here: the subject of a new mail has no such prefix."
        yield _field(Check.NEW_RE, Severity.WARN, "subject", found[0].strip(), advice)
    if len(writing.subject) > SUBJECT_LENGTH:
        advice = f"The subject has {len(writing.subject)} characters; a phone shows {SUBJECT_LENGTH} at the very most."
        rest = writing.subject[SUBJECT_LENGTH:]
        yield _field(Check.LONG_SUBJECT, Severity.WARN, "subject", rest, advice, SUBJECT_LENGTH + 1)


# ------------------------------------------------------------------------------------------------ names in the text


def _companies(writing: Writing, page: Page, context: Context) -> Iterator[Fault]:
    own = fold(context.company or "")
    for company in sorted(context.other_companies):
        core = _core(company)
        if len(core) < 2 or not context.company or core in own or _core(context.company) in fold(company):
            continue
        pattern = re.compile(rf"(?<!\w){re.escape(company[: len(core)])}(?!\w)", re.IGNORECASE)
        advice = f"{company} is another of your applications; this letter is for {context.company}."
        if found := pattern.search(writing.subject):
            yield _field(Check.WRONG_COMPANY, Severity.BLOCK, "subject", found[0], advice, found.start() + 1)
        for found in page.find(pattern):
            if found[0][0].isupper() or found[0][0].isdigit() or company[0].islower():  # "apple" is a fruit
                yield page.fault(Check.WRONG_COMPANY, Severity.BLOCK, found.span(), advice)


def _core(company: str) -> str:
    """Give a company's name, folded, without its legal form."""
    words = fold(company).split()
    while len(words) > 1 and words[-1].strip(".,") in _NAME_SUFFIXES:
        words.pop()
    return " ".join(words).rstrip(",")


def _name(writing: Writing, page: Page, greeting: Greeting, context: Context) -> Iterator[Fault]:
    known = context.to_name or (writing.to[0].name if len(writing.to) == 1 else None)
    name = person_name(known)
    company = {fold(word) for word in re.findall(r"\w+", context.company or "")}
    if name is None or not greeting.names or {fold(word) for word in re.findall(r"\w+", name)} & company:
        return
    if any(fold(word) in company for word in greeting.names) or is_name_of(greeting.names, name):
        return
    advice = f"The letter goes to {name}: greet them by that name."
    yield page.fault(Check.WRONG_NAME, Severity.BLOCK, greeting.span, advice)


def _names_something(writing: Writing, page: Page, table: Table, greeting: Greeting | None, context: Context) -> bool:
    if greeting and greeting.names:
        return True
    known = " ".join(filter(None, (context.company, *context.roles)))
    named = {fold(word) for word in re.findall(r"\w{3,}", known)}
    said = (*page.sentences, *sentences(writing.subject, 0, len(writing.subject)))
    return any(
        any(table.phrases["anchors"].find(sentence)) or not named.isdisjoint(sentence.words.split())
        for sentence in said
    )
