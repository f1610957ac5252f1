"""The program ends at any step of anything that it does to the world; afterwards all is as if it had not (F15)."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from daemon.database import FILE_NAME
from tests.extent import SEED, spread
from tests.faults.sweep import Bench, Cut
from tests.process.conftest import TACTFUL
from tests.process.sweep import Step
from tests.process.test_sent_once import APPROVED, approve, configure
from tests.servers.smtp import SmtpServer

LAST_LOOK = 11  # minutes after which what was provably not stored is tried once more
SPARED = timedelta(hours=4)  # after the interview's beginning the letter is due


@dataclass(frozen=True)
class Scene:
    """What is under way when the program ends. `prepare` gives the instant of the run that is cut off."""

    name: str
    prepare: Callable[[Bench, datetime], datetime]
    minutes: tuple[int, ...] = (LAST_LOOK,)
    certain: bool = True  # whether all outcomes are known: what was handed over to a mail server may stay unknown


def _draft(bench: Bench, start: datetime) -> datetime:
    """The program knows of the interview, and the letter is due."""
    _run(bench, bench.seat.clock)
    return start + SPARED


def _withdrawal(bench: Bench, start: datetime) -> datetime:
    """A draft waits, and is stale some days later."""
    _run(bench, start + SPARED)
    return start + timedelta(days=4)


def _sending(bench: Bench, start: datetime) -> datetime:
    _run(bench, start + SPARED)
    approve(bench.seat)
    return start + SPARED


def _gesture(bench: Bench, start: datetime) -> datetime:
    """The person moved a draft to Later, and its day has come."""
    _run(bench, start + SPARED)
    with bench.seat.server.raw(bench.seat.user) as link:
        link.select("Drafts")
        status, said = link.uid("MOVE", "1:*", '"Tactful/Later"')
        assert status == "OK", said
    _run(bench, start + SPARED + timedelta(minutes=1))
    return start + SPARED + timedelta(days=1)


def _notice(bench: Bench, start: datetime) -> datetime:
    """The person is asked after the interview what was talked about."""
    _run(bench, bench.seat.clock)
    with bench.seat.config.open("a", encoding="utf-8") as config:
        config.write("ask_for_notes: true\n")
    return start + timedelta(minutes=70)


def _migration(bench: Bench, start: datetime) -> datetime:
    """The ledger is of the first version, and the letter is due."""
    bench.seat.state.mkdir()
    with closing(sqlite3.connect(bench.seat.state / FILE_NAME)) as old:
        old.executescript((files("daemon") / "ledger_1.sql").read_text("utf-8"))
        old.execute("INSERT INTO setting VALUES ('secret', ?)", (bytes(range(32)),))
        old.execute("PRAGMA user_version = 1")
        old.commit()
    return start + SPARED


def _start(seat: Any, before: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start the daemon below another command."""
    with (seat.folder / "log").open("ab") as log:
        command = [*before, str(TACTFUL), "run", "--config", str(seat.config)]
        process = subprocess.Popen(command, env=seat.environ, stderr=log)
    seat.processes.append(process)
    return process


