"""The protocol as a document: complete, escaped, self-contained and the same for the same protocol."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
from markdown_it import MarkdownIt
from pydantic import BaseModel
from typer.testing import CliRunner

from relevo.cli import app
from relevo.protocol import LANGUAGES, Language, Protocol, Text
from relevo.protocol.parts.base import Wordings
from relevo.protocol.parts.business import Party
from relevo.protocol.parts.channels import Format
from relevo.protocol.parts.complaints import Examples
from relevo.protocol.parts.contingency import Grantor, Outcome, Priority, Tone, When
from relevo.protocol.parts.durations import ResponseTarget
from relevo.protocol.parts.ground_rules import ForbiddenTerm, Move
from relevo.protocol.parts.notices import Notice
from relevo.protocol.render import voice as voice_module
from relevo.protocol.render.conditions import describe
from relevo.protocol.render.document import write_document
from relevo.protocol.render.hours import describe_hours
from relevo.protocol.render.html import page, prose
from relevo.protocol.render.markdown import escaped, markdown
from relevo.protocol.render.voice import Voice

DAY = date(2026, 12, 1)
HOSTILE = '<x-evil a="b">&amp; {0} *b* _i_ `c` [d](e) | # '


class Page(HTMLParser):
    """What a browser makes of a page, as far as the tests look at it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.raw: dict[str, str] = {}
        self._inside = ""
        self._pieces: list[str] = []
        self.feed(html)
        self.text = plain("".join(self._pieces))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))
        self._inside = tag if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside] = data
        else:
            self._pieces.append(data)

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


def plain(text: str) -> str:
    return " ".join(text.split())


def html_of(protocol: Protocol, language: Language) -> Page:
    return Page(page(write_document(protocol, language, DAY)))


def texts_of(part: Any, language: Language) -> Iterator[str]:
    """Every text for people in a part of the protocol."""
    if isinstance(part, Text):
        yield part.in_language(language)
    elif isinstance(part, Wordings | Examples):
        yield from getattr(part, language)
    elif isinstance(part, ForbiddenTerm):
        yield from (part.term, part.instead) if part.language == language else ()
    elif isinstance(part, BaseModel):
        for _, value in part:
            yield from texts_of(value, language)
    elif isinstance(part, dict):
        for value in part.values():
            yield from texts_of(value, language)
    elif isinstance(part, list):
        for value in part:
            yield from texts_of(value, language)


def with_texts(part: Any, before: str) -> Any:
    """A copy of a part in which every text begins with another one; nothing is validated."""
    if isinstance(part, Text):
        return part.copy(update={language: before + part.in_language(language) for language in LANGUAGES})
    if isinstance(part, Wordings | Examples):
        lists = {name: [before + text for text in getattr(part, name)] for name in LANGUAGES}
        return part.copy(update=lists)
    if isinstance(part, BaseModel):
        return part.copy(update={name: with_texts(value, before) for name, value in part})
    if isinstance(part, dict):
        return {name: with_texts(value, before) for name, value in part.items()}
    return [with_texts(value, before) for value in part] if isinstance(part, list) else part


@pytest.fixture(scope="module")
def hostile(protocol: Protocol) -> Protocol:
    """The demo with markup in every text and name."""
    spoilt = with_texts(protocol, HOSTILE)
    company = spoilt.company.copy(update={"name": f"A {HOSTILE}", "assistant": f"B {HOSTILE}"})
    people = {key: one.copy(update={"name": HOSTILE + one.name}) for key, one in spoilt.roster.people.items()}
    roster = spoilt.roster.copy(update={"people": people})
    return spoilt.copy(update={"company": company, "roster": roster})


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


# --- the page ---------------------------------------------------------------------------------------------


def test_every_text_of_the_protocol_is_on_the_page_of_its_language(
    protocol: Protocol, language: Language
) -> None:
    text = html_of(protocol, language).text
    missing = [wanted for wanted in texts_of(protocol, language) if plain(wanted) not in text]
    assert missing == []


def test_people_rules_and_company_are_on_the_page(protocol: Protocol, language: Language) -> None:
    text = html_of(protocol, language).text
    people = protocol.roster.people.values()
    named = [value for one in people for value in (one.name, one.contact.email, one.contact.phone)]
    wanted = [*named, *(rule.id for rule in protocol.service.rubric), protocol.company.name]
    assert [value for value in wanted if value not in text] == []


def test_texts_of_the_other_language_are_not_on_the_page(protocol: Protocol) -> None:
    assert protocol.company.mission.es not in html_of(protocol, "en").text
    assert protocol.company.mission.en not in html_of(protocol, "es").text


