"""What is special to IMAP: kinds of servers, the login, TLS, broken links, and what goes over the wire."""

from __future__ import annotations

import imaplib
import re
import select
import socket
import ssl
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from daemon.errors import FolderMissing, LinkLost, LoginRefused, LoginUnchecked, MailboxError, ServerBusy, Unreachable
from daemon.imap import ImapMailbox, ImapSettings, Tls, open_imap
from daemon.imap_link import argument, folder_argument
from daemon.mailbox import Appended, Outline, Use

PASSWORD = "secret"
DRAFT = (
    b"Message-ID: <draft@mail.example>\r\nFrom: jordan@mail.example\r\nTo: dana.lee@northwind.example\r\n"
    b"Subject: Thank you\r\n\r\nDear Dana,\r\n"
)


class Server(Protocol):
    """What `start_dovecot` gives."""

    directory: Path
    host: str
    port: int
    tls_port: int
    password: str
    ca_file: Path

    def fresh_user(self) -> str: ...

    def raw(self, user: str) -> AbstractContextManager[imaplib.IMAP4]: ...

    def call(self, command: str, *arguments: str) -> str: ...


StartServer = Callable[..., Server]


def settings(server: Server, user: str = "", *, port: int = 0, silence: float = 60.0) -> ImapSettings:
    return ImapSettings(
        host=server.host,
        port=port or server.port,
        tls=Tls.NONE,
        username=user or server.fresh_user(),
        silence_timeout=silence,
    )


@contextmanager
def opened(where: ImapSettings, secret: str = PASSWORD) -> Iterator[ImapMailbox]:
    mailbox = open_imap(where, secret)
    try:
        yield mailbox
    finally:
        mailbox.close()


def every_outline(mailbox: ImapMailbox, folder: str = "INBOX") -> list[Outline]:
    return [outline for batch in mailbox.new(folder, first_uid=1) for outline in batch]


# ---------------------------------------------------------------------------------------------- peers that misbehave


class Proxy:
    """A relay before a server that remembers what the client said, and can freeze or cut."""

    def __init__(self, host: str, port: int, *, listen: str = "127.0.0.1") -> None:
        self._target = (host, port)
        self._listener = socket.create_server((listen, 0))
        self.host, self.port = self._listener.getsockname()[:2]
        self.sent = bytearray()
        self.received = 0
        self.frozen = threading.Event()
        self.cut_upstream_after: int | None = None
        self.cut_downstream_at: bytes | None = None
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._sockets += [client, server]
            threading.Thread(target=self._relay, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, False), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, upstream: bool) -> None:
        try:
            while data := source.recv(65536):
                if self.frozen.is_set():
                    continue
                if upstream:
                    self.sent += data
                    if self.cut_upstream_after is not None and len(self.sent) > self.cut_upstream_after:
                        break
                else:
                    self.received += len(data)
                    if self.cut_downstream_at is not None and self.cut_downstream_at in data:
                        break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in (self._listener, *self._sockets):
            end.close()


@pytest.fixture
def proxy(dovecot: Server) -> Iterator[Proxy]:
    relay = Proxy(dovecot.host, dovecot.port)
    yield relay
    relay.close()


Reply = bytes | Callable[[socket.socket, bytes], None]
USUAL: Mapping[str, Reply] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS STARTTLS\r\n%s OK done\r\n",
    "LOGIN": b"%s OK in\r\n",
    "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n%s OK [READ-ONLY] done\r\n",
    "NOOP": b"%s OK done\r\n",
    "UID SEARCH": b"* SEARCH 1 2 3\r\n%s OK done\r\n",
    "LOGOUT": b"* BYE\r\n%s OK\r\n",
}


