"""A server, or somebody in the network, that wants a login before or without a trustworthy encryption gets none.

One scripted server for each way of attack (those of the STARTTLS study of 2021, and the certificates of RFC 9325). It
counts every octet that the client sends in the clear; only what is no secret may be among them.
"""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from daemon.errors import CertificateRefused, LoginRefused, MailboxError, Unreachable
from daemon.imap import ImapSettings, Tls, open_imap
from daemon.sasl import AccessToken
from tests.faults.conftest import LONG, PASSWORD

USER, SECRET = "noor@letters.example", "planted-secret-7c1f"
DAY = datetime.timedelta(days=1)


# ------------------------------------------------------------------------------------------------------- certificates


@dataclass
class Authority:
    """Signs certificates of all kinds; `ca.pem` is its own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test's authority")])
        own = self._builder(self.name, self.key.public_key(), -DAY, 30 * DAY)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = {name: name == "key_cert_sign" for name in _USAGES}
        own = own.add_extension(x509.KeyUsage(**usage), critical=True)
        self.file = self.folder / "ca.pem"
        self.file.write_bytes(own.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, subject: x509.Name, key: Any, begins: Any, ends: Any, issuer: x509.Name | None = None
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
        )

    def context(
        self,
        *,
        host: str = "127.0.0.1",
        begins: datetime.timedelta = -DAY,
        ends: datetime.timedelta = 30 * DAY,
        self_signed: bool = False,
        common_name_only: bool = False,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> ssl.SSLContext:
        """Give what a server with such a certificate uses."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._builder(subject, key.public_key(), begins, ends, subject if self_signed else self.name)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if not common_name_only:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
            made = made.add_extension(names, critical=False)
        signed = made.sign(key if self_signed else self.key, hashes.SHA256())
        pem = self.folder / "server.pem"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context


_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


# ------------------------------------------------------------------------------------------------------ a fake server


@dataclass
class Attacker:
    """Serves one script a connection; keeps what came in the clear and what came encrypted."""

    script: Callable[[Attacker, socket.socket], None]
    context: ssl.SSLContext
    clear: bytearray = field(default_factory=bytearray)
    encrypted: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            link.settimeout(5)
            with suppress(OSError, ValueError), link:
                self.script(self, link)
                while octets := link.recv(4096):
                    self.clear += octets

    def line(self, link: socket.socket) -> tuple[bytes, bytes]:
        """Read one command; give its tag and the rest in upper case."""
        read = bytearray()
        while not read.endswith(b"\n"):
            octets = link.recv(1)
            if not octets:
                raise ConnectionResetError
            read += octets
        (self.encrypted if isinstance(link, ssl.SSLSocket) else self.clear).extend(read)
        tag, _, words = bytes(read).strip().partition(b" ")
        return tag, words.upper()

    def secure(self, link: socket.socket) -> ssl.SSLSocket:
        return self.context.wrap_socket(link, server_side=True)

    def until(self, link: socket.socket, wanted: bytes, capabilities: bytes = b"IMAP4rev1 STARTTLS") -> bytes:
        """Answer CAPABILITY until this command comes; give its tag."""
        while True:
            tag, words = self.line(link)
            if words.startswith(wanted):
                return tag
            if words == b"CAPABILITY":
                link.sendall(b"* CAPABILITY " + capabilities + b"\r\n" + tag + b" OK done\r\n")
            else:
                link.sendall(tag + b" BAD what\r\n")

    def settings(self, authority: Authority, tls: Tls = Tls.STARTTLS) -> ImapSettings:
        return ImapSettings(
            host="127.0.0.1", port=self.port, tls=tls, ca_file=authority.file, username=USER, connect_timeout=4.0,
            silence_timeout=4.0, call_timeout=4.0,
        )  # fmt: skip


HELLO = b"* OK IMAP4rev1 ready\r\n"


def not_offered(server: Attacker, link: socket.socket) -> None:
    link.sendall(HELLO)
    server.until(link, b"LOGIN", b"IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2")


def refused(answer: bytes) -> Callable[[Attacker, socket.socket], None]:
    def script(server: Attacker, link: socket.socket) -> None:
        link.sendall(HELLO)
        link.sendall(server.until(link, b"STARTTLS") + answer)
        server.until(link, b"LOGIN")

    return script


def injected(octets: bytes, *, later: bool = False) -> Callable[[Attacker, socket.socket], None]:
    """Put something in the clear behind the answer, where a client may take it for encrypted."""

    def script(server: Attacker, link: socket.socket) -> None:
        link.sendall(HELLO)
        tag = server.until(link, b"STARTTLS")
        if later:
            link.sendall(tag + b" OK go\r\n")
            time.sleep(0.05)
            link.sendall(octets.replace(b"%tag", tag))
        else:
            link.sendall(tag + b" OK go\r\n" + octets.replace(b"%tag", tag))
        with server.secure(link) as private:
            server.until(private, b"LOGIN")

    return script


