-- Each time that the end of a letter was about to go out. A ledger that knows of fewer than stand beside it is an old one.

CREATE TABLE handed_over (
    number INTEGER PRIMARY KEY, followup TEXT NOT NULL REFERENCES draft (id), sha256 TEXT NOT NULL
) STRICT
