"""Whether the templates that the protocol names are approved, in every language, with its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relevo.protocol import LANGUAGES, Protocol
from relevo.whatsapp.doctor.finding import Finding, error, ok, warning
from relevo.whatsapp.doctor.graph_client import GraphClient, GraphRefused

CHANNEL: Final = "whatsapp"
FIELDS: Final = "name,language,status,category,components"
_PLACEHOLDER: Final = re.compile(r"\{\{\s*\w+\s*\}\}")
MANAGER: Final = "in the WhatsApp Manager: Account tools → Message templates"
ADVICE: Final = {
    "PENDING": "wait for Meta's review",
    "IN_APPEAL": "wait for Meta's review",
    "REJECTED": f"see why and send another text {MANAGER}",
    "PAUSED": f"it was reported too often: change its text {MANAGER}",
    "DISABLED": f"write another one {MANAGER} and name it in the protocol",
}


@dataclass(frozen=True)
class WantedTemplate:
    """A template that the protocol names, in one language."""

    name: str
    language: str
    """As Meta writes it: es_MX."""
    text: str
    place: str
    """Where the protocol names it."""

    @property
    def about(self) -> str:
        return f"template {self.name} ({self.language})"


def wanted_templates(protocol: Protocol) -> list[WantedTemplate]:
    """The templates that the protocol names for WhatsApp, each in every language."""
    messaging = getattr(protocol.channels.get(CHANNEL), "messaging", None)
    template = messaging.template if messaging else None
    if template is None:
        return []
    place = f"channels.yml: {CHANNEL}.messaging.template"
    return [
        WantedTemplate(
            template.name, getattr(template.languages, language), template.text.in_language(language), place
        )
        for language in LANGUAGES
    ]


async def examine_templates(
    client: GraphClient, account: str, wanted: Sequence[WantedTemplate]
) -> list[Finding]:
    """The findings of every template.

    Raises:
        GraphUnreachable
    """
    if not wanted:
        told = "the protocol names none: outside the 24 hours, everything becomes a task at the desk"
        return [ok("templates", told)]
    try:
        listed = await client.list(f"{account}/message_templates", fields=FIELDS, limit="250")
    except GraphRefused as refused:
        return [
            error(
                "templates", f"they can't be read: {refused}", "give the token whatsapp_business_management"
            )
        ]
    return [finding for one in wanted for finding in _examine(one, listed)]


def _examine(wanted: WantedTemplate, listed: Iterable[dict[str, Any]]) -> list[Finding]:
    of_name = {str(entry.get("language")): entry for entry in listed if entry.get("name") == wanted.name}
    found = of_name.get(wanted.language)
    if found is None:
        others = f" in this language, only in {', '.join(sorted(of_name))}" if of_name else ""
        advice = f"make it {MANAGER}, or correct {wanted.place}"
        return [error(wanted.about, f"the account has none{others}", advice)]
    return list(_judge(wanted, found)) or [ok(wanted.about, "approved, with the protocol's text")]


def _judge(wanted: WantedTemplate, found: dict[str, Any]) -> Iterator[Finding]:
    status = str(found.get("status"))
    if status != "APPROVED":
        yield error(
            wanted.about, f"it is {status.lower()}", ADVICE.get(status, f"see what is said of it {MANAGER}")
        )
    if found.get("category") == "MARKETING":
        message = "its category is marketing, and who stopped marketing messages does not get it"
        yield warning(wanted.about, message, f"ask for the category utility {MANAGER}")
    text = _text(found)
    count, expected = (len(set(_PLACEHOLDER.findall(one))) for one in (text, wanted.text))
    if count != expected:
        message = f"it takes {count} parameters, and the protocol gives {expected}"
        yield error(wanted.about, message, f"correct {wanted.place}, or the template {MANAGER}")
    elif text != wanted.text:
        yield warning(
            wanted.about,
            f"its text is another: “{text}”",
            f"correct {wanted.place}, or the template {MANAGER}",
        )


def _text(found: dict[str, Any]) -> str:
    bodies = [part.get("text") for part in found.get("components", []) if part.get("type") == "BODY"]
    return str(bodies[0]).strip() if bodies else ""
