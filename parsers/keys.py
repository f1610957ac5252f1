"""The name by which a message is known in every folder and on every machine: a Mail in, its key out."""

from __future__ import annotations

import hashlib

from parsers.model import Mail


def message_key(mail: Mail) -> str:
    """Name a message: its Message-ID, else a digest of what it holds."""
    if mail.message_id:
        return mail.message_id
    senders = ",".join(address.address for address in mail.senders)
    content = "\0".join((senders, str(mail.sent_at), mail.subject, mail.text, *sorted(map(repr, mail.calendars))))
    return "sha256:" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
