"""What customers hear when their case changes: tracker events for the outbox, words from the protocol."""

from __future__ import annotations

from typing import Any

from relevo.cases.case import Case
from relevo.protocol.parts.contingency import Trigger
from relevo.protocol.schema import Protocol
from relevo.store.outbox import Event, asks, says, shows, shows_status

SECONDS_PER_MINUTE = 60
FOLLOW_UP = "schedule_follow_up"
"""The topic of a follow-up, as buttons name it."""
RESOLVED_CASE = "resolved_case"
"""The slot of the complaint whose customer is asked whether it is solved."""
ANSWERS = ("affirm", "deny")
RATING_CHANNELS = ("webchat",)
UNHURRIED_CHANNELS = ("email",)
"""Where nobody sits waiting: neither another place in line is news, nor that a person has come."""
LISTEN: Event = {"event": "action", "name": "action_listen"}


class CaseMessages:
    """The messages of one company."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    def claimed(self, case: Case, agent: str) -> list[Event]:
        """A person takes over. Who filed something, or wrote a letter, hears the answer only."""
        if case.kind != "hand_off":
            return []
        words = says(self._say("claimed", case, agent=agent))
        said = [] if case.channel in UNHURRIED_CHANNELS else [words]
        return [*_takes_over(case, agent, joins=True), _waiting_slot(None), *said]

    def answered(self, case: Case, agent: str, text: str) -> list[Event]:
        """A person's words. The bot is silent from here on, if it was not before."""
        # Whoever complained meets the person with the first answer.
        is_met = case.kind == "complaint" and case.last_answer_at <= case.claimed_at
        return [*_takes_over(case, agent, joins=is_met), says(text, agent=agent)]

    def begun(self, case: Case, said: Event) -> list[Event]:
        """The company writes first, as promised: the customer waits for a person from here on."""
        return _waits(case, said)

    def released(self, case: Case) -> list[Event]:
        """The person gave the case back: the customer waits again."""
        return _waits(case) if _is_live(case) else []

    def lost(self, case: Case) -> list[Event]:
        """The person is gone or silent: the customer is told that they keep their turn."""
        text = self._say("case_back_in_line", case, folio=case.folio)
        return _waits(case, says(text)) if _is_live(case) else []

    def transferred(self, case: Case, area: str) -> list[Event]:
        """Another area has the case from now on."""
        title = self._protocol.roster.areas[area].title.in_language(case.language)
        text = self._say("case_transferred", case, folio=case.folio, area=title)
        return _waits(case, says(text)) if _is_live(case) else []

    def resolved(self, case: Case, *, bot_is_silent: bool = False) -> list[Event]:
        """It is done, and the customer is asked whether it is solved; the bot has the conversation again."""
        name = "complaint_closed" if case.kind == "complaint" else "case_closed"
        text = self._say(name, case, folio=case.folio)
        if bot_is_silent:
            return [says(text)]
        if case.kind != "complaint":
            return _back_to_bot(says(text), left=case.claimed_by)
        asked: Event = {"event": "slot", "name": RESOLVED_CASE, "value": case.folio}
        return [asked, *_back_to_bot(asks(text, self._buttons(case)), left=case.claimed_by)]

    def rating_asked(self, case: Case) -> list[Event]:
        """It has ended: how was it? Asked where the customer's page can show that."""
        return [shows("rating", folio=case.folio)] if case.channel in RATING_CHANNELS else []

    def _say(self, name: str, case: Case, **values: Any) -> str:
        """A message as the case's customer reads it."""
        return self._protocol.say(name, case.language, channel=case.channel, **values)

    def _buttons(self, case: Case) -> list[dict[str, str]]:
        """A yes and a no, as the protocol calls them."""
        known = self._protocol.topics
        titles = {name: known[name].title.in_language(case.language) for name in ANSWERS}
        return [{"title": title, "payload": f"/{name}"} for name, title in titles.items()]

    def reopened(self, case: Case, words: str) -> list[Event]:
        """The case is a claim now. Whoever waited in the chat waits there again."""
        text = self._say(words, case, folio=case.folio)
        return [says(text)] if case.kind != "hand_off" else _waits(case, says(text))

    def merged(self, case: Case, other: Case, *, bot_is_silent: bool = False) -> list[Event]:
        """Another case goes on with this one's matter."""
        text = self._say("case_merged", case, folio=case.folio, other=other.folio)
        no_longer = [_waiting_slot(None)] if case.kind == "hand_off" else []
        return [*no_longer, *([says(text)] if bot_is_silent else _back_to_bot(says(text)))]

    def wait_changed(self, case: Case, place: int, wait_seconds: float) -> list[Event]:
        """The wait has become much longer or shorter."""
        status = shows_status("waiting", folio=case.folio, place=place)
        if case.channel in UNHURRIED_CHANNELS:
            return [status]
        numbers = {"place": place, "minutes": max(1, round(wait_seconds / SECONDS_PER_MINUTE))}
        news = {"folio": case.folio, "wait_seconds": wait_seconds}
        text = self._say("place_in_line_changed", case, folio=case.folio, **numbers)
        return [status, says(text, news=news)]

    def late(self, case: Case, trigger: Trigger) -> list[Event]:
        """An answer is late, or may be; whoever waits in the chat is offered to be contacted instead."""
        text, news = self._say(trigger.words, case, folio=case.folio), {"folio": case.folio}
        topic = self._protocol.topics.get(FOLLOW_UP)
        if topic is None or case.state != "waiting" or case.kind != "hand_off":
            # Where a person has the conversation the bot is silent, and nobody would take up the button.
            return [says(text, news=news)]
        button = {"title": topic.title.in_language(case.language), "payload": f"/{FOLLOW_UP}"}
        return [says(text, [button], news=news)]


def _is_live(case: Case) -> bool:
    """Whether the customer is with a person in the chat: a complaint that nobody answered was left there."""
    return case.kind == "hand_off" or bool(case.first_response_at)


def _takes_over(case: Case, agent: str, *, joins: bool) -> list[Event]:
    """The bot is silent for a person; `joins`: the customer hasn't met them yet."""
    joined = {"joined": agent} if joins else {}
    return [{"event": "pause"}, shows_status("claimed", agent=agent, folio=case.folio, **joined)]


def _waits(case: Case, *words: Event) -> list[Event]:
    """The customer waits for a person; after a hand-off the bot does what the plan allows meanwhile."""
    left = {"left": case.claimed_by} if case.claimed_by else {}
    status = shows_status("waiting", folio=case.folio, **left)
    if case.kind != "hand_off":
        # A hand-off may be with a person in the same conversation: the bot is not woken.
        return [status, *words]
    slot = _waiting_slot({"folio": case.folio, "trigger": case.trigger, "is_noted": False})
    return [{"event": "resume"}, slot, status, *words, LISTEN]


def _back_to_bot(words: Event, *, left: str = "") -> list[Event]:
    """The bot has the conversation again; `left` names the person who had it."""
    status = shows_status("bot", left=left) if left else shows_status("bot")
    return [{"event": "resume"}, status, words, LISTEN]


def _waiting_slot(value: dict[str, Any] | None) -> Event:
    """What the bot knows of a hand-off that nobody has yet (`relevo.dialogue.waiting`)."""
    return {"event": "slot", "name": "waiting", "value": value}