class Scripted:
    """A server that answers each command by its first words, for one connection at a time."""

    def __init__(
        self,
        replies: Mapping[str, Reply],
        *,
        greeting: bytes = b"* OK hello\r\n",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._replies = {**USUAL, **replies}
        self._greeting = greeting
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.commands: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
                if self._context is not None:
                    link = self._context.wrap_socket(link, server_side=True)
                with link:
                    link.sendall(self._greeting)
                    for line in link.makefile("rb"):
                        self._answer(link, line)
                        if b" LOGOUT" in line:
                            break
            except OSError:
                if self._listener.fileno() == -1:
                    return

    def _answer(self, link: socket.socket, line: bytes) -> None:
        self.commands.append(line)
        tag, _, command = line.rstrip().partition(b" ")
        for words, reply in self._replies.items():
            if command.upper().startswith(words.encode()):
                if callable(reply):
                    reply(link, tag)
                else:
                    link.sendall(reply.replace(b"%s", tag))
                return

    def settings(self, *, tls: Tls = Tls.NONE, ca_file: Path | None = None, call: float = 20.0) -> ImapSettings:
        return ImapSettings(
            host="127.0.0.1", port=self.port, tls=tls, ca_file=ca_file, username="jordan", call_timeout=call
        )  # fmt: skip

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def scripted(
    replies: Mapping[str, Reply] | None = None,
    *,
    greeting: bytes = b"* OK hello\r\n",
    context: ssl.SSLContext | None = None,
) -> Iterator[Scripted]:
    server = Scripted(replies or {}, greeting=greeting, context=context)
    yield server
    server.close()


# -------------------------------------------------------------------------------------------------- kinds of servers

VARIANTS: dict[str, dict[str, str]] = {
    "German names": {"names": "de"},
    "Gmail": {"names": "gmail"},
    "below INBOX": {"prefix": "INBOX.", "sep": "."},
    "no special use": {"special": "no"},
    "German names without special use": {"names": "de", "special": "no"},
    "Gmail without special use": {"names": "gmail", "special": "no"},
    "below INBOX without special use": {"prefix": "INBOX.", "sep": ".", "special": "no", "names": "de"},
    "hardly any capability": {"capability": "IMAP4rev1"},
    "mdbox": {"format": "mdbox"},
}


@pytest.fixture(params=VARIANTS, scope="session")
def variant(request: pytest.FixtureRequest, start_dovecot: StartServer) -> Server:
    return start_dovecot(**VARIANTS[request.param])


def test_the_folders_are_found_and_a_draft_is_stored_on_every_kind_of_server(variant: Server) -> None:
    with opened(settings(variant)) as mailbox:
        found = {folder.use: folder.name for folder in mailbox.folders() if folder.use}
        assert {Use.INBOX, Use.DRAFTS, Use.SENT, Use.TRASH, Use.JUNK} <= set(found)
        before = mailbox.state(found[Use.DRAFTS])
        mailbox.append_draft(found[Use.DRAFTS], DRAFT)
        (outline,) = [o for batch in mailbox.new(found[Use.DRAFTS], first_uid=before.uidnext) for o in batch]
        assert dict(mailbox.read(found[Use.DRAFTS], [outline])) == {outline.uid: DRAFT}
        assert {"\\Draft", "\\Seen"} <= outline.flags


def test_without_uidplus_nothing_is_ever_expunged(start_dovecot: StartServer) -> None:
    server = start_dovecot(capability="IMAP4rev1")
    where = settings(server)
    with opened(where) as mailbox:
        mailbox.append_draft("Drafts", DRAFT)
        (outline,) = every_outline(mailbox, "Drafts")
        assert mailbox.expunge_draft("Drafts", outline.uid) is False
        assert mailbox.move("Drafts", outline.uid, "Archive") is False
        assert every_outline(mailbox, "Drafts") == [outline]


def test_without_move_a_message_is_copied_and_then_removed_alone(start_dovecot: StartServer) -> None:
    server = start_dovecot(capability="IMAP4rev1 UIDPLUS")
    where = settings(server)
    with server.raw(where.username) as link:
        for name in (b"mine", b"other"):
            link.append("Drafts", r"(\Draft \Deleted)" if name == b"other" else r"(\Draft)", None, DRAFT + name)
    with opened(where) as mailbox:
        mine, other = every_outline(mailbox, "Drafts")
        assert mailbox.move("Drafts", mine.uid, "Archive") is True
        assert mailbox.uids("Drafts") == {other.uid}
        (moved,) = every_outline(mailbox, "Archive")
        assert mailbox.whole("Archive", moved.uid) == DRAFT + b"mine"
        assert (moved.flags - {"\\Recent"}, moved.received_at) == (mine.flags - {"\\Recent"}, mine.received_at)
        with pytest.raises(FolderMissing, match="Nowhere"):
            mailbox.move("Drafts", other.uid, "Nowhere")
        (still,) = every_outline(mailbox, "Drafts")
        assert still.flags - {"\\Recent"} == other.flags - {"\\Recent"} == {"\\Draft", "\\Deleted"}


def test_a_move_whose_answer_is_lost_loses_the_link_and_no_message(dovecot: Server, proxy: Proxy) -> None:
    user = dovecot.fresh_user()
    mailbox = open_imap(settings(dovecot, user, port=proxy.port), dovecot.password)
    mailbox.append_draft("Drafts", DRAFT)
    proxy.cut_downstream_at = b"COPYUID"
    with pytest.raises(LinkLost):
        mailbox.move("Drafts", 1, "Archive")
    mailbox.close()
    with opened(settings(dovecot, user)) as again:
        assert len(every_outline(again, "Drafts") + every_outline(again, "Archive")) == 1


@pytest.mark.parametrize(
    ("server_settings", "made"),
    [
        ({}, "Tactful/Later"),
        ({"prefix": "INBOX.", "sep": "."}, "INBOX.Tactful.Later"),
        ({"prefix": "INBOX.", "sep": ".", "capability": "IMAP4rev1 UIDPLUS"}, "INBOX.Tactful.Later"),
        ({"capability": "IMAP4rev1"}, "Tactful/Later"),
        ({"names": "gmail"}, "Tactful/Later"),
        ({"format": "mdbox"}, "Tactful/Later"),
    ],
)
def test_a_folder_is_made_where_the_server_keeps_folders_and_is_subscribed_to(
    start_dovecot: StartServer, server_settings: dict[str, str], made: str
) -> None:
    server = start_dovecot(**server_settings)
    where = settings(server)
    with opened(where) as mailbox:
        assert mailbox.create_folder("Tactful/Later") == made
        assert mailbox.create_folder("Tactful/Later") == made
        mailbox.store(made, DRAFT)
        assert mailbox.create_folder("Tactful") == made.removesuffix("Later")[:-1]
    with server.raw(where.username) as link:
        assert made.encode() in b" ".join(line for line in link.lsub()[1] if isinstance(line, bytes))


def test_a_server_without_levels_gets_a_flat_folder() -> None:
    listing: dict[str, Reply] = {"LIST": b'* LIST () NIL INBOX\r\n* LIST () NIL "Drafts"\r\n%s OK done\r\n'}
    with scripted({**listing, "CREATE": b"%s OK made\r\n", "SUBSCRIBE": b"%s NO no such thing\r\n"}) as server:
        with opened(server.settings()) as mailbox:
            assert mailbox.create_folder("Tactful/Later") == "Tactful Later"
        assert [line.split(b" ", 1)[1] for line in server.commands if b"CREATE" in line] == [
            b'CREATE "Tactful Later"\r\n'
        ]


def test_a_server_that_keeps_messages_or_folders_in_a_folder_gets_a_flat_one() -> None:
    def create(link: socket.socket, tag: bytes) -> None:
        nested = b"/" in server.commands[-1]
        link.sendall(tag + (b" NO Tactful has messages\r\n" if nested else b" OK made\r\n"))

    listing: dict[str, Reply] = {
        "LIST": b'* LIST () "/" INBOX\r\n* LIST (\\NoInferiors) "/" "Tactful"\r\n%s OK done\r\n'
    }
    with scripted({**listing, "CREATE": create, "SUBSCRIBE": b"%s OK\r\n"}) as server, opened(server.settings()) as box:
        assert box.create_folder("Tactful/Later") == "Tactful Later"
        assert box.create_folder("Tactful") == "Tactful"


def test_a_refusal_to_make_a_folder_is_told() -> None:
    listing: dict[str, Reply] = {"LIST": b'* LIST () "/" INBOX\r\n%s OK done\r\n'}
    replies: dict[str, Reply] = {**listing, "CREATE": b"%s NO [OVERQUOTA] no more folders\r\n"}
    with (
        scripted(replies) as server,
        opened(server.settings()) as mailbox,
        pytest.raises(MailboxError, match="no more folders"),
    ):
        mailbox.create_folder("Tactful/Later")


def test_without_idle_there_is_nothing_to_wait_on(start_dovecot: StartServer) -> None:
    with opened(settings(start_dovecot(capability="IMAP4rev1"))) as mailbox:
        assert mailbox.begin_wait("INBOX") is None
        mailbox.end_wait()
        assert mailbox.uids("INBOX") == frozenset()


def test_a_folder_that_the_person_names_is_used_and_a_wrong_name_is_an_error(dovecot: Server) -> None:
    user = dovecot.fresh_user()
    with dovecot.raw(user) as link:
        link.create('"Meine Entw&APw-rfe"')
    where = ImapSettings(
        host=dovecot.host, port=dovecot.port, tls=Tls.NONE, username=user, folders={Use.DRAFTS: "Meine Entwürfe"}
    )
    with opened(where) as mailbox:
        assert Use.DRAFTS in {folder.use for folder in mailbox.folders() if folder.name == "Meine Entwürfe"}
        assert mailbox.append_draft("Meine Entwürfe", DRAFT).uid == 1
    wrong = ImapSettings(
        host=dovecot.host, port=dovecot.port, tls=Tls.NONE, username=user, folders={Use.SENT: "Nowhere"}
    )
    with opened(wrong) as mailbox, pytest.raises(FolderMissing, match="Nowhere"):
        mailbox.folders()


def test_a_full_mailbox_refuses_a_draft_and_says_so(start_dovecot: StartServer) -> None:
    with opened(settings(start_dovecot(quota="20K"))) as mailbox:
        with pytest.raises(MailboxError, match=r"nothing was stored.*OVERQUOTA") as refused:
            mailbox.append_draft("Drafts", DRAFT + b"x" * 70 + (b"\r\n" + b"x" * 70) * 1000)
        assert not isinstance(refused.value, LinkLost | ServerBusy)
        assert mailbox.uids("Drafts") == frozenset()


# --------------------------------------------------------------------------------------------------------- the login


def test_a_wrong_password_is_refused(dovecot: Server) -> None:
    with pytest.raises(LoginRefused, match="refuses the login"):
        open_imap(settings(dovecot), "wrong")


@pytest.mark.parametrize("user", ["with space", "(a)", 'we"ird', "back\\slash", "jürgen"])
def test_any_user_name_and_password_is_sent_as_it_is(start_dovecot: StartServer, user: str) -> None:
    where = settings(start_dovecot(), user)
    with pytest.raises(LoginRefused, match="refuses the login"):  # and not: does not understand
        open_imap(where, 'no"p ss\\w(rd')


def test_a_password_may_have_any_letters(start_dovecot: StartServer) -> None:
    password = 'p"ä{3}\\(wörd'
    with opened(settings(start_dovecot(**{"pass": password})), password) as mailbox:
        assert mailbox.state("INBOX").messages == 0


def test_a_password_with_a_line_break_is_never_sent(dovecot: Server, proxy: Proxy) -> None:
    where = settings(dovecot, port=proxy.port)
    with pytest.raises(LoginRefused, match="line break"):
        open_imap(where, "secret\r\nA1 CREATE evil")
    assert b"secret" not in proxy.sent


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"%s NO [LIMIT] Maximum number of connections from user+IP exceeded\r\n", ServerBusy),
        (b"%s NO [UNAVAILABLE] Temporary authentication failure.\r\n", LoginUnchecked),
        (b"%s NO [INUSE] locked\r\n", ServerBusy),
        (b"%s NO [ALERT] Too many simultaneous connections. (Failure)\r\n", ServerBusy),
        (b"%s BAD User is authenticated but not connected.\r\n", LoginUnchecked),
        (b"* BYE Too many connections\r\n", ServerBusy),
        (b"%s NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n", LoginRefused),
        (b"%s NO LOGIN failed.\r\n", LoginRefused),
        (b"%s NO [ALERT] Application-specific password required\r\n", LoginRefused),
        (b"* BYE internal trouble\r\n", Unreachable),
    ],
)
def test_a_refusal_tells_why(reply: bytes, kind: type[MailboxError]) -> None:
    with scripted({"LOGIN": reply}) as server, pytest.raises(kind):
        open_imap(server.settings(), "secret")


