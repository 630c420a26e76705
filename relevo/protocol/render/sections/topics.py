"""What customers ask and what is answered, by the kinds of questions that the product knows."""

from __future__ import annotations

from relevo.protocol.parts.topics import Topic
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Facts,
    Group,
    Line,
    Link,
    Paragraph,
    cell,
    speeches,
)
from relevo.protocol.render.sections.people import listed
from relevo.protocol.render.voice import Voice

KINDS = {
    "account": (
        "create_account",
        "delete_account",
        "edit_account",
        "switch_account",
        "recover_password",
        "registration_problems",
    ),
    "order": ("place_order", "change_order", "cancel_order", "track_order", "check_cancellation_fee"),
    "delivery": (
        "delivery_options",
        "delivery_period",
        "set_up_shipping_address",
        "change_shipping_address",
    ),
    "payment": ("check_payment_methods", "payment_issue", "check_invoice", "get_invoice"),
    "refund": ("check_refund_policy", "get_refund", "track_refund", "warranty"),
    "company": ("about_company", "opening_hours", "store_location", "newsletter_subscription"),
    "contact": (
        "contact_customer_service",
        "contact_human_agent",
        "schedule_follow_up",
        "change_follow_up",
        "cancel_follow_up",
        "complaint",
        "check_case",
        "review",
        "privacy_request",
    ),
}
"""The names of topics are the product's; a company may have more of its own."""


def topics(voice: Voice) -> tuple[Block, ...]:
    known = voice.protocol.topics
    groups = {kind: [name for name in names if name in known] for kind, names in KINDS.items()}
    rest = [name for name in known if not any(name in names for names in groups.values())]
    groups["other"] = [name for name in rest if not known[name].is_small_talk]
    groups["small_talk"] = [name for name in rest if known[name].is_small_talk]
    return (
        Paragraph(voice("topics.lead"), "lead"),
        *(_group(voice, kind, names) for kind, names in groups.items() if names),
    )


def _group(voice: Voice, kind: str, names: list[str]) -> Group:
    cards = tuple(_topic(voice, name, voice.protocol.topics[name]) for name in names)
    return Group(f"topics-{kind.replace('_', '-')}", voice(f"topics.kinds.{kind}"), (Cards(cards),))


def _topic(voice: Voice, name: str, topic: Topic) -> Card:
    answers = topic.answers.in_language(voice.language) if topic.answers else []
    blocks: list[Block] = [*speeches(answers)]
    for channel, wordings in topic.channels.items():
        label = voice("topics.on_channel", channel=voice.channel(channel))
        blocks += speeches(wordings.in_language(voice.language), label)
    if not answers:
        blocks.insert(0, Paragraph(voice("topics.by_action"), "note"))
    facts: list[tuple[str, Cell]] = []
    if topic.asks_for:
        details: list[Link | str] = [voice(f"topics.details.{detail}") for detail in topic.asks_for]
        facts.append((voice("topics.asks_for"), cell(listed(details))))
    if topic.quick_replies:
        facts.append((voice("topics.leads_to"), cell(listed(voice.topics(topic.quick_replies)))))
    if facts:
        blocks.append(Facts(tuple(facts)))
    return Card(f"topic-{name}", voice.of(topic.title), tuple(blocks), _areas(voice, name), is_folded=True)


def _areas(voice: Voice, name: str) -> Line:
    """The areas that the topic belongs to."""
    areas = voice.protocol.roster.areas.items()
    return listed([voice.area(area) for area, details in areas if name in details.topics])
