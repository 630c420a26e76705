"""A sign of life for whoever watches over the process."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import RedisError
from sanic import response

TIMEOUT_SECONDS = 2.0


async def show_health(request: Any) -> Any:
    """200 while Redis answers, else 503."""
    try:
        await asyncio.wait_for(request.app.ctx.desk.check_store(), TIMEOUT_SECONDS)
    except (RedisError, OSError, asyncio.TimeoutError):
        return response.json({"status": "store_unreachable"}, status=503)
    return response.json({"status": "ok"})
