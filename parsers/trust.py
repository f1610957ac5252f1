"""Judges how far the sender of a Mail can be believed, by what the account's own server says it verified (RFC 8601).

Only the topmost Authentication-Results field with the account's own authserv-id counts: anybody can write the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

from parsers.homograph import is_deceptive
from parsers.model import Evidence, Mail, Trust

FIELD_LIMIT = 16 * 1024  # characters; real ones have 1 to 2 thousand

_OUTSIDE = re.compile(r'"(?:[^"\\]|\\.)*+"|\\.|[^"()\\]++|["()\\]', re.DOTALL)
_IN_COMMENT = re.compile(r"\\.|[^()\\]++|[()\\]", re.DOTALL)
# What a quoted string may not bring along into the reading that follows.
_SPECIAL = re.compile(r'[\s;="()\\]')
_METHOD = re.compile(r"([a-z][a-z0-9-]{0,30})(?:/[0-9]{1,3})?=([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z][a-z0-9.-]{0,60})=(\S{0,1000})", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,20}[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Second-level labels under which names are sold in country domains. The full Public Suffix List is 15,000 lines for
# a case that a mail server's own DMARC result has settled already.
_SECOND_LEVEL = frozenset("ac co com edu gob gov gouv go gv ltd ne net nom or org plc sch".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How far the sender can be believed, and the words on which that rests."""

    trust: Trust
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One method's result (RFC 8601 2.2). `exact` is False where something in it is not name=value, or said twice."""

    method: str
    value: str
    properties: tuple[tuple[str, str], ...]
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationResults:
    """One Authentication-Results field; `well_formed` is False where its quotes, comments or results are broken."""

    authserv_id: str | None  # Microsoft 365 writes none
    results: tuple[Result, ...]
    well_formed: bool


def assess_trust(mail: Mail, *, authserv_id: str | None, own_message_ids: Set[str] = frozenset()) -> Judgement:
    """Judge the sender.

    `authserv_id` is the name that the account's own server gives itself; without it nothing is authenticated. That a
    pass is missing where the sender's mail has always had one is for `timeline.fold` to see.
    """
    if len(mail.headers.get("from", ())) > 1 or len(mail.senders) > 1:
        return _judged(Trust.FAILED, "the message has more than one From")
    if mail.senders and is_deceptive(mail.senders[0].domain):
        return _judged(Trust.FAILED, f"the sender's domain {mail.senders[0].domain[:100]} imitates another one")
    judgement = _by_server(mail, authserv_id)
    if judgement.trust is Trust.UNKNOWN:
        answered = next((i for i in (*mail.in_reply_to, *mail.references) if i in own_message_ids), None)
        if answered is not None:
            return _judged(Trust.KNOWN_THREAD, f"it answers the own message {answered}")
    return judgement


def read_authentication_results(value: str) -> AuthenticationResults:
    """Read the value of an Authentication-Results field; never raises, and takes what is broken for no pass."""
    flat, well_formed = _flattened(value[:FIELD_LIMIT])
    well_formed = well_formed and len(value) <= FIELD_LIMIT
    head, *rest = (_joined(segment) for segment in flat.split(";"))
    words = head.split()
    authserv_id = words[0].casefold() if words and "=" not in head else None
    segments = [segment for segment in (rest if authserv_id else [head, *rest]) if segment]
    if [segment.casefold() for segment in segments] == ["none"]:
        segments = []
    results = tuple(result for segment in segments if (result := _result(segment)) is not None)
    return AuthenticationResults(
        authserv_id=authserv_id,
        results=results,
        well_formed=well_formed and len(results) == len(segments) and len(words) <= 2,
    )


def is_aligned(domain: str, other: str) -> bool:
    """Tell whether two domains belong to one organisation (RFC 7489 3.1, relaxed)."""
    return organisational_domain(domain) == organisational_domain(other) is not None


def organisational_domain(domain: str) -> str | None:
    """Give the part of a domain that was registered; None where it is no domain, or only a suffix."""
    name = domain.strip().rstrip(".").casefold()
    if not _DOMAIN.fullmatch(name):
        return None
    labels = name.split(".")
    depth = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-depth:]) if len(labels) >= depth else None


