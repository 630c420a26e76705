"""One customer's cases, whatever the channel: recognised by confirmed contacts, joined, carried on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from relevo.cases.case import Case
from relevo.cases.changes import BOT, RANK_STEP, Change, Step, Write, verb
from relevo.cases.errors import CannotMerge, CaseError
from relevo.cases.handling import CASE, Handling, customer_sets, hand_of
from relevo.store import keys
from relevo.store.confirmed_contacts import Confirmation, ConfirmedContacts

DUPLICATE = "duplicate"
"""Reason of a case that was merged into another one."""
MAX_ELSEWHERE = 20
"""So many cases are enough for any plan."""

_merge, _confirm_contact, _withdraw_contact = map(verb, ("merge", "confirm_contact", "withdraw_contact"))


class Joining(Handling):
    """What is done about customers with several cases. `agent` is a display name, `now` UTC epoch seconds."""

    async def confirm_contact(
        self,
        folio: str,
        digest: str,
        how: Confirmation,
        change_id: str | None = None,
        *,
        also_in: Iterable[str] = (),
    ) -> Case:
        """A person has made sure that the contact with this digest is their customer's.

        Args:
            how: which kind of contact, by whom and when.
            also_in: other conversations in which it is theirs as well, so that these are the same customer's.
        Raises:
            UnknownCase, CaseNotYours
        """

        def plan(case: Case, write: Write) -> Step:
            conversations = [case.conversation, *also_in]
            linked = [keys.contacts_of(conversation) for conversation in conversations]
            told = [digest, how.to_json(), keys.RECORDS_SECONDS, *conversations]
            return Step([keys.records_of(digest), *linked], told)

        return await self._change(_confirm_contact, Change(folio, how.by, how.at, change_id), plan)

    async def withdraw_contact(
        self, folio: str, agent: str, digest: str, now: float, change_id: str | None = None
    ) -> Case:
        """It was a mistake: the contact with this digest is no longer confirmed in the case's conversation.

        What a channel vouches for stays.

        Raises:
            UnknownCase, CaseNotYours
        """

        def plan(case: Case, write: Write) -> Step:
            names = [keys.records_of(digest), keys.contacts_of(case.conversation)]
            return Step(names, [digest, case.conversation])

        return await self._change(_withdraw_contact, Change(folio, agent, now, change_id), plan)

    async def merge(
        self, folio: str, into: str, agent: str, now: float, change_id: str | None = None
    ) -> Case:
        """End a case as a duplicate of another one of the same customer, which the person has.

        The bot may merge two that both wait. A contact that both merely gave does not make them one
        customer's: the folio of the one would be told to whoever wrote the other.

        Returns:
            the case that goes on.
        Raises:
            UnknownCase, CaseNotYours, CaseTaken, CaseClosed
            CannotMerge: the customers are different, or a hand-off would become a complaint.
        """
        other = await self.get(into)
        if folio == into or folio not in {case.folio for case in await self.of_same_customer(other)}:
            earlier = await self.get(folio)
            if earlier.merged_into != into:
                raise CannotMerge("these are not two cases of one customer")
            return other

        def plan(case: Case, write: Write) -> Step:
            same = case.conversation == other.conversation
            silently = write(self._messages.merged(case, other, bot_is_silent=True))
            lists = [keys.OPEN_CASES, keys.hand_off_of(case.conversation), *customer_sets(case)]
            both = [keys.case(into), keys.history(into), keys.waiting(case.area), *hand_of(case), *lists]
            return Step(
                [*both, keys.waiting(other.area)],
                [self._rules.kept_seconds, into, DUPLICATE, silently, int(same), RANK_STEP],
                silently if same else write(self._messages.merged(case, other)),
            )

        await self._change(_merge, Change(folio, agent, now, change_id), plan)
        return await self.get(into)

    async def hand_offs_elsewhere(self, conversation: str) -> list[Case]:
        """The open hand-offs of a conversation's customer in other conversations, those in hand first."""
        linked = await ConfirmedContacts(self._redis).linked(conversation)
        cases = await self.of_conversations(linked)
        open_ones = [case for case in cases if case.kind == "hand_off" and case.is_open]
        return sorted(open_ones, key=lambda case: not case.is_in_hand)

    async def opened_elsewhere(self, conversation: str) -> list[float]:
        """When the last cases of a conversation's customer in other conversations were opened.

        One that was merged into another counts as one with that.
        """
        linked = await ConfirmedContacts(self._redis).linked(conversation)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for other in linked:
                names = keys.records_of(keys.digest_of(other))
                pipeline.zrevrange(names, 0, MAX_ELSEWHERE - 1)
            found = await pipeline.execute()
        folios = {name.removeprefix(CASE) for records in found for name in records if name.startswith(CASE)}
        cases = await self.read(sorted(folios)) if folios else []
        return sorted(case.opened_at for case in cases if not case.merged_into)[-MAX_ELSEWHERE:]

    async def carry_on(self, elsewhere: Iterable[Case], case: Case, now: float, change_id: str) -> Case:
        """A customer who waits on one channel asks for a person on another: they wait on where they wrote.

        The new hand-off takes the turn of those that wait elsewhere, and names them as merged. What a person
        has by now, or is a claim, stays as it is, and the desk shows it beside the new one.

        Returns:
            the new hand-off.
        """
        for earlier in elsewhere:
            if earlier.state == "waiting" and not earlier.is_claim:
                with suppress(CaseError):  # Somebody was faster.
                    case = await self.merge(earlier.folio, case.folio, BOT, now, change_id)
        return case
