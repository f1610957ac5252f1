"""The tree of errors of this package: a letter or a draft that cannot be made, and the reason."""

from __future__ import annotations


class ComposerError(ValueError):
    """A letter or a draft could not be made from what was given."""


class NoTemplate(ComposerError):
    """There are no letters in this language yet."""

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__(f"There are no letters in {language!r}; set the account's language to one that is shipped.")


class MoreThanWords(ComposerError):
    """A language model changed more in a letter than its words."""

    def __init__(self, changes: tuple[str, ...]) -> None:
        self.changes = changes
        super().__init__(f"More than the words was changed: {'; '.join(changes)}.")


class UnsafeDraft(ComposerError):
    """A draft was not written, because a header would not be what was planned."""

    def __init__(self, header: str, problem: str) -> None:
        self.header = header
        self.problem = problem
        super().__init__(f"No draft was written: {header} {problem}.")
