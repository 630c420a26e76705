"""Small services of a conversation: say it again, change the language."""

from __future__ import annotations

from babel import Locale
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import CustomerMessage, Domain, Event, RelevoAction, language_of
from relevo.nlu.text import fold, words
from relevo.protocol import LANGUAGES, Language

_NAMES: dict[Language, set[str]] = {
    named: {fold(Locale(speaker).languages[named]) for speaker in LANGUAGES} for named in LANGUAGES
}
"""What each language is called in both, folded: {"en": {"english", "ingles"}, …}."""
_OTHER: dict[Language, Language] = {"en": "es", "es": "en"}


class Repeat(RelevoAction):
    """Says again what the bot said in answer to the message before this one."""

    action_name = "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        texts = _last_answer(tracker.events)
        for text in texts:
            dispatcher.utter_message(text=text)
        if not texts:
            dispatcher.utter_message(response="utter_nothing_to_repeat")
        return []


class ChangeLanguage(RelevoAction):
    """Sets the language that the customer names, else the other one."""

    action_name = "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[Event]:
        message = CustomerMessage.latest(tracker)
        said = set(words(message.text))
        named = [language for language in LANGUAGES if _NAMES[language] & said]
        wanted = named[0] if len(named) == 1 else _OTHER[language_of(tracker, self.services)]
        return [SlotSet("language", wanted)]


def _last_answer(events: list[Event]) -> list[str]:
    """The bot's texts between the last two messages of the customer."""
    turns: list[list[str]] = [[]]
    for event in events:
        if event["event"] == "user":
            turns.append([])
        elif event["event"] == "bot" and event.get("text"):
            turns[-1].append(event["text"])
    answered = [turn for turn in turns if turn]
    return answered[-1] if answered else []
