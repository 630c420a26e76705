"""What the bot says to a topic, where an action speaks instead of a rule: the plain answer, and buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.action import SURE_TOPIC, CustomerMessage, channel_of, language_of
from actions.services import Services
from relevo.protocol import Language, Protocol
from relevo.protocol.parts.notices import Notice
from relevo.protocol.parts.topics import MAX_QUICK_REPLIES, Topic
from relevo.protocol.required import NOTICE_PREFIX

NOT_UNDERSTOOD = "nlu_fallback"


def say_answer(
    dispatcher: CollectingDispatcher, tracker: Tracker, services: Services, quick_replies: Iterable[str] = ()
) -> None:
    """Answer the topic of the customer's message; a rule that binds it comes before the service.

    Args:
        quick_replies: topics for buttons; they come before those of the answer where there are too many.
    """
    message = CustomerMessage.latest(tracker)
    for name, notice in notices_in_force(tracker, services).items():
        if message.topic in notice.applies_to:
            dispatcher.utter_message(response=f"utter_{NOTICE_PREFIX}{name}_short")
    topic = services.protocol.topics.get(message.topic)
    more = [reply for reply in quick_replies if not topic or reply not in topic.quick_replies]
    if message.topic == NOT_UNDERSTOOD:
        offered = buttons(tracker, services, more)
        dispatcher.utter_message(response="utter_not_understood", buttons=offered)
    elif topic and topic.answers and more:
        # The response brings its own buttons, and there would be more than a channel can show.
        offered = buttons(tracker, services, [*topic.quick_replies[: MAX_QUICK_REPLIES - len(more)], *more])
        text = _wording(topic, message, channel_of(tracker), language_of(tracker, services))
        dispatcher.utter_message(text=text, buttons=offered)
    else:
        dispatcher.utter_message(response=f"utter_{message.topic}")


def _wording(topic: Topic, message: CustomerMessage, channel: str, language: Language) -> str:
    """One of the answer's wordings; the same one if a message is handled again."""
    answers = topic.answers_on(channel)
    wordings = answers.in_language(language) if answers else []
    return wordings[crc32(message.id.encode()) % len(wordings)]


def has_plain_answer(message: CustomerMessage, protocol: Protocol) -> bool:
    """Whether the message clearly asks what the protocol answers; small talk is no question."""
    topic = protocol.topics.get(message.topic)
    return bool(topic and topic.answers and not topic.is_small_talk) and message.confidence >= SURE_TOPIC


def buttons(tracker: Tracker, services: Services, topics: Iterable[str]) -> list[dict[str, Any]]:
    """Quick replies that lead to topics, with their titles in the customer's language."""
    language = language_of(tracker, services)
    known = services.protocol.topics
    return [
        {"title": known[name].title.in_language(language), "payload": f"/{name}"}
        for name in topics
        if name in known
    ]


def notices_in_force(tracker: Tracker, services: Services) -> dict[str, Notice]:
    """What customers must know today, on the channel where this one writes."""
    today = services.protocol.company.hours.local(services.now()).date()
    return services.protocol.notices_in_force(today, channel_of(tracker))
