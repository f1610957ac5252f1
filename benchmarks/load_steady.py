"""A daemon that waits, starts, stops, or has much to write in, what that costs out."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

from benchmarks.load_rig import Figure, LoadSeat, end, invite, seat_before, wait
from benchmarks.mailbox_generator import messages, put
from benchmarks.processes import Watch, family, look
from daemon.ledger import Ledger, Seen, Watermark
from daemon.mailreader import InProcess
from parsers.reader import Reader
from tests.conftest import Server
from tests.faults.proxy import held
from tests.process.conftest import ZONE
from tests.servers.secret_service import SecretService

MB = 1 << 20
DUE = 300  # interviews at one hour, each with another person at another company
QUIET = 15.0  # seconds without a draft after which no more is waited for
ACCOUNTS, IDLE_SECONDS = 10, 60
ROWS, OF_APPLICATIONS = 50_000, 0.016
ROUNDS = 8  # of each situation in which the daemon is stopped
STARTING = 0.7  # seconds of CPU that a start takes, at least
FASTER, TRAFFIC_SECONDS = 5, 600  # whatever is done by the clock comes so many times as often
IDLE_NOTIFY = f"{120 / FASTER:.0f} s"
PROVIDER = 2500.0  # MB that a mailbox may hand out in a day (Gmail)


def due(server: Server) -> Iterator[Figure]:
    """Let hundreds of thank-you letters fall due in the same second: the cap of a day (S23) is one of check-ins."""
    noon = (datetime.now(ZONE) + timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    with seat_before(server, moved=True, tick="1s") as seat:
        for number in range(DUE):
            put(seat.maildir, invite(number, seat.user, noon), datetime.now(UTC))
        process = seat.begin()
        seat.move_clock(noon + timedelta(hours=3, seconds=5))
        began = time.monotonic()
        appends: list[float] = []

        def has_ended() -> bool:
            appends[:] = [command.at for command in seat.proxy.sent(rb"^APPEND", since=began)]
            return bool(appends) and time.monotonic() - appends[-1] > QUIET

        with Watch(process.pid) as watch:
            wait(has_ended, "all letters", 1800)
        most = max(sum(0 <= other - at < 0.999 for other in appends) for at in appends)
        note = f"CPU {watch.cpu:.1f} s"
        yield Figure(name="many due, APPENDs in a second", value=most, unit="", bar=1, note=f"{len(appends)} in all")
        yield Figure(name="many due, until the last", value=appends[-1] - began, unit="s", bar=1200, note=note)
        ids = [field for _, mail in seat.messages("Drafts") for field in re.findall(rb"(?im)^message-id:.*$", mail)]
        rows = seat.query("SELECT count(*) FROM draft WHERE state = 'appended'")[0][0]
        yield Figure(name="many due, double", value=len(ids) - len(set(ids)), unit="drafts", bar=0)
        yield Figure(name="many due, without a row", value=len(ids) - rows, unit="drafts", bar=0)


def accounts(server: Server) -> Iterator[Figure]:
    """Watch ten accounts, which have nothing to tell for a while; then a mail arrives in each."""
    others = tuple(server.fresh_user() for _ in range(ACCOUNTS - 1))
    with seat_before(server, users=others) as seat:
        process = seat.begin()
        wait(lambda: len(seat.proxy.sent(rb"^IDLE")) >= ACCOUNTS, "they wait")
        before = look(process.pid)
        time.sleep(IDLE_SECONDS)
        used = look(process.pid)
        links = len(seat.proxy.connections) / ACCOUNTS
        share = 100 * (used.cpu - before.cpu) / IDLE_SECONDS
        yield Figure(name=f"{ACCOUNTS} accounts, connections each", value=links, unit="", bar=2)
        yield Figure(name="the same, memory while idle", value=used.rss / MB, unit="MB", bar=250)
        yield Figure(name="the same, CPU while idle", value=share, unit="%", bar=1, note=f"{IDLE_SECONDS} s")
        users = [seat.user, *others]
        with Watch(process.pid) as watch:
            for number, user in enumerate(users):
                seat.user = user
                seat.arrive(invite(number, user, datetime.now(UTC) + timedelta(days=2)))
            wait(lambda: seat.rows >= ACCOUNTS, "a row each")
        note = f"{len(family(process.pid))} processes"
        yield Figure(name="the same, at most while reading", value=watch.together / MB, unit="MB", bar=250, note=note)


def state(server: Server) -> Iterator[Figure]:
    """Start with a ledger that has many rows."""
    with seat_before(server) as seat:
        empty, _ = _start(seat)
        shutil.rmtree(seat.state)
        reader = Reader(
            account=seat.account, addresses=frozenset({seat.user}), full_name="Noor Haddad", timezone=ZONE.key
        )
        mails = list(messages(int(ROWS * OF_APPLICATIONS), now=datetime.now(UTC), jobs=1.0))
        facts = [InProcess().facts(mail, arrived, reader) for arrived, mail in mails]
        with Ledger.open(seat.state) as ledger:
            uids, each = iter(range(1, ROWS + 1)), len(facts) * 500 // ROWS
            for start in range(0, ROWS, 500):
                some = facts[start * len(facts) // ROWS :][:each]
                seen = [Seen(uid=next(uids), outcome="facts", key=one.key) for one in some]
                reason = "header says nothing of an application"
                seen += [Seen(uid=next(uids), outcome="ignored", reason=reason) for _ in range(500 - len(some))]
                ledger.record_seen(seat.account, "Archive", Watermark(uidvalidity=1, uidnext=start + 501), seen, some)
        path = seat.state / "ledger.sqlite3"
        with closing(sqlite3.connect(path)) as db:
            began = time.monotonic()
            db.execute("PRAGMA quick_check").fetchone()
            checked = time.monotonic() - began
            rows, kept, octets = db.execute(
                "SELECT (SELECT count(*) FROM seen), count(*), sum(length(document)) FROM fact"
            ).fetchone()
        size = path.stat().st_size
        note = f"{rows} rows, {kept} with facts of {octets / kept:.0f} octets"
        yield Figure(name="state, the ledger", value=size / 1e6, unit="MB", bar=100, note=note)
        yield Figure(name="state, a mail", value=size / rows / 1000, unit="KB", bar=2)
        yield Figure(name="state, quick_check", value=checked, unit="s", bar=2)
        full, wall = _start(seat)
        note = f"{empty:.2f} s without any row; wall {wall:.2f} s"
        yield Figure(name="state, start, CPU", value=full, unit="s", bar=2, note=note)
        total = sum(file.stat().st_size for file in seat.state.iterdir())
        yield Figure(name="state, with its copies", value=total / 1e6, unit="MB", bar=100)


def _start(seat: LoadSeat) -> tuple[float, float]:
    """Start and stop it; give CPU and wall until it had started, in seconds."""
    (seat.folder / "log").unlink(missing_ok=True)
    process = seat.start()
    taken = wait(lambda: "started with" in seat.log, "started")
    used = look(process.pid)
    wait(lambda: seat.states == {"healthy"}, "healthy")
    end(process)
    return used.cpu, taken


def stop(server: Server) -> Iterator[Figure]:
    """Stop it at random moments of whatever it does."""
    chance = random.Random(7)  # noqa: S311 - a repeatable sequence, no secret
    with SecretService() as desktop:
        desktop.start_bus()
        desktop.start_silent()
        silent = desktop.environ
        file = "{file: "
        hangs = {file: "{command: [sleep, '60']} # "}, {file: "{keyring: tactful} # "}
        situations: dict[str, tuple[Callable[[LoadSeat], object], dict[str, object]]] = {
            "starting": (lambda seat: _starting(seat, chance.uniform(0, STARTING)), {}),
            "scanning": (_scanning, {}),
            "waiting": (lambda seat: seat.begin(), {}),
            "writing a draft": (_writing, {"moved": True, "tick": "1s"}),
            "waiting for a command": (_asking, {"replaced": hangs[0]}),
            "waiting for a keyring": (lambda seat: _asking(seat, **silent), {"replaced": hangs[1]}),
            "waiting, frozen": (lambda seat: (seat.begin(), seat.proxy.freeze(new=True)), {}),
            "scanning, frozen": (lambda seat: (_scanning(seat), seat.proxy.freeze(new=True)), {}),
            "logging in, frozen": (_greeted_by_nobody, {}),
        }
        for name, (reach, settings) in situations.items():
            taken, statuses = [], set()
            for _ in range(ROUNDS):
                with seat_before(server, **settings) as seat:
                    reach(seat)
                    time.sleep(chance.uniform(0, 1))
                    taken.append(end(seat.processes[0]))
                    statuses.add(seat.processes[0].returncode)
            note = f"{ROUNDS} times, median {sorted(taken)[ROUNDS // 2]:.2f}, exit status {sorted(statuses)}"
            yield Figure(name=f"stop while {name}, most", value=max(taken), unit="s", bar=10, note=note)
    shutil.rmtree(desktop.home, ignore_errors=True)


def _starting(seat: LoadSeat, cpu: float) -> None:
    pid = seat.start().pid
    wait(lambda: look(pid).cpu >= cpu, "it has come so far")


def _scanning(seat: LoadSeat) -> None:
    for arrived, mail in messages(300, now=datetime.now(UTC), jobs=0.5):
        put(seat.maildir, mail, arrived)
    seat.start()
    wait(lambda: seat.proxy.sent(rb"^UID FETCH"), "it reads")


def _writing(seat: LoadSeat) -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    put(seat.maildir, invite(1, seat.user, soon), datetime.now(UTC))
    seat.begin()
    rule = seat.proxy.when(rb"^APPEND", held(3))
    seat.move_clock((soon.astimezone(ZONE) + timedelta(days=1)).replace(hour=12))
    wait(lambda: rule.hits, "it writes")


def _asking(seat: LoadSeat, **environ: str) -> None:
    seat.start(**environ)
    wait(lambda: "started with" in seat.log, "it asks")


def _greeted_by_nobody(seat: LoadSeat) -> None:
    seat.proxy.freeze(new=True)
    seat.start()
    wait(lambda: seat.proxy.connections, "it connects")


def traffic(server: Server) -> Iterator[Figure]:
    """Wait for ten minutes, with all that is done by the clock done more often, orders by moving drafts included."""
    renewal = f"{270 / FASTER:.0f} s"
    settings = {"tick": f"{30 // FASTER}s", "top": {"controls": "true"}, "imap": {"idle_renewal": renewal}}
    with seat_before(server, **settings) as seat:
        for arrived, mail in messages(1000, now=datetime.now(UTC)):
            put(seat.maildir, mail, arrived)
        process = seat.begin()
        wait(lambda: seat.proxy.sent(rb"^IDLE"), "it waits")
        began, before, used = len(seat.proxy.commands), seat.meter.octets, look(process.pid)
        time.sleep(TRAFFIC_SECONDS)
        commands = seat.proxy.commands[began:]
        sent, received = sum(len(command.octets) for command in commands), seat.meter.octets - before
        a_day = (sent + received) * 86400 / TRAFFIC_SECONDS / FASTER / 1e6
        cpu = 100 * (look(process.pid).cpu - used.cpu) / TRAFFIC_SECONDS / FASTER
        note = f"{sent} octets sent, {received} received by {len(commands)} commands; CPU {cpu:.3f} %"
        yield Figure(name="traffic of an idle day", value=a_day, unit="MB", bar=0.1 * PROVIDER, note=note)