def test_what_a_server_repeats_of_the_login_is_not_told() -> None:
    reply = b"%s NO [AUTHENTICATIONFAILED] jordan / topsecret is wrong\r\n"
    with scripted({"LOGIN": reply}) as server, pytest.raises(LoginRefused, match="… / … is wrong") as caught:
        open_imap(server.settings(), "topsecret")
    assert "jordan" not in str(caught.value)


def test_a_server_that_hangs_up_during_the_login_is_unreachable() -> None:
    def hang_up(link: socket.socket, tag: bytes) -> None:
        link.shutdown(socket.SHUT_RDWR)

    with scripted({"LOGIN": hang_up}) as server, pytest.raises(Unreachable):
        open_imap(server.settings(), "secret")


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [
        (b"* BYE too many connections\r\n", ServerBusy),
        (b"* PREAUTH welcome\r\n", Unreachable),
        (b"HTTP/1.1 400 Bad Request\r\n", Unreachable),
        (b"220 smtp.example ESMTP\r\n", Unreachable),
        (b"\x16\x03\x01\r\n", Unreachable),
    ],
)
def test_a_strange_greeting_ends_it_before_any_secret_is_sent(greeting: bytes, kind: type[MailboxError]) -> None:
    with scripted(greeting=greeting) as server:
        with pytest.raises(kind):
            open_imap(server.settings(), "topsecret")
        assert not any(b"topsecret" in command for command in server.commands)


