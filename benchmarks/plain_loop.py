"""The baseline: what a first version does. SEARCH, FETCH each whole message, parse it, take what a follow-up needs
(who, when, which thread), and look for words.
"""

from __future__ import annotations

import email
import email.policy
import imaplib
import re
import sys

WORDS = re.compile(
    r"interview|phone screen|schedule|invitation|calendar|application|position|offer|unfortunately|next steps|recruit",
    re.IGNORECASE,
)
FIELDS = ("From", "To", "Cc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To", "References")
MOMENT = re.compile(r"\d{1,2}:\d{2}|monday|tuesday|wednesday|thursday|friday", re.IGNORECASE)


def main(host: str, port: int, user: str, password: str) -> None:
    """Print how many messages look like interviews."""
    found = 0
    with imaplib.IMAP4(host, port) as link:
        link.login(user, password)
        link.select("INBOX", readonly=True)
        for number in link.search(None, "ALL")[1][0].split():
            answer = link.fetch(number.decode(), "(BODY.PEEK[])")[1][0]
            if not isinstance(answer, tuple):
                continue
            message = email.message_from_bytes(answer[1], policy=email.policy.default)
            envelope = [str(message[name]) for name in FIELDS]
            body = message.get_body(("plain", "html"))
            text = "\n".join((*envelope, body.get_content() if body else ""))
            found += bool(WORDS.findall(text) and MOMENT.search(text))
    print(found)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
