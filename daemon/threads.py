"""Blocking work of an account in, its result out, off the event loop; the account knows since when it is at work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from daemon.served import Served

_T = TypeVar("_T")

STOP_LIMIT = timedelta(seconds=8)
MOST_THREADS = 32  # accounts whose servers give no answer must not hold up the others


class Threads:
    """As many threads as there are accounts; none is started before it is needed."""

    def __init__(self, accounts: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=min(accounts, MOST_THREADS), thread_name_prefix="account")

    async def run(self, account: Served, work: Callable[[], _T]) -> _T:
        """Do an account's work and give its result, or raise what it raises."""
        loop = asyncio.get_running_loop()
        account.working_since = loop.time()
        try:
            result = await loop.run_in_executor(self._threads, work)
        except asyncio.CancelledError:
            # The thread goes on without us: the account stays marked as at work.
            raise
        except BaseException:
            account.working_since = None
            raise
        account.working_since = None
        return result

    def start(self, work: Callable[[], None]) -> None:
        """Do something that nobody waits for."""
        self._threads.submit(work)

    async def end(self) -> bool:
        """Wait for what is under way, for no longer than STOP_LIMIT. Says whether all has ended."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def wait() -> None:
            self._threads.shutdown()
            with suppress(RuntimeError):  # the loop has not waited for it
                loop.call_soon_threadsafe(ended.set)

        # No executor's thread: asyncio.run waits for those without an end.
        threading.Thread(target=wait, name="end", daemon=True).start()
        try:
            async with asyncio.timeout(STOP_LIMIT.total_seconds()):
                await ended.wait()
        except TimeoutError:
            return False
        return True
