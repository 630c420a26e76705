"""Protocol folders that tests may spoil: a copy of the demo, and one that is as small as can be."""

from __future__ import annotations

import shutil
from pathlib import Path

from builders import ROOT

from relevo.protocol.required import ACTED_TOPICS, REQUIRED_TOPICS, REQUIRED_WORDS

DEMO = ROOT / "protocol"
CHAT = """\
webchat:
  title: {en: Chat, es: Chat}
  public: {en: Visitors, es: Visitas}
  greeting: {en: Hello, es: Hola}
  closing: {en: Bye, es: Adiós}
  style: {en: Brief, es: Breve}
  format: simple
  emoji: none
  max_characters: 600
  first_response: 2 min
"""
HOURS = """\
hours:
  title: {en: Hours, es: Horario}
  answers:
    en: [From 9 to 8]
    es: [De 9 a 20]
  quick_replies: [hours]
"""
PASSING = """\
passing:
  en: [I pass you on.]
  es: [Te paso., Un momento.]
"""


def _topic(name: str) -> str:
    """A topic that every protocol has: with its name as answer, or left to an action."""
    title = f"  title: {{en: {name[:20]!r}, es: {name[:20]!r}}}\n"
    return f"{name}:\n{title}" + (
        "" if name in ACTED_TOPICS else f"  answers: {{en: [{name}], es: [{name}]}}\n"
    )


def _words(name: str, filled: tuple[str, ...]) -> str:
    """Words that every protocol has: their name, with all that is filled in."""
    text = " ".join([name, *(f"{{{placeholder}}}" for placeholder in filled)])
    return f'{name}: {{en: ["{text}"], es: ["{text}"]}}\n'


SMALLEST = {
    "company.yml": """\
name: Tienda
assistant: Luz
default_language: es
introduction: {en: Be kind, es: Con amabilidad}
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
people:
  ana:
    name: Ana
    role: {en: Agent, es: Agente}
    area: care
    reports_to: null
    languages: [en, es]
    channels: [webchat]
    contact: {email: ana@tienda.example, phone: "55 1234 5678"}
""",
    "service.yml": """\
why: {en: They come back, es: Regresan}
dos:
  - {id: greet, text: {en: Greet, es: Saluda}}
donts:
  - {id: argue, text: {en: Argue, es: Discutir}}
""",
    "ground_rules.yml": """\
registers:
  webchat: {en: everyday, es: everyday}
situations:
  delay: {title: {en: Late, es: Tarde}, moves: [acknowledge, act], example: {en: I see, es: Ya veo}}
forbidden_terms: []
in_doubt: {en: Ask, es: Pregunta}
not_my_area: {en: Refer, es: Turna}
diversity: {en: Respect, es: Respeta}
""",
    "channels.yml": CHAT,
    "contingency.yml": """\
targets:
  normal: {first_response: 5 min, next_response: 30 min, resolution: 2 days}
escalation:
  - {when: missed, levels_up: 1}
recovery: {}
triggers:
  - id: asks_for_person
    title: {en: Person, es: Persona}
    when: {intent: contact_human_agent}
    area: care
    words: passing
    guidance: {en: Greet, es: Saluda}
""",
    "complaints.yml": """\
area: care
priority: normal
causes:
  late:
    title: {en: Late, es: Tarde}
    examples:
      en: [it is late, nothing has come, still waiting]
      es: [llega tarde, no ha llegado nada, sigo esperando]
    apology: {en: Sorry, es: Lo lamento}
    remedy: {en: We look, es: Lo buscamos}
    area: care
procedure:
  - {step: file, title: {en: File, es: Registrar}, text: {en: Write down, es: Anota}}
closing_reasons:
  solved: {en: Solved, es: Resuelta}
""",
    "privacy.yml": """\
law: {en: The law, es: La ley}
terms: {answer: 20, carry_out: 15, holidays: MX}
rights:
  access: {title: {en: see, es: ver}, says: {en: [see], es: [ver]}}
  rectification: {title: {en: mend, es: corregir}, says: {en: [mend], es: [corregir]}}
  cancellation: {title: {en: delete, es: borrar}, says: {en: [delete], es: [borrar]}}
  opposition: {title: {en: object, es: oponerte}, says: {en: [object], es: [oponerme]}}
retention: {conversations: 30 days, cases: 30 days, follow_ups: 30 days}
""",
    "notices.yml": "{}\n",
    "business.yml": """\
spokespersons:
  - {party: press, person: ana, guidance: {en: Be brief, es: Breve}}
no_comment:
  - {en: Lawsuits, es: Juicios}
etiquette:
  - {en: On time, es: Puntual}
""",
    "words.yml": PASSING + "".join(_words(name, filled) for name, filled in REQUIRED_WORDS.items()),
    "topics/all.yml": HOURS + "".join(map(_topic, REQUIRED_TOPICS)),
}
"""The files of a protocol with nothing but what every protocol must have, and the topic `hours`."""


def demo_copy(folder: Path) -> Path:
    """A copy of the demo company's protocol."""
    return Path(shutil.copytree(DEMO, folder / "protocol"))


def smallest_protocol(folder: Path) -> Path:
    """A protocol with no more than every protocol must have."""
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
