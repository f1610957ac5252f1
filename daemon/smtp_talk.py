"""Speaks SMTP with one server for one letter, by aiosmtplib; says what came of it.

The library's `sendmail` does not tell where it broke, so the commands are given one by one: before the octets that end
the letter nothing was taken over, whatever happens; after them only the server's reply tells.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

import aiosmtplib

from daemon.imap_wire import Tls
from daemon.redaction import redacted
from daemon.refusals import Meaning, meaning_of
from daemon.sasl import AccessToken, answer_to_failure, choose, first_response
from daemon.smtp import SmtpSettings
from daemon.transport import Accepted, Deferred, NoLogin, Outcome, Parcel, Refused, Unknown

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]+")
# RFC 5321 4.1.3. The name of the machine would end in a Received field that strangers read.
_OUR_NAME = "[127.0.0.1]"


def hand_over(settings: SmtpSettings, secret: str, parcel: Parcel, about_to_end: Callable[[], None]) -> Outcome:
    """Hand a letter over; see `daemon.transport.Transport.send`. Blocks; not to be called where an event loop runs."""
    return asyncio.run(_Conversation(settings, secret, parcel, about_to_end).run())


class _Broken(Exception):
    """The conversation cannot go on; carries the outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _Conversation:
    """One connection and one letter."""

    def __init__(self, settings: SmtpSettings, secret: str, parcel: Parcel, about_to_end: Callable[[], None]) -> None:
        self._settings = settings
        self._secret = secret
        self._parcel = parcel
        self._about_to_end = about_to_end
        self._ended = False  # whether the octets that end the letter may have gone out

    async def run(self) -> Outcome:
        client: aiosmtplib.SMTP | None = None
        try:
            client = self._client()
            async with asyncio.timeout(self._settings.whole_timeout):
                await client.connect()
                await self._log_in(client)
                return await self._hand_over(client)
        except _Broken as broken:
            return broken.outcome
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:  # TimeoutError is an OSError
            return Unknown(reply=self._advice(error)) if self._ended else Deferred(reply=self._advice(error))
        finally:
            if client is not None:
                await _say_goodbye(client)

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        context = None
        if settings.tls is not Tls.NONE:
            context = ssl.create_default_context()
            if settings.ca_file is not None:
                context.load_verify_locations(cafile=settings.ca_file)
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.tls is Tls.IMPLICIT,
            start_tls=settings.tls is Tls.STARTTLS,  # True: or there is no conversation
            tls_context=context,
            local_hostname=_OUR_NAME,
            timeout=settings.step_timeout,
        )

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        """Log in by one method only: a server counts each failure, and locks the account after some."""
        peer = client.get_transport_info("peername")
        if self._settings.tls is Tls.NONE and not ip_address(peer[0]).is_loopback:
            said = f"“tls: none” is for loopback addresses only, and {self._settings.name} is not one"
            raise _Broken(NoLogin(reply=f"{said}: set it to implicit (port 465) or starttls (port 587)."))
        await client.ehlo()  # asked again after STARTTLS: what was said before is worth nothing
        offered = client.server_auth_methods
        username, secret = self._settings.username, self._secret
        try:
            if isinstance(secret, AccessToken):
                await self._present(client, secret)
            elif "plain" in offered:
                await client.auth_plain(username, secret)
            elif "login" in offered:
                await client.auth_login(username, secret)
            elif "cram-md5" in offered:
                await client.auth_crammd5(username, secret)
            else:
                raise _Broken(NoLogin(reply=f"{self._settings.name} takes no login by a password."))
        except aiosmtplib.SMTPAuthenticationError as error:
            said = f"{self._settings.name} refuses the login: {self._reply(error.code, error.message)}"
            wrong = meaning_of(error.message, reply_code=error.code) is Meaning.WRONG_SECRET
            raise _Broken(NoLogin(reply=said) if wrong else Deferred(reply=said)) from error

    async def _present(self, client: aiosmtplib.SMTP, token: AccessToken) -> None:
        """Log in with an access token, by the mechanism that the server offers (RFC 4954)."""
        settings = self._settings
        mechanism = choose(client.server_auth_methods)
        if mechanism is None:
            raise _Broken(NoLogin(reply=f"{settings.name} takes no login by an OAuth token."))
        first = first_response(mechanism, settings.username, token, host=settings.host, port=settings.port)
        reply = await client.execute_command(b"AUTH", mechanism.encode(), b64encode(first))
        if reply.code == aiosmtplib.SMTPStatus.auth_continue:
            reply = await client.execute_command(b64encode(answer_to_failure(mechanism)))
        if reply.code != aiosmtplib.SMTPStatus.auth_successful:
            raise aiosmtplib.SMTPAuthenticationError(reply.code, reply.message)

    async def _hand_over(self, client: aiosmtplib.SMTP) -> Outcome:
        parcel = self._parcel
        options = [] if parcel.message.isascii() else ["BODY=8BITMIME"]
        if options and not client.supports_extension("8bitmime"):
            return Refused(reply=f"{self._settings.name} takes no letter with characters outside ASCII (8BITMIME).")
        try:
            await client.mail(parcel.sender, options=options)
            for recipient in parcel.recipients:
                await client.rcpt(recipient)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
            return self._judged(error.code, error.message)
        start = await client.execute_command(b"DATA")
        if start.code != aiosmtplib.SMTPStatus.start_input:
            return self._judged(start.code, start.message)
        if client.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        client.protocol.write(re.sub(rb"(?m)^\.", b"..", parcel.message))  # RFC 5321 4.5.2
        self._about_to_end()
        self._ended = True
        end = await client.execute_command(b".", timeout=self._settings.end_timeout)
        return self._judged(end.code, end.message)

    def _judged(self, code: int, text: str) -> Outcome:
        """Read a reply's first digit (RFC 5321 4.2.1); one that says nothing of the kind proves nothing."""
        said = f"{self._settings.name} says: {self._reply(code, text)}"
        match code // 100:
            case 2 if self._ended:
                return Accepted(reply=said)
            case 4:
                return Deferred(reply=said)
            case 5:
                return Refused(reply=said)
        return Unknown(reply=said) if self._ended else Deferred(reply=said)

    def _advice(self, error: Exception) -> str:
        name = self._settings.name
        for cause in (error, error.__cause__):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return (
                    f"The certificate of {name} cannot be trusted: {cause.verify_message}. If the server is your own, "
                    "name its authority's certificate as “ca_file” in the configuration."
                )
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return f"{name} says: {self._reply(error.code, error.message)}"
        if isinstance(error, TimeoutError):
            return f"{name} took too long to answer."
        return f"The conversation with {name} broke: {self._reply(0, str(error)) or type(error).__name__}."

    def _reply(self, code: int, text: str) -> str:
        user, host, port = self._settings.username, self._settings.host, self._settings.port
        said = _shown(redacted(text, username=user, secret=self._secret, host=host, port=port))
        return f"{code} {said}" if code > 0 else said


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """Say QUIT without waiting for the answer: what became of the letter is to be written down at once."""
    transport = client.transport
    with suppress(aiosmtplib.SMTPException, OSError):
        if client.protocol is not None:
            client.protocol.write(b"QUIT\r\n")
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()  # a close of TLS would wait for the other side's
    client.close()
    await asyncio.sleep(0)  # the socket is closed in the loop's next turn


def _shown(text: str) -> str:
    """Make one harmless line of what a server says."""
    return _UNPRINTABLE.sub(" ", text).strip()[:200]
