"""A turn must cost the same late in a conversation as early in it; Rasa's own store is the baseline."""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import time
from itertools import cycle

import redis
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import RedisTrackerStore as StockTrackerStore
from rasa.core.tracker_store import TrackerStore
from rich.console import Console
from rich.table import Table

from relevo.model import present_model
from relevo.quiet import silence_rasa
from relevo.settings import Settings
from relevo.store.tracker_store import RedisTrackerStore

TURNS = 305
EARLY, LATE = range(5, 15), range(295, 305)
"""Around turn 10 and turn 300; the median of ten turns, over several conversations."""
CONVERSATIONS = 5
LARGEST_RATIO = 1.2
MESSAGES = (
    "hello",
    "are you a robot?",
    "thank you so much",
    "buenas tardes",
    "¿eres un robot?",
    "muchas gracias",
)
"""Small talk: the plan hands over no one who repeats it, and it is answered without the action server."""


def run(redis_url: str, console: Console) -> bool:
    """Print milliseconds per turn; whether ours stays flat."""
    silence_rasa(logging.ERROR)
    os.environ["REDIS_URL"] = redis_url
    address = redis.connection.parse_url(redis_url)
    stores = {
        "Rasa's Redis store": (lambda domain: StockTrackerStore(domain, address["host"], address["port"]), 1),
        "Relevo's": (lambda domain: RedisTrackerStore(domain, redis_url), CONVERSATIONS),
    }
    table = Table(title=f"One turn, milliseconds (median of ten, {CONVERSATIONS} conversations)")
    for heading in ("tracker store", "turn 10", "turn 300", "ratio"):
        table.add_column(heading, justify="right")
    ratio = 0.0
    for name, (make_store, conversations) in stores.items():
        early, late = asyncio.run(_measure(make_store, conversations))
        ratio = late / early
        table.add_row(name, f"{early * 1000:.1f}", f"{late * 1000:.1f}", f"{ratio:.2f}")
    console.print(table)
    console.print(f"Promise: ours at most {LARGEST_RATIO}. Measured: {ratio:.2f}.\n")
    return ratio <= LARGEST_RATIO


async def _measure(make_store: object, conversations: int) -> tuple[float, float]:
    """Median seconds of an early and of a late turn."""
    agent = Agent.load(str(present_model(Settings.from_environment())))
    store: TrackerStore = make_store(agent.domain)  # type: ignore[operator]
    agent.tracker_store = store
    assert agent.processor
    agent.processor.tracker_store = store
    early: list[float] = []
    late: list[float] = []
    for number in range(conversations):
        seconds = [
            await _turn(agent, f"bench-{number}", text) for text, _ in zip(cycle(MESSAGES), range(TURNS))
        ]
        early += [seconds[turn] for turn in EARLY]
        late += [seconds[turn] for turn in LATE]
    return statistics.median(early), statistics.median(late)


async def _turn(agent: Agent, conversation: str, text: str) -> float:
    output = CollectingOutputChannel()
    started = time.perf_counter()
    await agent.handle_message(UserMessage(text, output, conversation, input_channel="webchat"))
    assert output.messages, f"no answer to {text!r}"
    return time.perf_counter() - started
