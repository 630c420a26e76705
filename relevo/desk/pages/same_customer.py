"""What a person can do about a customer with several conversations: confirm a contact, join two cases."""

from __future__ import annotations

from typing import Any

from relevo.cases.case import Case
from relevo.cases.queue import CannotMerge, CaseBarred, CaseClosed, CaseNotYours, CaseTaken
from relevo.desk.desk import Desk
from relevo.desk.pages.case import change_id_of, to_case
from relevo.desk.related import known_of
from relevo.desk.users import User
from relevo.store.confirmed_contacts import Confirmation


async def confirm_contact(request: Any, folio: str) -> Any:
    """A contact that the customer gave is theirs; in another conversation, too, if the form names one."""
    desk, user, form = request.app.ctx.desk, request.ctx.visit.user, request.form
    digest, other = form.get("contact", ""), form.get("conversation", "")
    known = await known_of(desk.client, await desk.queue.get(folio))
    kind = known.kinds.get(digest)
    shares = {one.conversation for one in known.related if one.shared.digest == digest}
    if kind is None or (other and other not in shares):
        return to_case(folio)  # The page was old: it shows what holds now.
    how = Confirmation(kind, "desk", user.display_name, desk.now())
    try:
        also_in = [other] if other else []
        await desk.queue.confirm_contact(folio, digest, how, change_id_of(request), also_in=also_in)
    except CaseNotYours:
        return to_case(folio, "not_yours")
    return to_case(folio, "confirmed")


async def withdraw_contact(request: Any, folio: str) -> Any:
    """It was a mistake: the contact is no longer confirmed here."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    try:
        digest, change_id = request.form.get("contact", ""), change_id_of(request)
        await desk.queue.withdraw_contact(folio, user.display_name, digest, desk.now(), change_id)
    except CaseNotYours:
        return to_case(folio, "not_yours")
    return to_case(folio, "withdrawn")


async def join(request: Any, folio: str) -> Any:
    """Merge two cases of the same customer; the one goes on in whose conversation they wrote last."""
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    case, other = await desk.queue.get(folio), await desk.queue.get(request.form.get("other", ""))
    try:
        duplicate, kept = await _in_order(desk, user, case, other)
        await desk.queue.merge(
            duplicate.folio, kept.folio, user.display_name, desk.now(), change_id_of(request)
        )
    except CaseNotYours:
        return to_case(folio, "not_yours")
    except (CannotMerge, CaseTaken, CaseClosed, CaseBarred):
        return to_case(folio, "not_joined")
    return to_case(kept.folio, "joined")


async def _in_order(desk: Desk, user: User, case: Case, other: Case) -> tuple[Case, Case]:
    """Which of two cases ends, and which goes on: an answer must reach the customer where they wrote last.

    The person who has the one takes the other, if need be; room for it they have, as two become one.

    Raises:
        CannotMerge, CaseNotYours, CaseTaken, CaseClosed, CaseBarred
    """
    if case.merged_into == other.folio:  # The form was sent twice.
        return case, other
    same = {one.folio for one in await desk.queue.of_same_customer(case)}
    moves = other.conversation != case.conversation and other.wrote_at > case.wrote_at
    if not moves or other.folio not in same or not other.is_open:
        return other, case
    if not case.is_in_hand or case.claimed_by != user.display_name:
        raise CaseNotYours("the case is not with this person")
    may_again = user.is_supervisor
    name, person, now = user.display_name, user.person, desk.now()
    if not other.is_in_hand:
        await desk.queue.claim(other.folio, name, now, person=person, may_decide_again=may_again)
    elif other.claimed_by != name:
        raise CaseTaken("another person has this case")
    return case, other
