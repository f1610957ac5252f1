"""Mail in, what taking it in has cost: in a burst, one by one, a big inbox at the first start, large mails."""

from __future__ import annotations

import base64
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

from benchmarks.load_rig import Figure, invite, seat_before, wait
from benchmarks.mailbox_generator import messages, put
from benchmarks.processes import Watch, look
from tests.conftest import Server

MB = 1 << 20
BURST, SINGLES, BIG, RECENT, LARGE = 500, 100, 100_000, 5_000, 20
LARGE_SIZE = 25_000_000  # octets


def burst(server: Server) -> Iterator[Figure]:
    """Let hundreds of mails arrive at once while the daemon waits."""
    mails = [mail for _, mail in messages(BURST, now=datetime.now(UTC), jobs=0.08)]
    with seat_before(server) as seat:
        process = seat.begin()
        began = time.monotonic()
        for mail in mails:
            seat.arrive(mail)
        written = time.monotonic() - began
        with Watch(process.pid) as watch:
            wait(lambda: seat.rows >= BURST, "a row each", 600)
        taken = time.monotonic() - began
        facts = seat.query("SELECT count(*) FROM seen WHERE outcome = 'facts'")[0][0]
        uids = seat.query("SELECT count(DISTINCT uid) FROM seen WHERE folder = 'INBOX'")[0][0]
        note = f"of which {written:.1f} s to write them; {facts} with facts; CPU {watch.cpu:.1f} s"
        yield Figure(name=f"burst of {BURST}, until every row", value=taken, unit="s", bar=60, note=note)
        yield Figure(name="burst, lost", value=BURST - uids, unit="mails", bar=0)


def delay(server: Server) -> Iterator[Figure]:
    """Let single mails arrive at random moments; some after the process that reads has gone."""
    chance = random.Random(7)  # noqa: S311 - a repeatable sequence, no secret
    mails = [mail for _, mail in messages(SINGLES, now=datetime.now(UTC), jobs=0.2)]
    waits = []
    with seat_before(server) as seat:
        seat.begin()
        with closing(sqlite3.connect(f"file:{seat.state / 'ledger.sqlite3'}?mode=ro", uri=True)) as db:
            for number, mail in enumerate(mails, 1):
                time.sleep(70 if number % 34 == 0 else chance.expovariate(1 / 2.0))
                began = time.monotonic()
                seat.arrive(mail)
                count = "SELECT count(*) FROM seen WHERE folder = 'INBOX'"
                wait(lambda count=count, number=number: db.execute(count).fetchone()[0] >= number, "its row")
                waits.append(time.monotonic() - began)
    waits.sort()
    yield Figure(name="delay, median", value=statistics.median(waits), unit="s")
    yield Figure(name="delay, p95", value=waits[int(0.95 * SINGLES) - 1], unit="s", bar=5)
    yield Figure(
        name="delay, p99", value=waits[int(0.99 * SINGLES) - 1], unit="s", bar=15, note=f"most {waits[-1]:.2f}"
    )


def big(server: Server) -> Iterator[Figure]:
    """Start for the first time on a big inbox, of which the last month is to be read."""
    now = datetime.now(UTC)
    with seat_before(server, top={"lookback_days": "30"}) as seat:
        folder = seat.maildir
        for number in range(BIG - RECENT):
            at = now - timedelta(days=32 + number % 2000)
            head = f"From: Sam Roe <sam{number % 97}@friends.example>\nTo: {seat.user}\nSubject: Sunday {number}\n"
            put(folder, f"{head}Message-ID: <old-{number}@friends.example>\n\nSee you.\n".encode(), at)
        for at, mail in messages(RECENT, now=now, days=28):
            put(folder, mail, at)
        began = time.monotonic()
        process = seat.start()
        with Watch(process.pid) as watch:
            wait(lambda: seat.states == {"healthy"}, "healthy", 1800)
        taken = time.monotonic() - began
        commands = max(len(command.line) for command in seat.proxy.commands)
        note = f"{seat.rows} rows; CPU {watch.cpu:.1f} s, the server's cache of fields is empty"
        yield Figure(name=f"first start on {BIG} messages", value=taken, unit="s", bar=300, note=note)
        yield Figure(name="the same, peak memory of the daemon", value=watch.peak / MB, unit="MB", bar=300)
        yield Figure(name="the same, of what reads", value=watch.children / MB, unit="MB", bar=300)
        yield Figure(name="the same, of both at one moment", value=watch.together / MB, unit="MB", bar=300)
        yield Figure(name="the same, longest line sent", value=commands, unit="octets", bar=8000)
        yield Figure(name="the same, longest line asked for", value=seat.meter.longest, unit="octets", bar=1e6)


def large(server: Server) -> Iterator[Figure]:
    """Let large mails arrive: invitations with an attachment that nobody needs."""
    line = base64.encodebytes(b"\0" * 57)
    attachment = line * (LARGE_SIZE // len(line))
    with seat_before(server) as seat:
        process = seat.begin()
        before, began = seat.meter.octets, time.monotonic()
        with Watch(process.pid) as watch:
            for number in range(LARGE):
                seat.arrive(invite(number, seat.user, datetime.now(UTC) + timedelta(days=2), attachment=attachment))
            wait(lambda: seat.rows >= LARGE, "a row each", 600)
        read = seat.query("SELECT count(*) FROM seen WHERE outcome = 'facts'")[0][0]
        share = 100 * (seat.meter.octets - before) / (LARGE * LARGE_SIZE)
        used = look(process.pid)
        note = (
            f"{read} read in {time.monotonic() - began:.1f} s, writing them included; {used.rss / MB:.0f} MB afterwards"
        )
        yield Figure(
            name=f"{LARGE} mails of 25 MB, peak memory of both",
            value=watch.together / MB,
            unit="MB",
            bar=300,
            note=note,
        )
        yield Figure(name="the same, octets from the server against theirs", value=share, unit="%")