def before(octets: bytes) -> Callable[[Attacker, socket.socket], None]:
    """Put something before the answer: an untagged response that a client may keep."""

    def script(server: Attacker, link: socket.socket) -> None:
        link.sendall(HELLO)
        tag = server.until(link, b"STARTTLS")
        link.sendall(octets + tag + b" OK go\r\n")
        with server.secure(link) as private:
            server.until(private, b"LOGIN", b"IMAP4rev1 LOGINDISABLED")

    return script


def greeted(greeting: bytes) -> Callable[[Attacker, socket.socket], None]:
    def script(server: Attacker, link: socket.socket) -> None:
        link.sendall(greeting)
        server.until(link, b"LOGIN", b"IMAP4rev1 AUTH=PLAIN STARTTLS")

    return script


def no_handshake(server: Attacker, link: socket.socket) -> None:
    link.sendall(HELLO)
    link.sendall(server.until(link, b"STARTTLS") + b" OK go\r\n")
    link.recv(4096)
    link.sendall(b"* OK still here in the clear\r\n")
    server.until(link, b"LOGIN")


def hangs_in_handshake(server: Attacker, link: socket.socket) -> None:
    link.sendall(HELLO)
    link.sendall(server.until(link, b"STARTTLS") + b" OK go\r\n")
    time.sleep(6)


def wrong_tag(server: Attacker, link: socket.socket) -> None:
    link.sendall(HELLO)
    server.until(link, b"STARTTLS")
    link.sendall(b"ZZ99 OK go\r\n")
    server.until(link, b"LOGIN")


STRIPPING = {
    "not offered": not_offered,
    "refused with NO": refused(b" NO not today\r\n"),
    "refused with BAD": refused(b" BAD unknown command\r\n"),
    "answered with BYE": refused(b" OK go\r\n* BYE\r\n"),
    "capabilities behind the answer": injected(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"),
    "a completion behind the answer": injected(b"%tag OK [CAPABILITY IMAP4rev1] done\r\n"),
    "half a line behind the answer": injected(b"* OK"),
    "one octet behind the answer": injected(b"*"),
    "something before the handshake": injected(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", later=True),
    "PREAUTH": greeted(b"* PREAUTH welcome back\r\n"),
    "PREAUTH with capabilities": greeted(b"* PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN] welcome back\r\n"),
    "a referral": greeted(b"* BYE [REFERRAL imap://noor@elsewhere.example/] go there\r\n"),
    "no greeting of IMAP": greeted(b"220 elsewhere.example ESMTP\r\n"),
    "clear text in the handshake": no_handshake,
    "silence in the handshake": hangs_in_handshake,
    "a completion of another command": wrong_tag,
}


@pytest.mark.fault("F29")
@pytest.mark.parametrize("how", STRIPPING)
@pytest.mark.parametrize("secret", [SECRET, AccessToken(SECRET, grant="g")], ids=["password", "token"])
def test_whoever_keeps_starttls_from_happening_gets_no_login(authority: Authority, how: str, secret: str) -> None:
    with Attacker(STRIPPING[how], authority.context()) as server:
        began = time.monotonic()
        with pytest.raises(MailboxError) as caught:
            open_imap(server.settings(authority), secret)
        assert isinstance(caught.value, Unreachable)
        assert time.monotonic() - began < 10
    assert_nothing_in_the_clear(server)
    assert SECRET.encode() not in server.encrypted


def assert_nothing_in_the_clear(server: Attacker) -> None:
    assert SECRET.encode() not in server.clear
    assert USER.encode() not in server.clear
    told = [line.partition(b" ")[2].split(b" ")[0].upper() for line in bytes(server.clear).splitlines() if line]
    # What follows STARTTLS may be the beginning of a handshake, in which a server with its own script is lost.
    known = told[: told.index(b"STARTTLS") + 1] if b"STARTTLS" in told else told
    assert set(known) <= {b"CAPABILITY", b"STARTTLS", b"LOGOUT"}, server.clear


@pytest.mark.fault("F29")
@pytest.mark.parametrize(
    "said",
    [
        b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER\r\n",
        b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=OAUTHBEARER] x\r\n",
        b'* LIST () "/" Drafts\r\n* FLAGS (x)\r\n',
    ],
)
@pytest.mark.parametrize("secret", [SECRET, AccessToken(SECRET, grant="g")], ids=["password", "token"])
def test_what_was_said_before_the_encryption_counts_for_nothing_after_it(
    authority: Authority, said: bytes, secret: str
) -> None:
    with Attacker(before(said), authority.context()) as server:
        with pytest.raises(LoginRefused):  # within the encryption the server says LOGINDISABLED
            open_imap(server.settings(authority), secret)
        assert SECRET.encode() not in server.encrypted
        assert b"CAPABILITY" in server.encrypted
    assert_nothing_in_the_clear(server)


CERTIFICATES: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"begins": -30 * DAY, "ends": -DAY}, "certificate has expired"),
    "not yet valid": ({"begins": DAY, "ends": 30 * DAY}, "not yet valid"),
    "of another host": ({"host": "127.0.0.9"}, "mismatch"),
    "self-signed": ({"self_signed": True}, "self.signed"),
    "with the name where it no longer counts": ({"common_name_only": True}, "mismatch"),
    "for clients": ({"usage": ExtendedKeyUsageOID.CLIENT_AUTH}, "purpose"),
}


