"""What a protocol may say by its schema but should not: small named rules over a whole protocol.

A rule is a function that yields findings. Most need the protocol alone; some need to know which day it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from relevo.protocol.lint import events, notices, people, plan, registers, texts, times
from relevo.protocol.problems import Finding
from relevo.protocol.schema import Protocol

Rule = Callable[[Protocol], Iterator[Finding]]
DatedRule = Callable[[Protocol, date], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    texts.text_is_too_long,
    texts.term_is_forbidden,
    texts.greeting_names_nobody,
    texts.closing_asks_nothing,
    registers.register_is_missing,
    registers.register_is_another,
    registers.letter_is_in_another_register,
    texts.braces_are_not_filled,
    texts.wording_lacks_a_placeholder,
    texts.words_are_never_said,
    texts.quick_reply_leads_nowhere_new,
    plan.trigger_never_fires,
    plan.trigger_is_shadowed,
    events.outcome_needs_an_event,
    events.outcome_does_not_follow_its_event,
    events.event_has_no_message,
    events.case_is_not_known,
    events.event_is_not_needed,
    events.event_has_no_trigger,
    plan.recovery_is_granted_by_nobody,
    plan.priorities_are_out_of_order,
    people.area_has_no_staff,
    people.area_lacks_a_language,
    people.channel_has_no_staff,
    people.hierarchy_has_a_loop,
    people.hierarchy_has_several_heads,
    people.escalation_ends_nowhere,
    people.escalation_has_one_step,
    people.topic_has_two_areas,
    people.party_has_no_spokesperson,
    times.nobody_is_ever_there,
    times.area_opens_when_company_is_closed,
    times.target_outlasts_the_week,
    notices.notice_outgrows_greeting,
    notices.notice_is_for_staff_in_greeting,
)
DATED_RULES: tuple[DatedRule, ...] = (notices.notice_is_past,)


def lint(protocol: Protocol, today: date | None) -> Iterator[Finding]:
    """What all rules find; without a day, the dated ones are left out."""
    for rule in RULES:
        yield from rule(protocol)
    if today is not None:
        for dated in DATED_RULES:
            yield from dated(protocol, today)