def _end(process: subprocess.Popen[bytes], patience: float = 30.0) -> int:
    """Wait until the signal came and the daemon has ended; one that did not make so many calls is asked from here."""
    try:
        return process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        (daemon,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        os.kill(int(daemon), signal.SIGTERM)
        return process.wait(timeout=patience)


def _run(bench: Bench, now: datetime) -> None:
    bench.seat.move_clock(now)
    outcome = bench.seat.run("run", "--once")
    assert outcome.returncode == 0, outcome.stderr


SCENES = (
    Scene("draft", _draft),
    Scene("withdrawal", _withdrawal),
    Scene("sending", _sending, minutes=(2, LAST_LOOK, 75), certain=False),
    Scene("gesture", _gesture),
    Scene("notice", _notice, minutes=(2, LAST_LOOK), certain=False),
    Scene("migration", _migration),
)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    server = SmtpServer({})
    yield server
    server.__exit__()


@pytest.fixture
def bench(rig: Any, smtp: SmtpServer) -> Bench:
    """A seat that talks straight to its servers."""
    rig.seat.proxy = None
    rig.seat.write_config()
    configure(rig.seat, smtp)
    return Bench(rig.seat, rig.seat.clock, smtp.letters)


@pytest.mark.fault("F15")
@pytest.mark.timeout(14400)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_is_cut_off_ends_as_if_it_had_not_been(
    bench: Bench, rig: Any, interview_day: datetime, scene: Scene
) -> None:
    rig.invite(interview_day)
    bench.now = scene.prepare(bench, interview_day)
    bench.keep()
    bench.begin()
    steps = bench.steps()
    bench.resume(*scene.minutes)
    undisturbed = bench.mailbox(), bench.ledger()
    letters = _to_others(bench)
    # kill -9 at every step; the other ends, which leave less in between, at every third.
    cuts = [(step, Cut.KILL) for step in steps]
    cuts += [(step, cut) for step in steps[SEED % 3 :: 3] for cut in (Cut.TERM, Cut.POWER)]
    ended = 0
    for step, cut in spread(cuts, 2):
        bench.begin()
        ended += (was_cut := bench.cut(step, cut))
        bench.resume(*scene.minutes)
        after = bench.mailbox(), bench.ledger()
        if scene.certain:
            assert after[0] == undisturbed[0], step
            assert {name: after[1][name] for name in ("drafts", "acts")} == {
                name: undisturbed[1][name] for name in ("drafts", "acts")
            }, step
        else:
            _judge_what_may_be_unknown(bench, scene, letters, undisturbed[0], step)
        bench.resume()
        assert (bench.mailbox(), bench.ledger()) == after, f"{step}: a further run changed something"
        rig.report(
            "F15", scene=scene.name, steps=len(steps), cut=cut, call=step.call, number=step.number, ended=was_cut
        )
    assert ended


def _to_others(bench: Bench) -> int:
    return sum(letter.recipients != (bench.seat.user,) for letter in bench.letters)


def _judge_what_may_be_unknown(bench: Bench, scene: Scene, letters: int, undisturbed: Any, step: Step) -> None:
    """Never more than without the cut; and what did not go out, as far as anybody knows, waits where it was."""
    mailbox = bench.mailbox()
    assert _to_others(bench) <= letters, step
    for where, number in mailbox.items():
        assert number == 1, (step, where)
    if scene.name == "sending":
        sent = sum(number for (folder, _), number in mailbox.items() if folder == "Sent")
        left = sum(
            number for (folder, _), number in mailbox.items() if folder in (APPROVED, APPROVED.replace("/", "."))
        )
        assert sent <= _to_others(bench), step
        assert sent + left == 1, (step, mailbox)
    else:
        assert mailbox <= undisturbed, step


@pytest.mark.fault("F15")
@pytest.mark.timeout(14400)
def test_the_daemon_that_is_asked_to_stop_at_any_step_leaves_nothing_half_done(
    bench: Bench, rig: Any, interview_day: datetime
) -> None:
    rig.invite(interview_day)
    bench.now = _draft(bench, interview_day)
    bench.keep()
    bench.begin()
    bench.resume(LAST_LOOK)
    undisturbed = bench.mailbox(), bench.ledger()["drafts"]
    for number in spread(range(1, 121), 1):
        bench.begin()
        inject = f"inject=sendto,pwrite64,fdatasync:signal=SIGTERM:when={number}"
        strace = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=sendto,pwrite64,fdatasync", "-e", inject)
        began = time.monotonic()
        process = _start(rig.seat, strace)
        status = _end(process)
        # Before it listens to the signal it ends by it.
        assert status in {0, -signal.SIGTERM}, (number, (rig.seat.folder / "log").read_text()[-2000:])
        rig.report("F15", scene="daemon", cut="SIGTERM", step=number, seconds=time.monotonic() - began)
        bench.resume(LAST_LOOK)
        assert (bench.mailbox(), bench.ledger()["drafts"]) == undisturbed, number
