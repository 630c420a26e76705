"""Message templates: approved beforehand, filled when they are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from relevo.whatsapp.stand_in.errors import (
    INVALID_VALUE,
    TEMPLATE_DISABLED,
    TEMPLATE_FORMAT,
    TEMPLATE_MISSING,
    TEMPLATE_PARAMETER_COUNT,
    TEMPLATE_PAUSED,
    TEMPLATE_TOO_LONG,
    GraphError,
)
from relevo.whatsapp.stand_in.schema import Component, Parameter, TemplateContent

Status = Literal["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"]
Category = Literal["UTILITY", "MARKETING", "AUTHENTICATION"]

MAX_FILLED_BODY = 1024
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_REFUSED_IN_PARAMETER = re.compile(r"[\n\t]| {5}")
"""Line breaks, tabulators and more than four spaces in a row."""


@dataclass(frozen=True)
class Template:
    """One template in one language."""

    name: str
    language: str
    body: str
    """With placeholders `{{1}}`, or `{{name}}` where they are named."""
    header: str = ""
    quick_replies: tuple[str, ...] = ()
    category: Category = "UTILITY"
    status: Status = "APPROVED"

    @property
    def placeholders(self) -> list[str]:
        """What stands in double braces in the body, each once, in order."""
        return list(dict.fromkeys(_PLACEHOLDER.findall(self.body)))

    def view(self, template_id: str) -> dict[str, Any]:
        """As the API lists it."""
        named = any(not name.isdecimal() for name in self.placeholders)
        components: list[dict[str, Any]] = [{"type": "BODY", "text": self.body}]
        if self.header:
            components.insert(0, {"type": "HEADER", "format": "TEXT", "text": self.header})
        if self.quick_replies:
            buttons = [{"type": "QUICK_REPLY", "text": text} for text in self.quick_replies]
            components.append({"type": "BUTTONS", "buttons": buttons})
        return {
            "name": self.name,
            "parameter_format": "NAMED" if named else "POSITIONAL",
            "components": components,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "id": template_id,
        }


@dataclass(frozen=True)
class FilledTemplate:
    """What the customer reads."""

    text: str
    header: str
    buttons: tuple[tuple[str, str], ...]
    """Payload and title of each quick reply."""


def find(templates: list[Template], content: TemplateContent) -> Template:
    """The template that a message names.

    Raises:
        GraphError: there is none in this language, or it may not be sent.
    """
    for template in templates:
        if (template.name, template.language) == (content.name, content.language.code):
            _require_usable(template)
            return template
    raise GraphError(
        TEMPLATE_MISSING, f"template name ({content.name}) does not exist in {content.language.code}"
    )


def _require_usable(template: Template) -> None:
    if template.status == "PAUSED":
        raise GraphError(TEMPLATE_PAUSED, "its quality is low")
    if template.status == "DISABLED":
        raise GraphError(TEMPLATE_DISABLED, "it was paused too often")
    if template.status != "APPROVED":
        raise GraphError(TEMPLATE_MISSING, f"the template is {template.status.lower()}")


def fill(template: Template, components: list[Component]) -> FilledTemplate:
    """The template with its parameters.

    Raises:
        GraphError: parameters are missing, too many, of the wrong kind, or too long when filled in.
    """
    header = _fill_text(template.header, _parameters(components, "header"), "header")
    text = _fill_text(template.body, _parameters(components, "body"), "body")
    if len(text) > MAX_FILLED_BODY:
        raise GraphError(TEMPLATE_TOO_LONG, f"the body has {len(text)} characters of {MAX_FILLED_BODY}")
    return FilledTemplate(text, header, tuple(_buttons(template, components)))


def _parameters(components: list[Component], kind: str) -> list[Parameter]:
    return [
        parameter for component in components if component.type == kind for parameter in component.parameters
    ]


def _fill_text(text: str, parameters: list[Parameter], where: str) -> str:
    names = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    if len(parameters) != len(names):
        told = (
            f"{where}: number of localizable_params ({len(parameters)}) does not match the expected number of"
        )
        raise GraphError(TEMPLATE_PARAMETER_COUNT, f"{told} params ({len(names)})")
    values = {
        _name(parameter, number): _value(parameter, where) for number, parameter in enumerate(parameters, 1)
    }
    if set(values) != set(names):
        raise GraphError(TEMPLATE_FORMAT, f"{where}: expected the parameters {', '.join(names)}")
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _name(parameter: Parameter, number: int) -> str:
    return parameter.parameter_name or str(number)


def _value(parameter: Parameter, where: str) -> str:
    if parameter.type != "text" or not parameter.text:
        raise GraphError(TEMPLATE_FORMAT, f"{where}: a parameter of type text with a text is expected")
    if _REFUSED_IN_PARAMETER.search(parameter.text):
        told = "param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        raise GraphError(TEMPLATE_FORMAT, f"{where}: {told}")
    return parameter.text


def _buttons(template: Template, components: list[Component]) -> list[tuple[str, str]]:
    payloads = {int(one.index or 0): one.parameters for one in components if one.type == "button"}
    if unknown := [index for index in payloads if not 0 <= index < len(template.quick_replies)]:
        raise GraphError(INVALID_VALUE, f"button: there is none at index {unknown[0]}")
    found = []
    for index, title in enumerate(template.quick_replies):
        given = payloads.get(index, [])
        payload = given[0].payload if given else title
        found.append((payload or title, title))
    return found
