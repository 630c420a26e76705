"""Visits to conversations: some at a time, and none to a conversation where one is still going on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial


class Visits:
    """Those that are going on."""

    def __init__(self, visit: Callable[[str], Awaitable[None]], at_once: int) -> None:
        self._visit = visit
        self._at_once = at_once
        self._tasks: dict[str, asyncio.Future[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def wanted(self) -> int:
        """How many due conversations must be known for all places to be filled."""
        return self._at_once + len(self._tasks)

    def begin(self, conversations: Iterable[str]) -> None:
        """Begin visits as long as there are places."""
        for conversation in conversations:
            if len(self._tasks) < self._at_once and conversation not in self._tasks:
                task = self._tasks[conversation] = asyncio.ensure_future(self._visit(conversation))
                task.add_done_callback(partial(self._end, conversation))

    async def finish(self) -> None:
        """Return when all have ended."""
        await asyncio.gather(*self._tasks.values())

    async def stop(self) -> None:
        """Break off all."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, conversation: str, task: asyncio.Future[None]) -> None:
        del self._tasks[conversation]
