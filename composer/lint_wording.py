"""Takes a letter's page and its language's table; gives the faults of wording: guilt, deadlines, "just checking in"."""

from __future__ import annotations

from collections.abc import Iterator

from composer.lint_page import Page
from composer.lint_phrases import Sentence, Table, fold
from composer.lint_values import Check, Context, Fault, Severity

_B, _W = Severity.BLOCK, Severity.WARN
# How each fault of policy.md section 6 is called, whether it blocks, and what to do about it.
_ADVICE: dict[Check, tuple[Severity, str]] = {
    Check.GENERIC_OPENING: (_W, "Begin with what this letter alone can say: the role, the day, what was discussed."),
    Check.GUILT: (_B, "Do not make the reader feel guilty; say that you are still interested and ask one question."),
    Check.DESPERATION: (_B, "Leave it out: say what draws you to this role, not how much you need a job."),
    Check.DEADLINE: (_B, "Do not set the employer a deadline; ask whether there is an updated timeline."),
    Check.APOLOGY: (_W, "There is nothing to apologise for: leave it out."),
    Check.SELF_DOUBT: (_W, "Leave the doubt out, and say what you can do."),
    Check.NEGATIVITY: (_B, "Leave out what is negative about the process or an earlier employer."),
    Check.REPROACH: (_B, "Do not hold it against them; name the role and ask one friendly question."),
    Check.URGENCY: (_B, "Leave the pressure out: ask when an answer can be expected, once."),
    Check.PAY: (
        _B,
        "Do not speak of pay, benefits or holidays in a follow-up; that belongs to the talk about an offer.",
    ),
    Check.CHANNEL: (_W, "Do not announce calls, texts or messages elsewhere; one mail is enough."),
}
_EMPTY = "Give the mail a reason: name the role and the interview, and ask one question."


def wording_faults(page: Page, table: Table, context: Context) -> Iterator[Fault]:
    """Find every faulty phrase."""
    for sentence in page.sentences:
        for check, (severity, advice) in _ADVICE.items():
            for start, end in table.phrases[check].find(sentence):
                yield page.fault(check, severity, sentence.span(start, end), advice)
        yield from _empty_reason(page, sentence, table, context)


def _empty_reason(page: Page, sentence: Sentence, table: Table, context: Context) -> Iterator[Fault]:
    """Find "just checking in" where the sentence names nothing that it is about."""
    found = next(table.phrases[Check.EMPTY_REASON].find(sentence), None)
    if found is None:
        return
    named = {fold(word) for known in (context.company, *context.roles) if known for word in known.split()}
    if any(table.phrases["anchors"].find(sentence)) or not named.isdisjoint(sentence.words.split()):
        return
    yield page.fault(Check.EMPTY_REASON, Severity.WARN, sentence.span(*found), _EMPTY)
