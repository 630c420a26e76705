"""Which protocol the running model was trained with, so that the other processes notice when theirs differs.

A model carries the texts and the plan of its protocol; actions and desk read the folder. After a change that
was not trained, or a deployment by halves, they would not say the same.
"""

from __future__ import annotations

import logging

import redis.asyncio as redis

from relevo.store import keys

SHOWN_DIGITS = 8


async def announce(client: redis.Redis, protocol_hash: str) -> None:
    """Note the protocol of the model that the bot has loaded."""
    await client.set(keys.MODEL_PROTOCOL, protocol_hash)


async def warn_if_other(client: redis.Redis, protocol_hash: str, logger: logging.Logger) -> bool:
    """Log a warning if the model's protocol is known and is not the one with this hash; whether it is so."""
    models = await client.get(keys.MODEL_PROTOCOL)
    differs = models not in (None, protocol_hash)
    if differs:
        logger.warning(
            "The protocol here (%s) is not the one that the bot's model was trained with (%s): "
            "run `relevo train` and start the bot again.",
            protocol_hash[:SHOWN_DIGITS],
            str(models)[:SHOWN_DIGITS],
        )
    return differs
