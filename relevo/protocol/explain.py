"""What the schema says of a protocol's values, in words for a person who knows no programming.

The schema's library reports a type of error with some numbers; here each becomes a sentence on what is wrong
and another on how to mend it. Sentences that the schema's own validators raise are taken as they are: what
stands behind their first semicolon is the advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic.error_wrappers import ErrorWrapper, error_dict
from pydantic.fields import ModelField
from pydantic.utils import ROOT_KEY

from relevo.protocol.parts.base import NAME_PATTERN, Text
from relevo.protocol.problems import At, Finding, did_you_mean, nearest
from relevo.protocol.source import Source

NAME_OF_KEY = "__key__"
"""How the library calls the place of a name that is wrong itself."""
_LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}
PATTERNS = {
    "email": ("is no e-mail address", "write it like ana@company.com"),
    "phone": ("is no phone number", "write it like +52 55 1234 5678"),
}
SHOWN_CHARACTERS = 40
_NAME_RULE = "use small letters without accents, digits and underscores, and begin with a letter"

Sentence = tuple[str, str]
"""What is wrong, and how to mend it."""


class Refusal(NamedTuple):
    """One error of the library: where, of which kind, in which model."""

    at: At
    kind: str
    """Like `value_error.missing`."""
    message: str
    context: dict[str, Any]
    model: Any
    within: At
    """The way inside the model."""


def explain(source: Source, error: ValidationError) -> Iterator[Finding]:
    """The findings of a part that does not fit its schema."""
    refusals = list(_refusals(error.raw_errors))
    slips = dict(_slips(refusals))
    told: set[At] = set()
    for refusal in refusals:
        at = refusal.at
        if NAME_OF_KEY in at:
            mapping = at[: at.index(NAME_OF_KEY)]
            if mapping not in told:
                yield from _wrong_names(source.value(mapping), mapping, refusal)
            told.add(mapping)
        elif not (refusal.kind == "value_error.missing" and at in slips.values()):
            yield _finding(refusal, source.value(at), slips.get(at))


def _refusals(errors: Sequence[Any], at: At = (), model: Any = None, within: At = ()) -> Iterator[Refusal]:
    """Like the library's own flattening, but with the model in which each error stands."""
    for error in errors:
        if isinstance(error, ErrorWrapper):
            place = tuple(step for step in error.loc_tuple() if step != ROOT_KEY)
            place += getattr(error.exc, "place", ())
            if isinstance(error.exc, ValidationError):
                yield from _refusals(error.exc.raw_errors, (*at, *place), error.exc.model, ())
            else:
                told = error_dict(error.exc, BaseModel.__config__, ())
                yield Refusal(
                    (*at, *place), told["type"], told["msg"], told.get("ctx", {}), model, (*within, *place)
                )
        else:
            yield from _refusals(error, at, model, within)


def _slips(refusals: list[Refusal]) -> Iterator[tuple[At, At]]:
    """Unknown names that are most likely missing ones, written wrong."""
    missing = [refusal.at for refusal in refusals if refusal.kind == "value_error.missing"]
    for refusal in refusals:
        if refusal.kind == "value_error.extra":
            beside = {str(at[-1]): at for at in missing if at[:-1] == refusal.at[:-1]}
            if near := nearest(str(refusal.at[-1]), beside):
                yield refusal.at, beside[near]


def _finding(refusal: Refusal, value: Any, slip: At | None) -> Finding:
    at, name = refusal.at, str(refusal.at[-1])
    if refusal.kind == "value_error.missing":
        return Finding(at[:-1], *_missing(name))
    if refusal.kind == "value_error.extra":
        known = {slip[-1]} if slip else _fields(refusal.model)
        return Finding(at, f'"{name}" is not known here', did_you_mean(name, map(str, known), "delete it"))
    if refusal.kind == "value_error.str.regex" and name in PATTERNS:
        wrong, advice = PATTERNS[name]
        return Finding(at, f"{_shown(value)} {wrong}", advice)
    told = _SENTENCES.get(refusal.kind)
    return Finding(at, *(told(refusal, value) if told else _own_words(refusal.message)))


def _missing(name: str) -> Sentence:
    if name in _LANGUAGE_NAMES:
        return f"the {_LANGUAGE_NAMES[name]} text is missing", f'add "{name}: …"'
    return f'"{name}" is missing', f'add "{name}: …"'


def _own_words(message: str) -> Sentence:
    wrong, _, advice = message.partition("; ")
    return wrong, advice


