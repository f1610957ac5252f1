"""Draws stories of planning: two applications at one company, and all that mail, the person and the machine may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from composer.policy import DraftingHours, Policy, Preset, StaleHandling

ROBOT = "no-reply@us.greenhouse-mail.io"
WRITERS = ("dana@northwind.example", "hugo@northwind.example", ROBOT)
START = datetime(2027, 1, 4, 5, tzinfo=UTC)
WEEKS = timedelta(days=45)  # in which something happens
END = START + timedelta(days=75)

# Half of all that happens, happens at one of a few instants: then much of it happens at the same one.
_instants = st.one_of(
    st.integers(0, WEEKS // timedelta(minutes=1)).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.integers(0, WEEKS // timedelta(hours=9)).map(lambda times: START + times * timedelta(hours=9)),
)
_WHAT = ("interview", "promise", "plain", "plain", "own", "whim", "whim", "asleep", "wish")
# Most mail goes on with the story; few end it.
_PLAIN = ("other", "other", "other", "other", "on_hold", "out_of_office", "cancellation", "assessment", "missed")
_PLAIN += ("rejection", "offer")


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one thing that happens in the six weeks of a story."""
    at = draw(_instants)
    event: dict[str, Any] = {
        "at": at.isoformat(),
        "process": draw(st.sampled_from("PQ")),
        "event": "mail_in",
        "cls": "other",
        "from": draw(st.sampled_from(WRITERS)),
    }
    match draw(st.sampled_from(_WHAT)):
        case "interview":
            start = at + timedelta(hours=draw(st.integers(2, 120)))
            people = draw(st.lists(st.sampled_from(WRITERS[:2]), max_size=2, unique=True))  # none: who wrote
            interview = {
                "id": f"{event['process'].lower()}-{draw(st.integers(1, 3))}",
                "start": start.isoformat(),
                "end": (start + timedelta(hours=1)).isoformat(),
                "interviewers": people,
            }
            return event | {"cls": "interview_confirmed", "interview": interview}
        case "promise":
            by = (at + timedelta(days=draw(st.integers(1, 20)))).date()
            how = draw(st.sampled_from(({}, {}, {}, {"permission": True}, {"passive_rejection": True})))
            return event | {"cls": "timeline_promise", "promise": {"resolved": by.isoformat(), **how}}
        case "plain":
            return event | {"cls": draw(st.sampled_from(_PLAIN))}
        case "own":
            to = draw(st.sampled_from(WRITERS[:2]))
            return {"at": event["at"], "event": "mail_out", "to": to, "process": event["process"]}
        case "whim":
            does = draw(st.sampled_from(("send", "send", "delete", "edit")))
            return {"at": event["at"], "event": "whim", "does": does}
        case "wish":
            wish = draw(st.sampled_from(("muted", "snoozed", "snoozed", "resumed", "resumed")))
            until = (at + timedelta(hours=draw(st.integers(1, 400)))).isoformat()
            return {"at": event["at"], "event": wish, "target": "company:Northwind", "until": until}
        case _:
            since = at - timedelta(hours=draw(st.integers(1, 300)))
            return {"at": event["at"], "event": "asleep", "since": since.isoformat()}


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a story, in zones that may lie far apart; in most the person looks into Drafts every third day."""
    begins = START + timedelta(hours=draw(st.integers(20, 200)))
    first = {
        "id": "p-0",
        "start": begins.isoformat(),
        "end": (begins + timedelta(hours=1)).isoformat(),
        "interviewers": [draw(st.sampled_from(WRITERS[:2]))],
    }
    opening = {"at": START.isoformat(), "event": "mail_in", "from": WRITERS[0], "process": "P"}
    habit = draw(st.sampled_from((None, "send", "send", "edit", "delete")))
    looks = range(3, (END - START).days, 3) if habit else ()
    return {
        "id": "story",
        "user_tz": draw(st.sampled_from(("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney"))),
        "recipient_tz": draw(st.sampled_from(("America/New_York", "America/Los_Angeles", "Europe/London"))),
        "user": {"name": "Noor Haddad", "address": "noor@letters.example"},
        "people": {
            WRITERS[0]: {"name": "Dana Lee", "title": "Recruiter"},
            WRITERS[1]: {"name": "Hugo Marsh", "title": "Engineering Manager"},
        },
        "processes": {
            "P": {"company": "Northwind", "role": "Data Engineer"},
            "Q": {"company": "Northwind", "role": "Analyst"},
        },
        "timeline": [
            opening | {"cls": "interview_confirmed", "interview": first},
            *draw(st.lists(events(), max_size=12)),
            *({"at": (START + timedelta(days=n)).isoformat(), "event": "whim", "does": habit} for n in looks),
        ],
        "until": END.isoformat(),
    }


@st.composite
def policies(draw: st.DrawFn, zone: str) -> Policy:
    """Draw the wishes of a person in a zone, up to the bounds of what may be wished."""
    policy = Policy.of_preset(draw(st.sampled_from(Preset)), timezone=zone)
    check_in = replace(
        policy.check_in,
        after_promise=draw(st.sampled_from((1, 2, 5))),
        no_promise=draw(st.sampled_from((3, 5))),
        gap=draw(st.sampled_from((3, 5))),
        max_nudges_per_process=draw(st.sampled_from((1, 2, 4, 5))),
        min_gap_own_mail=draw(st.sampled_from((0, 3))),
        same_recipient_merge=draw(st.sampled_from((0, 3, 15))),
        same_recipient_gap=draw(st.sampled_from((0, 5))),
        prefer_days=draw(st.sampled_from((frozenset(), frozenset({2, 4})))),
    )
    return replace(
        policy,
        check_in=check_in,
        drafting_hours=draw(st.sampled_from((DraftingHours(), DraftingHours(start=time(6), end=time(9, 30))))),
        quiet_periods=draw(st.sampled_from((policy.quiet_periods, ()))),
        stale=draw(st.sampled_from(StaleHandling)),
        max_drafts_per_day=draw(st.sampled_from((1, 2, 6))),
    )
