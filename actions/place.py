"""Tell a customer who waits for a person where they stand, as text and as a status of their page."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.action import language_of
from actions.answers import buttons
from actions.moments import say_opening
from actions.services import Services
from relevo.cases.case import Case
from relevo.cases.queue import Place

FOLLOW_UP = "schedule_follow_up"
SECONDS_PER_MINUTE = 60


async def tell_place(
    dispatcher: CollectingDispatcher, tracker: Tracker, services: Services, case: Case
) -> None:
    """Say place and wait, or when people are back; nothing once a person has the case and reads along."""
    place = await services.queue.place(case)
    if place is None:
        return
    now = services.now()
    values: dict[str, Any] = {"folio": case.folio, "place": place.position}
    if not is_open(services):
        values["opens"] = say_opening(now, language_of(tracker, services), services.protocol)
        later = buttons(tracker, services, [FOLLOW_UP] if _offers_follow_up(services) else [])
        dispatcher.utter_message(response="utter_place_in_line_closed", buttons=later, **values)
    elif place.wait_seconds is None:
        minutes = _minutes(case.target_at - case.opened_at)
        dispatcher.utter_message(
            response="utter_place_in_line_unknown_wait", target_minutes=minutes, **values
        )
    else:
        dispatcher.utter_message(
            response="utter_place_in_line", minutes=_minutes(place.wait_seconds), **values
        )
    await services.queue.note_place_told(case, place, now)
    if is_open(services):
        _show(dispatcher, case, place)


async def show_place(dispatcher: CollectingDispatcher, services: Services, case: Case) -> None:
    """Renew the status of the customer's page, without words."""
    if place := await services.queue.place(case):
        _show(dispatcher, case, place)


def is_open(services: Services) -> bool:
    """Whether people are at work now."""
    return services.protocol.company.hours.is_open(services.now())


def _show(dispatcher: CollectingDispatcher, case: Case, place: Place) -> None:
    status = {"type": "status", "status": "waiting", "folio": case.folio, "place": place.position}
    dispatcher.utter_message(json_message=status)


def _offers_follow_up(services: Services) -> bool:
    """Whether the plan offers to contact customers later when nobody is there."""
    triggers = services.protocol.contingency.triggers
    return any(t.when.event == "nobody_available" and t.outcome == "offer_follow_up" for t in triggers)


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / SECONDS_PER_MINUTE))
