"""The first user: a fresh installation has nobody who could sign in."""

from __future__ import annotations

import asyncio
import logging

from redis.exceptions import RedisError

from relevo.desk.users import UserDirectory, UserExists

FIRST_USER = "supervisor"
FIRST_DISPLAY_NAME = "Supervisor"
RETRY_SECONDS = 2.0

logger = logging.getLogger(__name__)


async def ensure_first_user(users: UserDirectory, password: str | None) -> None:
    """Add the supervisor when there is no user at all; without a password, say in the log how it is done."""
    if await users.names():
        return
    if not password:
        logger.warning(
            "Nobody can sign in yet: there are no users. Add one with `relevo user add`, "
            "or set RELEVO_DESK_PASSWORD and start the desk again."
        )
        return
    try:
        await users.add(FIRST_USER, FIRST_DISPLAY_NAME, password, "supervisor")
    except UserExists:
        return  # Another desk, started at the same moment, was faster.
    logger.warning("Added the first user, %r, with the password of RELEVO_DESK_PASSWORD.", FIRST_USER)


async def ensure_first_user_in_time(users: UserDirectory, password: str | None) -> None:
    """The same, as soon as Redis can be reached."""
    while True:
        try:
            return await ensure_first_user(users, password)
        except RedisError:
            await asyncio.sleep(RETRY_SECONDS)
