"""The daemon's whole life: start, ready, keep each mailbox until told to stop, stop.

Each account has a task: connect, make a pass, wait in IDLE for a reason to make another. Reasons are a change in the
mailbox, the renewal of IDLE, and an instant at which something falls due. Blocking work runs in worker threads; an
account that waits needs none.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from composer.acts import Wish
from daemon.clock import LONG_JUMP, Clock, ClockGuard
from daemon.errors import ClockInDoubt, LinkLost, StateError, TactfulError
from daemon.keeper import Keeper
from daemon.ledger import Ledger
from daemon.mailbox import Mailbox
from daemon.notify import Notifier
from daemon.pace import AT_ONCE
from daemon.served import Served
from daemon.threads import Threads

_log = logging.getLogger("tactful.service")

POLL = timedelta(seconds=5)  # for a store that cannot say when it changes (Maildir)
CALM = timedelta(seconds=1)  # at least, from one pass to the next: a server may have news all the time
LONGEST_TICK = timedelta(seconds=30)  # a suspended machine's monotonic clock stands still: the wall clock is looked at
SLOW = timedelta(seconds=60)  # without a sign of progress: then the state says so
# Likewise: then the service manager may restart us. A server may take ten minutes over a letter (daemon.smtp).
LONGEST_WORK = timedelta(minutes=12)


class _Stopping(Exception):
    """A reading is left where it is: what it has recorded is in the ledger, the rest is read after the next start."""


class Service:
    """Runs until SIGTERM or SIGINT. Several accounts at once; one that fails does not hold up the others."""

    def __init__(
        self,
        accounts: Sequence[Served],
        keeper: Keeper,
        ledger: Ledger,
        clock: Clock,
        notifier: Notifier,
        tick: timedelta = LONGEST_TICK,
    ) -> None:
        self._accounts = tuple(accounts)
        self._keeper = keeper
        self._ledger = ledger
        self._clock = clock
        self._notifier = notifier
        # The watchdog is fed at each tick, so ticks must come well within its limit.
        self._tick = min(tick, LONGEST_TICK, *([notifier.watchdog / 3] if notifier.watchdog else []))
        self._looked_at = clock.now()
        health = ledger.health()
        self._guard = ClockGuard(clock, datetime.fromisoformat(health["at"]) if health else None)
        self._has_run = False  # since it was started
        self._stopping = False
        self._wishes = 0
        self._threads = Threads(len(self._accounts))
        self._waker = AsyncIOScheduler(timezone="UTC")

    async def run(self) -> bool:
        """Serve until told to stop. Says whether everything ended in time; if not, a thread is still at work."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        self._waker.start()
        tasks = [asyncio.create_task(self._serve(account), name=account.name) for account in self._accounts]
        tasks.append(asyncio.create_task(self._watch_the_clock(), name="clock"))
        self._notifier.ready()
        self._tell()
        _log.info("started with %d account(s)", len(self._accounts))
        await stop.wait()
        self._stopping = True
        self._notifier.stopping()
        _log.info("stopping")
        self._waker.shutdown(wait=False)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await self._threads.end()

    # -------------------------------------------------------------------------------------------------- an account

    async def _serve(self, account: Served) -> None:
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                await self._connected(account)
            except TactfulError as error:
                pause = account.fail(error, loop.time() - started, self._clock.now())
                if account.is_news(error):
                    _log.warning("account %s: %s", account.name, error)
            except Exception as error:
                # The loop must live on whatever a pass runs into; the next one starts from the ledger.
                _log.exception("account %s: a pass failed", account.name)
                pause = account.fail(error, loop.time() - started, self._clock.now())
            self._tell()
            await self._pause(account, pause)

    async def _pause(self, account: Served, length: timedelta) -> None:
        account.next_at = None
        account.woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(length.total_seconds()):
                await account.woken.wait()
        account.retry_at = None

    async def _connected(self, account: Served) -> None:
        """Work with one connection for as long as it lasts; ends only by an exception."""
        mailbox = await self._threads.run(account, account.open)
        try:
            await self._threads.run(account, partial(self._keeper.attach, account.name, mailbox))
            await self._confirm_the_clock(account, mailbox)
            loop = asyncio.get_running_loop()
            while True:
                began = loop.time()
                await self._pass(account)
                await self._wait(account, mailbox)
                await asyncio.sleep(CALM.total_seconds() - (loop.time() - began))
        finally:
            # While a thread still uses the connection it is not ours to close; the process is ending then.
            if account.working_since is None:
                self._threads.start(mailbox.close)

    async def _confirm_the_clock(self, account: Served, mailbox: Mailbox) -> None:
        """Go on with a clock in doubt where the server's agrees. Raises ClockInDoubt."""
        if not self._guard.in_doubt:
            return
        now = self._clock.now()
        agrees = await self._threads.run(account, partial(mailbox.confirms, now))
        # A program that has just been started may have been away for long.
        if agrees or (agrees is None and not self._has_run):
            self._guard.believe()
            return
        raise ClockInDoubt(
            f"The clock of this machine shows {now:%Y-%m-%d %H:%M} UTC, far from where it stood, and the mail server "
            "does not confirm it: nothing is done until it is right. If it is, restart the daemon."
        )

    async def _pass(self, account: Served) -> None:
        account.woken.clear()  # what wakes it from now on may come too late for this pass
        if self._has_jumped():
            raise ClockInDoubt("The clock of this machine was set far from where it stood.")
        self._has_run = True

        def progress(folder: str, done: int, total: int) -> None:
            if self._stopping:
                raise _Stopping
            account.working_since = loop.time()
            account.state = f"reading {folder} {done}/{total}"

        loop = asyncio.get_running_loop()
        now = self._clock.now()
        work = partial(self._keeper.keep, account.name, now, progress, AT_ONCE)
        agenda, decisions = await self._threads.run(account, work)
        for decision in decisions:
            _log.info("account %s: %s %s by %s", account.name, decision.action, decision.kind or "", decision.rule)
        self._wake_at(account, agenda.next_at)
        problem = self._keeper.problem(account.name)
        account.state = f"limited: {problem}" if problem else "healthy"
        self._tell()

    async def _wait(self, account: Served, mailbox: Mailbox) -> None:
        """Wait for a reason to make another pass."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + account.renewal.total_seconds()
        while True:
            left = ends - loop.time()
            # IDLE watches INBOX alone: where drafts are moved is looked at once a tick.
            glances = self._keeper.watches_gestures(account.name)
            longest = min(left, self._tick.total_seconds()) if glances else left
            can_tell = await self._wait_for(account, mailbox, longest)
            if account.woken.is_set() or not can_tell or loop.time() >= ends:
                return
            if await self._threads.run(account, partial(self._keeper.has_gestures, account.name)):
                return

    async def _wait_for(self, account: Served, mailbox: Mailbox, seconds: float) -> bool:
        """Wait until the account is woken, or so long; say whether the store can tell of changes by itself."""
        inbox = self._keeper.inbox(account.name)
        descriptor = await self._threads.run(account, partial(mailbox.begin_wait, inbox))
        loop = asyncio.get_running_loop()
        began = loop.time()
        if descriptor is not None:
            loop.add_reader(descriptor, account.woken.set)
        try:
            async with asyncio.timeout(POLL.total_seconds() if descriptor is None else max(0.0, seconds)):
                await account.woken.wait()
        except TimeoutError:
            pass
        finally:
            if descriptor is not None:
                loop.remove_reader(descriptor)
        waited = loop.time() - began
        try:
            await self._threads.run(account, mailbox.end_wait)
        except LinkLost:
            if account.woken.is_set():
                account.hung_up(waited)
            raise
        return descriptor is not None

    # ---------------------------------------------------------------------------------------------------- the clock

    def _wake_at(self, account: Served, instant: datetime | None) -> None:
        """Have the account woken when something falls due. A clock that is set, or a machine that sleeps, may make this
        late; it is looked after at each tick.
        """
        account.next_at = instant
        if instant is not None:
            # A job that comes late still runs: APScheduler's own default drops it after one second.
            self._waker.add_job(
                self._fall_due,
                "date",
                [account],
                id=account.name,
                run_date=instant,
                misfire_grace_time=None,
                replace_existing=True,
            )

    async def _fall_due(self, account: Served) -> None:
        if account.next_at is not None and account.next_at <= self._clock.now():
            account.next_at = None
            account.woken.set()

    async def _watch_the_clock(self) -> None:
        """Look at the wall clock every so often by the monotonic one, which nobody sets."""
        while True:
            await asyncio.sleep(self._tick.total_seconds())
            try:
                self._look_at_the_clock()
            except Exception:
                _log.exception("looking at the clock failed")

    def _look_at_the_clock(self) -> None:
        """Wake each account whose next instant has come, by the wall clock, or for which the person has wished
        something; and feed the watchdog.
        """
        now = self._clock.now()
        # After a suspend every connection is suspect, and much may have happened.
        resumed = now - self._looked_at > 3 * self._tick
        self._looked_at = now
        doubted = self._guard.in_doubt
        resumed |= self._has_jumped() != doubted
        wishes = sum(isinstance(act, Wish) for act in self._ledger.acts())
        wished = wishes != self._wishes
        self._wishes = wishes
        for account in self._accounts:
            if account.retry_at is not None:
                account.resume(now, at_once=resumed)
            elif resumed or wished or (account.next_at is not None and account.next_at <= now):
                account.next_at = None
                account.woken.set()
        self._look_for_progress()

    def _has_jumped(self) -> bool:
        """Whether the clock was set to where it cannot be; told once, as a smaller jump is."""
        doubted = self._guard.in_doubt
        jump = self._guard.check()
        if abs(jump) > LONG_JUMP and not (doubted and self._guard.in_doubt):
            _log.warning("the clock was set by %s", jump)
        return self._guard.in_doubt

    def _look_for_progress(self) -> None:
        now = asyncio.get_running_loop().time()
        before = [account.slow for account in self._accounts]
        for account in self._accounts:
            account.slow = account.working_for(now) > SLOW.total_seconds()
        if before != [account.slow for account in self._accounts]:
            self._tell()
        if all(account.working_for(now) < LONGEST_WORK.total_seconds() for account in self._accounts):
            self._notifier.alive()

    def _tell(self) -> None:
        """Say how the accounts are."""
        states = ", ".join(f"{account.name}: {account.standing}" for account in self._accounts)
        self._notifier.status(states)
        try:
            self._ledger.set_health({account.name: account.standing for account in self._accounts}, self._guard.now())
        except StateError as error:  # a full disk must not end an account's task
            _log.warning("the state cannot be written: %s", error)
