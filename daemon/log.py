"""Sets up logging: one event a line on standard error, with systemd's priority prefix when the journal reads it.

At the default level no line holds a subject, an address, a name or a body: messages are named by account and UID.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

# sd-daemon(3): a line that starts with <N> has the priority N.
_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


class _JournalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"<{_PRIORITIES.get(record.levelno, 6)}>{super().format(record)}"


def set_up_logging(level: str, environ: Mapping[str, str]) -> None:
    """Write this program's events to standard error; `level` is a name of the logging module."""
    handler = logging.StreamHandler(sys.stderr)
    if "JOURNAL_STREAM" in environ:
        handler.setFormatter(_JournalFormatter("%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Libraries stay quiet: imapclient logs whole protocol lines at its lower levels.
    logging.getLogger("tactful").setLevel(level)
