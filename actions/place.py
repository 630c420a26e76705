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
from relevo.follow_ups.moments import say_moment
from relevo.protocol.deciding import Decision
from relevo.protocol.parts.channels import EMAIL

FOLLOW_UP = "schedule_follow_up"
SECONDS_PER_MINUTE = 60


async def tell_place(
    dispatcher: CollectingDispatcher, tracker: Tracker, services: Services, case: Case
) -> bool:
    """Say place and wait, or when people are back; nothing once a person has the case and reads along.

    Returns:
        whether nobody is available and the customer was offered to be contacted later, as the plan says.
    """
    place = await services.queue.place(case)
    if place is None:
        return False
    now = services.now()
    planned = services.queue.rules.decide_on("nobody_available", case, now)
    happens = _say_place(dispatcher, tracker, services, case, place, planned=planned)
    await services.queue.note_place_told(case, place, now, planned if happens else None)
    if _is_open(services, case):
        _show(dispatcher, case, place)
    return happens


async def show_place(dispatcher: CollectingDispatcher, services: Services, case: Case) -> None:
    """Renew the status of the customer's page, without words."""
    if place := await services.queue.place(case):
        _show(dispatcher, case, place)


def _say_place(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    services: Services,
    case: Case,
    place: Place,
    *,
    planned: Decision | None,
) -> bool:
    """Say it in words; whether a contact at a later time was offered."""
    if case.channel == EMAIL:  # Nobody sits there waiting for their turn.
        _say_day(dispatcher, tracker, services, case)
        return False
    values: dict[str, Any] = {"folio": case.folio, "place": place.position}
    trigger = planned.trigger if planned else None
    offers = trigger is not None and trigger.outcome == "offer_follow_up"
    later = buttons(tracker, services, [FOLLOW_UP] if offers else [])
    allowed = case.target_at - case.waiting_since
    if not _is_open(services, case):
        hours = services.protocol.hours_of(case.area)
        values["opens"] = say_opening(services.now(), language_of(tracker, services), hours)
        dispatcher.utter_message(response="utter_place_in_line_closed", buttons=later, **values)
        return True
    if place.wait_seconds is None:
        values["target_minutes"] = _minutes(allowed)
        dispatcher.utter_message(response="utter_place_in_line_unknown_wait", **values)
        return False
    values["minutes"] = _minutes(place.wait_seconds)
    dispatcher.utter_message(response="utter_place_in_line", **values)
    if not (trigger and offers and place.wait_seconds > allowed):
        return False
    dispatcher.utter_message(response=f"utter_{trigger.words}", buttons=later)
    return True


def _say_day(dispatcher: CollectingDispatcher, tracker: Tracker, services: Services, case: Case) -> None:
    language, hours = language_of(tracker, services), services.protocol.company.hours
    # Who asks again when we are late hears nothing of a time that has passed.
    answered_by = max(case.target_at, services.protocol.hours_of(case.area).end_of_day(services.now()))
    dispatcher.utter_message(
        response="utter_answered_by_email",
        folio=case.folio,
        answered_by=say_moment(answered_by, language, hours),
    )


def _is_open(services: Services, case: Case) -> bool:
    """Whether the case's area is at work now."""
    return services.protocol.hours_of(case.area).is_open(services.now())


def _show(dispatcher: CollectingDispatcher, case: Case, place: Place) -> None:
    status = {"type": "status", "status": "waiting", "folio": case.folio, "place": place.position}
    dispatcher.utter_message(json_message=status)


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / SECONDS_PER_MINUTE))
