"""The page of letters says what the program writes now."""

from __future__ import annotations

import pytest

from benchmarks.letters import PAGE, page


@pytest.mark.timeout(400)  # it goes through every scenario
def test_the_page_of_letters_is_what_the_program_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m benchmarks.letters"
