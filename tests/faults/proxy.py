"""Client's octets in, server's octets out, and what a test wants to go wrong in between: a proxy that knows IMAP.

It runs in a thread of its own and speaks plain IMAP on loopback. A test scripts it with rules: `when` for commands on
their way to the server, `when_said` for lines on their way back. A rule's fault takes over the passage of what it
matches; what no rule matches passes.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n\Z")
_LONGEST_LINE = 64 << 20


@dataclass(slots=True)
class Command:
    """One command as it came from the client. `octets` grows as its literals come."""

    link: int
    at: float  # monotonic
    octets: bytearray

    @property
    def line(self) -> bytes:
        """Its first line."""
        return bytes(self.octets[: self.octets.index(b"\n") + 1])

    @property
    def tag(self) -> bytes:
        return self.line.split(b" ", 1)[0].strip()

    @property
    def words(self) -> bytes:
        """What follows the tag, in the first line; DONE is its own."""
        return self.line.partition(b" ")[2].strip() or self.line.strip()


CommandFault = Callable[["Link", Command], Awaitable[None]]
AnswerFault = Callable[["Link", bytes], Awaitable[None]]


@dataclass(slots=True)
class Rule:
    """What goes wrong with what matches; `times` None: always. `hits` are the instants (monotonic) at which it did."""

    pattern: re.Pattern[bytes]
    fault: Any
    times: int | None = None
    hits: list[float] = field(default_factory=list)
    active: bool = True

    def takes(self, octets: bytes) -> bool:
        if not self.active or (self.times is not None and len(self.hits) >= self.times):
            return False
        if self.pattern.search(octets) is None:
            return False
        self.hits.append(time.monotonic())
        return True


@dataclass(frozen=True, slots=True)
class Pieces:
    """How the server's octets are cut up on their way: so many at a time, with a pause between (seconds)."""

    size: int
    pause: float = 0.0


