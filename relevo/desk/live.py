"""Server-sent events: how a page hears that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, TypeVar

BEAT_SECONDS = 15.0
"""A comment is sent after this long without an event, so that nothing on the way takes the line for dead."""

Item = TypeVar("Item")


class EventStream:
    """The open response to a browser's `EventSource`."""

    def __init__(self, response: Any) -> None:
        self._response = response

    @classmethod
    async def open(cls, request: Any) -> EventStream:
        """Answer a request with an event stream."""
        # The header keeps nginx from holding events back.
        answer = await request.respond(content_type="text/event-stream", headers={"x-accel-buffering": "no"})
        stream = cls(answer)
        await answer.send("retry: 2000\n\n")
        return stream

    async def send(self, event: str, data: str = "", event_id: str = "") -> None:
        """Send one event; `event_id` comes back as `Last-Event-ID` when the browser connects again."""
        lines = [f"id: {event_id}"] if event_id else []
        lines += [f"event: {event}", *(f"data: {line}" for line in data.splitlines() or [""])]
        await self._response.send("\n".join(lines) + "\n\n")

    async def beat(self) -> None:
        """Send a comment."""
        await self._response.send(": beat\n\n")


async def merge(*sources: AsyncIterator[Item]) -> AsyncGenerator[Item, None]:
    """The items of several sources as they come, until one ends or fails; its error is raised here."""
    inbox: asyncio.Queue[Item | asyncio.Task[None]] = asyncio.Queue()

    async def pump(source: AsyncIterator[Item]) -> None:
        async for item in source:
            await inbox.put(item)

    tasks = [asyncio.create_task(pump(source)) for source in sources]
    for task in tasks:
        task.add_done_callback(inbox.put_nowait)
    try:
        while not isinstance(item := await inbox.get(), asyncio.Task):
            yield item
        item.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