def test_nobody_listening_is_unreachable() -> None:
    with scripted() as server:
        where = server.settings()
    with pytest.raises(Unreachable, match=r"No connection to 127\.0\.0\.1"):
        open_imap(where, "secret")
    with pytest.raises(Unreachable, match=r"no\.such\.host\.invalid"):
        open_imap(ImapSettings(host="no.such.host.invalid", username="x"), "secret")
    with pytest.raises(Unreachable):
        open_imap(ImapSettings(host="a..b" + "x" * 70, username="x"), "secret")


def test_a_server_that_never_greets_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = ImapSettings(
            host="127.0.0.1", port=silent.getsockname()[1], tls=Tls.NONE, username="x", connect_timeout=0.3
        )
        with pytest.raises(Unreachable):
            open_imap(where, "secret")


# --------------------------------------------------------------------------------------------------------------- TLS


def secured(server: Server, *, tls: Tls, ca_file: Path | None, host: str = "", port: int = 0) -> ImapSettings:
    usual = server.tls_port if tls is Tls.IMPLICIT else server.port
    return ImapSettings(
        host=host or server.host, port=port or usual, tls=tls, ca_file=ca_file, username=server.fresh_user()
    )


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_the_mailbox_works_over_tls(dovecot: Server, tls: Tls) -> None:
    with opened(secured(dovecot, tls=tls, ca_file=dovecot.ca_file)) as mailbox:
        mailbox.append_draft("Drafts", DRAFT + b"x" * 70 + (b"\r\n" + b"x" * 70) * 5000)
        (outline,) = every_outline(mailbox, "Drafts")
        assert len(dict(mailbox.read("Drafts", [outline]))[outline.uid]) > 300_000
        assert mailbox.begin_wait("INBOX") is not None
        mailbox.end_wait()


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_certificate_of_an_unknown_authority_is_refused(dovecot: Server, tls: Tls) -> None:
    with pytest.raises(Unreachable, match="ca_file"):
        open_imap(secured(dovecot, tls=tls, ca_file=None), dovecot.password)


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_certificate_for_another_host_is_refused(dovecot: Server, tls: Tls) -> None:
    target = dovecot.tls_port if tls is Tls.IMPLICIT else dovecot.port
    proxy = Proxy(dovecot.host, target, listen="127.0.0.3")
    where = secured(dovecot, tls=tls, ca_file=dovecot.ca_file, host="127.0.0.3", port=proxy.port)
    with pytest.raises(Unreachable, match="cannot be trusted"):
        open_imap(where, dovecot.password)
    assert dovecot.password.encode() not in proxy.sent
    proxy.close()


