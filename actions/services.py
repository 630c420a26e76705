"""What actions work with: the queue, the agenda, the protocol and the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import redis.asyncio as redis

from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import Agenda
from relevo.protocol import Protocol, load_protocol
from relevo.settings import Settings
from relevo.store.connection import connect


@dataclass(frozen=True)
class Services:
    """Handed to every action; `now` gives UTC epoch seconds."""

    protocol: Protocol
    queue: CaseQueue
    agenda: Agenda
    client: redis.Redis
    has_email: bool = False
    """Whether letters can be written."""
    now: Callable[[], float] = time.time


@lru_cache(maxsize=1)
def shared_services() -> Services:
    """The services of this process, by its settings.

    Raises:
        ConfigurationError, ProtocolError
    """
    settings = Settings.from_environment()
    client = connect(settings.require_redis_url())
    protocol = load_protocol(settings.protocol_dir)
    agenda = Agenda(client, protocol.privacy.retention.follow_ups)
    queue, has_email = CaseQueue(client, protocol), bool(settings.email_address)
    return Services(protocol, queue, agenda, client, has_email)
