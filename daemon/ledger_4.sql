-- By which words a copy of a letter is known again (daemon/imprint.py).

ALTER TABLE draft ADD COLUMN imprint BLOB
