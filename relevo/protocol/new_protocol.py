"""A new company's protocol, started from the demo: its names, hours and first person are written into it.

Comments and layout stay, so that the files explain themselves. Notices are commented out: what the demo
company announces is nobody else's news.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from relevo.errors import RelevoError
from relevo.protocol.opening_hours import WEEKDAYS
from relevo.protocol.parts.base import NAME_PATTERN, Language
from relevo.protocol.parts.roster import Person
from relevo.protocol.schema import Protocol
from relevo.protocol.yaml_edit import YamlText

WORKDAYS = WEEKDAYS[:5]
SATURDAY = WEEKDAYS[5]


class NotEmpty(RelevoError):
    """The folder for the new protocol holds something already."""


@dataclass(frozen=True)
class Beginnings:
    """What is asked before a protocol is started."""

    company: str
    assistant: str
    language: Language
    """In which a conversation begins."""
    time_zone: str
    holidays: list[str]
    """Codes of countries."""
    weekdays: list[str]
    """Periods from Monday to Friday, like "09:00-20:00"."""
    saturday: list[str]
    person: str
    """Someone of the first area."""
    email: str
    phone: str

    @classmethod
    def of(cls, protocol: Protocol) -> Beginnings:
        """What a protocol says of these things."""
        company, (_, person) = protocol.company, _first_person(protocol)
        return cls(
            company=company.name,
            assistant=company.assistant,
            language=company.default_language,
            time_zone=company.hours.time_zone,
            holidays=company.hours.holidays,
            weekdays=company.hours.weekly.get(WORKDAYS[0], []),
            saturday=company.hours.weekly.get(SATURDAY, []),
            person=person.name,
            email=person.contact.email,
            phone=person.contact.phone,
        )


def require_empty(folder: Path) -> None:
    """Make sure that nothing is overwritten.

    Raises:
        NotEmpty: the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotEmpty(f"{folder} is not empty; give the name of a new folder.")


def start_protocol(folder: Path, begin: Beginnings, demo_folder: Path, demo: Protocol) -> None:
    """Write a new protocol into `folder`, which is made if need be.

    Raises:
        NotEmpty: the folder holds something already.
    """
    require_empty(folder)
    for source in sorted(demo_folder.rglob("*.yml")):
        target = folder / source.relative_to(demo_folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        target.write_text(_rewritten(target.name, text, begin, demo), encoding="utf-8")


def places_left(folder: Path, demo: Protocol) -> dict[Path, int]:
    """How often each file still names the demo company's addresses; files without are left out."""
    domain = _first_person(demo)[1].contact.email.partition("@")[2]
    counts = {file: file.read_text(encoding="utf-8").count(domain) for file in sorted(folder.rglob("*.yml"))}
    return {file: count for file, count in counts.items() if count}


def _rewritten(name: str, text: str, begin: Beginnings, demo: Protocol) -> str:
    if name == "notices.yml":
        return _commented_out(text)
    file = YamlText(text)
    file.replace({demo.company.name: begin.company, demo.company.assistant: begin.assistant})
    if name == "company.yml":
        _write_company(file, begin, demo)
    key, _ = _first_person(demo)
    if name == "roster.yml":
        file.set(("people", key, "name"), begin.person)
        file.set(("people", key, "contact", "email"), begin.email)
        file.set(("people", key, "contact", "phone"), begin.phone)
    if name in ("roster.yml", "business.yml"):
        file.rename(key, _key_of(begin.person, demo))
    return str(file)


def _write_company(file: YamlText, begin: Beginnings, demo: Protocol) -> None:
    file.set(("name",), begin.company)
    file.set(("assistant",), begin.assistant)
    file.set(("default_language",), begin.language)
    file.set(("hours", "time_zone"), begin.time_zone)
    hours = demo.company.hours
    if begin.holidays != hours.holidays:
        file.set_list(("hours", "holidays"), begin.holidays)
    for day in (*WORKDAYS, SATURDAY):
        periods = begin.saturday if day == SATURDAY else begin.weekdays
        if periods != hours.weekly.get(day):
            file.set_list(("hours", "weekly", day), periods)


def _first_person(protocol: Protocol) -> tuple[str, Person]:
    """The name and record of the first person of the first area."""
    area = next(iter(protocol.roster.areas))
    return next(iter(protocol.roster.staff(area).items()))


def _key_of(person: str, demo: Protocol) -> str:
    """A short name for a person that nobody has yet, from their first two names."""
    plain = unicodedata.normalize("NFKD", person.lower()).encode("ascii", errors="ignore").decode()
    key = "_".join(re.findall(r"[a-z0-9]+", plain)[:2])
    old, _ = _first_person(demo)
    is_free = key not in {*demo.roster.people, *demo.roster.areas} and re.match(NAME_PATTERN, key)
    return key if is_free else old


def _commented_out(text: str) -> str:
    lines = [line if not line or line.startswith("#") else f"# {line}" for line in text.split("\n")]
    return "\n".join(lines)
