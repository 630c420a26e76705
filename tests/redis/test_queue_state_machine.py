"""The queue and a plain dictionary go through the same changes, and must agree after each."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from builders import NOON, a_case
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from relevo.cases.case import Case, Kind
from relevo.cases.queue import CaseClosed, CaseError, CaseNotYours, CaseQueue, CaseTaken
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.connection import connect
from relevo.store.outbox import OutboxMessage

Result = TypeVar("Result")
PRIORITIES = ("urgent", "high", "normal")
AREAS = ("customer_care", "senior_care")
CONVERSATIONS = ("c1", "c2", "c3", "c4")
MIN_STEPS = 500


class QueueMachine(RuleBasedStateMachine):
    """Several agents work on the cases of a few customers."""

    steps = 0
    agents = st.sampled_from(["Ana", "Beto", "Carla"])
    numbers = st.integers(0, 9)
    states = st.sampled_from(["waiting", "waiting", "claimed", "closed"])
    acting = st.sampled_from(["who has it", "who has it", "another"])

    def __init__(self, redis_url: str, protocol: Protocol) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.client = connect(redis_url)
        self.queue = CaseQueue(self.client, protocol)
        self.cases: dict[str, Case] = {}
        self.causes: dict[str, str] = {}
        self.sent: list[tuple[str, str]] = []
        """Conversation and last words of each message that customers must get, in order."""
        self.told: list[tuple[str, str]] = []
        self.answers: dict[str, str] = {}
        self.now = NOON
        self.wait(self.client.flushall())

    def wait(self, step: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(step)

    def pick(self, number: int, state: str) -> Case:
        """One of the cases in a state; if there is none, one of all."""
        found = [case for case in self.cases.values() if case.state == state] or [*self.cases.values()]
        return found[number % len(found)]

    def agent(self, case: Case, acting: str) -> str:
        """Who acts on a case: mostly the one who has it, as at the desk."""
        return case.claimed_by if acting == "who has it" and case.claimed_by else "Beto"

    def hand_off_in(self, conversation: str) -> Case | None:
        found = [
            case
            for case in self.cases.values()
            if case.conversation == conversation and case.kind == "hand_off" and case.is_open
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def changed(self, case: Case, kind: str) -> None:
        self.cases[case.folio] = case
        self.told.append((f"case_{kind}", case.folio))

    def refused(self, step: Coroutine[Any, Any, Case], error: type[CaseError]) -> None:
        with pytest.raises(error):
            self.wait(step)

    @rule(
        minutes=st.integers(0, 3),
        conversation=st.sampled_from(CONVERSATIONS),
        message=st.integers(0, 5),
        kind=st.sampled_from(["hand_off", "hand_off", "complaint"]),
        area=st.sampled_from(AREAS),
        rank=st.integers(0, 2),
    )
    def open(self, minutes: int, conversation: str, message: int, kind: Kind, area: str, rank: int) -> None:
        self.now += 60.0 * minutes
        cause = f"{conversation}:{message}"
        opened_at, target_at = self.now, self.now + 60 * (rank + 1)
        wanted = a_case(
            conversation=conversation,
            kind=kind,
            area=area,
            rank=rank,
            priority=PRIORITIES[rank],
            opened_at=opened_at,
            target_at=target_at,
        )
        case, is_new = self.wait(self.queue.open(wanted, cause))
        repeated = self.cases.get(self.causes.get(cause, ""))
        open_already = self.hand_off_in(conversation) if kind == "hand_off" else None
        if repeated or open_already is None or open_already.state != "waiting" or open_already.rank <= rank:
            there = repeated or open_already
        else:
            there = replace(wanted, folio=open_already.folio, opened_at=open_already.opened_at)
            there = replace(there, first_response_at=open_already.first_response_at)
            self.changed(there, "raised")
        if there:
            assert (case, is_new) == (there, False)
            return
        assert is_new and case.folio not in self.cases
        assert case == replace(wanted, folio=case.folio)
        self.causes[cause] = case.folio
        self.changed(case, "opened")

    @precondition(lambda self: self.cases)
    @rule(number=numbers, state=states, agent=agents)
    def claim(self, number: int, state: str, agent: str) -> None:
        case = self.pick(number, state)
        claim = self.queue.claim(case.folio, agent, self.now)
        if not case.is_open:
            self.refused(claim, CaseClosed)
        elif case.claimed_by not in ("", agent):
            self.refused(claim, CaseTaken)
        elif case.claimed_by == agent:
            assert self.wait(claim) == case
        else:
            claimed = replace(case, state="claimed", claimed_by=agent, claimed_at=self.now)
            assert self.wait(claim) == claimed
            self.changed(claimed, "claimed")
            if case.kind == "hand_off":
                self.sent.append((case.conversation, f"{agent} ya está contigo y leyó la conversación."))

    @precondition(lambda self: self.cases)
    @rule(number=numbers, acting=acting)
    def release(self, number: int, acting: str) -> None:
        case = self.pick(number, "claimed")
        agent = self.agent(case, acting)
        release = self.queue.release(case.folio, agent, self.now)
        if case.state != "claimed" or case.claimed_by != agent:
            self.refused(release, CaseNotYours)
            return
        released = replace(case, state="waiting", claimed_by="", claimed_at=0.0)
        assert self.wait(release) == released
        self.changed(released, "released")
        if case.kind == "hand_off" or case.first_response_at:
            self.sent.append((case.conversation, ""))

    @precondition(lambda self: self.cases)
    @rule(number=numbers, acting=acting, answer=st.integers(0, 3))
    def answer(self, number: int, acting: str, answer: int) -> None:
        case = self.pick(number, "claimed")
        agent = self.agent(case, acting)
        text = f"{agent} responde {answer}"
        step = self.queue.answer(case.folio, agent, text, self.now, f"{case.folio}:{agent}:{answer}")
        if case.state != "claimed" or case.claimed_by != agent:
            self.refused(step, CaseNotYours)
        elif self.answers.get(case.folio) == text:
            assert self.wait(step) == case
        else:
            answered = replace(case, first_response_at=case.first_response_at or self.now)
            assert self.wait(step) == answered
            self.changed(answered, "answered")
            self.answers[case.folio] = text
            self.sent.append((case.conversation, text))

    @precondition(lambda self: self.cases)
    @rule(number=numbers, acting=acting)
    def close(self, number: int, acting: str) -> None:
        case = self.pick(number, "claimed")
        agent = self.agent(case, acting)
        close = self.queue.close(case.folio, agent, self.now)
        if not case.is_open:
            assert self.wait(close) == case
        elif case.claimed_by != agent:
            self.refused(close, CaseNotYours)
        else:
            closed = replace(case, state="closed", closed_at=self.now)
            assert self.wait(close) == closed
            self.changed(closed, "closed")
            words = "complaint_closed" if case.kind == "complaint" else "case_closed"
            self.sent.append(
                (case.conversation, self.queue._protocol.say(words, case.language, folio=case.folio))
            )

    @invariant()
    def lines_and_lists_agree(self) -> None:
        type(self).steps += 1
        waiting = sorted(
            (case for case in self.cases.values() if case.state == "waiting"),
            key=lambda case: (case.rank, case.target_at, case.folio),
        )
        listed = self.wait(self.queue.open_cases())
        assert listed[: len(waiting)] == waiting
        in_hand = [case for case in self.cases.values() if case.state == "claimed"]
        assert sorted(listed[len(waiting) :], key=str) == sorted(in_hand, key=str)
        for area in AREAS:
            line = self.wait(self.client.zrange(keys.waiting(area), 0, -1))
            assert line == [case.folio for case in waiting if case.area == area]

    @invariant()
    def each_conversation_knows_its_hand_off(self) -> None:
        for conversation in CONVERSATIONS:
            hand_off = self.hand_off_in(conversation)
            kept = self.wait(self.client.get(keys.hand_off_of(conversation)))
            assert kept == (hand_off.folio if hand_off else None)

    def teardown(self) -> None:
        entries = self.wait(self.client.xrange(keys.DESK_EVENTS))
        assert [(fields["kind"], fields["folio"]) for _, fields in entries] == self.told
        outbox = [
            OutboxMessage.from_fields(fields) for _, fields in self.wait(self.client.xrange(keys.OUTBOX))
        ]
        assert [(message.conversation, words_of(message)) for message in outbox] == self.sent
        for case in self.cases.values():
            assert self.wait(self.queue.get(case.folio)) == case
            assert (self.wait(self.client.ttl(keys.case(case.folio))) > 0) == (not case.is_open)
        self.wait(self.client.close())
        self.wait(self.client.connection_pool.disconnect())
        self.loop.close()


def words_of(message: OutboxMessage) -> str:
    """What the customer reads; empty for a mere change of status."""
    return "".join(event.get("text", "") for event in message.events)


def test_queue_behaves_like_a_simple_model(redis_url: str, protocol: Protocol) -> None:
    QueueMachine.steps = 0
    run_state_machine_as_test(
        lambda: QueueMachine(redis_url, protocol),
        settings=settings(
            max_examples=14,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert QueueMachine.steps >= MIN_STEPS
