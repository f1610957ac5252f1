"""HTML becomes the text that a person sees."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.html import html_to_text


def test_cells_stay_apart_and_blocks_begin_lines() -> None:
    html = (
        "<table><tr><td>When</td><td>Tuesday, <b>Dec</b>ember 1</td></tr><tr><td>Who</td><td>Dana</td></tr></table>Bye"
    )
    assert html_to_text(html).text == "When\tTuesday, December 1\nWho\tDana\nBye"


def test_inline_tags_do_not_split_words_and_breaks_do() -> None:
    assert html_to_text("<div>con<b>firm</b>ed<br>on&nbsp;Tuesday</div>").text == "confirmed\non Tuesday"


def test_lists_have_bullets_and_paragraphs_blank_lines() -> None:
    assert (
        html_to_text("<p>Bring:</p><ul><li>laptop</li><li>passport</li></ul>").text == "Bring:\n\n- laptop\n- passport"
    )


@pytest.mark.parametrize(
    "attributes",
    [
        "hidden",
        'style="display:none"',
        'style="DISPLAY : NONE !important"',
        'style="visibility:hidden"',
        'style="mso-hide:all"',
        'style="max-height:0px;overflow:hidden"',
        'style="opacity:0"',
        'style="font-size:0px;line-height:0"',
        'style="height:0;width:0;overflow:hidden"',
    ],
)
def test_what_is_hidden_is_not_read(attributes: str) -> None:
    assert html_to_text(f"<div {attributes}>Peek inside</div><p>Hello</p>").text == "Hello"


def test_a_small_text_inside_a_zero_sized_wrapper_is_seen() -> None:
    html = '<td style="font-size:0px;padding:20px"><div style="font-size:13px">Your interview</div></td>'
    assert html_to_text(f"<table><tr>{html}</tr></table>").text == "Your interview"


def test_max_height_of_ten_pixels_and_half_opacity_are_not_hidden() -> None:
    assert html_to_text('<p style="max-height:0.5em;opacity:0.5">seen</p>').text == "seen"


def test_head_scripts_styles_and_office_comments_are_dropped() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><!--[if mso]><p>Outlook only</p><![endif]-->"
        "<script>var x='<p>';</script><p>Hello</p></body></html>"
    )
    assert html_to_text(html).text == "Hello"


def test_struck_out_times_are_not_what_the_sender_says() -> None:
    assert html_to_text(
        "<p>When: <s>Monday</s> <span style='text-decoration:line-through'>Tue</span> Friday</p>"
    ).text == ("When: Friday")


def test_invisible_characters_do_not_come_through() -> None:
    assert html_to_text("<p>in&shy;ter&#8203;view&zwnj;</p>").text == "interview"


def test_links_are_kept_once_and_only_web_ones() -> None:
    html = (
        '<a href="https://meet.example/x?a=1&amp;b=2">Join</a> <a href="mailto:a@b.example">m</a>'
        '<a href=" https://meet.example/x?a=1&b=2 ">again</a><a href="javascript:x()">j</a>'
    )
    assert html_to_text(html).links == ("https://meet.example/x?a=1&b=2",)


def test_a_gmail_answer_comes_out_with_its_quotation_marked() -> None:
    html = (
        '<div dir="ltr">Tuesday works.</div><br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">On Mon, Nov 30, 2026 at 10:00 Sam &lt;sam@me.example&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex"><div>Which day?</div>'
        '<blockquote class="gmail_quote">older</blockquote></blockquote></div>'
    )
    assert html_to_text(html).text.split("\n") == [
        "Tuesday works.",
        "",
        "> On Mon, Nov 30, 2026 at 10:00 Sam <sam@me.example> wrote:",
        ">",
        "> Which day?",
        ">",
        "> > older",
    ]


def test_a_gmail_forward_is_not_marked_as_quotation() -> None:
    html = (
        '<div>FYI</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "From: Dana &lt;dana@northwind.example&gt;<br>Subject: Interview<br></div><p>Tuesday at 2pm</p></div>"
    )
    text = html_to_text(html).text
    assert "\n---------- Forwarded message ---------\nFrom: Dana <dana@northwind.example>\n" in text
    assert ">" not in text.replace("<dana@northwind.example>", "")


def test_outlooks_header_of_a_quoted_message_gets_its_rule() -> None:
    html = (
        "<p>Fine.</p><div id='divRplyFwdMsg'><b>Od:</b> Sam<br><b>Temat:</b> Interview</div><div>older</div>"
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><b>From:</b> A</div>'
    )
    rule = "_" * 32
    assert html_to_text(html).text.split("\n") == [
        "Fine.",
        rule,
        "Od: Sam",
        "Temat: Interview",
        "older",
        rule,
        "From: A",
    ]


def test_a_page_laid_out_in_a_bare_blockquote_quotes_nobody() -> None:
    assert (
        html_to_text("<blockquote><p>Your interview is confirmed.</p></blockquote>").text
        == "Your interview is confirmed."
    )
    assert (
        html_to_text("<p>Dana wrote:</p><blockquote><p>Can you?</p></blockquote>").text == "Dana wrote:\n\n> Can you?"
    )
    assert html_to_text("<p>Times:</p><blockquote>2pm</blockquote>").text == "Times:\n\n2pm"


def test_an_indented_paragraph_is_no_quotation() -> None:
    html = (
        '<div>Plan:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>Tuesday</div></blockquote>'
    )
    assert html_to_text(html).text == "Plan:\n\nTuesday"


def test_a_signature_block_gets_its_delimiter() -> None:
    html = '<div>Hello</div><div class="gmail_signature"><div>Dana Lee</div></div>'
    assert html_to_text(html).text == "Hello\n-- \nDana Lee"


def test_preformatted_text_keeps_its_lines() -> None:
    assert html_to_text("<pre>one\n\n  two</pre>three").text == "one\n\ntwo\n\nthree"


@pytest.mark.parametrize(
    "broken", ["", "<", "<p", "<p>a<table>b", "</p></p>x", "a<b>c</i>d", "<!--", "&#0;&#xD800;", "\ud800"]
)
def test_broken_html_is_read(broken: str) -> None:
    assert isinstance(html_to_text(broken).text, str)


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 200_000,
        "<form><b></form>" * 70_000,
        "<blockquote>x" * 80_000,
        "<p " + " ".join(f"a{number}=1" for number in range(90_000)) + ">x",
        '<p =">" ' + " ".join(f'a{number}=">"' for number in range(70_000)) + ">x",
        "<p/" + "/".join(f"a{number}" for number in range(120_000)) + ">x",
        "<table><tr><td>" * 60_000,
        "<p style='" + "overflow:hidden;height:0;" * 40_000 + "'>x",
    ],
    ids=["deep", "forms", "quotes", "attributes", "quoted attributes", "slashed attributes", "tables", "style"],
)
def test_a_bomb_costs_little(bomb: str) -> None:
    start = time.process_time()
    html_to_text(bomb)
    assert time.process_time() - start < 3


def test_a_long_page_is_read_to_the_end_without_traces() -> None:
    rows = "".join(f"<tr><td title='a > b'>Row {number}</td><td>x</td></tr>\n" for number in range(2000))
    text = html_to_text(f"<table>{rows}</table>").text
    assert text.split("\n") == [f"Row {number}\tx" for number in range(2000)]


def test_a_picture_inside_the_page_leaves_nothing() -> None:
    html = "<p>Hello</p><img src='data:image/png;base64," + "iVBORw0KGgo/" * 10_000 + "'><p>World</p>"
    assert html_to_text(html).text == "Hello\n\nWorld"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<div>",
                "</div>",
                "<p hidden>",
                "</p>",
                "<td>",
                "<blockquote>",
                "a ",
                "&amp;",
                "<br>",
                "<a href='",
                "'>",
                "\ue000",
                '"',
            ]
        )
    )
)
def test_any_tag_soup_is_read(pieces: list[str]) -> None:
    html_to_text("".join(pieces))


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_is_read(html: str) -> None:
    html_to_text(html)
