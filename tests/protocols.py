"""Protocol folders that tests may spoil: a copy of the demo, and one that is as small as can be."""

from __future__ import annotations

import shutil
from pathlib import Path

from builders import ROOT

DEMO = ROOT / "protocol"
SMALLEST = {
    "company.yml": """\
name: Tienda
assistant: Luz
default_language: es
mission: {en: To sell, es: Vender}
vision: {en: To last, es: Durar}
values:
  - {en: Honesty, es: Honestidad}
hours:
  time_zone: America/Mexico_City
  holidays: [MX]
  weekly: {monday: ["09:00-14:00", "16:00-20:00"]}
""",
    "roster.yml": """\
areas:
  care: {title: {en: Care, es: Clientes}, competence: {en: All, es: Todo}}
""",
    "channels.yml": """\
webchat:
  title: {en: Chat, es: Chat}
  greeting: {en: Hello, es: Hola}
  closing: {en: Bye, es: Adiós}
  first_response_seconds: 120
  max_characters: 600
""",
    "contingency.yml": """\
targets:
  normal: {first_response_seconds: 300}
triggers:
  - id: person
    title: {en: Person, es: Persona}
    when: {intent: contact_human_agent}
    area: care
    priority: normal
    words: passing
    guidance: {en: Greet, es: Saluda}
""",
    "complaints.yml": "area: care\npriority: normal\n",
    "words.yml": """\
passing:
  en: ["I pass you on, {folio}."]
  es: ["Te paso, {folio}.", "Un momento, {folio}."]
""",
    "topics/all.yml": """\
hours:
  title: {en: Hours, es: Horario}
  answers:
    en: [From 9 to 8]
    es: [De 9 a 20]
  quick_replies: [hours]
""",
}


def demo_copy(folder: Path) -> Path:
    """A copy of the demo company's protocol."""
    return Path(shutil.copytree(DEMO, folder / "protocol"))


def smallest_protocol(folder: Path) -> Path:
    """A protocol with one of everything."""
    for name, text in SMALLEST.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def edit(file: Path, old: str, new: str) -> int:
    """Replace the one place where `old` stands; the number of its line."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