class Link:
    """One connection of the client and the one that it stands for. Lives in the proxy's loop."""

    def __init__(
        self,
        proxy: Proxy,
        number: int,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self.proxy = proxy
        self.number = number
        self.from_client, self.to_client = client
        self.from_server, self.to_server = server
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.deaf = False  # the server's octets are dropped
        self.dumb = False  # the client's octets are dropped
        self._glued = bytearray()

    # ------------------------------------------------------------------------------------------ what faults use

    async def forward(self, octets: bytes) -> None:
        """Pass octets on to the server."""
        await self.flowing.wait()
        if not self.dumb:
            self.to_server.write(octets)
            await self.to_server.drain()

    async def say(self, octets: bytes) -> None:
        """Pass octets, the server's or invented ones, on to the client."""
        await self.flowing.wait()
        if self.deaf:
            return
        pieces, glue = self.proxy.pieces, self.proxy.glue
        if glue:
            if not self._glued:
                asyncio.get_running_loop().call_later(glue, self._let_go)
            self._glued += octets
        elif pieces is None:
            self.to_client.write(octets)
            await self.to_client.drain()
        else:
            for start in range(0, len(octets), pieces.size):
                self.to_client.write(octets[start : start + pieces.size])
                await self.to_client.drain()
                await asyncio.sleep(pieces.pause)

    def _let_go(self) -> None:
        self.to_client.write(bytes(self._glued))
        self._glued.clear()

    async def take_literal(self, command: Command, octets: int) -> bytes:
        """Read so many octets of a literal from the client."""
        taken = await self.from_client.readexactly(octets)
        command.octets += taken
        return taken

    async def take_rest(self, command: Command, last: bytes) -> bytes:
        """Read the rest of a command from the client, literals included, and give it; "+" is said by the proxy."""
        rest = bytearray()
        while announced := _LITERAL.search(last):
            if not announced[2]:
                await self.say(b"+ go ahead\r\n")
            rest += await self.from_client.readexactly(int(announced[1]))
            last = await self.from_client.readline()
            rest += last
        command.octets += rest
        return bytes(rest)

    async def pass_on(self, command: Command) -> None:
        """Let the command pass as it comes."""
        last = command.line
        await self.forward(last)
        while announced := _LITERAL.search(last):
            await self.forward(await self.take_literal(command, int(announced[1])))
            last = await self.from_client.readline()
            command.octets += last
            await self.forward(last)

    def cut(self, *, reset: bool = False) -> None:
        """Hang up on the client: FIN, or RST."""
        if reset:
            link: socket.socket = self.to_client.get_extra_info("socket")
            with suppress(OSError):
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.to_client.transport.abort()
        else:
            self.to_client.close()

    def cut_server(self) -> None:
        """Hang up on the server."""
        self.to_server.transport.abort()

    # ------------------------------------------------------------------------------------------------- the pumps

    async def run(self) -> None:
        pumps = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        try:
            await asyncio.gather(*pumps)
        except (OSError, asyncio.IncompleteReadError, EOFError, ValueError):
            pass
        finally:
            for pump in pumps:
                pump.cancel()
            if self.flowing.is_set():  # a frozen link stays open on both sides
                self.to_client.close()
                self.to_server.close()

    async def _up(self) -> None:
        while line := await self.from_client.readline():
            command = Command(self.number, time.monotonic(), bytearray(line))
            self.proxy.commands.append(command)
            rule = next((rule for rule in self.proxy.command_rules if rule.takes(command.words)), None)
            await (rule.fault(self, command) if rule else self.pass_on(command))
        raise EOFError

    async def _down(self) -> None:
        while line := await self.from_server.readline():
            octets = bytearray(line)
            while announced := _LITERAL.search(line):
                octets += await self.from_server.readexactly(int(announced[1]))
                line = await self.from_server.readline()
                octets += line
            rule = next((rule for rule in self.proxy.answer_rules if rule.takes(bytes(octets))), None)
            await (rule.fault(self, bytes(octets)) if rule else self.say(bytes(octets)))
        raise EOFError


class Proxy:
    """A port on loopback that leads to the server. All methods may be called from the test's thread."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._links: list[Link] = []
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._freezes_new = False
        self.port = 0
        self.commands: list[Command] = []  # every command that a client has sent, in order
        self.connections: list[float] = []  # when each connection came (monotonic), refused ones included
        self.command_rules: list[Rule] = []
        self.answer_rules: list[Rule] = []
        self.pieces: Pieces | None = None
        self.glue = 0.0  # seconds for which the server's octets are held back, to go out in one piece
        self.refuses = False

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # --------------------------------------------------------------------------------------------------- scripts

    def when(self, pattern: bytes, fault: CommandFault, times: int | None = 1) -> Rule:
        """Let the fault take over commands whose words (without the tag) match, e.g. rb"^APPEND"."""
        rule = Rule(re.compile(pattern, re.IGNORECASE), fault, times)
        self.command_rules.append(rule)
        return rule

    def when_said(self, pattern: bytes, fault: AnswerFault, times: int | None = 1) -> Rule:
        """Let the fault take over answers that match, e.g. rb"^\\* \\d+ EXISTS"."""
        rule = Rule(re.compile(pattern, re.IGNORECASE), fault, times)
        self.answer_rules.append(rule)
        return rule

    def freeze(self, *, new: bool = False) -> None:
        """Read and write nothing any more on all connections, which stay open; with `new` on later ones as well."""
        self._call(self._freeze(new))

    def thaw(self, *, old: bool = True) -> None:
        """Let connections pass again. `old=False`: those that are open stay dead for ever, later ones pass."""
        self._call(self._thaw(old))

    def cut(self, *, reset: bool = False) -> None:
        """Hang up on the client, on all connections."""
        self._call(self._each(lambda link: link.cut(reset=reset)))

    def say(self, octets: bytes) -> None:
        """Say something to the client on all connections, as though the server had."""
        self._call(self._say(octets))

    def sent(self, pattern: bytes, since: float = 0.0) -> list[Command]:
        """Give the commands whose words match, those since an instant (monotonic)."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return [c for c in tuple(self.commands) if c.at >= since and wanted.search(c.words)]

    @property
    def open_links(self) -> int:
        """How many connections are open towards the client."""
        return sum(not link.to_client.is_closing() for link in self._links)

    # ------------------------------------------------------------------------------------------------- in the loop

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_LINE)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(time.monotonic())
        if self.refuses:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            server = await asyncio.open_connection(*self._server, limit=_LONGEST_LINE)
        except OSError:
            writer.transport.abort()
            return
        link = Link(self, len(self._links), (reader, writer), server)
        if self._freezes_new:
            link.flowing.clear()
        self._links.append(link)
        with suppress(asyncio.CancelledError):
            await link.run()

    async def _freeze(self, new: bool) -> None:
        self._freezes_new = new
        for link in self._links:
            link.flowing.clear()

    async def _thaw(self, old: bool) -> None:
        self._freezes_new = False
        for link in self._links if old else ():
            link.flowing.set()

    async def _each(self, work: Callable[[Link], None]) -> None:
        for link in self._links:
            work(link)

    async def _say(self, octets: bytes) -> None:
        for link in self._links:
            if not link.to_client.is_closing():
                await link.say(octets)

    async def _end(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*tuple(self._tasks), return_exceptions=True)
        for link in self._links:
            link.to_client.transport.abort()
            link.to_server.transport.abort()
        await asyncio.sleep(0)


