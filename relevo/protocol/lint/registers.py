"""Rules on how people are addressed: everyday or formal, as the ground rules set it by channel and language.

Signs of the other register are told by words that belong to one of them alone: in Spanish everyday is tú and
formal is usted; in English everyday has contractions and formal has none. Words that fit both, such as «su»
("your" to usted, "their" to anybody) or the plural «ustedes», tell nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from relevo.protocol.lint.walk import Said, said_by_email_too, said_on_channels
from relevo.protocol.parts.base import LANGUAGES, Language
from relevo.protocol.parts.channels import EMAIL, ChannelName
from relevo.protocol.parts.ground_rules import Register
from relevo.protocol.problems import At, Finding
from relevo.protocol.schema import Protocol

WRITTEN_CHANNELS: tuple[ChannelName, ...] = ("webchat", "whatsapp", "social", "email", "letter")
_LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}
_TU = (
    r"tú|ti|te|tu|tus|tuy[oa]s?|contigo|puedes|quieres|tienes|necesitas|debes|prefieres|sabes|eres|estás|vas|"
    r"gustes|quieras|puedas|tengas|dime|dinos|danos|dame|escríbe(?:me|nos)|llámanos|cuénta(?:me|nos)|disculpa"
)
_USTED = (
    r"usted|permítame|dígame|díganos|denos|escríba(?:me|nos)|llámenos|cuénte(?:me|nos)|indíque(?:me|nos)|disculpe|"
    r"envíenos|comuníquese|póngase|acérquese|sírvase|siéntase"
)
_CONTRACTION = r"\w+n['’]t|\w+['’](?:m|re|ll|ve)|(?:it|that|let|what|here|there|who)['’]s"
_STIFF = r"dear (?:sir|madam)|to whom it may concern|hereby|esteemed"
_NOTE = re.compile(r"\[[^\]]*\]")
"""What staff fill in, as in «Le atiende [tu nombre]»: it speaks to them."""
_SIGNS_OF_THE_OTHER: dict[tuple[Language, Register], tuple[re.Pattern[str], str]] = {
    ("es", "formal"): (re.compile(rf"\b(?:{_TU})\b", re.IGNORECASE), "address people with usted"),
    ("es", "everyday"): (re.compile(rf"\b(?:{_USTED})\b", re.IGNORECASE), "address people with tú"),
    ("en", "formal"): (re.compile(rf"\b(?:{_CONTRACTION})\b", re.IGNORECASE), "write it out"),
    ("en", "everyday"): (re.compile(rf"\b(?:{_STIFF})\b", re.IGNORECASE), "write it as one would say it"),
}


def register_is_missing(protocol: Protocol) -> Iterator[Finding]:
    """A written channel has no register in some language."""
    registers = protocol.ground_rules.registers
    for channel in WRITTEN_CHANNELS:
        missing = [language for language in LANGUAGES if language not in registers.get(channel, {})]
        if channel in protocol.channels and missing:
            at: At = ("ground_rules", "registers", *([channel] if channel in registers else []))
            named = " and ".join(_LANGUAGE_NAMES[language] for language in missing)
            message = f"the register of {channel} in {named} is missing"
            yield Finding(at, message, "add it: formal or everyday")


def register_is_another(protocol: Protocol) -> Iterator[Finding]:
    """A text addresses people otherwise than the ground rules ask on one of its channels."""
    for said, channels in said_on_channels(protocol):
        for channel in channels:
            if finding := _of_another_register(protocol, said, channel):
                yield finding
                break


def letter_is_in_another_register(protocol: Protocol) -> Iterator[Finding]:
    """What is written for the chats goes out by e-mail, too, and there people are addressed otherwise."""
    told: set[At] = set()
    for said in said_by_email_too(protocol):
        # One of several wordings is enough: they are written anew together.
        entry: At = (*said.at[: 3 if said.at[0] == "complaints" else 2], said.language)
        if entry not in told and (found := _of_another_register(protocol, said, EMAIL)):
            told.add(entry)
            is_notice = said.at[0] == "notices"
            advice = "write it for both" if is_notice else 'add others for it under "channels: email:"'
            yield replace(found, advice=advice, severity="warning")


def _of_another_register(protocol: Protocol, said: Said, channel: ChannelName) -> Finding | None:
    register = protocol.ground_rules.registers.get(channel, {}).get(said.language)
    if register is None:
        return None
    signs, advice = _SIGNS_OF_THE_OTHER[said.language, register]
    found = signs.search(_NOTE.sub("", said.text))
    if found is None:
        return None
    language = _LANGUAGE_NAMES[said.language]
    message = f'"{found[0]}" is not {register} {language}, which ground_rules.yml asks on {channel}'
    return Finding(said.at, message, advice)