@pytest.mark.fault("F29")
@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
@pytest.mark.parametrize("kind", CERTIFICATES)
def test_a_certificate_that_proves_nothing_is_final_and_said_with_advice(
    authority: Authority, kind: str, tls: Tls
) -> None:
    changes, reason = CERTIFICATES[kind]
    said = rf"(?i)cannot be trusted: .*{reason}.*ca_file"
    with (
        Attacker(_serving(tls), authority.context(**changes)) as server,
        pytest.raises(CertificateRefused, match=said) as caught,
    ):
        open_imap(server.settings(authority, tls), SECRET)
    assert caught.value.exit_status == 69
    assert caught.value.reason in caught.value.state
    assert_no_secret(server)


@pytest.mark.fault("F29")
@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_protocol_that_is_too_old_is_no_encryption(authority: Authority, tls: Tls) -> None:
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match=r"TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Attacker(_serving(tls), context) as server, pytest.raises(Unreachable):
        open_imap(server.settings(authority, tls), SECRET)
    assert_no_secret(server)


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_the_same_server_with_a_good_certificate_is_shown_the_login(authority: Authority, tls: Tls) -> None:
    """Without this, the tests above would hold for a client that never logs in."""
    with Attacker(_serving(tls), authority.context()) as server, pytest.raises(LoginRefused):
        open_imap(server.settings(authority, tls), SECRET)
    assert SECRET.encode() in server.encrypted
    assert SECRET.encode() not in server.clear


def _serving(tls: Tls) -> Callable[[Attacker, socket.socket], None]:
    def script(server: Attacker, link: socket.socket) -> None:
        if tls is Tls.STARTTLS:
            link.sendall(HELLO)
            link.sendall(server.until(link, b"STARTTLS") + b" OK go\r\n")
        with server.secure(link) as private:
            if tls is Tls.IMPLICIT:
                private.sendall(HELLO)
            tag = server.until(private, b"LOGIN", b"IMAP4rev1")
            private.sendall(tag + b" NO [AUTHENTICATIONFAILED] no\r\n")

    return script


def assert_no_secret(server: Attacker) -> None:
    assert SECRET.encode() not in server.clear + server.encrypted
    assert USER.encode() not in server.clear + server.encrypted


def test_without_a_word_in_the_configuration_the_connection_is_encrypted_from_its_first_octet() -> None:
    assert ImapSettings(host="imap.example", username=USER).tls is Tls.IMPLICIT


# ------------------------------------------------------------------------------------------------------- the daemon


class Relay:
    """TLS in front of a plain server, with a certificate that can be changed: what an operator forgets to renew."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._target = (host, port)
        self.context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        with (
            suppress(OSError, ValueError),
            link,
            self.context.wrap_socket(link, server_side=True) as private,
            socket.create_connection(self._target) as server,
        ):
            self._links += [private, server]
            back = threading.Thread(target=self._pass, args=(server, private), daemon=True)
            back.start()
            self._pass(private, server)
            back.join()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while octets := source.recv(65536):
                sink.sendall(octets)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        self._links.clear()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()


@pytest.fixture
def relay(rig: Any, authority: Authority) -> Iterator[Relay]:
    made = Relay("127.0.0.1", rig.proxy.port, authority.context())
    text = rig.seat.config.read_text("utf-8")
    text = text.replace(f"port: {rig.proxy.port}", f"port: {made.port}")
    text = text.replace("tls: none", f"tls: implicit\n      ca_file: {authority.file}")
    rig.seat.config.write_text(text, "utf-8")
    yield made
    made.close()


@pytest.mark.fault("F29")
def test_a_certificate_that_expires_while_the_daemon_runs_is_told_with_its_reason(
    rig: Any, relay: Relay, authority: Authority
) -> None:
    rig.start()
    logins = len(rig.proxy.sent(rb"^LOGIN"))
    relay.context = authority.context(begins=-30 * DAY, ends=-DAY)
    relay.cut()
    told = rig.until(lambda: "certificate has expired" in rig.state, "the state has the reason")
    assert rig.state.startswith("degraded: ")
    if LONG:
        time.sleep(300)
    assert len(rig.proxy.sent(rb"^LOGIN")) == logins
    relay.context = authority.context()
    recovered = rig.until(rig.is_healthy, "healthy with the new certificate", 60)
    log = (rig.seat.folder / "log").read_text("utf-8")
    assert log.count("certificate has expired") == 1
    assert PASSWORD not in log
    rig.report("F29", told=told, recovered=recovered)
    rig.assert_sound()
