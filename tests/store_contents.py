"""All that a Redis holds, key by key, for tests that compare it or search it."""

from __future__ import annotations

from typing import Any

import redis.asyncio as redis


async def contents(client: redis.Redis) -> dict[str, Any]:
    """Every key with its value; of streams the fields of their entries."""
    found: dict[str, Any] = {}
    for key in sorted(await client.keys("*")):
        match await client.type(key):
            case "hash":
                found[key] = await client.hgetall(key)
            case "set":
                found[key] = await client.smembers(key)
            case "zset":
                found[key] = await client.zrange(key, 0, -1, withscores=True)
            case "list":
                found[key] = await client.lrange(key, 0, -1)
            case "stream":
                found[key] = [fields for _, fields in await client.xrange(key)]
            case _:
                found[key] = await client.get(key)
    return found
