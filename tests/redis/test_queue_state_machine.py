"""The queue and a plain dictionary go through the same changes, and must agree after each.

Customers, agents and the clock act in any order, at any time; the answer to any command may get lost, and
whoever asked asks again. The model knows nothing of Redis, only of the protocol's pure rules and messages.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from builders import NOON, a_case
from faults import faulty_client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from relevo.cases.case import Case, Kind
from relevo.cases.changes import score_of
from relevo.cases.messages import CaseMessages
from relevo.cases.queue import (
    RAISED_FIELDS,
    CannotMerge,
    CaseBarred,
    CaseClosed,
    CaseError,
    CaseNotYours,
    CaseQueue,
    CaseTaken,
    HandsFull,
)
from relevo.cases.rules import CaseRules
from relevo.protocol import Protocol
from relevo.store import keys
from relevo.store.confirmed_contacts import Confirmation
from relevo.store.outbox import Event, OutboxMessage

Result = TypeVar("Result")
PRIORITIES = ("urgent", "high", "normal")
AREAS = ("customer_care", "senior_care")
CONVERSATIONS = ("c1", "c2")
CONTACTS = ("", "", "+525512345678")
AGENTS = ("Ana", "Beto")
CAPACITY = 2
SILENCE = 600.0
MIN_STEPS = 2_000
BUSY_STEPS = 10


class QueueMachine(RuleBasedStateMachine):
    """Two agents, a clock and a few customers."""

    steps = 0
    agents = st.sampled_from(AGENTS)
    numbers = st.integers(0, 9)
    states = st.sampled_from(["waiting", "waiting", "claimed", "waiting_for_customer", "resolved", "closed"])
    acting = st.sampled_from(["who has it", "who has it", "another"])
    lost = st.sampled_from([0, 0, 0, 1, 2, 3])
    """Which command's answer gets lost; 0 for none."""

    def __init__(self, redis_url: str, protocol: Protocol) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.client, self.faults = faulty_client(redis_url)
        self.queue = CaseQueue(self.client, protocol)
        self.rules, self.messages = CaseRules(protocol), CaseMessages(protocol)
        self.cases: dict[str, Case] = {}
        self.causes: dict[str, str] = {}
        self.lapses: dict[str, float] = {}
        self.closings: dict[str, float] = {}
        self.signs: dict[str, float] = {}
        self.watched_since, self.watched_last = 0.0, -1.0
        self.sent: list[tuple[str, str]] = []
        """Conversation and words of each message that customers must get, in order."""
        self.told: list[tuple[str, str]] = []
        self.answers: set[str] = set()
        self.confirmed: set[str] = set()
        """Conversations in which the one contact is confirmed."""
        self.ids = map(str, itertools.count())
        self.now = NOON
        self.wait(self.client.flushall())

    # --- how the machine acts, and what its model keeps ---

    def wait(self, step: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(step)

    def do(self, lost: int, work: Callable[[], Awaitable[Result]]) -> Result:
        """Let the queue do something, twice if an answer gets lost."""
        return self.wait(self.faults.repeated(lost, work))

    def refused(self, lost: int, work: Callable[[], Awaitable[Any]], error: type[CaseError]) -> None:
        with pytest.raises(error):
            self.do(lost, work)

    def pick(self, number: int, state: str) -> Case:
        """One of the cases in a state; if there is none, one of all."""
        found = [case for case in self.cases.values() if case.state == state] or [*self.cases.values()]
        return found[number % len(found)]

    def in_hands(self) -> list[Case]:
        return [case for case in self.cases.values() if case.is_in_hand]

    def some(self, *states: str) -> bool:
        """Whether there is a case in one of these states."""
        return any(case.state in states for case in self.cases.values())

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

    def in_hand(self, agent: str) -> set[str]:
        return {
            case.folio for case in self.cases.values() if case.claimed_by == agent and case.state == "claimed"
        }

    def customer_has(self, case: Case) -> list[Case]:
        """Other cases of the same customer that are not closed; a contact that was only given is no sign."""
        conversations = {case.conversation}
        if case.conversation in self.confirmed:
            conversations |= self.confirmed
        return [
            other
            for other in self.cases.values()
            if other.folio != case.folio and other.state != "closed" and other.conversation in conversations
        ]

    def changed(self, case: Case, kind: str, words: list[Event] | None = None) -> Case:
        self.cases[case.folio] = case
        self.told.append((f"case_{kind}", case.folio))
        if words:
            self.sent.append((case.conversation, spoken(words)))
        return case

    def let_go(self, case: Case, **values: Any) -> Case:
        self.lapses.pop(case.folio, None)
        nobodys: dict[str, Any] = {
            "claimed_by": "",
            "claimed_person": "",
            "claimed_at": 0.0,
            "paused_at": 0.0,
        }
        return replace(case, **nobodys, **values)

    def must_sign(self, case: Case, deadline: float | None) -> None:
        self.lapses.pop(case.folio, None)
        if deadline is not None:
            self.lapses[case.folio] = deadline

    def agrees(self, given: Case, expected: Case) -> None:
        assert plain(given) == plain(expected)

    # --- what happens ---

    @initialize(
        kinds=st.lists(st.sampled_from(["hand_off", "hand_off", "complaint"]), min_size=3, max_size=5),
        agents=st.lists(agents, min_size=3, max_size=5),
    )
    def a_day_has_begun(self, kinds: list[Kind], agents: list[str]) -> None:
        """Some cases are there, and some of them in hand."""
        self.clock_looks_for_the_silent(lost=0)
        for number, kind in enumerate(kinds):
            conversation, area, rank = CONVERSATIONS[number % 2], AREAS[number // 2 % 2], number % 3
            self.open(conversation, 10 + number, kind, area, rank, CONTACTS[number % 3], lost=0)
        for number, agent in enumerate(agents):
            self.claim(number, "waiting", agent, lost=0)

    @rule(minutes=st.sampled_from([1, 4, 11, 700, 2_000]))
    def time_passes(self, minutes: int) -> None:
        """The clock, once it has begun, watches all the while."""
        self.now += 60.0 * minutes
        if self.watched_last >= 0:
            self.watched_last = self.now
            self.wait(self.client.hset(keys.WATCH, "last", repr(self.now)))

    @rule(minutes=st.sampled_from([11, 30, 700, 2_000]), lost=lost)
    def a_while_later_the_clock_looks(self, minutes: int, lost: int) -> None:
        self.time_passes(minutes)
        self.clock_looks_for_the_silent(lost)
        self.clock_closes_what_is_quiet(lost)
        self.clock_tells_waits(lost)

    @rule(seed=st.integers(0, 2**32 - 1))
    def a_busy_hour(self, seed: int) -> None:
        """Much happens in a row: hypothesis alone seldom gets far into a case's life."""
        chance = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(BUSY_STEPS):
            number, agent = chance.randrange(10), chance.choice(AGENTS)
            state = chance.choice(["waiting", "claimed", "waiting_for_customer", "resolved", "closed"])
            acting, lost = chance.choice(["who has it"] * 4 + ["another"]), chance.choice([0, 0, 0, 1, 2, 3])
            self.happens(chance, number, agent, state, acting, lost)
            self.lists_agree()

    def happens(
        self, chance: random.Random, number: int, agent: str, state: str, acting: str, lost: int
    ) -> None:
        """One thing by chance, if there is a case for it."""
        area = chance.choice(AREAS)
        verbs: list[tuple[bool, Callable[[], None]]] = [
            (
                True,
                lambda: self.open(
                    chance.choice(CONVERSATIONS),
                    chance.randrange(1_000),
                    chance.choice(["hand_off", "complaint"]),
                    area,
                    chance.randrange(3),
                    chance.choice(CONTACTS),
                    lost,
                ),
            ),
            (self.some("waiting"), lambda: self.claim(number, "waiting", agent, lost)),
            (self.some("waiting"), lambda: self.claim(number + 1, "waiting", agent, lost)),
            (bool(self.in_hands()), lambda: self.release(number, acting, lost, chance.random() < 0.2)),
            (bool(self.cases), lambda: self.transfer(number, state, acting, area, lost)),
            (bool(self.cases), lambda: self.note(number, state, agent, lost)),
            (bool(self.in_hands()), lambda: self.answer(number, acting, chance.randrange(4), lost)),
            (self.some("claimed"), lambda: self.wait_for_customer(number, acting, lost)),
            (True, lambda: self.customer_writes(chance.choice(CONVERSATIONS), lost)),
            (bool(self.in_hands()), lambda: self.resolve(number, acting, lost)),
            (
                self.some("resolved", "closed"),
                lambda: self.customer_rejects_the_resolution(number, state, lost),
            ),
            (bool(self.cases), lambda: self.close(number, state, acting, lost)),
            (self.some("waiting"), lambda: self.customer_withdraws(number, "waiting", lost)),
            (bool(self.in_hands()), lambda: self.confirm_contact(number, acting, lost)),
            (any(map(self.customer_has, self.in_hands())), lambda: self.merge(number, number, acting, lost)),
            (True, lambda: self.a_while_later_the_clock_looks(chance.choice([1, 4, 11, 700]), lost)),
            (True, lambda: self.sign(agent)),
        ]
        chance.choice([work for is_possible, work in verbs if is_possible])()

    @rule(agent=agents)
    def sign(self, agent: str) -> None:
        self.wait(self.queue.presence.sign(agent, self.now))
        self.signs[agent] = self.now

    @rule(
        conversation=st.sampled_from(CONVERSATIONS),
        message=st.integers(0, 5),
        kind=st.sampled_from(["hand_off", "hand_off", "complaint"]),
        area=st.sampled_from(AREAS),
        rank=st.integers(0, 2),
        contact=st.sampled_from(CONTACTS),
        lost=lost,
    )
    def open(
        self, conversation: str, message: int, kind: Kind, area: str, rank: int, contact: str, lost: int
    ) -> None:
        cause = f"{conversation}:{message}"
        wanted = a_case(
            conversation=conversation,
            kind=kind,
            area=area,
            rank=rank,
            priority=PRIORITIES[rank],
            contact=contact if kind == "complaint" else "",
            opened_at=self.now,
            target_at=self.now + 60 * (rank + 1),
            resolution_by=self.now + 3_600 * (rank + 1),
        )
        case, is_new = self.do(lost, lambda: self.queue.open(wanted, cause))
        repeated = self.cases.get(self.causes.get(cause, ""))
        open_already = self.hand_off_in(conversation) if kind == "hand_off" else None
        there = repeated or open_already
        if there is None:
            assert (is_new or lost) and case.folio not in self.cases
            self.agrees(case, replace(wanted, folio=case.folio, opened_by=cause))
            self.causes[cause] = case.folio
            self.changed(case, "opened")
            place = self.wait(self.queue.place(case))
            assert place
            self.do(lost, lambda: self.queue.note_place_told(case, place, self.now))
            return
        stands_above = self.rules.stands_above(wanted.trigger, there.trigger)
        is_graver = there.rank > rank or (there.rank == rank and stands_above)
        if repeated is None and there.state == "waiting" and is_graver:
            graver = {name: getattr(wanted, name) for name in RAISED_FIELDS}
            there = self.changed(replace(there, **graver), "raised")
        assert not is_new
        self.agrees(case, there)

    @precondition(lambda self: self.cases)
    @rule(number=numbers, state=states, agent=agents, lost=lost)
    def claim(self, number: int, state: str, agent: str, lost: int) -> None:
        case = self.pick(number, state)

        def claim() -> Coroutine[Any, Any, Case]:
            return self.queue.claim(case.folio, agent, self.now, capacity=CAPACITY)

        if case.is_in_hand and case.claimed_by == agent:
            self.agrees(self.do(lost, claim), case)
        elif case.is_in_hand:
            self.refused(lost, claim, CaseTaken)
        elif not case.is_open:
            self.refused(lost, claim, CaseClosed)
        elif case.is_claim and case.resolved_by == agent:
            self.refused(lost, claim, CaseBarred)
        elif len(self.in_hand(agent)) >= CAPACITY:
            self.refused(lost, claim, HandsFull)
        else:
            taken = {"state": "claimed", "claimed_by": agent, "claimed_at": self.now, "for_person": ""}
            claimed = replace(case, **taken)  # type: ignore[arg-type]
            self.agrees(self.do(lost, claim), claimed)
            self.signs[agent] = self.now
            self.must_sign(case, self.rules.lapses_at(case, self.now))
            self.changed(claimed, "claimed", self.messages.claimed(case, agent))

    @precondition(lambda self: self.some("claimed", "waiting_for_customer"))
    @rule(number=numbers, acting=acting, lost=lost, supervisor=st.booleans())
    def release(self, number: int, acting: str, lost: int, supervisor: bool) -> None:
        case, change = self.pick(number, "claimed"), next(self.ids)
        agent = self.agent(case, acting)

        def release() -> Coroutine[Any, Any, Case]:
            return self.queue.release(case.folio, agent, self.now, change, may_take_away=supervisor)

        if not case.is_in_hand or not (supervisor or case.claimed_by == agent):
            self.refused(lost, release, CaseNotYours)
            return
        released = self.let_go(case, state="waiting")
        self.agrees(self.do(lost, release), released)
        self.changed(released, "released", self.messages.released(case))

    @precondition(lambda self: self.cases)
    @rule(number=numbers, state=states, acting=acting, area=st.sampled_from(AREAS), lost=lost)
    def transfer(self, number: int, state: str, acting: str, area: str, lost: int) -> None:
        case, change = self.pick(number, state), next(self.ids)
        agent = self.agent(case, acting)

        def transfer() -> Coroutine[Any, Any, Case]:
            return self.queue.transfer(case.folio, agent, area, self.now, note="Ojo", change_id=change)

        if case.state != "waiting" and not (case.is_in_hand and case.claimed_by == agent):
            self.refused(lost, transfer, CaseNotYours)
            return
        transferred = self.let_go(case, state="waiting", area=area, for_person="")
        self.agrees(self.do(lost, transfer), transferred)
        words = self.messages.transferred(case, area) if area != case.area else []
        self.changed(transferred, "transferred", words)

    @precondition(lambda self: self.cases)
    @rule(number=numbers, state=states, agent=agents, lost=lost)
    def note(self, number: int, state: str, agent: str, lost: int) -> None:
        case, change = self.pick(number, state), next(self.ids)
        self.agrees(self.do(lost, lambda: self.queue.note(case.folio, agent, "Ojo", self.now, change)), case)
        if case.claimed_by == agent and case.folio in self.lapses:
            self.must_sign(case, self.rules.lapses_at(case, self.now))
        self.changed(case, "noted")

    @precondition(lambda self: self.some("claimed", "waiting_for_customer"))
    @rule(number=numbers, acting=acting, answer=st.integers(0, 3), lost=lost)
    def answer(self, number: int, acting: str, answer: int, lost: int) -> None:
        case = self.pick(number, "claimed")
        agent = self.agent(case, acting)
        change, text = f"{case.folio}:{agent}:{answer}", f"{agent} responde {answer}"

        def send() -> Coroutine[Any, Any, Case]:
            return self.queue.answer(case.folio, agent, text, self.now, change)

        if change in self.answers:
            self.agrees(self.do(lost, send), case)
        elif not case.is_in_hand or case.claimed_by != agent:
            self.refused(lost, send, CaseNotYours)
        else:
            first = case.first_response_at or self.now
            over: dict[str, Any] = {"unanswered_since": 0.0, "next_response_by": 0.0, "told_late": ""}
            answered = replace(case, first_response_at=first, last_answer_at=self.now, **over)
            self.agrees(self.do(lost, send), answered)
            self.signs[agent] = self.now
            self.must_sign(case, self.rules.lapses_after_answer(case, self.now))
            self.changed(answered, "answered", self.messages.answered(case, agent, text))
            self.answers.add(change)

    @precondition(lambda self: self.some("claimed", "waiting_for_customer"))
    @rule(number=numbers, acting=acting, lost=lost)
    def wait_for_customer(self, number: int, acting: str, lost: int) -> None:
        case, change = self.pick(number, "claimed"), next(self.ids)
        agent = self.agent(case, acting)

        def wait() -> Coroutine[Any, Any, Case]:
            return self.queue.wait_for_customer(case.folio, agent, self.now, change)

        if not case.is_in_hand or case.claimed_by != agent:
            self.refused(lost, wait, CaseNotYours)
        elif case.state == "waiting_for_customer":
            self.agrees(self.do(lost, wait), case)
        else:
            waits = replace(case, state="waiting_for_customer", paused_at=self.now)
            self.agrees(self.do(lost, wait), waits)
            self.lapses.pop(case.folio, None)
            self.changed(waits, "waits_for_customer")

    @rule(conversation=st.sampled_from(CONVERSATIONS), lost=lost)
    def customer_writes(self, conversation: str, lost: int) -> None:
        message = next(self.ids)
        self.do(lost, lambda: self.queue.customer_wrote(conversation, message, self.now))
        theirs = [case for case in self.cases.values() if case.conversation == conversation and case.is_open]
        for case in sorted(theirs, key=lambda case: (case.opened_at, case.folio)):
            heard = replace(case, customer_wrote_at=self.now)
            if case.first_response_at and not case.next_response_by:
                answer_by = self.rules.next_response_by(case, self.now)
                heard = replace(heard, unanswered_since=self.now, next_response_by=answer_by)
            if case.state == "waiting_for_customer":
                resolution_by = self.rules.resolution_after_pause(case, self.now)
                heard = replace(heard, paused_at=0.0, resolution_by=resolution_by)
            self.cases[case.folio] = heard
            if case.state == "claimed" and case.folio not in self.lapses:
                self.must_sign(case, self.rules.lapses_at(case, self.now))
            if case.state == "waiting_for_customer" and case.claimed_by in self.signs:
                self.must_sign(case, self.rules.lapses_at(case, self.now))
                self.changed(replace(heard, state="claimed"), "resumed")
            elif case.state == "waiting_for_customer":
                self.changed(self.let_go(heard, state="waiting"), "resumed", self.messages.lost(case))

    @precondition(lambda self: self.some("claimed", "waiting_for_customer"))
    @rule(number=numbers, acting=acting, lost=lost)
    def resolve(self, number: int, acting: str, lost: int) -> None:
        case, change = self.pick(number, "claimed"), next(self.ids)
        agent = self.agent(case, acting)

        def resolve() -> Coroutine[Any, Any, Case]:
            return self.queue.resolve(case.folio, agent, self.now, "solved", change)

        if case.state == "resolved" and case.resolved_by == agent:
            self.agrees(self.do(lost, resolve), case)
        elif not case.is_in_hand or case.claimed_by != agent:
            self.refused(lost, resolve, CaseNotYours)
        else:
            done = {"resolved_at": self.now, "resolved_by": agent, "closing_reason": "solved"}
            resolved = self.let_go(case, state="resolved", **done)
            self.agrees(self.do(lost, resolve), resolved)
            self.closings[case.folio] = self.rules.closes_at(case, self.now)
            self.changed(resolved, "resolved", self.messages.resolved(case))

    @precondition(lambda self: self.some("resolved", "closed"))
    @rule(number=numbers, state=states, lost=lost)
    def customer_rejects_the_resolution(self, number: int, state: str, lost: int) -> None:
        case, change = self.pick(number, state), next(self.ids)
        given = self.do(lost, lambda: self.queue.reject_resolution(case.folio, self.now, change))
        has_other = case.kind == "hand_off" and self.hand_off_in(case.conversation) is not None
        if case.is_open or not case.resolved_at or case.merged_into or has_other:
            self.agrees(given, case)
            return
        claim = replace(
            self.rules.as_claim(case, self.now),
            state="waiting",
            level=case.level + 1,
            reopened_at=self.now,
            first_response_at=0.0,
            unanswered_since=0.0,
            next_response_by=0.0,
            closed_at=0.0,
            closing_reason="",
        )
        self.agrees(given, claim)
        assert claim.rank <= case.rank
        self.closings.pop(case.folio, None)
        self.changed(claim, "reopened", self.messages.reopened(case, self.rules.words_of_claim))

    @precondition(lambda self: self.cases)
    @rule(number=numbers, state=states, acting=acting, lost=lost)
    def close(self, number: int, state: str, acting: str, lost: int) -> None:
        case, change = self.pick(number, state), next(self.ids)
        agent = self.agent(case, acting)

        def close() -> Coroutine[Any, Any, Case]:
            return self.queue.close(case.folio, agent, self.now, change)

        if case.state == "closed":
            self.agrees(self.do(lost, close), case)
        elif case.state == "resolved":
            self.agrees(self.do(lost, close), self.is_closed(case))
        elif not case.is_in_hand or case.claimed_by != agent:
            self.refused(lost, close, CaseNotYours)
        else:
            resolved = {"resolved_at": self.now, "resolved_by": agent}
            closed = self.let_go(case, **resolved)
            self.agrees(self.do(lost, close), self.is_closed(closed, self.messages.resolved(case)))

    def is_closed(self, case: Case, words: list[Event] | None = None) -> Case:
        self.closings.pop(case.folio, None)
        return self.changed(replace(case, state="closed", closed_at=self.now), "closed", words)

    @precondition(lambda self: self.cases)
    @rule(number=numbers, state=states, lost=lost)
    def customer_withdraws(self, number: int, state: str, lost: int) -> None:
        case, change = self.pick(number, state), next(self.ids)
        given = self.do(lost, lambda: self.queue.cancel(case.folio, self.now, change))
        if case.state == "waiting":
            case = self.is_closed(
                replace(case, closing_reason="cancelled", resolved_at=0.0, resolved_by="", resolved_person="")
            )
        self.agrees(given, case)

    @precondition(lambda self: bool(self.in_hands()))
    @rule(number=numbers, acting=acting, lost=lost)
    def confirm_contact(self, number: int, acting: str, lost: int) -> None:
        case, change = self.in_hands()[number % len(self.in_hands())], next(self.ids)
        how = Confirmation("phone", "desk", self.agent(case, acting), self.now)

        def confirm() -> Coroutine[Any, Any, Case]:
            return self.queue.confirm_contact(case.folio, keys.digest_of(CONTACTS[-1]), how, change)

        if case.claimed_by != how.by:
            self.refused(lost, confirm, CaseNotYours)
            return
        self.agrees(self.do(lost, confirm), case)
        self.confirmed.add(case.conversation)
        self.told.append(("contact_confirmed", case.folio))

    @precondition(lambda self: any(self.customer_has(case) for case in self.in_hands()))
    @rule(number=numbers, other=numbers, acting=acting, lost=lost)
    def merge(self, number: int, other: int, acting: str, lost: int) -> None:
        able = [case for case in self.in_hands() if self.customer_has(case)]
        kept, change = able[number % len(able)], next(self.ids)
        others = [*self.customer_has(kept), *self.cases.values()]
        ending = others[other % len(others)]
        agent = self.agent(kept, acting)

        def merge() -> Coroutine[Any, Any, Case]:
            return self.queue.merge(ending.folio, kept.folio, agent, self.now, change)

        same = ending.conversation == kept.conversation
        if ending.merged_into == kept.folio:
            self.agrees(self.do(lost, merge), kept)
        elif ending not in self.customer_has(kept):
            self.refused(lost, merge, CannotMerge)
        elif not kept.is_in_hand or kept.claimed_by != agent:
            self.refused(lost, merge, CaseNotYours)
        elif not ending.is_open:
            self.refused(lost, merge, CaseClosed)
        elif ending.state != "waiting" and ending.claimed_by != agent:
            self.refused(lost, merge, CaseTaken)
        elif same and ending.kind == "hand_off" and kept.kind == "complaint":
            self.refused(lost, merge, CannotMerge)
        else:
            given = self.do(lost, merge)
            graver = min(kept, ending, key=lambda case: case.rank)
            self.told.append(("case_joined", kept.folio))
            joined = replace(
                kept,
                rank=graver.rank,
                priority=graver.priority,
                opened_at=min(kept.opened_at, ending.opened_at),
                target_at=min(kept.target_at, ending.target_at),
                resolution_by=min(kept.resolution_by, ending.resolution_by),
                merged=f"{kept.merged} {ending.folio}".strip(),
            )
            self.agrees(given, joined)
            self.cases[kept.folio] = joined
            over = {"merged_into": kept.folio, "closing_reason": "duplicate", "closed_at": self.now}
            ended = self.let_go(ending, state="closed", **over)
            self.changed(ended, "merged", self.messages.merged(ending, kept))

    @rule(lost=lost)
    def clock_looks_for_the_silent(self, lost: int) -> None:
        self.do(lost, lambda: self.queue.release_silent(self.now))
        if self.watched_last < 0 or self.now - self.watched_last > 60:
            self.watched_since = self.now
        self.watched_last = self.now
        last_sign = self.now - SILENCE
        if self.watched_since > last_sign:
            return
        for agent in [agent for agent, sign in self.signs.items() if sign <= last_sign]:
            for folio in self.in_hand(agent):
                if self.cases[folio].kind == "hand_off":
                    self.is_taken_away(self.cases[folio])
            del self.signs[agent]
        for folio in [folio for folio, deadline in self.lapses.items() if deadline <= self.now]:
            self.is_taken_away(self.cases[folio])

    def is_taken_away(self, case: Case) -> None:
        self.changed(self.let_go(case, state="waiting"), "released", self.messages.lost(case))

    @rule(lost=lost)
    def clock_closes_what_is_quiet(self, lost: int) -> None:
        self.do(lost, lambda: self.queue.close_quiet(self.now))
        for folio in [folio for folio, closes_at in self.closings.items() if closes_at <= self.now]:
            self.is_closed(self.cases[folio])

    @rule(lost=lost)
    def clock_tells_waits(self, lost: int) -> None:
        """What is said of waits changes nothing else; `test_queue.py` looks at the words."""
        self.do(lost, lambda: self.queue.tell_waits(self.now))

    # --- what must hold all the time ---

    @invariant()
    def lists_agree(self) -> None:
        type(self).steps += 1
        found = self.wait(self.read_lists())
        waiting = sorted(
            (case for case in self.cases.values() if case.state == "waiting"),
            key=lambda case: (case.rank, case.target_at, case.folio),
        )
        for area in AREAS:
            assert found[keys.waiting(area)] == [case.folio for case in waiting if case.area == area]
        of_state = {
            keys.OPEN_CASES: lambda case: case.is_open,
            keys.TARGETS: lambda case: case.is_open,
            keys.CLAIMED_CASES: lambda case: case.is_in_hand,
        }
        for key, belongs in of_state.items():
            assert set(found[key]) == {case.folio for case in self.cases.values() if belongs(case)}
        for agent in AGENTS:
            assert set(found[keys.in_hand(agent)]) == self.in_hand(agent)
        for conversation in CONVERSATIONS:
            hand_off = self.hand_off_in(conversation)
            assert found[keys.hand_off_of(conversation)] == (hand_off.folio if hand_off else None)
            assert set(found[keys.cases_of(keys.digest_of(conversation))]) == {
                case.folio
                for case in self.cases.values()
                if case.conversation == conversation and case.state != "closed"
            }
        assert dict(found[keys.LAPSES]) == self.lapses
        assert dict(found[keys.RESOLVED_CASES]) == self.closings
        told = set(found[keys.TOLD_WAITS])
        assert {case.folio for case in waiting if case.kind == "hand_off"} <= told, "all hear of their wait"

    async def read_lists(self) -> dict[str, Any]:
        lines = [keys.waiting(area) for area in AREAS]
        sets = [keys.OPEN_CASES, *map(keys.in_hand, AGENTS)]
        sets += [keys.cases_of(keys.digest_of(conversation)) for conversation in CONVERSATIONS]
        texts = [keys.hand_off_of(conversation) for conversation in CONVERSATIONS]
        scored = [keys.LAPSES, keys.RESOLVED_CASES]
        lines += [keys.CLAIMED_CASES, keys.TOLD_WAITS, keys.TARGETS]
        async with self.client.pipeline(transaction=False) as pipeline:
            for key in lines:
                pipeline.zrange(key, 0, -1)
            for key in sets:
                pipeline.smembers(key)
            for key in texts:
                pipeline.get(key)
            for key in scored:
                pipeline.zrange(key, 0, -1, withscores=True)
            return dict(zip([*lines, *sets, *texts, *scored], await pipeline.execute(), strict=True))

    def teardown(self) -> None:
        entries = [fields for _, fields in self.wait(self.client.xrange(keys.DESK_EVENTS))]
        told = [(fields["kind"], fields["folio"]) for fields in entries]
        assert sorted(entry for entry in told if entry[0] != "case_wait_told") == sorted(self.told)
        outbox = [
            OutboxMessage.from_fields(fields) for _, fields in self.wait(self.client.xrange(keys.OUTBOX))
        ]
        outbox = [message for message in outbox if not is_only_asked_to_rate(message)]
        sent = [(message.conversation, spoken(message.events)) for message in outbox]
        sent = [(conversation, words) for conversation, words in sent if "Novedades" not in words]
        for conversation in CONVERSATIONS:
            assert [words for to, words in sent if to == conversation] == [
                words for to, words in self.sent if to == conversation
            ]
        for case in self.cases.values():
            self.agrees(self.wait(self.queue.get(case.folio)), case)
            kept_for_ever = self.wait(self.client.ttl(keys.case(case.folio))) == -1
            assert kept_for_ever == (case.state != "closed")
            history = [happening.kind for happening in self.wait(self.queue.history(case.folio))]
            kinds = [kind for kind, folio in told if folio == case.folio]
            assert history == kinds, "a case's history is what the desk was told of it"
            if case.state == "waiting":
                area_line = keys.waiting(case.area)
                assert self.wait(self.client.zscore(area_line, case.folio)) == score_of(case)
        self.wait(self.client.close())
        self.wait(self.client.connection_pool.disconnect())
        self.loop.close()


def plain(case: Case) -> Case:
    """A case without what customers were told of their wait."""
    return replace(case, told_place=0, told_wait=0.0)


def is_only_asked_to_rate(message: OutboxMessage) -> bool:
    """Whether the message shows the rating of a case that has ended, and nothing else."""
    return all(event.get("data", {}).get("custom", {}).get("type") == "rating" for event in message.events)


def spoken(events: list[Event]) -> str:
    """What the customer reads; empty for a mere change of status."""
    return "".join(event.get("text", "") for event in events)


def test_queue_behaves_like_a_simple_model(redis_url: str, protocol: Protocol) -> None:
    silence = protocol.contingency.silence
    assert silence is not None and silence.after == SILENCE
    plan = protocol.contingency.copy(update={"silence": silence.copy(update={"then": "queue"})})
    QueueMachine.steps = 0
    run_state_machine_as_test(
        lambda: QueueMachine(redis_url, protocol.copy(update={"contingency": plan})),
        settings=settings(
            max_examples=50,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert QueueMachine.steps >= MIN_STEPS