def _by_server(mail: Mail, authserv_id: str | None) -> Judgement:
    values = mail.headers.get("authentication-results", ())
    if authserv_id is None:
        # Nobody puts a failure on top of a message of their own: it counts whoever stated it.
        failed = _failed(read_authentication_results(values[0]).results) if values else None
        if failed is not None:
            return _stated(Trust.FAILED, failed)
        return _judged(Trust.UNKNOWN, "the account's authserv_id is not configured")
    fields = (read_authentication_results(value) for value in values)
    stated = next((field for field in fields if field.authserv_id == authserv_id.strip().casefold()), None)
    if stated is None:
        return _judged(Trust.UNKNOWN, f"{authserv_id} states no authentication result")
    if not stated.well_formed:
        return _judged(Trust.FAILED, f"the authentication result of {authserv_id} cannot be read")
    dmarc = [result for result in stated.results if result.method == "dmarc"]
    failed = _failed(stated.results)
    if failed is not None:
        return _stated(Trust.FAILED, failed)
    passed = _aligned_pass(stated.results, mail.senders[0].domain if mail.senders else "")
    if passed is not None and all(result.value == "pass" for result in dmarc if passed.method == "dmarc"):
        return _stated(Trust.AUTHENTICATED, passed)
    # SPF alone is no proof of the From field and breaks with every forwarding, but its "fail" is one of forgery.
    broken = [r for r in stated.results if r.method in ("dkim", "spf") and r.value == "fail"]
    if broken:
        return _stated(Trust.FAILED, broken[0])
    return _judged(Trust.UNKNOWN, f"{authserv_id} states no aligned pass")


def _failed(results: Iterable[Result]) -> Result | None:
    """Find the server's word that the From field is forged."""
    return next((r for r in results if (r.method, r.value) in (("dmarc", "fail"), ("compauth", "fail"))), None)


def is_hijacked(mail: Mail, trust: Trust, *, known_system: bool) -> bool:
    """Tell whether Reply-To leads away from the sender without anybody who answers for that.

    A recruiting system writes for others, and whoever is authenticated may name whom they like; else the answer would
    go to whoever wrote the name of an employer into From.
    """
    if not (mail.senders and mail.reply_to) or known_system or trust is Trust.AUTHENTICATED:
        return False
    return not is_aligned(mail.reply_to[0].domain, mail.senders[0].domain)


def _aligned_pass(results: Iterable[Result], sender: str) -> Result | None:
    for result in results:
        if result.value != "pass" or not result.exact:
            continue
        properties = dict(result.properties)
        if result.method == "dmarc":
            signer = properties.get("header.from", "")
        elif result.method == "dkim":
            # Gmail states only the identity, "@mail.example.org", which lies in the signing domain (RFC 6376 3.5).
            signer = properties.get("header.d") or properties.get("header.i", "").rpartition("@")[2]
        else:
            continue
        if is_aligned(signer, sender):
            return result
    return None


def _result(segment: str) -> Result | None:
    method, *rest = segment.split(" ")
    found = _METHOD.fullmatch(method)
    if found is None:
        return None
    matches = [_PROPERTY.fullmatch(word) for word in rest]
    properties = tuple((match[1].casefold(), match[2].casefold()) for match in matches if match is not None)
    return Result(
        method=found[1].casefold(),
        value=found[2].casefold(),
        properties=properties,
        exact=len({name for name, _ in properties}) == len(rest),
    )


def _flattened(value: str) -> tuple[str, bool]:
    """Drop the comments, which may nest, and the quotes, with everything in them that could be taken for a mark."""
    pieces: list[str] = []
    depth = position = 0
    well_formed = True
    while position < len(value):
        found = (_IN_COMMENT if depth else _OUTSIDE).match(value, position)
        if found is None:  # a backslash that ends the field
            return "".join(pieces), False
        position, piece = found.end(), found[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            well_formed = well_formed and depth > 0
            depth = max(depth - 1, 0)
            pieces.append(" ")
        elif depth:
            continue
        elif piece in ('"', "\\"):
            well_formed = False
        elif piece[0] in '"\\':
            pieces.append(_SPECIAL.sub("?", piece[1:-1] if piece[0] == '"' else piece[1:]))
        else:
            pieces.append(piece)
    return "".join(pieces), well_formed and depth == 0


def _joined(segment: str) -> str:
    """Make one space of any, and none of those around "=" (RFC 8601 2.2 allows them)."""
    return " ".join(segment.split()).replace(" =", "=").replace("= ", "=")


def _stated(trust: Trust, result: Result) -> Judgement:
    words = (f"{result.method}={result.value}", *(f"{name}={value}" for name, value in result.properties))
    return _judged(trust, " ".join(words)[:300])


def _judged(trust: Trust, text: str) -> Judgement:
    return Judgement(trust=trust, evidence=Evidence(field="trust", text=text))
