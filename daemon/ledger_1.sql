-- The ledger's tables: what was seen and what was done. Nothing that can be computed again is here.

CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

-- How far each folder has been read.
CREATE TABLE watermark (
    account TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL,
    PRIMARY KEY (account, folder)
) STRICT;

-- One row a message in scope: facts were taken, or why not.
CREATE TABLE seen (
    account TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('facts', 'ignored', 'unreadable', 'gone')),
    reason TEXT, key TEXT,
    PRIMARY KEY (account, folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
    account TEXT NOT NULL, key TEXT NOT NULL, received_at TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;

CREATE TABLE act (number INTEGER PRIMARY KEY, at TEXT NOT NULL, document TEXT NOT NULL) STRICT;

-- Each follow-up that was ever tried. Its primary key is what makes "at most once" hold.
CREATE TABLE draft (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL, followup TEXT NOT NULL, message_id TEXT NOT NULL,
    folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL, uid INTEGER,
    sha256 TEXT NOT NULL, message BLOB, attempts INTEGER NOT NULL, intended_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    answers TEXT, subject TEXT NOT NULL, note TEXT
) STRICT;

CREATE TABLE decision (number INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, document TEXT NOT NULL) STRICT;
