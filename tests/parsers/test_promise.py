"""When an employer says that it will answer: every row of the policy's table, and what is no promise."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.model import Promise
from parsers.promise import find_promises, latest_promise

NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=NEW_YORK)


def promised(text: str, sent_at: datetime = WEDNESDAY, language: str = "en") -> Promise | None:
    found = find_promises(
        text, sent_at=sent_at, timezone="America/New_York", month_first=language == "en", language=language
    )
    return latest_promise(found)


def day(text: str, sent_at: datetime = WEDNESDAY, language: str = "en") -> str | None:
    promise = promised(text, sent_at, language)
    return promise.by.isoformat() if promise and promise.by else None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("sent", "phrase", "by"),
    [
        # a date; without a year its next occurrence, the mail's day included
        ("2026-11-25T10:00", "by 12 March", "2027-03-12"),
        ("2026-11-25T10:00", "on Mar 12th", "2027-03-12"),
        ("2026-11-25T10:00", "by November 25", "2026-11-25"),
        ("2026-11-25T10:00", "by November 24", "2027-11-24"),
        # today, end of day, tomorrow; Saturday and Sunday become Monday
        ("2026-11-25T10:00", "today", "2026-11-25"),
        ("2026-11-25T10:00", "by the end of the day", "2026-11-25"),
        ("2026-11-25T10:00", "by EOD", "2026-11-25"),
        ("2026-11-25T10:00", "tomorrow", "2026-11-26"),
        ("2026-11-27T10:00", "tomorrow", "2026-11-30"),
        ("2026-11-28T10:00", "today", "2026-11-30"),
        ("2026-11-28T10:00", "tomorrow", "2026-11-30"),
        # by or on a weekday: strictly after the mail's day
        ("2026-11-25T10:00", "by Friday", "2026-11-27"),
        ("2026-11-27T10:00", "by Friday", "2026-12-04"),
        ("2026-11-27T10:00", "this Friday", "2026-11-27"),
        ("2026-11-25T10:00", "on Monday", "2026-11-30"),
        # this week; from Friday noon on the next one
        ("2026-11-25T10:00", "this week", "2026-11-27"),
        ("2026-11-25T10:00", "by the end of the week", "2026-11-27"),
        ("2026-11-27T11:59", "by EOW", "2026-11-27"),
        ("2026-11-27T12:00", "by the end of the week", "2026-12-04"),
        ("2026-11-28T09:00", "this week", "2026-12-04"),
        ("2026-11-29T09:00", "by the end of the week", "2026-12-04"),
        # parts of next week
        ("2026-11-25T10:00", "early next week", "2026-12-01"),
        ("2026-11-25T10:00", "by mid next week", "2026-12-02"),
        ("2026-11-25T10:00", "late next week", "2026-12-04"),
        ("2026-11-25T10:00", "by the end of next week", "2026-12-04"),
        ("2026-11-25T10:00", "next week", "2026-12-04"),
        ("2026-11-27T15:00", "next week", "2026-12-04"),
        # next weekday, weekday of next week
        ("2026-11-25T10:00", "next Friday", "2026-12-04"),
        ("2026-11-25T10:00", "on Monday of next week", "2026-11-30"),
        ("2026-11-23T10:00", "next Monday", "2026-11-30"),
        # days: up to five are business days, more are calendar days
        ("2026-11-25T10:00", "within 3 days", "2026-11-30"),
        ("2026-11-25T10:00", "in 3-4 days", "2026-12-01"),
        ("2026-11-25T10:00", "within five days", "2026-12-02"),
        ("2026-11-25T10:00", "within 6 days", "2026-12-01"),
        ("2026-11-25T10:00", "in 7-10 days", "2026-12-05"),
        # business days, however many
        ("2026-11-25T10:00", "within 5-7 business days", "2026-12-04"),
        ("2026-11-25T10:00", "in ten working days", "2026-12-09"),
        ("2026-11-28T10:00", "in 1 business day", "2026-11-30"),
        # hours: whole days, in business days
        ("2026-11-25T10:00", "within 24-48 hours", "2026-11-27"),
        ("2026-11-27T10:00", "within 24 hours", "2026-11-30"),
        ("2026-11-25T10:00", "in the next 72 hours", "2026-11-30"),
        ("2026-11-25T10:00", "within 36 hours", "2026-11-27"),
        # a couple of, a few
        ("2026-11-25T10:00", "in a couple of days", "2026-11-30"),
        ("2026-11-25T10:00", "in the next few days", "2026-12-02"),
        ("2026-11-25T10:00", "in the coming days", "2026-12-02"),
        ("2026-11-25T10:00", "in a couple of weeks", "2026-12-09"),
        ("2026-11-25T10:00", "in a few weeks", "2026-12-16"),
        # weeks
        ("2026-11-25T10:00", "within a week", "2026-12-02"),
        ("2026-11-25T10:00", "in a week or two", "2026-12-09"),
        ("2026-11-25T10:00", "within two weeks", "2026-12-09"),
        ("2026-11-25T10:00", "in 2-3 weeks", "2026-12-16"),
        ("2026-11-25T10:00", "within a fortnight", "2026-12-09"),
        # parts of a month: the 10th, the 20th, the last business day
        ("2026-11-25T10:00", "in early January", "2027-01-10"),
        ("2026-11-25T10:00", "by mid-December", "2026-12-20"),
        ("2026-11-25T10:00", "by the end of January", "2027-01-29"),
        ("2026-11-25T10:00", "in late December", "2026-12-31"),
        ("2026-11-25T10:00", "by the end of the month", "2026-11-30"),
        ("2026-11-30T10:00", "by the end of the month", "2026-12-31"),
        ("2026-10-30T10:00", "by the end of the month", "2026-11-30"),
        # after the holidays: Friday of the first full ISO week of January
        ("2026-12-15T10:00", "after the holidays", "2027-01-08"),
        ("2026-12-15T10:00", "in the new year", "2027-01-08"),
        ("2027-12-15T10:00", "in the new year", "2028-01-07"),
    ],
)
def test_a_phrase_resolves_as_the_policy_says(sent: str, phrase: str, by: str) -> None:
    assert day(f"You will hear from us {phrase}.", at(sent)) == by
    assert day(f"{phrase[0].upper()}{phrase[1:]}, we will get back to you.", at(sent)) == by


@pytest.mark.parametrize("word", ["soon", "shortly", "in due course", "as soon as we can", "once we know more"])
def test_a_vague_word_promises_nothing(word: str) -> None:
    assert promised(f"We will be in touch {word}.") is None


def test_business_days_can_be_counted_again_with_holidays() -> None:
    promise = promised("You will hear from us within 5-7 business days.")
    assert promise is not None
    assert (promise.business_days, promise.counted_from) == (7, date(2026, 11, 25))
    assert promise.since == date(2026, 12, 2)


@pytest.mark.parametrize(
    ("text", "by", "days", "counted_from"),
    [
        ("Once Ann is back on Monday, December 7, we will decide.", "2026-12-09", 2, "2026-12-07"),
        ("As soon as Ravi returns on December 7, I will get back to you.", "2026-12-09", 2, "2026-12-07"),
        ("The hiring manager returns on the 16th, so expect to hear by then.", "2026-12-18", 2, "2026-12-16"),
        ("Once interviews end on December 4, we will let you know.", "2026-12-09", 3, "2026-12-04"),
        ("We are finishing interviews on December 4.", "2026-12-09", 3, "2026-12-04"),
        ("After the last interviews on December 9 we will let you know.", "2026-12-14", 3, "2026-12-09"),
    ],
)
def test_a_return_or_the_end_of_the_interviews_leaves_some_business_days(
    text: str, by: str, days: int, counted_from: str
) -> None:
    promise = promised(text)
    assert promise is not None
    assert promise.by == date.fromisoformat(by)
    assert (promise.business_days, promise.counted_from) == (days, date.fromisoformat(counted_from))


VARIANTS = [
    ("The team will make a decision within the next 5 business days.", "2026-12-02"),
    ("You can expect to hear back from our team in one to two weeks.", "2026-12-09"),
    ("I should have an update for you by end of day Thursday.", "2026-11-26"),
    ("I hope to have some feedback for you early next week.", "2026-12-01"),
    ("We plan to wrap up interviews this week and will be in touch with next steps by Tuesday.", "2026-12-01"),
    ("Our recruiter will reach out within 48 hours.", "2026-11-27"),
    ("Someone from our team will contact you in the next few days.", "2026-12-02"),
    ("Dana will follow up with you on Monday.", "2026-11-30"),
    ("We'll circle back by mid next week.", "2026-12-02"),
    ("I will have more information for you by the end of the month.", "2026-11-30"),
    ("A member of our team will be in contact within two weeks.", "2026-12-09"),
    ("Next steps: we will let you know our decision by Friday, December 4.", "2026-12-04"),
    ("We're hoping to make a decision by December 11th.", "2026-12-11"),
    ("We expect to finalize our decision in the next two weeks.", "2026-12-09"),
    ("You'll receive an email from us by next Friday.", "2026-12-04"),
    ("We will notify all candidates of the outcome by December 18.", "2026-12-18"),
    ("All applicants will be notified by December 18.", "2026-12-18"),
    ("The committee meets on December 3 and will decide then.", "2026-12-03"),
    ("Please expect a response within 10 business days.", "2026-12-09"),
    ("Please allow 2-3 weeks for us to review your application.", "2026-12-16"),
    ("We ask for your patience; it may take up to three weeks to hear back.", "2026-12-16"),
    ("It will take us about a week to get back to you.", "2026-12-02"),
    ("We need until Wednesday to align internally.", "2026-12-02"),
    ("We need another week to complete the remaining interviews.", "2026-12-02"),
    ("Could you give us until the end of next week?", "2026-12-04"),
    ("We will be back to you with an answer on Thursday.", "2026-11-26"),
    ("My goal is to get back to you by Friday.", "2026-11-27"),
    ("I'm aiming to get you an answer by Friday.", "2026-11-27"),
    ("Our target is to decide by the end of January.", "2027-01-29"),
    (("The hiring manager is on vacation until December 7, so we will not have an update before then."), "2026-12-09"),
    ("Ravi is back in the office on December 7 and we will make a decision then.", "2026-12-09"),
    ("As soon as Ravi returns on Monday, December 7, I will get back to you.", "2026-12-09"),
    ("After the last interviews on December 9 we will let you know.", "2026-12-14"),
    ("We have a few more interviews to complete by December 4.", "2026-12-09"),
    ("Interviews will wrap up on December 4.", "2026-12-09"),
    ("We are still interviewing candidates through December 11.", "2026-12-16"),
    ("You'll hear something from me tomorrow.", "2026-11-26"),
    ("You will hear from me later today.", "2026-11-25"),
    ("I'll let you know by COB.", "2026-11-25"),
    ("I'll keep you posted and should know more by Wednesday.", "2026-12-02"),
    ("We should be able to share feedback by Monday.", "2026-11-30"),
    ("Decision expected by December 15.", "2026-12-15"),
    ("Expected decision date: December 15.", "2026-12-15"),
    ("Timeline: we are looking to decide by mid-January.", "2027-01-20"),
    ("We would like to make an offer by the end of the year.", "2026-12-31"),
    ("We'll be making a final decision in the first week of January.", "2027-01-07"),
    ("The process has been delayed until January 11.", "2027-01-11"),
    ("Unfortunately things are slower than planned; the new timeline is the end of next week.", "2026-12-04"),
    ("We've put the role on hold until February.", "2027-02-01"),
    ("We will revisit in 3 weeks.", "2026-12-16"),
    ("We'll resume the process after January 4.", "2027-01-04"),
    ("Let's touch base again on December 14.", "2026-12-14"),
    ("I'll check in again next Tuesday.", "2026-12-01"),
    ("I will be in touch the week of December 14.", "2026-12-18"),
    ("We'll get back to you within a week of your interview.", "2026-12-02"),
    ("We'll be in touch in the new year.", "2027-01-08"),
    ("It was great to speak with you yesterday and we'll be in touch by Friday.", "2026-11-27"),
    ("Thanks for interviewing on Monday! We aim to get back to everyone within a week.", "2026-12-02"),
    ("We will let you know either way by Friday.", "2026-11-27"),
    ("Whatever the outcome, you will hear from us by December 4.", "2026-12-04"),
    ("Regardless of the outcome, we'll update you next week.", "2026-12-04"),
    ("The second round will take place in the week of December 14.", "2026-12-18"),
    ("Next Friday is when we expect to have a decision.", "2026-12-04"),
    ("You should expect a call from our recruiter by Thursday.", "2026-11-26"),
    ("We will review your application and get back to you within 2 weeks.", "2026-12-09"),
    ("I'll get you an answer Monday.", "2026-11-30"),
    ("Hoping to have an answer Monday or Tuesday.", "2026-12-01"),
    ("We'll reach out to you between December 7 and December 11.", "2026-12-11"),
    ("We'll have a decision in 2 to 3 weeks' time.", "2026-12-16"),
    ("Expect to hear from us in about ten days.", "2026-12-05"),
    ("We'll let you know in three days' time.", "2026-11-30"),
    ("You will hear from us within 1 month.", "2026-12-25"),
    ("We will confirm the next round by Wednesday.", "2026-12-02"),
    ("We will share the schedule for the onsite by Wednesday.", "2026-12-02"),
    ("I'll let you know on the 4th.", "2026-12-04"),
    ("I will be in touch with feedback no later than Thursday afternoon.", "2026-11-26"),
    ("We'll let you know by lunchtime tomorrow.", "2026-11-26"),
    ("You will hear from HR by 12/11.", "2026-12-11"),
    ("You will hear from us by Friday.", "2026-11-27"),
    ("We will get back to you by 12 March.", "2027-03-12"),
    ("We'll be in touch by end of day.", "2026-11-25"),
    ("Let me come back to you tomorrow.", "2026-11-26"),
    ("You'll have our decision by the end of the week.", "2026-11-27"),
    ("We aim to decide early next week.", "2026-12-01"),
    ("You will hear back within 5-7 business days.", "2026-12-04"),
    ("Expect an answer in 3-4 days.", "2026-12-01"),
    ("I'd expect feedback sometime next week.", "2026-12-04"),
    ("We should know more in a week or two.", "2026-12-09"),
    ("Give us about a week.", "2026-12-02"),
    ("Please allow up to 10 working days for a response.", "2026-12-09"),
    ("We will make a decision after the holidays.", "2027-01-08"),
    ("You should hear from us in the new year.", "2027-01-08"),
    ("Once Ann is back on Monday 7 December, we will decide.", "2026-12-09"),
    ("We are finishing interviews on December 4.", "2026-12-09"),
    ("The hiring manager returns on the 16th, so expect to hear by then.", "2026-12-18"),
    ("We'll update you in the next 48 hours.", "2026-11-27"),
    ("We hope to have news by mid-December.", "2026-12-20"),
    ("A decision will be made no later than January 15.", "2027-01-15"),
    ("Feedback by Friday at the latest.", "2026-11-27"),
    ("By Friday you will hear from us.", "2026-11-27"),
    ("We'll be wrapping up interviews by EOW and circle back early the following week.", "2026-12-01"),
    ("Final decisions go out the week of December 16.", "2026-12-18"),
    ("The next round takes place in the week of December 7.", "2026-12-11"),
    ("We are running late; the new date is December 10.", "2026-12-10"),
    ("Hope to close this by December 11.", "2026-12-11"),
    ("Results will be shared by December 11.", "2026-12-11"),
    ("Your interview is on Tuesday, December 1 at 2pm. We will let you know by Friday.", "2026-11-27"),
    ("You can expect next steps within 24-48 hours.", "2026-11-27"),
    ("We'll let you know in a couple of days.", "2026-11-30"),
    ("I'll follow up next Wednesday.", "2026-12-02"),
    ("We will let you know by the end of the month.", "2026-11-30"),
    ("It usually takes us two weeks to review applications.", "2026-12-09"),
    ("Thanks for your patience. We expect to have an update for you by Monday.", "2026-11-30"),
    ("We are interviewing in the coming two weeks and then decide.", "2026-12-14"),
    ("Hiring is on hold until January.", "2027-01-01"),
]


@pytest.mark.parametrize(("text", "by"), VARIANTS)
def test_a_promise_is_known_in_many_words(text: str, by: str) -> None:
    assert day(text) == by


NO_PROMISES = [
    "If your profile matches, we will contact you within 10 business days.",
    "If successful, you will hear from us within two weeks.",
    "Should your application be shortlisted, a recruiter will be in touch within 5 working days.",
    "We may reach out within two weeks if there is a fit.",
    "Please reply by Friday.",
    "Please let me know by Friday if this works.",
    "Can you confirm by tomorrow?",
    "Could you please send us your documents by Monday?",
    "Please submit your take-home by Sunday, December 6.",
    "The assessment link expires in 5 days.",
    "You have 7 days to complete the test.",
    "We'd appreciate it if you could get back to us by Friday.",
    "We look forward to hearing from you by Friday.",
    "We look forward to meeting you on Tuesday, December 1 at 2pm.",
    "Your interview is scheduled for Tuesday, December 1 at 2pm.",
    "I'll call you on Tuesday at 2pm for our interview.",
    "We will send you a calendar invite tomorrow.",
    "You will receive the offer letter by Friday.",
    "We'll send the contract for signature on Monday.",
    "Your start date will be January 4.",
    "We will keep your resume on file for six months.",
    "The position will be open until December 31.",
    "We'll be in touch shortly.",
    "We will get back to you as soon as possible.",
    "You will hear from us in due course.",
    "Thank you for your patience while we review.",
    "We will be closed from December 24 to January 1.",
    "I am out of the office until December 7.",
    "I'll be on vacation next week.",
    "We received your application on November 20.",
    (
        "Thank you for applying. We review applications on a rolling basis and will "
        "contact you within 3 weeks if we would like to move forward."
    ),
    "We will be in touch soon.",
    "Please complete the assessment by Friday.",
    "Let us know your availability by Thursday.",
    "We would appreciate your response within 7 days.",
    "Please sign by Friday so that we can get back to you.",
    "If you are selected, we will contact you within 5 days.",
    "It was great meeting you on Tuesday and we will be in touch.",
    "I will call you on Tuesday at 2pm.",
    "You will receive the contract by Friday.",
    "We'd like to invite you to an interview on Thursday.",
    "The link will expire in 7 days.",
    "The offer is valid until December 20.",
    "If we decide to move forward, we'll be in touch within two weeks.",
    "Kindly complete the assessment within 72 hours.",
    "You have until Friday to decide.",
]


@pytest.mark.parametrize("text", NO_PROMISES)
def test_what_the_candidate_must_do_or_what_is_no_answer_is_no_promise(text: str) -> None:
    assert promised(text) is None


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Feel free to reach out if you don't hear from me by Tuesday.", "2026-12-01"),
        ("Don't hesitate to nudge me if you haven't heard anything by next Wednesday.", "2026-12-02"),
        ("If you don't hear back within 10 days, please feel free to follow up.", "2026-12-05"),
        ("Should you not hear from us by December 18, please get in touch.", "2026-12-18"),
        ("In case we have not been in touch by Friday, do drop me a line.", "2026-11-27"),
        ("If I haven't gotten back to you by Thursday, please ping me.", "2026-11-26"),
        ("If you have not heard from us by Monday, feel free to ping me.", "2026-11-30"),
        ("Ping me if you have heard nothing by Monday.", "2026-11-30"),
        ("We'll get back to you by Friday. If you haven't heard by then, feel free to reach out.", "2026-11-27"),
        ("If there is no news from us, do reach out.", None),
    ],
)
def test_leave_to_write_is_a_promise_with_permission(text: str, by: str | None) -> None:
    promise = promised(text)
    assert promise is not None
    assert (promise.permission, promise.passive_rejection) == (True, False)
    assert promise.by == (date.fromisoformat(by) if by else None)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        (
            (
                "If you haven't received a response within two weeks, please assume that we've "
                "moved forward with other candidates."
            ),
            "2026-12-09",
        ),
        (
            ("If you have not heard from us within 4 weeks of applying, your application has not been successful."),
            "2026-12-23",
        ),
        ("Unless you hear from us by December 18, please assume you have not been selected.", "2026-12-18"),
        ("Should you not hear from us within 14 days, please consider your application closed.", "2026-12-09"),
        ("No news within three weeks means we have decided to proceed with other applicants.", "2026-12-16"),
        ("If you do not hear from us within two weeks, please consider your application unsuccessful.", "2026-12-09"),
    ],
)
def test_silence_that_means_no_is_a_passive_rejection(text: str, by: str) -> None:
    promise = promised(text)
    assert promise is not None
    assert (promise.passive_rejection, promise.permission) == (True, False)
    assert promise.by == date.fromisoformat(by)


@pytest.mark.parametrize(
    "text",
    [
        "Only shortlisted candidates will be contacted.",
        "Due to the volume of applications, only candidates selected for interview will be contacted.",
        "We are unable to respond to every applicant individually.",
        "No phone calls please.",
        "We ask that you do not contact us about the status of your application.",
        "We will only contact successful candidates.",
        "Please do not follow up on your application.",
    ],
)
def test_a_wish_not_to_be_contacted_is_kept(text: str) -> None:
    promise = promised(text)
    assert promise is not None
    assert (promise.no_contact, promise.by) == (True, None)


def test_leave_to_write_may_lean_on_the_promise_before_it() -> None:
    promise = promised("We'll get back to you by Friday. If you haven't heard by then, feel free to reach out.")
    assert promise is not None
    assert (promise.by, promise.permission) == (date(2026, 11, 27), True)


def test_the_later_of_two_dates_in_one_message_counts() -> None:
    assert day("We will update you by Friday. A decision will be made by December 11.") == "2026-12-11"
    assert day("A decision will be made by December 11. We will update you by Friday.") == "2026-12-11"


def test_a_wish_not_to_be_contacted_stays_with_the_date() -> None:
    promise = promised("You will hear from us by Friday. Please do not contact us about your application.")
    assert promise is not None
    assert (promise.by, promise.no_contact) == (date(2026, 11, 27), True)


def test_no_promises_have_no_latest() -> None:
    assert latest_promise(()) is None


def test_a_promise_in_the_confirmation_of_an_interview_is_found_beside_it() -> None:
    text = "Your interview is confirmed for Tuesday, December 1 at 2pm ET. We will let you know by Friday, December 4."
    assert day(text) == "2026-12-04"


def test_a_promise_across_wrapped_lines_is_one_sentence() -> None:
    assert day("Thank you for your time. We expect to make a\ndecision by the end of\nnext week.") == "2026-12-04"


@pytest.mark.parametrize(
    ("language", "text", "by"),
    [
        ("de", "Wir melden uns bis Ende nächster Woche bei Ihnen.", "2026-12-04"),
        ("de", "Sie hören bis Freitag von uns.", "2026-11-27"),
        ("de", "Sie erhalten innerhalb von 5 Werktagen eine Rückmeldung.", "2026-12-02"),
        ("de", "Wir geben Ihnen spätestens am Freitag Bescheid.", "2026-11-27"),
        ("de", "Rückmeldung bis spätestens 11. Dezember.", "2026-12-11"),
        ("de", "In ein bis zwei Wochen wissen wir mehr.", "2026-12-09"),
        ("de", "Anfang nächster Woche geben wir Bescheid.", "2026-12-01"),
        ("de", "Wir entscheiden bis zum 15.12.", "2026-12-15"),
        ("de", "In den nächsten Tagen kommen wir auf Sie zu.", "2026-12-02"),
        ("de", "Sollten Sie bis 11. Dezember nichts von uns hören, melden Sie sich gerne.", "2026-12-11"),
        (
            "de",
            (
                "Sollten Sie innerhalb von vier Wochen nichts h\u00f6ren, betrachten Sie Ihre "
                "Bewerbung bitte als abgelehnt."
            ),
            "2026-12-23",
        ),
        ("de", "Bitte senden Sie uns Ihre Unterlagen bis Freitag.", None),
        ("de", "Bitte geben Sie uns bis Montag Bescheid.", None),
        ("de", "Das Gespräch findet am Dienstag um 14 Uhr statt.", None),
        ("de", "Wenn Sie in die engere Auswahl kommen, melden wir uns innerhalb von zwei Wochen.", None),
        ("de", "Wir melden uns in Kürze.", None),
        ("de", "Ich melde mich nächste Woche.", "2026-12-04"),
        ("de", "Die Gespräche laufen noch bis zum 4. Dezember, danach melden wir uns.", "2026-12-09"),
        ("fr", "Nous reviendrons vers vous avant le 11 décembre.", "2026-12-11"),
        ("fr", "Nous reviendrons vers vous d'ici la fin de la semaine prochaine.", "2026-12-04"),
        ("fr", "Vous aurez une réponse sous 5 jours ouvrés.", "2026-12-02"),
        ("fr", "Réponse au plus tard le 11 décembre.", "2026-12-11"),
        ("fr", "Notre décision sera prise le 4 décembre.", "2026-12-04"),
        ("fr", "Nous vous recontacterons en début de semaine prochaine.", "2026-12-01"),
        (
            "fr",
            (
                "Sans r\u00e9ponse de notre part sous 3 semaines, veuillez consid\u00e9rer que votre "
                "candidature n'a pas \u00e9t\u00e9 retenue."
            ),
            "2026-12-16",
        ),
        ("fr", "Si vous n'avez pas de nouvelles d'ici vendredi, n'hésitez pas à me relancer.", "2026-11-27"),
        ("fr", "Merci de nous envoyer votre test avant vendredi.", None),
        ("fr", "Votre entretien aura lieu mardi à 14h.", None),
        ("fr", "Si votre profil est retenu, nous vous contacterons sous 10 jours.", None),
        ("fr", "Nous reviendrons vers vous prochainement.", None),
        ("es", "Te diremos algo antes del 11 de diciembre.", "2026-12-11"),
        ("es", "Te daremos una respuesta antes del viernes.", "2026-11-27"),
        ("es", "En un plazo de 5 días hábiles tendrás noticias.", "2026-12-02"),
        ("es", "Tendrás noticias como máximo el 11 de diciembre.", "2026-12-11"),
        ("es", "Tomaremos la decisión el 4 de diciembre.", "2026-12-04"),
        ("es", "Nos pondremos en contacto contigo a principios de la próxima semana.", "2026-12-01"),
        ("es", "Si no recibes respuesta en 3 semanas, considera que tu candidatura ha sido descartada.", "2026-12-16"),
        ("es", "Si no tienes noticias antes del viernes, no dudes en escribirme.", "2026-11-27"),
        ("es", "Por favor, envíanos tu disponibilidad antes del viernes.", None),
        ("es", "La entrevista será el martes a las 14:00.", None),
        ("pt", "Daremos um retorno até sexta-feira.", "2026-11-27"),
        ("pt", "Você terá uma resposta em até 5 dias úteis.", "2026-12-02"),
        ("pt", "Entraremos em contato na próxima semana.", "2026-12-04"),
        ("pt", "A decisão será tomada até o final da próxima semana.", "2026-12-04"),
        ("pt", "Se não receber resposta em 3 semanas, considere o processo encerrado.", "2026-12-16"),
        ("pt", "Por favor, envie seus documentos até sexta-feira.", None),
    ],
)
def test_a_promise_is_known_in_other_languages(language: str, text: str, by: str | None) -> None:
    assert day(text, language=language) == by


CLAUSES = st.sampled_from(
    [
        "we will get back to you", "by Friday", "if you do not hear from us", "please", "consider it closed", ".",
        "within 5 business days", "once Ann is back on", "December 7", "feel free to ping me", "only", "\n\n", ",",
        "give us until", "interviews", "next week", "do not contact us", "11.", "you will hear", "(", "allow",
        "decision",
    ]
)  # fmt: skip


@settings(deadline=None)  # the first call reads the tables
@given(st.lists(CLAUSES, max_size=25).map(" ".join), st.sampled_from(["en", "de", "fr", "es", "pt", "xx"]))
def test_no_order_of_clauses_makes_the_reader_fail(text: str, language: str) -> None:
    for promise in find_promises(text, sent_at=WEDNESDAY, timezone="America/New_York", language=language):
        assert promise.by is None or promise.by >= WEDNESDAY.date()
        assert not (promise.permission and promise.passive_rejection)
        assert (promise.business_days is None) == (promise.counted_from is None)


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    find_promises(text + " hear back", sent_at=WEDNESDAY, timezone="America/New_York")
