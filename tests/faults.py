"""A store whose answers get lost: the command is done, but whoever asked is not told."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import redis.asyncio as redis
from redis.exceptions import ConnectionError
from store_contents import contents

from relevo.store.connection import connect

Result = TypeVar("Result")


class LostAnswer(ConnectionError):
    """The answer to a command did not arrive."""


class Faults:
    """Loses the answer to one of the next commands of a client."""

    def __init__(self, client: redis.Redis) -> None:
        self._in = 0
        self.commands = 0
        """Commands that were done since the last `lose`."""
        run = client.execute_command

        async def execute_command(*args: Any, **options: Any) -> Any:
            answer = await run(*args, **options)
            self.commands += 1
            if self.commands == self._in:
                raise LostAnswer
            return answer

        client.execute_command = execute_command  # type: ignore[method-assign]

    def lose(self, number: int) -> None:
        """Lose the answer to the command with this number from now on; 0 for none."""
        self._in, self.commands = number, 0

    async def repeated(self, number: int, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do something whose answer gets lost, and then again, as a browser or a clock would."""
        self.lose(number)
        try:
            return await work()
        except LostAnswer:
            return await work()
        finally:
            self.lose(0)


def faulty_client(redis_url: str) -> tuple[redis.Redis, Faults]:
    """A client, and what makes it fail."""
    client = connect(redis_url)
    return client, Faults(client)


async def everything(client: redis.Redis) -> dict[str, Any]:
    """All that the store holds, without random ids and the times at which messages were written."""
    found = await contents(client)
    found |= {f"{key} expires": await client.ttl(key) > 0 for key in sorted(found)}
    plain = re.sub(r'("timestamp": )[\d.]+', r"\g<1>0", repr(found))
    return eval(re.sub(r"(?<![:\w])[0-9a-f]{32}\b", "an id", plain))  # noqa: S307 - made here
