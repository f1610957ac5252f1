"""Turns bytes of a declared, wrong or missing character set into readable text; never fails."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Only families that decode to text in linear time: "idna" is quadratic, "unicode_escape" rewrites what was sent,
# "hex" and "zip" are not text at all.
_FAMILY = re.compile(
    r"(?:utf|iso|latin|l\d|windows|win|cp|koi8|gb|big5|euc|shift|sjis|ms|hz|johab|mac|ascii|us-ascii|ks|tis|tcvn|ptcp|kz)"
    r"[a-z0-9_.:+()\-]{0,30}"
)
# Senders write the narrower name and use the wider set (WHATWG Encoding Standard, section 4.2).
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
_SINGLE_BYTE = ("iso8859", "cp125", "cp874", "koi8", "mac", "tis")
_SHIFTING = ("utf-7", "utf-16", "utf-32", "hz", "iso2022")  # sets in which ASCII bytes may mean something else
_PREFIXES = ("x-", "unicode-1-1-", "charset=", "cs")
# What no reader sees and no program should match on: NUL, C0 and C1 but tab and newline, soft hyphen, zero-width and
# bidirectional controls, byte order marks, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_REPLACEMENT = "\ufffd"


@lru_cache(maxsize=256)  # mail names a handful, and a lookup costs more than a decoding
def codec_name(charset: str) -> str | None:
    """Give Python's name of a character set, None where it is unknown or not one to be used on mail."""
    name = charset.strip(" \t\"'<>").lower().partition("*")[0]  # RFC 2231 allows a language behind "*"
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    if not _FAMILY.fullmatch(name):
        return None
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(found, found)


def decode(data: bytes, charset: str | None) -> str:
    """Decode by the declared set, where the bytes agree with it; else as UTF-8, else as Windows-1252.

    UTF-8 is tried before any single-byte set, because text with multi-byte sequences that are all valid is hardly ever
    anything else, while senders often leave the default "iso-8859-1" in place.
    """
    declared = codec_name(charset) if charset else None
    if data.isascii() and not (declared and declared.startswith(_SHIFTING)):
        return data.decode("ascii")
    if declared is None or declared == "utf-8":
        return _decode_utf8(data) or data.decode("cp1252", "replace")
    if declared.startswith(_SINGLE_BYTE):
        return _decode_utf8(data) or data.decode(declared, "replace")
    try:
        return data.decode(declared)
    except ValueError:  # UnicodeDecodeError, and what single codecs raise beside it
        return _decode_utf8(data) or data.decode(declared, "replace")


def clean(text: str) -> str:
    """Make every line end a newline and drop what cannot be seen."""
    if "\r" in text or not text.isascii() or not text.isprintable():
        text = _INVISIBLE.sub("", _NEWLINE.sub("\n", text))
    return text


def _decode_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
    # A cut or a few broken bytes in what is otherwise UTF-8.
    broken = text.count(_REPLACEMENT)
    return text if sum(not character.isascii() for character in text) > 3 * broken else None
