"""What people do with a case that they have, and what its customer does: answers, notes, end, return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relevo.cases.case import Case
from relevo.cases.changes import CUSTOMER, Change, Step, Write, make_change, score_of, verb
from relevo.cases.errors import UnknownChoice
from relevo.cases.lines import Lines
from relevo.cases.messages import CaseMessages
from relevo.cases.rules import CLAIM_FIELDS, CaseRules
from relevo.store import keys
from relevo.store.connection import Script

CANCELLED = "cancelled"
"""Reason of a case that its customer withdrew before anybody had it."""
WITHDRAWN = "withdrawn"
CASE = "case:"
"""How a case stands in `customer_records`."""

_answer, _note, _wait, _customer_wrote = map(verb, ("answer", "note", "wait", "customer_wrote"))
_resolve, _reopen, _close = map(verb, ("resolve", "reopen", "close"))
_supplement = verb("supplement")
_rate = verb("rate")


class Handling(Lines):
    """The verbs of cases that people have. `agent` is a display name, `now` UTC epoch seconds.

    Each takes an optional `change_id`: a repeat with the same one does nothing more.
    """

    _rules: CaseRules
    _messages: CaseMessages

    async def answer(
        self, folio: str, agent: str, text: str, now: float, answer_id: str | None = None
    ) -> Case:
        """Send a person's words to the customer; a repeat with the same `answer_id` sends nothing.

        Raises:
            UnknownCase, CaseNotYours
        """

        def plan(case: Case, write: Write) -> Step:
            lapses_at = self._rules.lapses_after_answer(case, now)
            message = write(self._messages.answered(case, agent, text))
            return Step([keys.LAPSES, keys.PRESENT], [_or_never(lapses_at)], message)

        return await self._change(_answer, Change(folio, agent, now, answer_id), plan)

    async def note(self, folio: str, agent: str, text: str, now: float, change_id: str | None = None) -> Case:
        """Keep a note among colleagues in the case's history.

        Raises:
            UnknownCase
        """

        def plan(case: Case, write: Write) -> Step:
            return Step([keys.LAPSES], [text, _or_never(self._rules.lapses_at(case, now))])

        return await self._change(_note, Change(folio, agent, now, change_id), plan)

    async def wait_for_customer(
        self, folio: str, agent: str, now: float, change_id: str | None = None
    ) -> Case:
        """The person has asked something: it is theirs, but not in their hands until the customer writes.

        Raises:
            UnknownCase, CaseNotYours
        """

        def plan(case: Case, write: Write) -> Step:
            return Step([keys.in_hand(agent), keys.LAPSES])

        return await self._change(_wait, Change(folio, agent, now, change_id), plan)

    async def supplement(
        self, folio: str, now: float, change_id: str, *, contact: str, **fields: str
    ) -> Case:
        """The customer adds to what they have filed: where to answer them, and other fields of the case.

        Raises:
            UnknownCase
        """

        def plan(case: Case, write: Write) -> Step:
            digest = keys.digest_of(contact or case.conversation)
            told = [text for pair in {"contact": contact, **fields}.items() for text in pair]
            return Step([keys.cases_of(digest), keys.records_of(digest)], [keys.RECORDS_SECONDS, *told])

        return await self._change(_supplement, Change(folio, CUSTOMER, now, change_id), plan)

    async def customer_wrote(self, conversation: str, message_id: str, now: float) -> list[Case]:
        """Note in the conversation's cases that its customer wrote; those that waited for it go on.

        The bot knows by its id what it has handled: what is sent of a case has another one than the message.
        """

        def plan(case: Case, write: Write) -> Step:
            lines = [keys.waiting(case.area), *hand_of(case), keys.PRESENT, keys.TOLD_WAITS]
            args = [*self._stands(case, now), _or_never(self._rules.lapses_at(case, now))]
            args += [self._rules.next_response_by(case, now), self._rules.resolution_after_pause(case, now)]
            return Step(lines, args, write(self._messages.lost(case)))

        return [
            await self._change(
                _customer_wrote, Change(case.folio, CUSTOMER, now, f"{case.folio}:wrote:{message_id}"), plan
            )
            for case in await self.of_conversation(conversation)
            if case.is_open
        ]

    async def resolve(
        self, folio: str, agent: str, now: float, reason: str, change_id: str | None = None
    ) -> Case:
        """It is done, with one of the protocol's reasons; the bot asks the customer whether it is solved.

        Raises:
            UnknownCase, CaseNotYours
            UnknownChoice: the protocol has no such reason for this kind of case.
        """
        if reason not in self._rules.reasons((await self.get(folio)).kind):
            raise UnknownChoice("the protocol has no such reason")

        def plan(case: Case, write: Write) -> Step:
            lists = [keys.OPEN_CASES, keys.RESOLVED_CASES, keys.hand_off_of(case.conversation)]
            silently = write(self._messages.resolved(case, bot_is_silent=True))
            return Step(
                [*hand_of(case), *lists],
                [reason, self._rules.closes_at(case, now), silently],
                write(self._messages.resolved(case)),
            )

        return await self._change(_resolve, Change(folio, agent, now, change_id), plan)

    async def reject_resolution(
        self, folio: str, now: float, change_id: str | None = None, *, tell: bool = True
    ) -> Case:
        """The customer says that it isn't solved: the case waits again as a claim, one level higher.

        Args:
            tell: whether the words of the plan's trigger go through the outbox; else the caller says them.
        Returns:
            the case; as it was if it is not resolved, or if the conversation has another hand-off by now.
        Raises:
            UnknownCase
        """

        def plan(case: Case, write: Write) -> Step:
            claim = self._rules.as_claim(case, now)
            lists = [keys.OPEN_CASES, keys.RESOLVED_CASES, keys.hand_off_of(case.conversation)]
            changed = (text for name in CLAIM_FIELDS for text in (name, str(getattr(claim, name))))
            words = self._rules.words_of_claim(claim)
            return Step(
                [keys.waiting(claim.area), *lists, keys.TOLD_WAITS, *customer_sets(case)],
                [*self._stands(claim, now), claim.for_person, *changed],
                write(self._messages.reopened(case, words)) if tell else "",
            )

        return await self._change(_reopen, Change(folio, CUSTOMER, now, change_id), plan)

    async def close(self, folio: str, by: str, now: float, change_id: str | None = None) -> Case:
        """Close a case for good: one that is resolved, or one's own with the customer's consent.

        Raises:
            UnknownCase, CaseNotYours
        """
        return await self._close(folio, by, now, change_id)

    async def accept_resolution(self, folio: str, now: float, change_id: str | None = None) -> Case:
        """The customer says that it is solved.

        Raises:
            UnknownCase
            CaseNotYours: nobody has resolved it.
        """
        return await self._close(folio, CUSTOMER, now, change_id)

    async def cancel(self, folio: str, now: float, change_id: str | None = None) -> Case:
        """The customer withdraws a case; it stays as it is if somebody has it already.

        Raises:
            UnknownCase
        """
        return await self._close(folio, CUSTOMER, now, change_id, reason=CANCELLED, how=WITHDRAWN)

    async def rate(self, conversation: str, score: int, comment: str, now: float) -> Case | None:
        """Keep how a conversation's customer liked what was done for them in the case that ended last.

        Args:
            score: 1 to 5, where 5 is best.
            comment: their words on it, or "".
        Returns:
            the case; None if nothing has ended of late.
        """
        rated_of = keys.rated_of(conversation)
        folio = await self._redis.get(rated_of)
        if folio is None:
            return None

        def plan(case: Case, write: Write) -> Step:
            return Step([rated_of], [score, comment])

        return await self._change(_rate, Change(folio, CUSTOMER, now), plan)

    async def _change(self, run: Script, change: Change, plan: Callable[[Case, Write], Step]) -> Case:
        """Change a case; the case afterwards. Raises CaseError."""
        return (await make_change(self._redis, run, change, plan))[0]

    def _stands(self, case: Case, now: float) -> list[Any]:
        """How a case stands in line: its score, and when its customer may hear again how long it takes."""
        return [score_of(case), _or_never(self._rules.tells_wait_at(case, now))]

    async def _close(
        self, folio: str, by: str, now: float, change_id: str | None, *, reason: str = "", how: str = ""
    ) -> Case:
        """Close a case; `how` is for the script: withdrawn by the customer, or after a quiet time."""

        def plan(case: Case, write: Write) -> Step:
            is_told = case.is_in_hand
            silently = write(self._messages.resolved(case, bot_is_silent=True)) if is_told else ""
            lists = [keys.OPEN_CASES, keys.RESOLVED_CASES, keys.hand_off_of(case.conversation)]
            told = self._messages.resolved(case) if is_told else []
            return Step(
                [
                    *(keys.waiting(case.area), *hand_of(case), *lists, *customer_sets(case)),
                    keys.rated_of(case.conversation),
                ],
                [self._rules.kept_seconds, reason, silently, how, keys.RATING_SECONDS],
                write([*told, *(self._messages.rating_asked(case) if how != WITHDRAWN else ())]),
            )

        return await self._change(_close, Change(folio, by, now, change_id), plan)


def hand_of(case: Case) -> list[str]:
    """Where a case stands while its person has it: in their hands, among all claimed ones, as it lapses."""
    return [keys.in_hand(case.claimed_by), keys.CLAIMED_CASES, keys.LAPSES]


def customer_sets(case: Case) -> list[str]:
    """The sets in which a case stands as one of its customer's, by conversation and by contact."""
    return [keys.cases_of(digest) for digest in _digests(case)]


def customer_records(case: Case) -> list[str]:
    """The same for all cases and follow-ups that they ever had, closed ones too."""
    return [keys.records_of(digest) for digest in _digests(case)]


def _digests(case: Case) -> list[str]:
    return [keys.digest_of(who) for who in (case.conversation, case.contact or case.conversation)]


def _or_never(instant: float | None) -> Any:
    return "" if instant is None else instant
