"""The least that a scan in two stages can cost: the fields and the structure of every message, then the first part of
those that look like mail about an application; nothing is understood, kept or decided.
"""

from __future__ import annotations

import imaplib
import re
import sys

from benchmarks.plain_loop import WORDS

FIELDS = "FROM TO CC REPLY-TO DATE SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES LIST-ID PRECEDENCE AUTO-SUBMITTED SENDER"
BATCH = 500
BULK = re.compile(rb"^(?:list-id|precedence|auto-submitted):", re.IGNORECASE | re.MULTILINE)
UID = re.compile(rb"UID (\d+)")


def main(host: str, port: int, user: str, password: str) -> None:
    """Print how many messages were asked for whole, and their octets."""
    with imaplib.IMAP4(host, port) as link:
        link.login(user, password)
        link.select("INBOX", readonly=True)
        uids = link.uid("SEARCH", "ALL")[1][0].split()
        wanted, words = [], re.compile(WORDS.pattern.encode(), re.IGNORECASE)
        for start in range(0, len(uids), BATCH):
            numbers = f"{uids[start].decode()}:{uids[min(start + BATCH, len(uids)) - 1].decode()}"
            items = f"(UID INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
            answers = [answer for answer in link.uid("FETCH", numbers, items)[1] if isinstance(answer, tuple)]
            wanted += [UID.search(a[0])[1] for a in answers if words.search(a[1]) and not BULK.search(a[1])]
        octets = 0
        for start in range(0, len(wanted), BATCH):
            numbers = b",".join(wanted[start : start + BATCH]).decode()
            parts = link.uid("FETCH", numbers, "(UID BODY.PEEK[1])")[1]
            octets += sum(len(answer[1]) for answer in parts if isinstance(answer, tuple))
    print(len(wanted), octets)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
