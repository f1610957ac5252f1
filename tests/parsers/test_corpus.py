"""Every mail of the corpus is read as its golden file says.

`NAME.json` beside `NAME.eml` holds what is read now: a change of the reader shows as a change of files, for a person to
judge. A missing one is written, and the test fails once. Whether the reading is *right* is what the labels say:
`make accuracy` measures it.
"""

from __future__ import annotations

import json

import pytest

from benchmarks.labelled import CORPUS, Case, own_cases

CASES = list(own_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mail_is_read_as_its_golden_file_says(case: Case) -> None:
    golden = CORPUS / f"{case.name}.json"
    read = json.dumps(case.read(), ensure_ascii=False, indent=1) + "\n"
    if not golden.exists():
        golden.write_text(read, "utf-8")
        pytest.fail(f"{golden.name} was missing and has been written; look at it and run again")
    assert read == golden.read_text("utf-8"), "delete the golden file to take the new reading over"


def test_the_corpus_is_as_large_and_varied_as_its_page_says() -> None:
    languages = {case.language for case in CASES}
    kinds = {case.gold["kind"] for case in CASES}
    assert len(CASES) >= 250
    assert languages >= {"en", "de", "fr", "es", "pt"}
    assert len(kinds) == 13
