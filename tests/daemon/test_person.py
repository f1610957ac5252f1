"""Who the user is, for `read` and `replay`: what the configuration says about the account counts there, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.archive import Stored
from daemon.assembly import find_person
from daemon.reading import read_stored
from parsers.model import Trust

CONFIG = """
accounts:
  - name: personal
    address: jordan@example.org
    full_name: Jordan Doe
    timezone: America/New_York
    authserv_id: mx.example.org
    date_order: day-first
    maildir: ~/Mail
"""
MAIL = b"""From: Dana Lee <dana.lee@northwind.example>
To: jordan@example.org
Date: Mon, 23 Nov 2026 10:12:00 -0500
Authentication-Results: %b

Hello
"""


@pytest.mark.parametrize(
    ("results", "trust"),
    [
        (b"mx.example.org; dmarc=pass header.from=northwind.example", Trust.AUTHENTICATED),
        (b"mx.example.org; dmarc=fail header.from=northwind.example", Trust.FAILED),
        (b"mx.evil.example; dmarc=pass header.from=northwind.example", Trust.UNKNOWN),
    ],
)
def test_the_own_servers_verdict_is_believed_in_stored_mail(tmp_path: Path, results: bytes, trust: Trust) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    reader = find_person(path, None, ()).reader()
    assert reader.month_first is False
    assert read_stored(Stored.held("-", MAIL % results), reader).trust is trust
