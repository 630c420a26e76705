"""A customer who books a follow-up in conversation: what the tests of its actions share."""

from __future__ import annotations

from dialogue import Dialogue, Reply

from actions.services import Services
from relevo.follow_ups.follow_up import FollowUp


async def begins(dialogue: Dialogue, text: str = "quiero agendar", start: str = "follow_up") -> Reply:
    """The customer asks for a follow-up (or its change), and the form opens."""
    dialogue.customer(text, "schedule_follow_up")
    return await dialogue.run(f"action_start_{start}") + await dialogue.begin("follow_up_form")


async def books(dialogue: Dialogue, *answers: str) -> Reply:
    """The answers to all of the form's questions, and the booking."""
    for answer in answers:
        await dialogue.answer(answer)
    assert dialogue.form is None
    return await dialogue.run("action_schedule_follow_up")


async def only_booking(services: Services) -> FollowUp:
    (follow_up,) = await services.agenda.upcoming()
    return follow_up