def test_markup_in_texts_is_shown_and_never_read(hostile: Protocol, language: Language) -> None:
    found = html_of(hostile, language)
    assert "x-evil" not in {tag for tag, _ in found.tags}
    missing = [wanted for wanted in texts_of(hostile, language) if plain(wanted) not in found.text]
    assert missing == []


def test_nothing_is_loaded_from_elsewhere(protocol: Protocol, language: Language) -> None:
    found = html_of(protocol, language)
    assert {tag for tag, _ in found.tags} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    } == set()
    assert found.values("src") == found.values("style") == []
    assert not re.search(r"@import|url\(", found.raw["style"])
    assert not re.search(r"\bfetch\b|XMLHttpRequest|import\b", found.raw["script"])


def test_links_lead_into_the_document_to_people_or_to_what_the_texts_name(
    protocol: Protocol, language: Language
) -> None:
    texts = " ".join(texts_of(protocol, language))
    other = f"protocol.{'es' if language == 'en' else 'en'}.html"
    for address in html_of(protocol, language).values("href"):
        assert address.startswith(("#", "mailto:", "tel:")) or address == other or address in texts


def test_the_content_policy_allows_the_pages_own_style_and_script_and_nothing_else(
    protocol: Protocol,
) -> None:
    found = html_of(protocol, "en")
    [policy] = [
        attributes["content"]
        for tag, attributes in found.tags
        if "http-equiv" in attributes and tag == "meta"
    ]
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(found.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_every_anchor_exists_and_is_unique(hostile: Protocol, language: Language) -> None:
    found = html_of(hostile, language)
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    targets = {address[1:] for address in found.values("href") if address.startswith("#")}
    assert targets - set(ids) == set()


def test_headings_go_down_one_level_at_a_time(protocol: Protocol) -> None:
    levels = [int(tag[1]) for tag, _ in html_of(protocol, "en").tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_same_protocol_gives_the_same_bytes(protocol: Protocol, language: Language) -> None:
    again = Protocol.construct(**dict(protocol))
    for write in (page, markdown):
        one, other = (write(write_document(each, language, DAY)) for each in (protocol, again))
        assert one == other


def test_web_addresses_are_links_without_the_full_stop_and_blanks_stand_out() -> None:
    html = prose("See https://a.example/x?a=1&b=2. I'm [your name], case {folio} <b>")
    assert (
        '<a href="https://a.example/x?a=1&amp;b=2" rel="noreferrer">https://a.example/x?a=1&amp;b=2</a>.'
        in html
    )
    assert '<span class="slot">[your name]</span>, case <span class="slot">{folio}</span> &lt;b&gt;' in html


# --- Markdown ---------------------------------------------------------------------------------------------


def test_markdown_has_the_sections_of_the_page_as_headings(protocol: Protocol, language: Language) -> None:
    document = write_document(protocol, language, DAY)
    headings = re.findall(r"^## (.*)$", markdown(document), re.MULTILINE)
    assert headings == [f"{section.number}. {section.title}" for section in document.sections]


def test_markdown_shows_every_text_as_it_is(hostile: Protocol, language: Language) -> None:
    html = MarkdownIt("commonmark").enable("table").render(markdown(write_document(hostile, language, DAY)))
    found = Page(html.replace("<br>", " "))
    assert "x-evil" not in {tag for tag, _ in found.tags}
    missing = [wanted for wanted in texts_of(hostile, language) if plain(wanted) not in found.text]
    assert missing == []


@pytest.mark.parametrize("text", ["1. one", "12) two", "# three", "- four", "+ five", "two\n=== lines"])
def test_markdown_takes_no_text_for_a_list_or_heading(text: str) -> None:
    html = MarkdownIt().render(escaped(text))
    assert {tag for tag, _ in Page(html).tags} == {"p"}
    assert Page(html).text == plain(text)


def test_the_contents_of_markdown_lead_to_its_headings(protocol: Protocol, language: Language) -> None:
    text = markdown(write_document(protocol, language, DAY))
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"^- \[.*\]\(#(.*)\)$", text, re.MULTILINE)) == anchors