# ---------------------------------------------------------------------------------------------------------- the faults


def answering(*lines: bytes) -> CommandFault:
    """Answer for the server, which never sees the command; "%tag" stands for the command's tag."""

    async def fault(link: Link, command: Command) -> None:
        for line in lines:
            await link.say(line.replace(b"%tag", command.tag) + b"\r\n")

    return fault


def hanging_up(*lines: bytes, reset: bool = False) -> CommandFault:
    """Say this, and hang up."""

    async def fault(link: Link, command: Command) -> None:
        await answering(*lines)(link, command)
        link.cut(reset=reset)

    return fault


def held(seconds: float) -> CommandFault:
    """Hold the command, then let it pass."""

    async def fault(link: Link, command: Command) -> None:
        await asyncio.sleep(seconds)
        await link.pass_on(command)

    return fault


def first(work: Callable[[], None]) -> CommandFault:
    """Do something else before the command passes; the work may use the server."""

    async def fault(link: Link, command: Command) -> None:
        await asyncio.to_thread(work)
        await link.pass_on(command)

    return fault


def cut_in_literal(octets: Callable[[int], int], *, reset: bool = True) -> CommandFault:
    """Pass so many octets of the first literal on (as a function of its size), then hang up on both sides."""

    async def fault(link: Link, command: Command) -> None:
        announced = _LITERAL.search(command.line)
        assert announced, command.line
        await link.forward(command.line)
        await link.forward(await link.take_literal(command, octets(int(announced[1]))))
        link.cut_server()
        link.cut(reset=reset)

    return fault


def answer_lost(seconds: float) -> CommandFault:
    """Pass the whole command on, but nothing back; hang up after a while."""

    async def fault(link: Link, command: Command) -> None:
        rest = await link.take_rest(command, command.line)
        link.deaf = True
        await link.forward(command.line)
        await link.forward(rest)
        await asyncio.sleep(seconds)
        link.cut()

    return fault


def delivered_late(seconds: float) -> CommandFault:
    """Take the whole command, hang up on the client at once, and deliver it to the server only after a while."""

    async def fault(link: Link, command: Command) -> None:
        rest = await link.take_rest(command, command.line)
        link.deaf = True
        link.cut(reset=True)
        await asyncio.sleep(seconds)
        await link.forward(command.line)
        await link.forward(rest)
        await asyncio.sleep(2)  # for the server to do it, before the connection is closed

    return fault


def dropped() -> AnswerFault:
    """Let an answer vanish."""

    async def fault(_: Link, __: bytes) -> None:
        return

    return fault


def replaced(make: Callable[[bytes], bytes]) -> AnswerFault:
    """Let another answer take its place."""

    async def fault(link: Link, answer: bytes) -> None:
        await link.say(make(answer))

    return fault


def after(work: Callable[[], None]) -> AnswerFault:
    """Do something else before an answer passes; the work may use the server."""

    async def fault(link: Link, answer: bytes) -> None:
        await asyncio.to_thread(work)
        await link.say(answer)

    return fault
