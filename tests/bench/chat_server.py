"""The website chat's connector alone in a process, with a bot behind it that only repeats what it is told.

Prints its address, then serves until its standard input is closed. What is measured of it is the connector's
own work: a turn of the model would come on top.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from relevo.store.connection import connect
from tests.chat_site import serve_chat


async def main(redis_url: str) -> None:
    client = connect(redis_url)
    with tempfile.TemporaryDirectory() as folder:
        async with serve_chat(client, redis_url, Path(folder)) as site:
            sys.stdout.write(f"{site.url}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
