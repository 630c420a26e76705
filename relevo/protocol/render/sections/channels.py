"""One card per channel: whom it serves, how a conversation on it begins and ends, and how it is written."""

from __future__ import annotations

from relevo.protocol.parts.channels import Channel
from relevo.protocol.parts.letters import Letter, Letters
from relevo.protocol.parts.messaging import Messaging
from relevo.protocol.render.blocks import (
    Beside,
    Block,
    Card,
    Cards,
    Cell,
    Code,
    Facts,
    Group,
    Paragraph,
    Small,
    Speech,
    Step,
    Steps,
    cell,
)
from relevo.protocol.render.hours import describe_hours
from relevo.protocol.render.sections.ground_rules import register
from relevo.protocol.render.sections.people import listed
from relevo.protocol.render.voice import Voice
from relevo.protocol.schema import LANGUAGES


def channels(voice: Voice) -> tuple[Block, ...]:
    cards = tuple(_channel(voice, name, channel) for name, channel in voice.protocol.channels.items())
    return Paragraph(voice("channels.lead"), "lead"), Cards(cards)


def _channel(voice: Voice, name: str, channel: Channel) -> Card:
    speeches = Beside(
        (
            Speech(voice.of(channel.greeting), voice("channels.greeting")),
            Speech(voice.of(channel.closing), voice("channels.closing")),
        )
    )
    blocks: list[Block] = [Paragraph(voice.of(channel.public)), speeches, Facts(_facts(voice, name, channel))]
    if channel.script:
        steps = tuple(Step(voice.of(step.title), (Speech(voice.of(step.words)),)) for step in channel.script)
        blocks.append(Group(f"script-{name}", voice("channels.script"), (Steps(steps),)))
    if channel.messaging:
        rules = _messaging(voice, channel.messaging)
        blocks.append(Group(f"messaging-{name}", voice("channels.messaging"), rules))
    if channel.letters:
        blocks.append(Group(f"letters-{name}", voice("channels.letters"), _letters(voice, channel.letters)))
    return Card(f"channel-{name}", voice.of(channel.title), tuple(blocks))


def _messaging(voice: Voice, rules: Messaging) -> tuple[Block, ...]:
    """What can't be read, how consent is withdrawn and given, and what may be sent when time is over."""
    answers = [(voice(f"channels.notes.{kind}"), cell(voice.of(text))) for kind, text in rules.answers]
    consents = [
        (voice(f"channels.{name}"), cell(Code(" · ".join(consent.words)), voice.of(consent.confirmation)))
        for name, consent in (("opt_out", rules.opt_out), ("opt_in", rules.opt_in))
    ]
    titles = cell(f"{voice.of(rules.list_button)} · {voice.of(rules.more_options)}")
    return (Facts((*answers, *consents, (voice("channels.options"), titles), _template(voice, rules))),)


def _letters(voice: Voice, letters: Letters) -> tuple[Block, ...]:
    """How the assistant's e-mails begin and end, and the letters that nobody asked for."""
    ends = [
        (voice(f"channels.letter.{name}"), cell(voice.of(getattr(letters, name))))
        for name in ("greeting", "signature", "person_signature", "options")
    ]
    begun: list[tuple[str, Letter]] = [
        ("acknowledgement", letters.acknowledgement),
        ("follow_up", letters.follow_up),
    ]
    speeches = [
        Speech(voice.of(letter.text), f"{voice(f'channels.letter.{name}')}: {voice.of(letter.subject)}")
        for name, letter in begun
    ]
    return (Facts(tuple(ends)), *speeches)


def _template(voice: Voice, rules: Messaging) -> tuple[str, Cell]:
    template = rules.template
    if template is None:
        return voice("channels.template"), cell(voice("channels.no_template"))
    codes = " · ".join(template.code_of(language) for language in LANGUAGES)
    told = cell(voice.of(template.text), (Code(template.name), Small(f" {codes}")))
    return voice("channels.template"), told


def _facts(voice: Voice, name: str, channel: Channel) -> tuple[tuple[str, Cell], ...]:
    weekly = channel.weekly or voice.protocol.company.hours.weekly
    people = voice.protocol.roster.people.items()
    staff = [voice.person_link(person) for person, details in people if name in details.channels]
    facts = {
        "first_response": cell(
            voice.response_target(channel.first_response), Small(voice("channels.in_opening_hours"))
        ),
        "hours": cell(*describe_hours(weekly, voice)),
        "register": _registers(voice, name),
        "style": cell(voice.of(channel.style)),
        "format": cell(_form(voice, channel)),
        "length": cell(_length(voice, channel)),
        "served_by": cell(listed(staff)),
    }
    return tuple((voice(f"channels.{label}"), value) for label, value in facts.items() if value)


def _registers(voice: Voice, name: str) -> Cell:
    registers = [(language, register(voice, name, language)) for language in LANGUAGES]
    return cell(*((f"{voice(f'languages.{language}')}: {text}") for language, text in registers if text))


def _form(voice: Voice, channel: Channel) -> str:
    form = voice(f"channels.formats.{channel.format}")
    return form if channel.format == "spoken" else f"{form}, {voice(f'channels.emoji.{channel.emoji}')}"


def _length(voice: Voice, channel: Channel) -> str:
    """Empty for what is spoken."""
    if channel.max_characters is None:
        return "" if channel.format == "spoken" else voice("channels.unlimited")
    return voice("channels.characters", count=voice.number(channel.max_characters))