# --- in words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "english", "spanish"),
    [
        (
            {"intent": "contact_human_agent"},
            "the customer asks for a person",
            "el cliente pide hablar con una persona",
        ),
        ({"tone": "angry"}, "the customer sounds angry", "el cliente se oye enojado"),
        ({"not": {"tone": "threat"}}, "the customer doesn't threaten us", "el cliente no nos amenaza"),
        (
            {"tones_lately": {"tones": ["angry"], "messages": 2, "of_last": 3}},
            "the customer sounds angry in two of the last three messages",
            "el cliente se oye enojado en dos de los últimos tres mensajes",
        ),
        (
            {"tones_lately": {"tones": ["frustrated", "angry", "abusive"], "messages": 2, "of_last": 2}},
            "the customer sounds frustrated or angry or insults us in the last two messages",
            "el cliente se oye frustrado o enojado o nos insulta en los últimos dos mensajes",
        ),
        (
            {"misunderstandings": 2},
            "two messages in a row, at least one of them not understood and the rest out of scope, "
            "get no help",
            "no se puede ayudar en dos mensajes seguidos, al menos uno sin entender y los demás "
            "fuera de tema",
        ),
        (
            {"again": {"times": 3}},
            "the same question comes three times",
            "la misma pregunta llega tres veces",
        ),
        (
            {"again": {"intent": "out_of_scope", "times": 2}},
            "the customer asks for something that we don't offer, twice in the conversation",
            "el cliente pide algo que no ofrecemos, dos veces en la conversación",
        ),
        (
            {"rising_frustration": {"of_last": 5, "rises": 2}},
            "the customer gets more upset, twice within the last five messages, without calming down",
            "la molestia del cliente sube dos veces en los últimos cinco mensajes, sin que se calme",
        ),
        (
            {"not": {"amount_above": 20_000}},
            "the customer names no amount above MXN 20,000",
            "el cliente no menciona ningún monto mayor de 20,000 MXN",
        ),
        (
            {"earlier_cases": {"cases": 2, "days": 30}},
            "the customer has had at least two earlier cases in the last 30 days",
            "el cliente tuvo al menos dos casos en los últimos 30 días",
        ),
        (
            {"earlier_cases": {"cases": 1, "days": 7}},
            "the customer has had an earlier case in the last 7 days",
            "el cliente tuvo otro caso en los últimos 7 días",
        ),
        (
            {"notice": "gone"},
            "the notice “Gone” is in force",
            "está vigente el aviso «Gone»",
        ),
        ({"event": "nobody_available"}, "nobody is available", "no hay nadie disponible"),
        (
            {"all": [{"event": "target_missed"}, {"area": "senior_care"}, {"not": {"priority": "urgent"}}]},
            "an answer is late, the case is with Senior care, and the case's priority is not urgent",
            "una respuesta se atrasó, el caso está en Atención especializada "
            "y la prioridad del caso no es urgente",
        ),
        (
            {"all": [{"opening": "closed"}, {"any": [{"channel": "whatsapp"}, {"tone": "angry"}]}]},
            "it is outside opening hours and (the conversation is on WhatsApp or the customer sounds angry)",
            "está fuera del horario de atención y "
            "(la conversación va por WhatsApp o el cliente se oye enojado)",
        ),
        (
            {"not": {"any": [{"opening": "open"}, {"not": {"event": "target_missed"}}]}},
            "it is outside opening hours and an answer is late",
            "está fuera del horario de atención y una respuesta se atrasó",
        ),
    ],
)
def test_conditions_are_told_as_people_say_them(
    protocol: Protocol, when: dict[str, Any], english: str, spanish: str
) -> None:
    condition = When.parse_obj(when)
    assert describe(condition, Voice(protocol, "en", DAY)) == english
    assert describe(condition, Voice(protocol, "es", DAY)) == spanish


def test_a_condition_on_a_notice_names_its_title(protocol: Protocol) -> None:
    name, notice = next(iter(protocol.notices.items()))
    told = describe(When(notice=name), Voice(protocol, "en", DAY))
    assert told == f"the notice “{notice.title.en}” is in force"


def test_the_plan_tells_what_is_said_first_and_what_the_assistant_does_while_a_customer_waits(
    protocol: Protocol,
) -> None:
    text = html_of(protocol, "en").text
    assert "Answer if the protocol has an answer, then hand over to Senior care" in text
    for name in ("acknowledge_anger", "acknowledge_frustration", "hand_off_anger"):
        assert plain(protocol.words[name].en[0]) in text
    assert "answers plain questions meanwhile" in text
    assert "The customer can't call it off." in text


def test_a_condition_on_a_topic_names_its_title(protocol: Protocol) -> None:
    title = protocol.topics["track_order"].title.en
    told = describe(When(intent="track_order"), Voice(protocol, "en", DAY))
    assert told == f"the customer asks about “{title}”"


def test_days_with_the_same_hours_are_told_together(protocol: Protocol) -> None:
    early, always = ["09:00-14:00", "16:00-24:00"], ["00:00-24:00"]
    weekly = {"monday": early, "tuesday": early, "wednesday": early, "thursday": always, "friday": always}
    assert describe_hours(weekly, Voice(protocol, "en", DAY)) == [
        "Monday to Wednesday: 9:00\u00a0AM – 2:00\u00a0PM and 4:00\u00a0PM – midnight",
        "Thursday and Friday: around the clock",
        "Saturday and Sunday: closed",
    ]
    assert describe_hours(weekly, Voice(protocol, "es", DAY))[:2] == [
        "Lunes a miércoles: 9:00 – 14:00 y 16:00 – 24:00",
        "Jueves y viernes: las 24 horas",
    ]


