"""What servers answer, in every way in which they write it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.bodystructure import read_leaves
from daemon.imap_answers import (
    LONG_AGO,
    read_appended,
    read_codes,
    read_fetch,
    read_listing,
    read_outline,
    read_search,
)
from daemon.imap_link import Chunks
from daemon.mailbox import Appended, Outline

HEADER = b"Message-ID: <m@x.example>\r\nDate: Fri, 20 Nov 2026 13:00:00 +0100\r\n\r\n"
STRUCTURE = (
    b'(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 20 2 NIL NIL NIL NIL)'
    b'("application" "pdf" ("name" "a.pdf") NIL NIL "base64" 4000 NIL ("attachment" ("filename" "a.pdf")) NIL NIL)'
    b' "mixed" ("boundary" "b") NIL NIL NIL)'
)


def outline(*chunks: bytes) -> Outline | None:
    values = read_fetch(list(chunks))
    return None if values is None else read_outline(values)


def usual(text: bytes) -> Outline:
    """The answer with these attributes before the header, which comes as a literal."""
    found = outline(b"7 FETCH (" + text + b" BODY[HEADER.FIELDS (Message-ID Date)] ", HEADER, b")")
    assert found is not None
    return found


USUAL = b'UID 9 FLAGS (\\Seen $X) INTERNALDATE "20-Nov-2026 12:00:00 +0100" RFC822.SIZE 5000 BODYSTRUCTURE ' + STRUCTURE


def test_a_usual_answer_is_an_outline() -> None:
    found = usual(USUAL)
    assert (found.uid, found.size, found.flags) == (9, 5000, frozenset({"\\Seen", "$X"}))
    assert found.received_at == datetime(2026, 11, 20, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    assert found.received_at.utcoffset() == timedelta(hours=1)
    assert found.header == HEADER
    assert [(part.section, part.content_type, part.filename, part.attachment) for part in found.parts] == [
        ("1", "text/plain", None, False),
        ("2", "application/pdf", "a.pdf", True),
    ]


def test_attributes_come_in_any_order_case_and_number() -> None:
    assert outline(
        b"7 FETCH (body[header.fields (\"DATE\" \"MESSAGE-ID\")] ", HEADER,
        b' MODSEQ (12) X-GM-LABELS ("\\\\Important" "a b") BODYSTRUCTURE ' + STRUCTURE
        + b' RFC822.SIZE 5000 INTERNALDATE "20-Nov-2026 12:00:00 +0100" flags (\\Seen $X) uid 9)'
    ) == usual(USUAL)  # fmt: skip


def test_attributes_behind_the_parenthesis_count_too() -> None:
    assert outline(
        b"7 FETCH (UID 9 BODY[HEADER.FIELDS (Date)] ", HEADER, b') RFC822.SIZE 5000'
    ) == usual(b"UID 9 RFC822.SIZE 5000")  # fmt: skip


def test_a_file_name_may_come_as_a_literal() -> None:
    before, after = STRUCTURE.replace(b'("name" "a.pdf")', b"NIL").split(b'"a.pdf"')
    found = outline(
        b"7 FETCH (UID 9 BODYSTRUCTURE " + before, "Anfahrt (für Sie).pdf".encode(),
        after + b" BODY[HEADER.FIELDS (Date)] ", HEADER, b")",
    )  # fmt: skip
    assert found is not None
    assert found.parts[1].filename == "Anfahrt (für Sie).pdf"


def test_quotes_and_parentheses_within_a_string_are_text() -> None:
    found = usual(b'UID 9 BODYSTRUCTURE ("text" "plain" ("name" "a \\"b\\" (c) \\\\ NIL.txt") NIL NIL "7bit" 2 1)')
    assert [part.filename for part in found.parts] == ['a "b" (c) \\ NIL.txt']


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (b'("NAME*" "utf-8\'\'f%C3%BCr%20Sie.ics")', "für Sie.ics"),
        (b'("name*0*" "utf-8\'\'f%C3%BC" "name*1" "r Sie" "name*2*" "%2eics")', "für Sie.ics"),
        (b'("name" "=?utf-8?q?f=C3=BCr_Sie=2Eics?=")', "für Sie.ics"),
        ('("name" "für Sie.ics")'.encode(), "für Sie.ics"),
        (b'("name*" "nonsense\'\'%C3%BC.ics")', "ü.ics"),
        (b'("name" "")', None),
        (b"NIL", None),
    ],
)
def test_a_file_name_is_read_however_it_is_written(parameters: bytes, name: str | None) -> None:
    found = usual(b'UID 9 BODYSTRUCTURE ("text" "calendar" ' + parameters + b' NIL NIL "7bit" 2 1)')
    assert [part.filename for part in found.parts] == [name]


def test_an_embedded_message_is_one_leaf_and_what_follows_keeps_its_number() -> None:
    envelope = b'(NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL)'
    inner = b'("text" "plain" NIL NIL NIL "7bit" 5 1)'
    found = usual(
        b'UID 9 RFC822.SIZE 77 BODYSTRUCTURE (("message" "rfc822" NIL NIL NIL "7bit" NIL ' + envelope + b" " + inner
        + b' 9 NIL ("attachment" NIL))(("text" "html" NIL NIL NIL "7bit" 5 1)("image" "png" NIL NIL NIL "base64" 6)'
        b' "related") "mixed")'
    )  # fmt: skip
    assert [(part.section, part.content_type, part.size) for part in found.parts] == [
        ("1", "message/rfc822", 77), ("2.1", "text/html", 5), ("2.2", "image/png", 6)
    ]  # fmt: skip
    assert found.parts[0].attachment


@pytest.mark.parametrize(
    "structure", [b"NIL", b"()", b'("text")', b"x", b'(NIL "mixed")', b"(" * 60 + b")" * 60, b'(("text" "plain"))']
)
def test_a_message_without_a_readable_structure_still_has_an_outline(structure: bytes) -> None:
    found = usual(b"UID 9 RFC822.SIZE 5 BODYSTRUCTURE " + structure)
    assert (found.uid, found.size, found.parts) == (9, 5, ())


def test_news_of_a_flag_is_no_outline() -> None:
    assert outline(b"7 FETCH (FLAGS (\\Seen))") is None
    assert outline(b"7 FETCH (UID 9 FLAGS (\\Seen))") is None
    assert outline(b"7 EXISTS") is None


def test_what_another_client_has_just_expunged_has_no_outline() -> None:
    vanished = b"7 FETCH (UID 9 FLAGS (\\Deleted) RFC822.SIZE %d BODY[HEADER.FIELDS (Date)] NIL)"
    assert outline(vanished % 0) is None
    assert outline(vanished % 30) is not None


def test_a_header_may_be_empty_quoted_or_whole() -> None:
    for value, header in ((b"NIL", b"\r\n"), (b'"Subject: x"', b"Subject: x")):
        found = outline(b"7 FETCH (UID 9 BODY[HEADER.FIELDS (Date)] " + value + b")")
        assert found is not None
        assert found.header == header
    whole = outline(b"7 FETCH (UID 9 RFC822.HEADER ", b"Received: x\r\n" + HEADER, b")")
    assert whole is not None
    assert whole.header == HEADER


@pytest.mark.parametrize(
    ("internaldate", "arrival"),
    [
        (b'" 1-Feb-2026 00:00:01 -0330"', datetime(2026, 2, 1, 3, 30, 1, tzinfo=UTC)),
        (b'"01-FEB-2026 23:59:59 +0000"', datetime(2026, 2, 1, 23, 59, 59, tzinfo=UTC)),
        (b'"31-Feb-2026 00:00:00 +0000"', datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
        (b"NIL", datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
        (b'"yesterday"', datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
    ],
)
def test_the_arrival_is_internaldate_else_the_date_field(internaldate: bytes, arrival: datetime) -> None:
    assert usual(b"UID 9 INTERNALDATE " + internaldate).received_at == arrival


def test_a_message_that_nothing_dates_arrived_long_ago() -> None:
    found = outline(b"7 FETCH (UID 9 BODY[HEADER.FIELDS (Date)] ", b"Date: soon\r\n\r\n", b")")
    assert found is not None
    assert found.received_at == LONG_AGO


TEXTS = st.lists(
    st.sampled_from([b"(", b")", b'"', b"\\", b" ", b"UID 5", b"BODY[", b"]", b"BODYSTRUCTURE", b"NIL", b'"text"'])
    | st.binary(max_size=4),
    max_size=40,
).map(b"".join)  # fmt: skip


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_an_answer_of_any_octets_is_read_or_refused(texts: list[bytes]) -> None:
    chunks: Chunks = [b"7 FETCH (" + texts[0], *texts[1:]]
    try:
        values = read_fetch(chunks)
    except ValueError:
        return
    if values is not None:
        read_outline(values)


@pytest.mark.parametrize(
    "text", [b'"\\' * 400_000, b"BODY[" * 200_000, b"(" * 500_000, b'"' * 400_001, b"\\" * 900_000]
)
def test_a_hostile_line_costs_no_more_than_its_length(text: bytes) -> None:
    with suppress(ValueError):
        read_fetch([b"7 FETCH (UID 5 " + text + b")"])


structures = st.recursive(
    st.none() | st.binary(max_size=6) | st.sampled_from([b"text", b"plain", b"7", b"attachment"]),
    lambda inner: st.lists(inner, max_size=10),
    max_leaves=40,
)


@given(structures)
def test_any_structure_is_read_or_refused(structure: object) -> None:
    try:
        leaves = read_leaves(structure, 1)  # type: ignore[arg-type]  # hypothesis cannot name the recursive type
    except ValueError:
        return
    assert len({leaf.section for leaf in leaves}) == len(leaves)


def test_listings_are_read_in_every_spelling() -> None:
    lines: list[Chunks] = [
        [rb'LIST (\HasNoChildren \Drafts) "/" "Entw&APw-rfe"'],
        [rb'list () NIL INBOX'],
        [rb'LIST (\Noselect) "." ', b'odd "name"', b""],
        [rb'LIST (\Marked) "\\" "a\\\"b" ("CHILDINFO" ("SUBSCRIBED"))'],
        ["LIST () \"/\" \"Entwürfe\"".encode()],
        [b'LIST () "/" "broken&utf7"'],
        [b"LIST garbage"],
        [b"LSUB () NIL x"],
    ]  # fmt: skip
    found = [listing for line in lines if (listing := read_listing(line)) is not None]
    assert [(listing.name, listing.delimiter) for listing, _ in found[:5]] == [
        ("Entwürfe", "/"), ("INBOX", None), ('odd "name"', "."), ('a\\"b', "\\"), ("Entwürfe", "/")
    ]  # fmt: skip
    assert found[0][0].attributes == {"\\hasnochildren", "\\drafts"}
    assert found[0][1] == b"Entw&APw-rfe"
    assert len(found) == 6


def test_search_answers_may_be_split_and_carry_more() -> None:
    assert read_search([[b"SEARCH 3 1"], [b"SEARCH"], [b"5 EXISTS"], [b"SEARCH 9 (MODSEQ 7)"]]) == [1, 3, 9]


def test_codes_of_an_opened_folder() -> None:
    answers: list[Chunks] = [
        [b"4 EXISTS"], [b"OK [UIDVALIDITY 77] UIDs valid"], [b"OK [UIDNEXT 12] Predicted"], [b"OK [HIGHESTMODSEQ 5]"],
        [b"OK [NOMODSEQ] none"], [b"FLAGS (\\Seen)"],
    ]  # fmt: skip
    assert read_codes(answers) == {"EXISTS": 4, "UIDVALIDITY": 77, "UIDNEXT": 12, "HIGHESTMODSEQ": 5}


def test_the_answer_to_an_append() -> None:
    assert read_appended("[APPENDUID 38505 3955] done") == Appended(uidvalidity=38505, uid=3955)
    assert read_appended("APPEND completed") == Appended()
    assert read_appended("[APPENDUID 1 2:3] odd") == Appended()
