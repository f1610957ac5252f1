-- What a letter was worded with, what was approved for sending, and what was written to the person.

ALTER TABLE draft ADD COLUMN wording TEXT;

-- Each approval of these very bytes and recipients, and what came of it. A letter has one approval that is not refused.
CREATE TABLE sending (
    number INTEGER PRIMARY KEY, followup TEXT NOT NULL REFERENCES draft (id), account TEXT NOT NULL, state TEXT NOT NULL,
    message BLOB, sha256 TEXT NOT NULL, message_id TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    at_once INTEGER NOT NULL, attempts INTEGER NOT NULL, approved_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    next_at TEXT, reply TEXT
) STRICT;
CREATE UNIQUE INDEX one_approval ON sending (followup) WHERE state <> 'refused';

-- Each mail to the person themself. Its primary key is what makes "once" hold.
CREATE TABLE notice (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, message_id TEXT NOT NULL,
    message BLOB, attempts INTEGER NOT NULL, written_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