def _not_a_text(refusal: Refusal, value: Any) -> Sentence:
    return (
        f"one text is expected here, not {_shown(value)}",
        "write it behind the colon, in quotes if need be",
    )


def _not_pairs(refusal: Refusal, value: Any) -> Sentence:
    if _expected(refusal) is Text:
        return "the text is needed in every language", "write it like {en: …, es: …}"
    return "names with values are expected here", "write `name: value` in lines of their own, indented"


def _not_a_list(refusal: Refusal, value: Any) -> Sentence:
    return "a list is expected here", "write each entry in a line of its own that begins with `- `"


def _nothing(refusal: Refusal, value: Any) -> Sentence:
    return "nothing is written here", "write the value, or delete the line if it may be left out"


def _not_allowed(refusal: Refusal, value: Any) -> Sentence:
    permitted = [str(name) for name in refusal.context.get("permitted", ())]
    listed = f"choose one of: {', '.join(permitted)}"
    return f"{_shown(value)} is not among what can stand here", did_you_mean(str(value), permitted) or listed


def _wrong_name(refusal: Refusal, value: Any) -> Sentence:
    return f"{_shown(value)} is no name", _NAME_RULE


def _too_short(refusal: Refusal, value: Any) -> Sentence:
    return "the text is empty", "write it"


def _too_few(refusal: Refusal, value: Any) -> Sentence:
    least = refusal.context["limit_value"]
    return f"at least {least} {_entries(least)} needed here, not {len(value)}", "add what is missing"


def _too_many(refusal: Refusal, value: Any) -> Sentence:
    most = refusal.context["limit_value"]
    return f"at most {most} {_entries(most)} allowed here, not {len(value)}", "take some out"


def _entries(count: int) -> str:
    return "entry is" if count == 1 else "entries are"


def _no_number(refusal: Refusal, value: Any) -> Sentence:
    return f"{_shown(value)} is no whole number", "write digits only, like 3"


def _no_yes_or_no(refusal: Refusal, value: Any) -> Sentence:
    return f"{_shown(value)} is neither yes nor no", "write yes or no"


def _out_of_range(limit: str) -> Callable[[Refusal, Any], Sentence]:
    def tell(refusal: Refusal, value: Any) -> Sentence:
        return f"{_shown(value)} is out of range", f"write {limit.format(refusal.context['limit_value'])}"

    return tell


_SENTENCES: dict[str, Callable[[Refusal, Any], Sentence]] = {
    "type_error": _not_a_text,  # what is compared with allowed words, and is no word
    "type_error.str": _not_a_text,
    "type_error.dict": _not_pairs,
    "type_error.list": _not_a_list,
    "type_error.none.not_allowed": _nothing,
    "type_error.integer": _no_number,
    "value_error.const": _not_allowed,
    "value_error.str.regex": _wrong_name,
    "value_error.any_str.min_length": _too_short,
    "value_error.list.min_items": _too_few,
    "value_error.list.max_items": _too_many,
    "type_error.bool": _no_yes_or_no,
    "value_error.date": lambda _, value: (
        f"{_shown(value)} is no day of the calendar",
        "check month and day",
    ),
    "value_error.number.not_gt": _out_of_range("more than {}"),
    "value_error.number.not_ge": _out_of_range("{} or more"),
    "value_error.number.not_le": _out_of_range("{} or less"),
}


def _wrong_names(mapping: Any, at: At, refusal: Refusal) -> Iterator[Finding]:
    """The library does not tell which name of a mapping is wrong: look for all that are."""
    permitted = [str(name) for name in refusal.context.get("permitted", ())]
    for name in mapping:
        if permitted and name not in permitted:
            yield Finding((*at, name), f'"{name}" is not known here', did_you_mean(name, permitted))
        elif not permitted and not re.match(NAME_PATTERN, name):
            yield Finding((*at, name), f"{_shown(name)} is no name", _NAME_RULE)


def _fields(model: Any) -> set[str]:
    return {field.alias for field in model.__fields__.values()} if model else set()


def _expected(refusal: Refusal) -> Any:
    """The type that stands at the end of the way, as far as it can be told."""
    fields: dict[str, ModelField] = {}
    if refusal.model:
        fields = {field.alias: field for field in refusal.model.__fields__.values()}
    field = fields.get(str(refusal.within[0])) if refusal.within else None
    return field.type_ if field else None


def _shown(value: Any) -> str:
    """A value as it is written, shortened."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "names with values"
    text = " ".join(str(value).split())
    return f'"{text[:SHOWN_CHARACTERS]}…"' if len(text) > SHOWN_CHARACTERS else f'"{text}"'
