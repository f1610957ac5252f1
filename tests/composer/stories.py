"""The words in which the stories of planning are told: what happens in, the events that `play` goes through out.

Unless a story says otherwise, it plays at Northwind, New York, in January 2027: the interview with Dana, a recruiter,
is on Wednesday the 13th from 10:00 to 11:00. Monday the 18th is a holiday.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from composer.policy import Policy

NEW_YORK = ZoneInfo("America/New_York")
DANA, HUGO, AMY = "dana@northwind.example", "hugo@northwind.example", "amy@agency.example"
ROBOT = "no-reply@us.greenhouse-mail.io"
POLICY = Policy(timezone="America/New_York")
Event = dict[str, Any]


def at(local: str) -> str:
    """Write a wall time of New York as an instant: "01-13 10:00"."""
    return datetime.strptime(f"2027-{local}", "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK).isoformat()


def mail(when: str, cls: str, sender: str = DANA, **more: Any) -> Event:
    return {"at": at(when), "event": "mail_in", "cls": cls, "from": sender, **more}


def interview(start: str, end: str, who: tuple[Any, ...] = (DANA,), name: str = "int-1", **more: Any) -> Event:
    return {"id": name, "start": at(start), "end": at(end), "interviewers": list(who), **more}


def confirmed(when: str, start: str, end: str, sender: str = DANA, **more: Any) -> Event:
    details = {key: more.pop(key) for key in ("who", "name", "all_day") if key in more}
    return mail(when, "interview_confirmed", sender, interview=interview(start, end, **details), **more)


def invite(when: str, method: str, uid: str, start: str, end: str, sender: str = DANA, **more: Any) -> Event:
    event = {"at": at(when), "event": "calendar_in", "method": method, "uid": uid, "from": sender}
    return {**event, "interview": interview(start, end), **more}


def promised(when: str, by: str | None, sender: str = DANA, **more: Any) -> Event:
    return mail(when, "timeline_promise", sender, promise={"resolved": by and f"2027-{by}", **more})


def own(when: str, to: str = DANA, **more: Any) -> Event:
    return {"at": at(when), "event": "mail_out", "to": to, "subject": "Hello", **more}


def draft(what: str, when: str, kind: str, to: str = DANA, **more: Any) -> Event:
    return {"at": at(when), "event": f"draft_{what}", "kind": kind, "to": to, **more}


USUAL = confirmed("01-11 10:00", "01-13 10:00", "01-13 11:00")
THANKED = draft("sent", "01-13 14:00", "thank_you")
Tell = Callable[..., list[str]]


def scenario(
    *timeline: Event,
    until: str = "03-31 21:00",
    policy: Policy = POLICY,
    recipient: str = "America/New_York",
    posts: tuple[str, ...] = ("Data Engineer",),
) -> dict[str, Any]:
    """Make a scenario of events; a second and a third post have the keys "Q" and "R"."""
    processes = dict(zip("PQR", posts, strict=False))
    return {
        "id": "story",
        "user_tz": policy.timezone,
        "recipient_tz": recipient,
        "user": {"name": "Noor Haddad", "address": "noor@letters.example"},
        "people": {
            DANA: {"name": "Dana Lee", "title": "Recruiter"},
            HUGO: {"name": "Hugo Marsh", "title": "Engineering Manager"},
            AMY: {"name": "Amy Farrow", "title": "Recruiter"},
        },
        "processes": {key: {"company": "Northwind", "role": post} for key, post in processes.items()},
        "timeline": timeline,
        "until": at(until),
    }


def line(told: Any, policy: Policy) -> str:
    when = told.at.astimezone(ZoneInfo(policy.timezone)).strftime("%m-%d %H:%M")
    to = (told.to or "").partition("@")[0]
    return " ".join(word for word in (when, told.action, told.kind, told.rule, to) if word)
