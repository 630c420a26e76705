"""What things are called: topics, triggers, areas and channels by the protocol, the rest by the locale."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import phonenumbers

from relevo.cases.case import Case
from relevo.desk.locale import Locale
from relevo.privacy.rights import title_of
from relevo.protocol.parts.contingency import Trigger
from relevo.protocol.schema import LANGUAGES, Protocol


class Titles:
    """Titles in one language. A name that the protocol doesn't know (any more) is shown as it is."""

    def __init__(self, protocol: Protocol, locale: Locale) -> None:
        self._protocol = protocol
        self._locale = locale
        triggers = protocol.contingency.triggers
        self._triggers: dict[str, Trigger] = {trigger.id: trigger for trigger in triggers}
        self._by_intent = {trigger.when.intent: trigger for trigger in triggers}

    def topic(self, name: str) -> str:
        topic = self._protocol.topics.get(name) or self._by_intent.get(name)
        return topic.title.in_language(self._locale.language) if topic else self._listed("topic", name)

    def topic_groups(self, names: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
        """Topics by title, in two groups with titles: what customers want, and what is said besides."""
        pairs = sorted(((name, self.topic(name)) for name in names), key=lambda pair: _alphabetic(pair[1]))
        wanted = [pair for pair in pairs if self._is_wanted(pair[0])]
        groups = {"wanted": wanted, "said": [pair for pair in pairs if pair not in wanted]}
        return [(self._locale.text(f"correct.{name}"), group) for name, group in groups.items()]

    def area(self, name: str) -> str:
        area = self._protocol.roster.areas.get(name)
        return area.title.in_language(self._locale.language) if area else _readable(name)

    def channel(self, name: str) -> str:
        titles = {str(known): channel.title for known, channel in self._protocol.channels.items()}
        return (
            titles[name].in_language(self._locale.language)
            if name in titles
            else self._listed("channel", name)
        )

    def tone(self, name: str) -> str:
        return self._listed("tone", name)

    def priority(self, name: str) -> str:
        return self._listed("priority", name)

    def method(self, name: str) -> str:
        return self._listed("method", name)

    def language(self, name: str) -> str:
        return self._listed("language", name)

    def reason(self, case: Case) -> str:
        """Why a person is needed: the title of the case's trigger, or that it is a complaint."""
        trigger = self._triggers.get(case.trigger)
        if trigger:
            return trigger.title.in_language(self._locale.language)
        return self._listed("kind", case.kind)

    def matter(self, case: Case) -> str:
        """What the case is about: its topic, else its reason."""
        return self.topic(case.topic) if case.topic else self.reason(case)

    def contact(self, contact: str) -> str:
        """A phone number in groups, as people read it; anything else as it is."""
        try:
            number = phonenumbers.parse(contact)
        except phonenumbers.NumberParseException:
            return contact
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))

    def rights(self, case: Case) -> str:
        """What a customer asks of their data."""
        return title_of(case.rights, self._protocol.privacy.rights, self._locale.language)

    def guidance(self, case: Case) -> str:
        """What the protocol advises for the case's trigger; empty if nothing."""
        trigger = self._triggers.get(case.trigger)
        return trigger.guidance.in_language(self._locale.language) if trigger else ""

    def passages(self, case: Case) -> list[tuple[str, str]]:
        """Where the protocol's document speaks of a case: anchors and titles of its trigger, cause, area."""
        plan, language = self._protocol, self._locale.language
        known = {
            f"trigger-{case.trigger}": self._triggers.get(case.trigger),
            f"cause-{case.cause}": plan.complaints.causes.get(case.cause),
            f"area-{case.area}": plan.roster.areas.get(case.area),
        }
        return [(anchor, part.title.in_language(language)) for anchor, part in known.items() if part]

    def phrases(self, case: Case) -> list[str]:
        """What staff may say, in the customer's language: by a complaint's cause and the case's trigger."""
        trigger, cause = self._triggers.get(case.trigger), self._protocol.complaints.causes.get(case.cause)
        amends = cause.amends_on(case.channel) if cause else None
        texts = [*([amends.apology, amends.remedy] if amends else []), *(trigger.phrases if trigger else [])]
        return [text.in_language(case.language) for text in texts]

    def offers(self, case: Case) -> list[tuple[str, str, str]]:
        """What may be offered to make good: its title, who may grant it, and its words to the customer."""
        trigger, cause = self._triggers.get(case.trigger), self._protocol.complaints.causes.get(case.cause)
        names = dict.fromkeys([*(cause.recovery if cause else []), *(trigger.recovery if trigger else [])])
        known = self._protocol.contingency.recovery
        return [
            (
                known[name].title.in_language(self._locale.language),
                self._listed("grantor", known[name].granted_by),
                known[name].words.in_language(case.language),
            )
            for name in names
            if name in known
        ]

    def state(self, case: Case) -> str:
        """Where a case stands, and with whom."""
        name = "with" if case.is_in_hand else case.state
        return self._locale.text(f"case.{name}", agent=case.claimed_by)

    def trigger(self, name: str) -> str:
        trigger = self._triggers.get(name)
        return trigger.title.in_language(self._locale.language) if trigger else self.readable(name)

    def person(self, name: str) -> str:
        """Someone of the roster, by the name that colleagues know."""
        person = self._protocol.roster.people.get(name)
        return person.name if person else name

    def actor(self, name: str) -> str:
        """Who did something: a person by their display name, or the assistant, the clock, the customer."""
        return self._locale.texts.get(f"actor.{name}", name).format(
            assistant=self._protocol.company.assistant
        )

    def lateness(self, target: str, late: str) -> str:
        """That a target (first_response, …) is at risk or missed, as a clause."""
        return self._listed("late", f"{target}_{late}")

    def closing_reason(self, name: str, case: Case) -> str:
        """Why a case was resolved or closed."""
        plan = self._protocol.contingency.closing
        known = {**self._protocol.complaints.closing_reasons, **(plan.reasons if plan else {})}
        if case.kind == "complaint":
            known |= self._protocol.complaints.closing_reasons
        text = known.get(name)
        return text.in_language(self._locale.language) if text else self._listed("closing", name)

    def readable(self, name: str) -> str:
        """A name of the protocol or the code as people read it."""
        return _readable(name)

    def areas(self) -> list[tuple[str, str]]:
        """All areas as pairs of name and title."""
        return [(name, self.area(name)) for name in self._protocol.roster.areas]

    def languages(self) -> list[tuple[str, str]]:
        """All languages as pairs of name and title."""
        return [(name, self.language(name)) for name in LANGUAGES]

    def _is_wanted(self, name: str) -> bool:
        topic = self._protocol.topics.get(name)
        return not topic.is_small_talk if topic else name in self._by_intent

    def _listed(self, section: str, name: str) -> str:
        return self._locale.texts.get(f"{section}.{name}") or _readable(name)


def _alphabetic(title: str) -> str:
    """What sorts as in a dictionary, whatever the accents and signs."""
    return unicodedata.normalize("NFKD", title.casefold()).strip("¿¡ ")


def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()
