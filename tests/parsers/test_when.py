"""Moments in the prose of interview mail: what is stated, and what only looks like it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.model import Grain, Moment, ZoneSource
from parsers.when import HALF_GUESSED, NO_DATE, ZONES_DISAGREE, find_moments

NEW_YORK = ZoneInfo("America/New_York")
SENT = datetime(2026, 11, 25, 10, 0, tzinfo=NEW_YORK)  # a Wednesday

# Each sentence with its moments: "start/end zone" for a time ("?" where no date is stated), a date for a day,
# "first..last" for a window.
STATED = [
    ("Would a 2pm call on Thursday work?", "2026-11-26T14:00 America/New_York"),
    ("We start at 8:30 a.m. sharp on April 2.", "2027-04-02T08:30 America/New_York"),
    ("Shall we say 2 o'clock on Monday?", "2026-11-30T14:00 America/New_York"),
    ("How about Tuesday, say 3.30pm?", "2026-12-01T15:30 America/New_York"),
    (
        "I can do Monday at 9, Tuesday at 11 or Wednesday at 2, all Eastern.",
        ("2026-11-30T09:00 America/New_York; 2026-12-01T11:00 America/New_York; 2026-12-02T14:00 America/New_York"),
    ),
    ("Expect to hear by the middle of next week.", "..2026-12-02"),
    ("It takes 3 to 5 business days.", "2026-11-30..2026-12-02"),
    (
        ("Your interview has been rescheduled from Thursday, December 3 at 10am to Friday, December 4 at 1pm."),
        "2026-12-03T10:00 America/New_York; 2026-12-04T13:00 America/New_York",
    ),
    (
        "Could we push our call from 2pm to 4pm on Thursday?",
        "2026-11-26T14:00 America/New_York; 2026-11-26T16:00 America/New_York",
    ),
    ("When: Tuesday, 1 December 2026", "2026-12-01"),
    ("When: Tuesday, 1 December 2026\nTime: 2:00 PM - 3:00 PM EST", "2026-12-01T14:00/15:00 America/New_York"),
    ("Let's speak tomorrow (Thursday) at 3pm GMT.", "2026-11-26T15:00 Europe/London"),
    ("We'd love to meet Wednesday the 2nd of December, 14:00-15:30 CET.", "2026-12-02T14:00/15:30 Europe/Berlin"),
    ("Does Friday 12/4 at 11:30 work?", "2026-12-04T11:30 America/New_York"),
    ("Please join us at 9:00am PST on 12/7/2026.", "2026-12-07T09:00 America/Los_Angeles"),
    (
        "I am free Monday between 9 and 11, or Tuesday after 3pm.",
        "2026-11-30T09:00/11:00 America/New_York; 2026-12-01T15:00 America/New_York",
    ),
    (
        "Your on-site is scheduled for Mon, Dec 7, 2026, 9:30 AM – 12:45 PM (EST).",
        "2026-12-07T09:30/12:45 America/New_York",
    ),
    (
        "Monday 30th November at 4pm, Tuesday 1st December at 10am",
        "2026-11-30T16:00 America/New_York; 2026-12-01T10:00 America/New_York",
    ),
    (
        ("The interview will take place on Tuesday, December 8th with Sarah from the platform team at 2:00 PM EST."),
        "2026-12-08T14:00 America/New_York",
    ),
    ("Interview time: 10.15 am on Dec 9", "2026-12-09T10:15 America/New_York"),
    ("Let's plan for noon ET on Wednesday, December 2.", "2026-12-02T12:00 America/New_York"),
    ("Half past ten on Friday suits us.", "2026-11-27T10:30 America/New_York"),
    ("Can you do quarter past three on Tuesday?", "2026-12-01T15:15 America/New_York"),
    ("It's at quarter to five tomorrow.", "2026-11-26T16:45 America/New_York"),
    ("Meet me at ten on Thursday.", "2026-11-26T10:00 America/New_York"),
    ("Three thirty pm on Monday is fine.", "2026-11-30T15:30 America/New_York"),
    ("Wednesday, December 2nd @ 1:15 PM (Mountain Time)", "2026-12-02T13:15 America/Denver"),
    ("Dec 3, 2026 | 11:00 AM - 12:00 PM | America/Chicago", "2026-12-03T11:00/12:00 America/Chicago"),
    ("2026-12-03 at 09:00 (Europe/London)", "2026-12-03T09:00 Europe/London"),
    ("2026-12-03T15:30Z", "2026-12-03T15:30 UTC"),
    ("Starts 03 Dec 2026 16:00 UTC", "2026-12-03T16:00 UTC"),
    (
        "Dec 2nd, 3rd or 4th at 10am PT",
        (
            "2026-12-02T10:00 America/Los_Angeles; 2026-12-03T10:00 America/Los_Angeles; "
            "2026-12-04T10:00 America/Los_Angeles"
        ),
    ),
    ("either Tuesday or Wednesday at 2pm", "2026-12-01T14:00 America/New_York; 2026-12-02T14:00 America/New_York"),
    (
        "Thursday morning at 9 or Friday afternoon at 2",
        "2026-11-26T09:00 America/New_York; 2026-11-27T14:00 America/New_York",
    ),
    (
        "I can offer you 10am, 11am or 1pm on Monday.",
        ("2026-11-30T10:00 America/New_York; 2026-11-30T11:00 America/New_York; 2026-11-30T13:00 America/New_York"),
    ),
    (
        "Monday: 10am, 2pm; Tuesday: 9am, 4pm.",
        (
            "2026-11-30T10:00 America/New_York; 2026-11-30T14:00 America/New_York; "
            "2026-12-01T09:00 America/New_York; 2026-12-01T16:00 America/New_York"
        ),
    ),
    (
        "10:00 AM ET on Monday or 11:30 AM ET on Tuesday",
        "2026-11-30T10:00 America/New_York; 2026-12-01T11:30 America/New_York",
    ),
    ("Panel on Friday, December 4 from 9 AM to noon.", "2026-12-04T09:00/12:00 America/New_York"),
    ("The call is on Monday from 3 to 3:30 PM.", "2026-11-30T15:00/15:30 America/New_York"),
    ("Monday, Dec 7 3:00–3:45 PM ET (12:00–12:45 PM PT)", "2026-12-07T15:00/15:45 America/New_York"),
    ("5pm London time on Monday", "2026-11-30T17:00 Europe/London"),
    ("11am your time on Tuesday", "2026-12-01T11:00 America/New_York"),
    ("3:00 PM Eastern Standard Time, December 14", "2026-12-14T15:00 America/New_York"),
    ("4pm BST on Friday", "2026-11-27T16:00 Europe/London"),
    ("Tuesday, December 1, 2026⋅2:00 – 3:00pm", "2026-12-01T14:00/15:00 America/New_York"),
    ("Interview @ Tue Dec 1, 2026 2pm - 3pm (EST) (noor@letters.example)", "2026-12-01T14:00/15:00 America/New_York"),
    ("Date: 01/12/2026", "2026-12-01"),
    ("The recruiter will call you on 12/2 around 4.", "2026-12-02T16:00 America/New_York"),
    ("See you on the 3rd at 11.", "2026-12-03T11:00 America/New_York"),
    ("See you Monday!", "2026-11-30"),
    ("Let me know if Dec. 7 or 8 works.", "2026-12-07; 2026-12-08"),
    ("We could do next Monday, Tuesday or Thursday.", "2026-11-30; 2026-12-01; 2026-12-03"),
    ("Are you available the week of December 7th?", "2026-12-07..2026-12-11"),
    ("Sometime next week would be best.", "2026-11-30..2026-12-04"),
    ("in about two weeks", "2026-12-09..2026-12-09"),
    ("in a fortnight", "2026-12-09..2026-12-09"),
    ("within the next ten days", "..2026-12-05"),
    ("at the beginning of December", "2026-12-01..2026-12-10"),
    ("by the end of Q1", "..2027-03-31"),
    ("before Christmas", "..2026-12-25"),
    ("Please confirm by 5pm tomorrow.", "2026-11-26T17:00 America/New_York"),
    ("Please let us know by Tuesday, December 1, 5:00 PM ET.", "2026-12-01T17:00 America/New_York"),
    ("Feedback by Friday COB", "..2026-11-27"),
    ("by close of business on Monday", "..2026-11-30"),
    ("no later than December 11th", "..2026-12-11"),
    ("on or about December 15", "2026-12-15"),
    ("from December 7 through December 11", "2026-12-07..2026-12-11"),
    ("Dec 7-11", "2026-12-07..2026-12-11"),
    ("December 7 – 11, 2026", "2026-12-07..2026-12-11"),
    ("between the 7th and the 11th of December", "2026-12-07..2026-12-11"),
    ("Monday to Wednesday", "2026-11-30..2026-12-02"),
    ("Mon-Fri", "2026-11-30..2026-12-04"),
    (
        "Are you free next week? Thursday at 2pm or Friday at 10am would work.",
        "2026-11-30..2026-12-04; 2026-12-03T14:00 America/New_York; 2026-12-04T10:00 America/New_York",
    ),
    (
        "Could you do the week of December 7: Tuesday 2pm or Wednesday 10am?",
        "2026-12-07..2026-12-11; 2026-12-08T14:00 America/New_York; 2026-12-09T10:00 America/New_York",
    ),
    ("Monday, Tuesday or Wednesday next week", "2026-11-30; 2026-12-01; 2026-12-02"),
    ("Thanks for your time today.", "2026-11-25"),
    ("I'm out of office until Monday, December 7.", "..2026-12-07"),
    ("Our offices are open Monday to Friday, 9am to 5pm.", "2026-11-30..2026-12-04"),
    ("How about 3pm?", "2026-11-25T15:00 America/New_York ?"),
    ("Within 30 seconds; within 3 miles; in 2 minutes", "2026-11-25T10:02 America/New_York"),
    ("This is a 6-month contract starting in January.", "2027-01-01..2027-01-31"),
    ("Sent from my iPhone on Nov 24, 2026, at 3:15 PM", "2026-11-24T15:15 America/New_York"),
    ("Let's do 10ish tomorrow", "2026-11-26T10:00 America/New_York"),
    ("Thursday 3rd December, 2pm-3pm (GMT)", "2026-12-03T14:00/15:00 Europe/London"),
    ("Fri 4 Dec 09:00-10:30 CET / 08:00-09:30 GMT", "2026-12-04T09:00/10:30 Europe/Berlin"),
    ("4 December, 9h30", "2026-12-04T09:30 America/New_York"),
    ("Dec. 4th, 2026 from 1:00 p.m. to 2:00 p.m. (Central)", "2026-12-04T13:00/14:00 America/Chicago"),
    ("Tuesday 1/12 at 3pm", "2027-01-12T15:00 America/New_York"),
    ("Confirmed: 12.1.2026 3pm", "2026-12-01T15:00 America/New_York"),
    ("Wednesday @ 11", "2026-12-02T11:00 America/New_York"),
    ("Let's move it to Thursday, same time.", "2026-11-26"),
    (
        "Instead of Monday 2pm can we do Tuesday 3pm?",
        "2026-11-30T14:00 America/New_York; 2026-12-01T15:00 America/New_York",
    ),
    ("Tuesday, not Wednesday, at 2pm", "2026-12-01; 2026-12-02T14:00 America/New_York"),
    (
        "The original slot on Dec 1 at 2 PM no longer works; the new one is Dec 3 at 4 PM.",
        "2026-12-01T14:00 America/New_York; 2026-12-03T16:00 America/New_York",
    ),
    (
        "Your slot (was Mon Nov 30 10:00) is now Wed Dec 2 11:00.",
        "2026-11-30T10:00 America/New_York; 2026-12-02T11:00 America/New_York",
    ),
    (
        "every Monday at 10am; weekdays 9-5pm; Our offices are open Monday to Friday, 9am to 5pm.",
        "2026-11-30..2026-12-04",
    ),
    (
        (
            "Hi Noor,\n\nThanks for your time last week. The team would like to invite you to an "
            "on-site.\n\nDate: Thursday 10 December 2026\nArrival: 9:45am\nLocation: 1200 Market "
            "Street, Suite 300\n\nAgenda:\n10:00 - 10:45 Hiring manager (Dana Lee)\n11:00 - 11:45 "
            "Coding with Ravi\n12:00 - 13:00 Lunch\n13:00 - 13:45 Bar raiser\n\nBest,\nKim\n+1 (212) "
            "555-0199"
        ),
        (
            "2026-12-10T09:45 America/New_York; 2026-12-10T10:00/10:45 America/New_York; "
            "2026-12-10T11:00/11:45 America/New_York; 2026-12-10T12:00/13:00 America/New_York; "
            "2026-12-10T13:00/13:45 America/New_York"
        ),
    ),
    (
        (
            "Monday, December 7, 2026\n9:00 AM – 9:45 AM EST: Dana Lee\n10:00 AM – 10:45 AM EST: "
            "Ravi Rao\n\nTuesday, December 8, 2026\n1:00 PM – 1:45 PM EST: Kim Cho"
        ),
        (
            "2026-12-07T09:00/09:45 America/New_York; 2026-12-07T10:00/10:45 America/New_York; "
            "2026-12-08T13:00/13:45 America/New_York"
        ),
    ),
    (
        (
            "Interview details\n\nDate\nMonday, November 30, 2026\n\nTime\n10:00 AM - 10:30 AM "
            "(GMT-05:00) Eastern Time (US & Canada)\n\nVideo link\nhttps://meet.example/abc-123"
        ),
        "2026-11-30T10:00/10:30 America/New_York",
    ),
    (
        "Time zone: Pacific Time\nDec 3: 9:00 AM\nDec 4: 1:00 PM",
        "2026-12-03T09:00 America/Los_Angeles; 2026-12-04T13:00 America/Los_Angeles",
    ),
    (
        "All times below are in CET.\n- Mon 30 Nov, 10:00\n- Tue 1 Dec, 14:30",
        "2026-11-30T10:00 Europe/Berlin; 2026-12-01T14:30 Europe/Berlin",
    ),
    ("You're confirmed for 1:30p on Thurs.", "2026-11-26T13:30 America/New_York"),
    ("Does tomorrow 4-5 work?", "2026-11-26T16:00/17:00 America/New_York"),
    ("We are set for Dec 1st from 1-2pm EST.", "2026-12-01T13:00/14:00 America/New_York"),
    ("Our first chat is on the 1st of December, at 16:00 (4pm) CET.", "2026-12-01T16:00 Europe/Berlin"),
    ("Would Tuesday, 8th Dec, between 10am-12pm work for you?", "2026-12-08T10:00/12:00 America/New_York"),
    (
        "I have Monday (30th) at 2 or Tuesday (1st) at 4.",
        "2026-11-30T14:00 America/New_York; 2026-12-01T16:00 America/New_York",
    ),
    (
        "Thursday, Dec. 3: 9-9:30 a.m., 1-1:30 p.m., or 4-4:30 p.m. PT",
        (
            "2026-12-03T09:00/09:30 America/Los_Angeles; 2026-12-03T13:00/13:30 "
            "America/Los_Angeles; 2026-12-03T16:00/16:30 America/Los_Angeles"
        ),
    ),
    ("The chat starts Monday, November 30 at 5:00pm and ends at 5:45pm.", "2026-11-30T17:00/17:45 America/New_York"),
    ("Tuesday 1 December 2026, 15.00 - 15.45 GMT", "2026-12-01T15:00/15:45 Europe/London"),
    ("Please dial in at 0900 hours on 2 December.", "2026-12-02T09:00 America/New_York"),
    (
        "We'd like to see you at 10am on either 7, 8 or 9 December.",
        ("2026-12-07T10:00 America/New_York; 2026-12-08T10:00 America/New_York; 2026-12-09T10:00 America/New_York"),
    ),
    ("7th/8th December", "2026-12-07; 2026-12-08"),
    ("12/7 or 12/8 at 3pm", "2026-12-07T15:00 America/New_York; 2026-12-08T15:00 America/New_York"),
    ("12/7, 12/9 and 12/10", "2026-12-07; 2026-12-09; 2026-12-10"),
    (
        "Can you make 9am or 10am Pacific on Monday the 30th?",
        "2026-11-30T09:00 America/Los_Angeles; 2026-11-30T10:00 America/Los_Angeles",
    ),
    ("Looking at Weds 2 Dec 11am-12noon.", "2026-12-02T11:00/12:00 America/New_York"),
    ("first thing Monday", "2026-11-30"),
    ("later today", "2026-11-25"),
    ("the following Tuesday", "2026-12-01"),
    ("a week from Friday at noon", "2026-12-04T12:00 America/New_York"),
    ("two weeks from Monday", "2026-12-14"),
    ("this coming Thursday at 1", "2026-11-26T13:00 America/New_York"),
    ("Thursday next week at 3pm", "2026-12-03T15:00 America/New_York"),
    ("Wednesday week at 10am", "2026-12-09T10:00 America/New_York"),
    ("Next Tues @ 9:30", "2026-12-01T09:30 America/New_York"),
    ("tomorrow afternoon between 2:30 and 4", "2026-11-26T14:30/16:00 America/New_York"),
    ("Please be there 15 minutes before 2pm on Friday.", "2026-11-27T14:00 America/New_York"),
    ("Interview at 14:00 CET (8:00 AM ET) on Friday, November 27.", "2026-11-27T14:00 Europe/Berlin"),
    ("Friday, November 27, 8am PT/11am ET/4pm GMT", "2026-11-27T08:00 America/Los_Angeles"),
    ("9am SF time / 6pm Berlin time tomorrow", "2026-11-26T09:00 America/Los_Angeles"),
    ("Fri Nov 27 at 10 am (Chicago time)", "2026-11-27T10:00 America/Chicago"),
    ("Tomorrow at 12.", "2026-11-26T12:00 America/New_York"),
    ("Tomorrow at 12:30", "2026-11-26T12:30 America/New_York"),
    ("December 1 at 7", "2026-12-01T07:00 America/New_York"),
    ("Tue 1 Dec 2026 07:30", "2026-12-01T07:30 America/New_York"),
    ("The time has changed to 3:30 PM; the date (Dec 2) stays the same.", "2026-12-02T15:30 America/New_York"),
    ("Kick-off: 09.00 on Monday", "2026-11-30T09:00 America/New_York"),
    ("Sunday 29/11/2026 18h", "2026-11-29T18:00 America/New_York"),
    ("Nov. 30 - 2:30 p.m. Eastern", "2026-11-30T14:30 America/New_York"),
    ("Monday 30 November 2026 from 14:00 until 14:45 (UK time)", "2026-11-30T14:00/14:45 Europe/London"),
    ("we meet Dec 2 2026 3PM", "2026-12-02T15:00 America/New_York"),
    ("2026/12/02 15:00", "2026-12-02T15:00 America/New_York"),
    ("02-Dec-26 3:00 PM", "2026-12-02T15:00 America/New_York"),
    ("December 2'26 at 3pm", "2026-12-02T15:00 America/New_York"),
    ("02 December, Wednesday, 3 pm", "2026-12-02T15:00 America/New_York"),
    ("Wednesday (Dec 2) at 3", "2026-12-02T15:00 America/New_York"),
    ("Wednesday - December 2 - 3:00 PM", "2026-12-02T15:00 America/New_York"),
    ("3:00 PM - Wednesday - December 2", "2026-12-02T15:00 America/New_York"),
    ("3 PM, Wed", "2026-12-02T15:00 America/New_York"),
    (
        "Are you free at 4 on Thursday or at 5 on Friday?",
        "2026-11-26T16:00 America/New_York; 2026-11-27T17:00 America/New_York",
    ),
    ("Could you come in on Thursday for 11am?", "2026-11-26T11:00 America/New_York"),
    ("Let's aim for 2pm-ish on Monday", "2026-11-30T14:00 America/New_York"),
    ("I'll be free from 1pm on Tuesday.", "2026-12-01T13:00 America/New_York"),
    ("We have a slot open at 9 tomorrow morning.", "2026-11-26T09:00 America/New_York"),
    ("Could we do the 7th or the 9th at 2?", "2026-12-07T14:00 America/New_York; 2026-12-09T14:00 America/New_York"),
    (
        "I could offer the following slots: 1) Mon 7/12 10am 2) Tue 8/12 3pm",
        "2026-12-07T10:00 America/New_York; 2026-12-08T15:00 America/New_York",
    ),
    (
        "Option A: Thursday 10 Dec at 13:00; Option B: Friday 11 Dec at 09:15",
        "2026-12-10T13:00 America/New_York; 2026-12-11T09:15 America/New_York",
    ),
    ("- Tuesday the 1st, 9:30am", "2026-12-01T09:30 America/New_York"),
    ("- Wednesday the 2nd, 1pm", "2026-12-02T13:00 America/New_York"),
    ("Your phone screen with Lee is on Fri 27th Nov @ 15:00 GMT (10:00 EST).", "2026-11-27T15:00 Europe/London"),
    ("The interview (Dec 8, 1:00 – 2:30 PM CST) will be remote.", "2026-12-08T13:00/14:30 America/Chicago"),
    ("We've got you down for 2:00 on the 8th.", "2026-12-08T14:00 America/New_York"),
    ("Please come to our office on 8 December 2026 at 0930.", "2026-12-08T09:30 America/New_York"),
    ("Interview 1: 08/12/2026 09:00-10:00", "2026-12-08T09:00/10:00 America/New_York"),
    (
        "The meeting was moved from 3pm to 3:30pm tomorrow.",
        "2026-11-26T15:00 America/New_York; 2026-11-26T15:30 America/New_York",
    ),
    (
        "We'd need to shift our Thursday 2pm chat to next Monday, same time.",
        "2026-11-26T14:00 America/New_York; 2026-11-30",
    ),
    ("Can we move tomorrow's call to Friday at noon?", "2026-11-26; 2026-11-27T12:00 America/New_York"),
    (
        "Are you around tomorrow or Friday between 1 and 3pm ET?",
        "2026-11-26T13:00/15:00 America/New_York; 2026-11-27T13:00/15:00 America/New_York",
    ),
    (
        "My availability: Mon 2-5pm, Tue 9-11am, Thu after 1pm (all PT).",
        (
            "2026-11-30T14:00/17:00 America/Los_Angeles; 2026-12-01T09:00/11:00 "
            "America/Los_Angeles; 2026-11-26T13:00 America/Los_Angeles"
        ),
    ),
    ("Anytime Tuesday after 2pm ET works.", "2026-12-01T14:00 America/New_York"),
    ("Friday the 4th of December 2026 at half past three in the afternoon", "2026-12-04T15:30 America/New_York"),
    ("quarter past 10 on Monday", "2026-11-30T10:15 America/New_York"),
    ("At 14.30 on Thursday 3 December", "2026-12-03T14:30 America/New_York"),
    ("Thursday, 3 December at 14.30hrs", "2026-12-03T14:30 America/New_York"),
    ("3.12.2026, 14:30", "2026-12-03T14:30 America/New_York"),
    ("The panel runs 9:00 a.m. - 12:00 p.m. on Dec. 10.", "2026-12-10T09:00/12:00 America/New_York"),
    ("Starting at 1pm PST on December 9, 2026, for approximately one hour.", "2026-12-09T13:00 America/Los_Angeles"),
    ("This is to confirm your 11:00am interview on Wednesday, December 9th.", "2026-12-09T11:00 America/New_York"),
    ("Your 11am interview tomorrow is confirmed.", "2026-11-26T11:00 America/New_York"),
    ("Our 30 minute call is at 16:30 on Tuesday.", "2026-12-01T16:30 America/New_York"),
    ("Dial in five minutes before 4 pm CET on December 3.", "2026-12-03T16:00 Europe/Berlin"),
    ("We look forward to seeing you at 10 AM (local time) on December 14.", "2026-12-14T10:00 America/New_York"),
    ("Zoom on 12/3/26 at 2 PM EST/11 AM PST", "2026-12-03T14:00 America/New_York"),
    ("9:30-10:15 AM Pacific / 12:30-1:15 PM Eastern on Dec 2", "2026-12-02T09:30/10:15 America/Los_Angeles"),
    ("Tue, Dec 1, 3:00 - 3:45 PM (America/New_York)", "2026-12-01T15:00/15:45 America/New_York"),
    ("Dec 1 2026, 15:00 UTC+1", "2026-12-01T15:00 +0100"),
    ("December 1, 2026 15:00 +0100", "2026-12-01T15:00 +0100"),
    ("2026-12-01 15:00:00", "2026-12-01T15:00 America/New_York"),
    ("20:00 CET, 1 December", "2026-12-01T20:00 Europe/Berlin"),
    ("Interview Date: 1st December 2026", "2026-12-01"),
    ("Interview\nTime: 14:00 – 14:45 (GMT)", "2026-11-25T14:00/14:45 Europe/London ?"),
    ("Date/Time: 12/01/2026 2:00 PM", "2026-12-01T14:00 America/New_York"),
    ("Day: Tuesday", "2026-12-01"),
    ("Date: December 1", "2026-12-01"),
    ("Time: 2 PM EST", "2026-11-25T14:00 America/New_York ?"),
    ("Please apply by 30 November.", "..2026-11-30"),
    ("The deadline is midnight on December 6.", "2026-12-06T00:00 America/New_York"),
    ("We'll finalize in the second week of December.", "2026-12-08..2026-12-14"),
    ("by next Friday", "..2026-12-04"),
    ("by Thursday next week", "..2026-12-03"),
    ("until the end of the year", "..2026-12-31"),
    ("at the end of January", "2027-01-21..2027-01-29"),
    ("early December", "2026-12-01..2026-12-10"),
    ("late next week", "2026-12-03..2026-12-04"),
    ("toward the middle of January", "2027-01-11..2027-01-15"),
    ("in early January", "2027-01-01..2027-01-10"),
    ("sometime in the next two weeks", "..2026-12-09"),
    ("in the next week or so", "2026-11-30..2026-12-04"),
    ("over the next couple of weeks", "..2026-12-09"),
    ("within a month", "..2026-12-25"),
    ("within one business day", "..2026-11-26"),
    ("within 24 hours", "..2026-11-26"),
    ("in 10 business days", "2026-12-09..2026-12-09"),
    ("two business days from now", "..2026-11-27"),
    ("by this time next week", "..2026-12-04"),
    ("no later than end of day Wednesday, December 2", "..2026-12-02"),
    ("by EOD tomorrow", "..2026-11-26"),
    ("by EOW next week", "..2026-12-04"),
    ("by end of business on Tuesday", "..2026-12-01"),
    ("before the end of next month", "..2026-12-31"),
    ("during the week of Nov 30", "2026-11-30..2026-12-04"),
    ("the week beginning 7 December", "2026-12-07..2026-12-11"),
    ("this weekend", "2026-11-28..2026-11-29"),
    ("over the weekend", "2026-11-28..2026-11-29"),
    ("Q2 2027", "2027-04-01..2027-06-30"),
    ("on Monday or Tuesday of next week", "2026-11-30; 2026-12-01"),
    ("Monday/Tuesday next week", "2026-11-30; 2026-12-01"),
    ("either day next week", "2026-11-30..2026-12-04"),
    ("the 10th through the 12th", "2026-12-10..2026-12-12"),
    ("10-12 December", "2026-12-10..2026-12-12"),
    ("December 10, 11 and 14", "2026-12-10; 2026-12-11; 2026-12-14"),
    ("Dec. 10 & 11", "2026-12-10; 2026-12-11"),
    ("Nov 30 - Dec 4", "2026-11-30..2026-12-04"),
    ("Mon 30 Nov to Wed 2 Dec", "2026-11-30..2026-12-02"),
    ("tomorrow through Friday", "2026-11-26..2026-11-27"),
    ("The position closes on 15/12.", "2026-12-15"),
    ("It was a pleasure to meet you on Monday.", "2026-11-23"),
    ("Thank you for interviewing with us last Thursday, November 19.", "2026-11-19"),
    ("We spoke on November 12th.", "2026-11-12"),
    ("two weeks ago", "2026-11-11"),
    ("3 days ago", "2026-11-22"),
    ("by EOM", "..2026-11-30"),
    ("no later than Christmas Eve", "..2026-12-24"),
    ("The chat is on 30 Nov from 4 to 4.30pm.", "2026-11-30T16:00/16:30 America/New_York"),
    ("Mon. Dec. 7 at 10.30 a.m.", "2026-12-07T10:30 America/New_York"),
    ("4pm tomorrow or 5pm on Friday", "2026-11-26T16:00 America/New_York; 2026-11-27T17:00 America/New_York"),
    (
        "Are you able to meet Thursday at noon or at 1pm?",
        "2026-11-26T12:00 America/New_York; 2026-11-26T13:00 America/New_York",
    ),
    (
        "Does 10am ET Monday or 2pm ET Tuesday suit?",
        "2026-11-30T10:00 America/New_York; 2026-12-01T14:00 America/New_York",
    ),
    (
        "This is a gentle reminder of our chat tomorrow, November 26, at 1 PM Eastern Time.",
        "2026-11-26T13:00 America/New_York",
    ),
    ("Let's go with Wednesday's 3pm slot.", "2026-12-02T15:00 America/New_York"),
    ("Your assessment centre is on 10th and 11th December 2026.", "2026-12-10; 2026-12-11"),
    ("Your offer expires on December 18, 2026 at 5 PM PT.", "2026-12-18T17:00 America/Los_Angeles"),
    ("The talk starts in 45 minutes.", "2026-11-25T10:45 America/New_York"),
    ("See you at 18:30 tonight.", "2026-11-25T18:30 America/New_York"),
    ("See you this afternoon at 3.", "2026-11-25T15:00 America/New_York"),
    ("He returns Monday, December 14th.", "2026-12-14"),
    ("The new date is 12/14.", "2026-12-14"),
    ("Please call 020 7946 0018 between 9 and 10 on Monday.", "2026-11-30T09:00/10:00 America/New_York"),
    ("Tues, 12/1, 1:30-2:15 ET", "2026-12-01T13:30/14:15 America/New_York"),
    ("12/1 (Tue) 2:00 PM", "2026-12-01T14:00 America/New_York"),
    ("T: 2 December 2026 | 13:00 – 14:00 BST", "2026-12-02T13:00/14:00 Europe/London"),
    ("Just a quick note to say we're on for 1 o'clock tomorrow.", "2026-11-26T13:00 America/New_York"),
    ("I've pencilled you in for Thursday at 4.", "2026-11-26T16:00 America/New_York"),
    ("Let's lock in Dec 3rd at eleven.", "2026-12-03T11:00 America/New_York"),
    ("We've moved things around - your new slot: Fri 4/12, 11.15-12.00.", "2026-12-04T11:15/12:00 America/New_York"),
    ("The coding session kicks off at 9 sharp on Monday morning.", "2026-11-30T09:00 America/New_York"),
    ("Would sometime between 2 and 5 on Thursday afternoon suit?", "2026-11-26T14:00/17:00 America/New_York"),
    ("Please block 10:00 to 11:30 CET next Tuesday, 1 December.", "2026-12-01T10:00/11:30 Europe/Berlin"),
    ("Mark your calendar: 12/10/26, 10:00AM-11:00AM PST.", "2026-12-10T10:00/11:00 America/Los_Angeles"),
    ("I can squeeze you in at 8am PT tomorrow morning.", "2026-11-26T08:00 America/Los_Angeles"),
    ("You are booked for the 3.30 slot on Friday.", "2026-11-27T15:30 America/New_York"),
    (
        "Our chat was originally scheduled for Tuesday at 3 but Dana can now only do Wednesday at 4.",
        "2026-12-01T15:00 America/New_York; 2026-12-02T16:00 America/New_York",
    ),
    ("We'll see you bright and early at 8 on Monday!", "2026-11-30T08:00 America/New_York"),
    ("The whole day will run from 9 until 4 on December 9.", "2026-12-09T09:00/16:00 America/New_York"),
    (
        "Arrive by 8:45am on Monday, December 7, for a 9am start.",
        "2026-12-07T08:45 America/New_York; 2026-12-07T09:00 America/New_York",
    ),
    ("The earliest I can do is 4:30 on Friday.", "2026-11-27T16:30 America/New_York"),
    ("On Thursday, I'm free all day; on Friday, only until noon.", "2026-11-26; 2026-11-27T12:00 America/New_York"),
    (
        "You have two options: Tuesday (Dec 1) 10–10:45am ET or Thursday (Dec 3) 3–3:45pm ET.",
        "2026-12-01T10:00/10:45 America/New_York; 2026-12-03T15:00/15:45 America/New_York",
    ),
    (
        "Tuesday 12/1: 9am-12pm; Wednesday 12/2: 1pm-5pm",
        "2026-12-01T09:00/12:00 America/New_York; 2026-12-02T13:00/17:00 America/New_York",
    ),
    ("Dec 1 (Tue) 10:00 EST / 16:00 CET", "2026-12-01T10:00 America/New_York"),
    ("16:00-16:45 CET (10:00-10:45 EST), Tue 1 Dec", "2026-12-01T16:00/16:45 Europe/Berlin"),
    (
        "Meeting with Dana Lee, Tuesday, December 1, 2026, 2:00 PM to 2:30 PM, Eastern Standard Time",
        "2026-12-01T14:00/14:30 America/New_York",
    ),
    ("Start time: Tuesday, December 1, 2026 2:00 PM EST", "2026-12-01T14:00 America/New_York"),
    ("Start: 2:00 PM, End: 2:45 PM, Date: December 1, 2026", "2026-12-01T14:00/14:45 America/New_York"),
    ("Time: Dec 1, 2026 02:00 PM Eastern Time (US and Canada)", "2026-12-01T14:00 America/New_York"),
    (
        "You'll be meeting Ravi at 10, Kim at 10:45 and Lee at 11:30 on December 8.",
        ("2026-12-08T10:00 America/New_York; 2026-12-08T10:45 America/New_York; 2026-12-08T11:30 America/New_York"),
    ),
    ("How's Monday, say around 3-ish?", "2026-11-30T15:00 America/New_York"),
    ("Does the 14th suit? Or the 15th at 10?", "2026-12-14; 2026-12-15T10:00 America/New_York"),
    ("Tomorrow 2:15pm?", "2026-11-26T14:15 America/New_York"),
    ("Wed, 2nd Dec - 4:00pm", "2026-12-02T16:00 America/New_York"),
    ("Wed 2nd December, 4-5pm", "2026-12-02T16:00/17:00 America/New_York"),
    ("Thursday 3 Dec 2026 at 3 pm UK time / 10 am ET", "2026-12-03T15:00 Europe/London"),
    ("3 December at 15:00 Paris time", "2026-12-03T15:00 Europe/Paris"),
    ("Dec 3 at 10am EST (that's 4pm for you in Berlin)", "2026-12-03T10:00 America/New_York"),
    ("We expect to conclude interviews the week after next.", "2026-12-07..2026-12-11"),
    ("We'll be in touch within the next fortnight.", "..2026-12-09"),
    ("You'll have an answer in ten days or so.", "2026-12-05..2026-12-05"),
    ("We should have clarity by the middle of January.", "..2027-01-15"),
    ("no later than COB Thursday", "..2026-11-26"),
    ("by Tuesday of next week at the latest", "..2026-12-01"),
    ("by 5 PM on Friday", "2026-11-27T17:00 America/New_York"),
    ("by noon tomorrow", "2026-11-26T12:00 America/New_York"),
    ("not before January 4", "2027-01-04"),
    ("in three weeks' time", "2026-12-16..2026-12-16"),
    ("in the second half of January", "2027-01-21..2027-01-29"),
    ("before the year is out", "..2026-12-31"),
    ("by year-end", "..2026-12-31"),
    ("by year end", "..2026-12-31"),
    ("by month-end", "..2026-11-30"),
    ("by the end of this month", "..2026-11-30"),
    ("by the end of play Friday", "..2026-11-27"),
    ("by the end of the second week of December", "..2026-12-14"),
    ("end of Q4", "2026-12-01..2026-12-31"),
    ("early Q1 2027", "2027-01-01..2027-01-31"),
    ("around mid-January", "2027-01-11..2027-01-15"),
    ("around the 15th", "2026-12-15"),
    ("on or around December 15th", "2026-12-15"),
    ("within one to two business days", "2026-11-26..2026-11-27"),
    ("within a day or two", "2026-11-26..2026-11-27"),
    ("in a day or so", "2026-11-26..2026-11-26"),
    ("in the next two to three business days", "2026-11-27..2026-11-30"),
    ("over the next 7 to 10 days", "2026-12-02..2026-12-05"),
    ("give it until Monday", "..2026-11-30"),
    ("a month from now", "..2026-12-25"),
    ("in six to eight weeks", "2027-01-06..2027-01-20"),
    ("in the coming week", "2026-11-30..2026-12-04"),
    ("by tomorrow morning", "..2026-11-26"),
    ("first thing tomorrow", "2026-11-26"),
    ("by first thing Monday morning", "..2026-11-30"),
    ("later this month", "2026-11-25..2026-11-30"),
    ("early next month", "2026-12-01..2026-12-10"),
    ("mid next month", "2026-12-11..2026-12-15"),
    ("in the latter half of next week", "2026-12-03..2026-12-04"),
    ("towards the end of next week", "2026-12-03..2026-12-04"),
    ("in the first half of December", "2026-12-01..2026-12-10"),
    ("the last week of January", "2027-01-25..2027-01-29"),
    (
        ("Start time: Tuesday, December 1, 2026 2:00 PM EST\nEnd time: Tuesday, December 1, 2026 3:00 PM EST"),
        "2026-12-01T14:00/15:00 America/New_York",
    ),
    ("Start: 12/1/2026 14:00 GMT\nEnd: 12/1/2026 14:45 GMT", "2026-12-01T14:00/14:45 Europe/London"),
]

NOTHING = [
    "The role pays $9/10 of market and 3/4 of staff are remote.",
    "Please read pages 10-12 and section 3.2 of the handbook.",
    "We have offices in 12 countries; call +44 20 7946 0958 or 1-800-555-0199.",
    "Version 2.10.1 was released, see build 20261125.1530.",
    "The salary is between 80 and 95k with 25 days of holiday.",
    "Our team of 4-6 engineers ships twice a week.",
    "The interview lasts 45-60 minutes, 2 interviewers, 3 questions.",
    "Chapter 5, verse 12. Flight BA 117 from gate 12.",
    "I may march on. April is our recruiter; June joined later.",
    "The second interview is a 1:1 with the CTO.",
    "A 10-minute intro, then 2 hours of pairing.",
    "Our address: 1200 Market St, Suite 12, CA 94102",
    "Suite 4.12, 12/F, 88 Queen's Road",
    "24/7 support; 9/10 candidates; 50/50 chance; 1/2 day",
    "You can reach me at 555-1234 at any time.",
    "On the second floor of 5 May Street",
    "I have 3 years of experience from 2019 to 2022.",
    "In 2025 we grew 40%.",
    "Join by phone: +1 646 558 8656,,91234567890#",
    "Sat nav users: postcode EC1A 1BB. The Sun reported it.",
    "We wed theory with practice; mon ami.",
    "The first week is onboarding, week 2 is training.",
    "Have a great weekend!",
    "Have a nice day!",
    "The team meets every Monday at 10am.",
    "Mondays and Thursdays work best.",
    "Call me between 9 and 5.",
    "In the first 90 days you will own the roadmap.",
    "You need 5+ years and a two week notice period.",
    "3/4 of staff; on 5 May Street; Happy Friday! The Sun reported",
]


def read(text: str, **given: object) -> tuple[Moment, ...]:
    arguments = {"sent_at": SENT, "timezone": "America/New_York", **given}
    return find_moments(text, **arguments)  # type: ignore[arg-type] # a test's mixture


def described(moment: Moment) -> str:
    first = moment.start.strftime("%Y-%m-%d") if moment.start else ""
    if moment.grain is Grain.DAY:
        return first
    if moment.grain is Grain.WINDOW:
        assert moment.end is not None
        return f"{first}..{moment.end:%Y-%m-%d}"
    assert moment.start is not None
    end = f"/{moment.end:%H:%M}" if moment.end else ""
    mark = " ?" if NO_DATE in moment.flags else ""
    return f"{moment.start:%Y-%m-%dT%H:%M}{end} {moment.timezone or moment.start.strftime('%z')}{mark}"


@pytest.mark.parametrize(("text", "moments"), STATED)
def test_a_sentence_states_its_moments(text: str, moments: str) -> None:
    assert "; ".join(described(moment) for moment in read(text)) == moments


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(("text", "moments"), [row for row in STATED if "?" not in row[1]])
def test_a_moment_keeps_the_words_it_rests_on(text: str, moments: str) -> None:
    for moment in read(text):
        assert text[slice(*moment.span)] == moment.text
        assert moment.text.strip()


def test_est_in_july_is_the_clock_of_new_york() -> None:
    (moment,) = read("The call is at 11am EST on 14 July 2027.")
    assert moment.start is not None
    assert moment.start.utcoffset() == timedelta(hours=-4)


def test_a_zone_said_once_for_a_list_is_shared() -> None:
    moments = read("Mon Nov 30 at 10am, Tue Dec 1 at 1pm or Thu Dec 3 at 4pm (all times PT).")
    assert {moment.timezone for moment in moments} == {"America/Los_Angeles"}
    assert {moment.zone_source for moment in moments} == {ZoneSource.SHARED}


def test_two_zones_that_name_one_instant_make_one_moment() -> None:
    (moment,) = read("Tuesday, December 1, 2pm ET / 11am PT")
    assert (moment.timezone, moment.flags) == ("America/New_York", ())


def test_two_zones_that_disagree_are_flagged() -> None:
    (moment,) = read("Tuesday, December 1, 2pm ET / 12pm PT")
    assert ZONES_DISAGREE in moment.flags
    assert moment.alternatives == (datetime(2026, 12, 1, 12, 0, tzinfo=ZoneInfo("America/Los_Angeles")),)


def test_a_weekday_that_contradicts_the_date_is_flagged() -> None:
    (moment,) = read("Tuesday, December 2, 2026 at 2pm")
    assert moment.flags == ("weekday contradicts date",)
    assert moment.start == datetime(2026, 12, 2, 14, 0, tzinfo=NEW_YORK)
    assert datetime(2026, 12, 1, 14, 0, tzinfo=NEW_YORK) in moment.alternatives


@pytest.mark.parametrize(("month_first", "month", "day"), [(True, 12, 1), (False, 1, 12)])
def test_a_slashed_date_is_read_as_its_sender_writes(month_first: bool, month: int, day: int) -> None:
    (moment,) = read("Your interview: 12/1/2027", month_first=month_first)
    assert moment.start is not None
    assert (moment.start.month, moment.start.day) == (month, day)
    assert moment.flags == ("day and month order guessed",)


def test_a_weekday_settles_the_order_of_a_slashed_date() -> None:
    (moment,) = read("Tuesday 1/12 at 3pm", month_first=False)
    assert moment.start == datetime(2026, 12, 1, 15, 0, tzinfo=NEW_YORK)
    assert moment.flags == ()


def test_a_bare_hour_is_the_afternoons_and_says_so() -> None:
    (moment,) = read("tomorrow at 3")
    assert moment.start == datetime(2026, 11, 26, 15, 0, tzinfo=NEW_YORK)
    assert moment.flags == (HALF_GUESSED,)


def test_a_bare_weekday_is_never_the_mails_own_day() -> None:
    (moment,) = read("Wednesday at noon")
    assert moment.start == datetime(2026, 12, 2, 12, 0, tzinfo=NEW_YORK)
    assert moment.alternatives == (datetime(2026, 11, 25, 12, 0, tzinfo=NEW_YORK),)


def test_the_mails_own_offset_decides_what_ist_means() -> None:
    sent = datetime(2026, 7, 14, 10, 0, tzinfo=ZoneInfo("Europe/Dublin"))
    (moment,) = find_moments("tomorrow at 15:00 IST", sent_at=sent, timezone="America/New_York")
    assert moment.timezone == "Europe/Dublin"


def test_a_mail_of_an_impossible_year_states_nothing() -> None:
    assert read("tomorrow at 3pm", sent_at=datetime(1, 1, 1, tzinfo=NEW_YORK)) == ()


WORDS = st.sampled_from(
    "Monday mon Dec 9 9th 12/11 12.12.2024 2024-12-11 3 pm 2pm 14:00 14h30 at on the next this last week w/c end of by "
    "to - and or in 5-7 business days ET (PT) noon half past two EOD tomorrow Q1 \n , . ( ) / 0 99 31 "
    "February 29 year 2027 between from until 24:00 10000 the holidays".split(" ")
)


@given(
    st.lists(WORDS, max_size=30).map(" ".join), st.sampled_from(["en", "de", "fr", "es", "pt", "it", "nl", "pl", "xx"])
)
def test_no_order_of_date_words_makes_the_reader_fail(text: str, language: str) -> None:
    for moment in read(text, language=language):
        assert text[slice(*moment.span)] == moment.text
        assert moment.start is None or moment.start.tzinfo is not None
        if moment.grain is Grain.MINUTE and moment.start and moment.end:
            assert timedelta(0) < moment.end - moment.start <= timedelta(days=1)
        if moment.grain is Grain.WINDOW and moment.start and moment.end:
            assert moment.start <= moment.end


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    for moment in read(text):
        assert text[slice(*moment.span)] == moment.text