@pytest.mark.parametrize(
    ("target", "english"),
    [
        ("90 s", "within 1 minute, 30 seconds"),
        ("2 min", "within 2 minutes"),
        ("22 h", "within 22 hours (about two working days)"),
        ("same day", "the same day"),
    ],
)
def test_targets_are_told_in_opening_hours(protocol: Protocol, target: str, english: str) -> None:
    told = Voice(protocol, "en", DAY).response_target(ResponseTarget.parse(target))
    assert told.replace(" and ", ", ") == english


@pytest.mark.parametrize(
    ("texts", "both", "either"),
    [
        (["inglés", "español"], "inglés y español", "inglés o español"),
        (["español", "inglés"], "español e inglés", "español o inglés"),
        (["siete", "ocho"], "siete y ocho", "siete u ocho"),
        (["fuego", "hielo"], "fuego y hielo", "fuego o hielo"),
    ],
)
def test_spanish_lists_sound_right(protocol: Protocol, texts: list[str], both: str, either: str) -> None:
    voice = Voice(protocol, "es", DAY)
    assert voice.join(texts) == both
    assert voice.either(texts) == either


@pytest.mark.parametrize(
    ("days_before_first", "state"), [(1, "Próximos"), (0, "Vigentes")], ids=["before", "on the first day"]
)
def test_a_notice_is_shown_as_coming_or_in_force(
    protocol: Protocol, days_before_first: int, state: str
) -> None:
    name, notice = next(iter(protocol.notices.items()))
    today = date.fromordinal(notice.first_day.toordinal() - days_before_first)
    alone = protocol.copy(update={"notices": {name: notice}})
    [section] = [one for one in write_document(alone, "es", today).sections if one.anchor == "notices"]
    assert [title for _, title in section.entries] == [state]


def test_a_past_notice_is_shown_as_past_and_no_notice_at_all_is_said(protocol: Protocol) -> None:
    last = max(notice.last_day for notice in protocol.notices.values())
    later = write_document(protocol, "en", date.fromordinal(last.toordinal() + 1))
    assert "No notice is in force." in Page(page(later)).text
    none = write_document(protocol.copy(update={"notices": {}}), "en", DAY)
    assert "There are no notices." in Page(page(none)).text


def test_both_languages_have_the_same_words_and_placeholders() -> None:
    english, spanish = (voice_module._read(language) for language in LANGUAGES)
    assert english.keys() == spanish.keys()

    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert {key for key in english if names(english[key]) ^ names(spanish[key])} == set()


@pytest.mark.parametrize(
    ("choices", "keys"),
    [
        (Outcome, "outcomes.{}"),
        (Priority, "priorities.{}"),
        (Grantor, "grantors.{}"),
        (Move, "moves.{}"),
        (Party, "parties.{}"),
        (Format, "channels.formats.{}"),
        (Notice.__fields__["audience"].outer_type_, "audiences.{}"),
        (When.__fields__["event"].type_, "conditions.{}.yes"),
        (When.__fields__["opening"].type_, "conditions.{}.no"),
    ],
)
def test_every_choice_of_the_schema_has_words(protocol: Protocol, choices: Any, keys: str) -> None:
    voice = Voice(protocol, "es", DAY)
    names = get_args(choices)
    assert names
    assert [name for name in names if not voice.has(keys.format(name))] == []


def test_every_tone_has_words(protocol: Protocol) -> None:
    told = {describe(When(tone=tone), Voice(protocol, "es", DAY)) for tone in get_args(Tone)}
    assert len(told) == len(get_args(Tone))


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_writes_a_page_and_markdown_for_each_language(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["render", "--out", str(tmp_path / "new"), "--on", "2026-12-01"])
    assert answer.exit_code == 0, answer.output
    names = [f"protocol.{language}.{kind}" for language in LANGUAGES for kind in ("html", "md")]
    assert answer.stdout.split() == [str(tmp_path / "new" / name) for name in names]
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == sorted(names)


def test_the_command_writes_one_language_alone_and_says_when_it_cannot_write(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["render", "--out", str(tmp_path), "--language", "es"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["protocol.es.html", "protocol.es.md"]
    (tmp_path / "file").write_text("")
    answer = CliRunner(mix_stderr=False).invoke(app, ["render", "--out", str(tmp_path / "file")])
    assert answer.exit_code == 1
    assert "choose another folder" in answer.stderr
