"""Faults that stay where they are: what the clock can't do this time keeps nothing else from its turn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import redis.asyncio as redis

from relevo.errors import RelevoError

logger = logging.getLogger("relevo.clock")


@contextmanager
def contained(what: str) -> Iterator[None]:
    """A fault in the block is told and goes no further.

    Args:
        what: is done in the block, for the log: no customer's data.
    Raises:
        RedisError: the store is away, for whatever else is to be done too.
    """
    try:
        yield
    except redis.RedisError:
        raise
    except RelevoError as error:
        logger.error("Something could not be done this time (%s): %s", what, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop what else is promised
        # Its text may hold what customers wrote.
        logger.error("A fault in %s: %s", what, type(error).__name__)