def test_a_ca_file_that_is_none_is_named(dovecot: Server, tmp_path: Path) -> None:
    for ca_file in (tmp_path / "missing.pem", Path(__file__)):
        with pytest.raises(Unreachable, match=re.escape(str(ca_file))):
            open_imap(secured(dovecot, tls=Tls.IMPLICIT, ca_file=ca_file), dovecot.password)


def test_a_server_that_offers_no_starttls_gets_no_password(dovecot: Server) -> None:
    with scripted({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n"}) as server:
        with pytest.raises(Unreachable, match="STARTTLS"):
            open_imap(server.settings(tls=Tls.STARTTLS, ca_file=dovecot.ca_file), "topsecret")
        assert not any(b"topsecret" in command for command in server.commands)


@pytest.mark.parametrize(
    "answer", [b"%s OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", b"%s NO not today\r\n", b"%s BAD what\r\n"]
)
def test_starttls_that_is_refused_or_has_something_glued_to_it_ends_it(dovecot: Server, answer: bytes) -> None:
    with scripted({"STARTTLS": answer}) as server:
        with pytest.raises(Unreachable):
            open_imap(server.settings(tls=Tls.STARTTLS, ca_file=dovecot.ca_file), "topsecret")
        assert not any(b"topsecret" in command for command in server.commands)


def test_a_server_that_wants_tls_gets_no_password_without(start_dovecot: StartServer) -> None:
    server = start_dovecot(cleartext="no")
    with pytest.raises(LoginRefused, match="no password over this connection"):
        open_imap(settings(server), server.password)


def test_without_tls_only_loopback_is_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class FromAfar(socket.socket):
        """A connection whose other end is not this machine, as there is no network in a test."""

        def getpeername(self) -> tuple[str, int]:
            return ("192.0.2.1", 143)

    monkeypatch.setattr(socket, "socket", FromAfar)
    with scripted() as server:
        with pytest.raises(Unreachable, match="loopback"):
            open_imap(server.settings(), "topsecret")
        assert server.commands == []


# ------------------------------------------------------------------------------------------------- what is on the wire

HOSTILE = [
    "x\r\nA1 CREATE evil",
    "x\nA1 CREATE evil",
    "x\0",
    "x\r",
    "\x7f",
    "x\x85A1 CREATE evil",
    "",
    "a" * 2000,
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_argument_can_hold_a_control_character(text: str) -> None:
    for gate in (argument, folder_argument):
        with pytest.raises(MailboxError):
            gate(text)


def test_nothing_that_others_chose_becomes_a_command(dovecot: Server, proxy: Proxy) -> None:
    strange = ['a"b', "a\\", 'a" "', "{3}", "{3+}", "a) (b", "* *", "Entwürfe", "日本\N{PILE OF POO}", "&", "&-", "a&b"]
    with opened(settings(dovecot, port=proxy.port)) as mailbox:
        for text in [*HOSTILE, *strange]:
            for call in (mailbox.state, mailbox.uids, lambda t: mailbox.append_draft(t, DRAFT),
                         lambda t: mailbox.expunge_draft(t, 1), mailbox.begin_wait):  # fmt: skip
                with pytest.raises(MailboxError):
                    call(text)
        for text in [*HOSTILE, *strange]:
            try:
                assert mailbox.uids_with("INBOX", text) == ()
            except MailboxError:
                assert text in HOSTILE
    literal = re.compile(rb"\{(\d+)\}\r\n")
    rest = bytes(proxy.sent)
    commands = set()
    while rest:  # read it as the server does: a literal is no command
        line, _, rest = rest.partition(b"\r\n")
        while (announced := literal.search(line + b"\r\n")) is not None:
            size = int(announced[1])
            line, _, rest = (line[: announced.start()] + b"<>" + rest[size:]).partition(b"\r\n")
        commands.add(b" ".join(line.split(b" ")[1:3] if b" UID " in line[:9] else line.split(b" ")[1:2]).upper())
    assert commands <= {
        b"CAPABILITY", b"LOGIN", b"EXAMINE", b"SELECT", b"NOOP", b"UID SEARCH", b"APPEND", b"LOGOUT"
    }  # fmt: skip


def test_a_look_that_finds_nothing_costs_two_round_trips_and_hardly_an_octet(dovecot: Server, proxy: Proxy) -> None:
    with opened(settings(dovecot, port=proxy.port)) as mailbox:
        first = mailbox.state("INBOX").uidnext
        sent, received = len(proxy.sent), proxy.received
        state = mailbox.state("INBOX")
        assert list(mailbox.new("INBOX", first_uid=max(first, state.uidnext))) == []
        assert bytes(proxy.sent[sent:]).count(b"\r\n") == 2
        assert proxy.received - received < 800


# ------------------------------------------------------------------------------------------------------ broken links


def test_a_frozen_link_is_lost_in_time_and_stays_lost(dovecot: Server, proxy: Proxy) -> None:
    mailbox = open_imap(settings(dovecot, port=proxy.port, silence=0.4), dovecot.password)
    proxy.frozen.set()
    started = time.monotonic()
    with pytest.raises(LinkLost):
        mailbox.state("INBOX")
    for call in (mailbox.folders, lambda: mailbox.uids("INBOX"), lambda: mailbox.append_draft("Drafts", DRAFT),
                 lambda: list(mailbox.new("INBOX", first_uid=1)), lambda: mailbox.begin_wait("INBOX")):  # fmt: skip
        with pytest.raises(LinkLost):
            call()
    mailbox.close()
    assert time.monotonic() - started < 5


def test_a_frozen_link_does_not_hold_the_goodbye(dovecot: Server, proxy: Proxy) -> None:
    mailbox = open_imap(settings(dovecot, port=proxy.port), dovecot.password)
    proxy.frozen.set()
    started = time.monotonic()
    mailbox.close()
    assert time.monotonic() - started < 5


def test_a_server_that_sends_an_octet_now_and_then_is_given_up() -> None:
    stop = threading.Event()

    def drip(link: socket.socket, tag: bytes) -> None:
        while not stop.wait(0.05):
            link.sendall(b"x")

    with scripted({"NOOP": drip, "EXAMINE": drip}) as server:
        mailbox = open_imap(server.settings(call=0.5), "secret")
        started = time.monotonic()
        with pytest.raises(LinkLost, match="in time"):
            mailbox.state("INBOX")
        assert time.monotonic() - started < 5
        mailbox.close()
        stop.set()


@pytest.mark.parametrize(
    "reply",
    [
        b"* BYE shutting down\r\n",
        b"nonsense\r\n",
        b"* 1 FETCH (BODY[] {99999999999}\r\n",
        b"* 1 FETCH (BODY[] {999999999}\r\nx",
        b"Z9 OK not your tag\r\n",
        b"%s FINE\r\n",
        b"+ go on\r\n",
        b"* 3 EXISTS\r\n* OK half a lin",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_loses_the_link(reply: bytes) -> None:
    def answer(link: socket.socket, tag: bytes) -> None:
        link.sendall(reply.replace(b"%s", tag))
        link.shutdown(socket.SHUT_RDWR)

    with scripted({"EXAMINE": answer}) as server, opened(server.settings()) as mailbox, pytest.raises(LinkLost):
        mailbox.state("INBOX")


def test_an_append_that_is_cut_short_stores_nothing_and_the_link_is_lost(dovecot: Server, proxy: Proxy) -> None:
    user = dovecot.fresh_user()
    mailbox = open_imap(settings(dovecot, user, port=proxy.port), dovecot.password)
    before = mailbox.state("Drafts")
    proxy.cut_upstream_after = len(proxy.sent) + 100_000
    with pytest.raises(LinkLost):
        mailbox.append_draft("Drafts", DRAFT + b"x" * 70 + (b"\r\n" + b"x" * 70) * 8000)
    mailbox.close()
    with opened(settings(dovecot, user)) as again:
        assert again.state("Drafts") == before


def test_an_append_whose_answer_is_lost_is_not_known_to_be_stored_and_is(dovecot: Server, proxy: Proxy) -> None:
    user = dovecot.fresh_user()
    mailbox = open_imap(settings(dovecot, user, port=proxy.port), dovecot.password)
    before = mailbox.state("Drafts")
    proxy.cut_downstream_at = b"APPENDUID"
    with pytest.raises(LinkLost):
        mailbox.append_draft("Drafts", DRAFT)
    mailbox.close()
    with opened(settings(dovecot, user)) as again:
        assert [o.uid for batch in again.new("Drafts", first_uid=before.uidnext) for o in batch] == [before.uidnext]


def test_a_server_that_dies_ends_the_wait(start_dovecot: StartServer) -> None:
    server = start_dovecot(idle_notify="29 s")
    mailbox = open_imap(settings(server), server.password)
    descriptor = mailbox.begin_wait("INBOX")
    assert descriptor is not None
    server.call("crash")
    assert select.select([descriptor], [], [], 10)[0]
    with pytest.raises(LinkLost):
        mailbox.end_wait()
    mailbox.close()
    server.call("start", str(server.port))
    with opened(settings(server)) as again:
        assert again.state("INBOX").messages == 0


# ----------------------------------------------------------------------------------------------------------- waiting


def glued(link: socket.socket, tag: bytes) -> None:
    link.sendall(b"+ idling\r\n* 4 EXISTS\r\n")


def tls_context(server: Server) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.directory / "tls" / "cert.pem", server.directory / "tls" / "key.pem")
    return context


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.IMPLICIT])
def test_news_in_one_packet_with_the_start_of_the_wait_are_noticed(dovecot: Server, tls: Tls) -> None:
    def done(link: socket.socket, tag: bytes) -> None:
        idle = server.commands[-2].split(b" ")[0]
        link.sendall(idle + b" OK done\r\n")

    context = tls_context(dovecot) if tls is Tls.IMPLICIT else None
    with (
        scripted({"IDLE": glued, "": done}, context=context) as server,
        opened(server.settings(tls=tls, ca_file=dovecot.ca_file)) as mailbox,
    ):
        mailbox.state("INBOX")
        descriptor = mailbox.begin_wait("INBOX")
        assert descriptor is not None
        assert select.select([descriptor], [], [], 2)[0]
        mailbox.end_wait()


def test_news_before_the_start_of_the_wait_are_noticed() -> None:
    def early(link: socket.socket, tag: bytes) -> None:
        link.sendall(b"* 4 EXISTS\r\n+ idling\r\n")

    with scripted({"IDLE": early}) as server, opened(server.settings()) as mailbox:
        mailbox.state("INBOX")
        descriptor = mailbox.begin_wait("INBOX")
        assert descriptor is not None
        assert select.select([descriptor], [], [], 2)[0]


def test_what_came_before_a_search_that_is_not_for_news_is_noticed(dovecot: Server) -> None:
    user = dovecot.fresh_user()
    with opened(settings(dovecot, user)) as mailbox:
        mailbox.state("INBOX")
        with dovecot.raw(user) as other:
            other.append("INBOX", "", "", b"Subject: x\r\n\r\nx\r\n")
        mailbox.uids_with("INBOX", "dana.lee@northwind.example")
        mailbox.state("Sent")
        descriptor = mailbox.begin_wait("INBOX")
        assert descriptor is not None
        assert select.select([descriptor], [], [], 2)[0]


def test_a_server_that_refuses_to_wait_is_asked_again_instead() -> None:
    with scripted({"IDLE": b"%s NO not now\r\n"}) as server, opened(server.settings()) as mailbox:
        assert mailbox.begin_wait("INBOX") is None
        mailbox.end_wait()
        assert mailbox.state("INBOX").uidnext == 4


def test_while_it_is_waited_on_nothing_else_is_done_and_the_wait_goes_on(dovecot: Server) -> None:
    with opened(settings(dovecot)) as mailbox:
        assert mailbox.begin_wait("INBOX") is not None
        with pytest.raises(MailboxError, match="waited on"):
            mailbox.state("INBOX")
        mailbox.end_wait()
        assert mailbox.state("INBOX").messages == 0


# --------------------------------------------------------------------------------------------------------- odd answers

FIELDS = b"BODY[HEADER.FIELDS (Date)] {12}\r\nSubject: x\r\n"


@contextmanager
def with_fetch(answer: Callable[[bytes], bytes], replies: Mapping[str, Reply] | None = None) -> Iterator[ImapMailbox]:
    """A mailbox of three messages whose server answers each UID FETCH of more than their UIDs by what the function
    makes of the command.
    """

    def reply(link: socket.socket, tag: bytes) -> None:
        only_uids = server.commands[-1].rstrip().endswith(b"(UID)")
        numbers = b"".join(b"* %d FETCH (UID %d)\r\n" % (uid, uid) for uid in (1, 2, 3)) + b"%s OK\r\n"
        link.sendall((numbers if only_uids else answer(server.commands[-1])).replace(b"%s", tag))

    with scripted({**(replies or {}), "UID FETCH": reply}) as server, opened(server.settings()) as mailbox:
        yield mailbox


def test_one_message_that_the_server_cannot_read_does_not_hide_the_others() -> None:
    def answer(command: bytes) -> bytes:
        numbers = command.split(b" ")[3]
        asked = set(range(1, 4)) if numbers == b"1:3" else {int(n) for n in re.findall(rb"\d+", numbers)}
        if 2 in asked and b"BODYSTRUCTURE" in command:
            return b"%s NO some messages could not be read\r\n"
        return b"".join(b"* 1 FETCH (UID %d " % uid + FIELDS + b")\r\n" for uid in asked) + b"%s OK\r\n"

    with with_fetch(answer) as mailbox:
        assert [outline.uid for outline in every_outline(mailbox)] == [1, 2, 3]


def test_a_server_that_is_busy_is_not_asked_message_by_message() -> None:
    asked = []

    def answer(command: bytes) -> bytes:
        asked.append(command)
        return b"%s NO [UNAVAILABLE] try again later\r\n"

    with with_fetch(answer) as mailbox, pytest.raises(ServerBusy):
        every_outline(mailbox)
    assert len(asked) == 1


def test_unasked_answers_between_are_passed_over() -> None:
    def answer(command: bytes) -> bytes:
        return (
            b"* 2 FETCH (FLAGS (\\Seen))\r\n* 9 FETCH (UID 77 " + FIELDS + b")\r\n* OK Still here {5}\r\n* 3 RECENT\r\n"
            b"* 1 FETCH (UID 1 " + FIELDS + b")\r\n* 3 EXPUNGE\r\n* VANISHED 5\r\n%s OK\r\n"
        )

    with with_fetch(answer) as mailbox:
        assert [outline.uid for outline in every_outline(mailbox)] == [1]


def test_a_folder_renumbered_while_it_is_read_is_an_error() -> None:
    openings = []

    def examine(link: socket.socket, tag: bytes) -> None:
        openings.append(tag)
        validity = 7 if len(openings) < 3 else 8
        link.sendall(b"* 3 EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT 4] x\r\n%s OK\r\n" % (validity, tag))

    outline = Outline(uid=1, received_at=datetime(2026, 11, 20, tzinfo=UTC), size=1, flags=frozenset(), header=b"")
    with with_fetch(lambda _: b"* 1 FETCH (UID 1 BODY[] {1}\r\nx)\r\n%s OK\r\n", {"EXAMINE": examine}) as mailbox:
        reading = mailbox.read("INBOX", [outline] * 250)
        assert next(reading) == (1, b"x")
        mailbox.state("Other")
        with pytest.raises(MailboxError, match="renumbered"):
            list(reading)


@pytest.mark.parametrize(
    ("status", "uidnext"),
    [
        (b'* STATUS "INBOX" (UIDNEXT 9)\r\n%s OK\r\n', 9),  # the last messages are gone
        (b"* STATUS {5}\r\nINBOX (UIDNEXT 9)\r\n%s OK\r\n", 9),
        (b"%s NO\r\n", 4),
    ],
)
def test_a_server_that_tells_no_uidnext_is_asked_for_it_else_for_the_highest_uid(status: bytes, uidnext: int) -> None:
    reply = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%s OK\r\n"
    with scripted({"EXAMINE": reply, "STATUS": status}) as server, opened(server.settings()) as mailbox:
        assert mailbox.state("INBOX").uidnext == uidnext


def test_a_server_without_lasting_numbers_cannot_be_used() -> None:
    reply = b"* 3 EXISTS\r\n%s OK\r\n"
    with scripted({"EXAMINE": reply}) as server, opened(server.settings()) as mailbox:
        with pytest.raises(MailboxError, match="no lasting numbers"):
            mailbox.state("INBOX")
        mailbox.close()


@pytest.mark.parametrize("uids", [range(1, 120_001), range(1, 2**32 - 1, 2**32 // 60_000)], ids=["dense", "sparse"])
def test_the_uids_of_a_large_folder_are_asked_for_in_windows(uids: range) -> None:
    """No line of the answer may come near the megabyte at which clients and proxies give up."""
    longest = 0

    def search(link: socket.socket, tag: bytes) -> None:
        nonlocal longest
        first, _, last = server.commands[-1].split()[-1].partition(b":")
        end = uids[-1] if last == b"*" else int(last)
        found = uids[bisect_left(uids, int(first)) : bisect_right(uids, end)]
        line = b"* SEARCH " + b" ".join(b"%d" % uid for uid in found) + b"\r\n"
        longest = max(longest, len(line))
        link.sendall(line + tag + b" OK\r\n")

    examine = b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n" % (len(uids), uids[-1] + 1)
    replies: Mapping[str, Reply] = {"EXAMINE": examine + b"%s OK\r\n", "UID SEARCH": search}
    with scripted(replies) as server, opened(server.settings()) as mailbox:
        assert mailbox.uids("INBOX") == frozenset(uids)
    assert longest < 600_000


def test_the_answer_to_an_append_may_lack_its_uid() -> None:
    seen = []

    def append(link: socket.socket, tag: bytes) -> None:
        seen.append(tag)
        link.sendall(b"+ go\r\n")

    def after(link: socket.socket, tag: bytes) -> None:
        if server.commands[-1] == b"\r\n" and server.commands[-2].startswith(b"Dear Dana"):
            link.sendall(seen[0] + b" OK stored\r\n")

    with scripted({"APPEND": append, "": after}) as server, opened(server.settings()) as mailbox:
        assert mailbox.append_draft("Drafts", DRAFT) == Appended()
