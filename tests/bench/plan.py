"""What the contingency plan adds to a turn: its decision over a conversation of 200 turns, explained."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from itertools import cycle
from pathlib import Path

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rich.console import Console
from rich.table import Table

from relevo.dialogue.contingency_policy import ContingencyPolicy
from relevo.protocol import load_protocol
from relevo.protocol.importer import plan
from relevo.quiet import silence_rasa
from relevo.settings import PROJECT_ROOT, Settings

TURNS = 200
ROUNDS = 300
MOST_MILLISECONDS = 1.0
TOPICS = ("warranty", "track_order", "get_refund", "opening_hours", "delivery_period", "store_location")
ENDINGS = {"left to the rules": ("greet", "calm"), "handed over, explained": ("track_order", "angry")}


def run(redis_url: str, console: Console) -> bool:
    """Print milliseconds per decision; whether it stays under one."""
    silence_rasa(logging.ERROR)
    protocol = load_protocol(Settings.from_environment().protocol_dir)
    domain = Domain.load(str(PROJECT_ROOT / "domain.yml"))
    table = Table(title=f"The contingency policy after {TURNS} turns, milliseconds (median)")
    for heading in ("the last message is", "whole policy"):
        table.add_column(heading, justify="right")
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        config = {**ContingencyPolicy.get_default_config(), **plan(protocol)}
        context = ExecutionContext(GraphSchema({}))
        policy = ContingencyPolicy(config, LocalModelStorage(Path(folder)), Resource("plan"), context)
        for name, (topic, tone) in ENDINGS.items():
            milliseconds = _measure(policy, domain, _conversation(domain, topic, tone)) * 1000
            slowest = max(slowest, milliseconds)
            table.add_row(name, f"{milliseconds:.2f}")
    console.print(table)
    console.print(f"Promise: under {MOST_MILLISECONDS:.0f} ms. Measured: {slowest:.2f} ms.\n")
    return slowest < MOST_MILLISECONDS


def _measure(policy: ContingencyPolicy, domain: Domain, tracker: DialogueStateTracker) -> float:
    """Median seconds of a prediction."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        policy.predict_action_probabilities(tracker, domain)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _conversation(domain: Domain, topic: str, tone: str) -> DialogueStateTracker:
    """A conversation of many questions, which ends with this message."""
    topics = [name for name, _ in zip(cycle(TOPICS), range(TURNS - 1))]
    events = [event for name in topics for event in (*_says(name), *_answers(name))]
    tracker: DialogueStateTracker = DialogueStateTracker.from_events(
        "bench", [*events, *_says(topic, tone)], domain.slots, domain=domain
    )
    return tracker


def _says(topic: str, tone: str = "calm") -> list[Event]:
    intent = {"name": topic, "confidence": 0.9}
    parsed = {"intent": intent, "tone": {"name": tone, "confidence": 0.9}, "entities": []}
    return [ActionExecuted("action_listen"), UserUttered("…", intent, [], parsed, input_channel="webchat")]


def _answers(topic: str) -> list[Event]:
    return [ActionExecuted(f"utter_{topic}"), BotUttered("…")]
