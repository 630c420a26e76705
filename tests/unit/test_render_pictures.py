"""The pictures of the document: the organisation chart and the way of a message."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.protocol import LANGUAGES, Language, Protocol
from relevo.protocol.conditions import names_event
from relevo.protocol.parts.contingency import When
from relevo.protocol.render import chart, flow
from relevo.protocol.render.blocks import Picture
from relevo.protocol.render.svg import Font, text_width, wrap
from relevo.protocol.render.tree import Measures, Node, layout
from relevo.protocol.render.voice import Voice

DAY = date(2026, 12, 1)
MEASURES = Measures(box=100, gap=10, indent=20)
EVIL = '<script>&"'


def tree(parents: list[int]) -> tuple[Node, list[Node]]:
    """A tree whose node `n + 1` stands below the node that the list names at `n`."""
    nodes = [Node("0")]
    for number, parent in enumerate(parents, 1):
        node = Node(str(number))
        nodes[parent % number].children.append(node)
        nodes.append(node)
    return nodes[0], nodes


def words_in(strips: tuple[str, ...]) -> str:
    """All that drawings say, in order; fails unless each is well-formed XML."""
    drawings = [ElementTree.fromstring(strip) for strip in strips]  # noqa: S314 - our own
    texts = [element.text or "" for drawing in drawings for element in drawing.iter()]
    return " ".join(text for text in texts if text)


def pictures(protocol: Protocol, language: Language) -> list[Picture]:
    voice = Voice(protocol, language, DAY)
    return [chart.picture_of(voice), flow.picture_of(voice)]


@given(st.lists(st.integers(0, 40), max_size=39), st.sampled_from([0, 300, 900]))
def test_no_box_of_a_tree_covers_another_and_parents_stand_above(parents: list[int], width: int) -> None:
    root, nodes = tree(parents)
    size = layout(root, MEASURES, width)
    rows: dict[int, list[float]] = {}
    for node in nodes:
        rows.setdefault(node.row, []).append(node.x)
        assert all(child.row > node.row for child in node.children)
        assert 0 <= node.x <= size.width - MEASURES.box
    for places in map(sorted, rows.values()):
        assert all(right - left >= MEASURES.box for left, right in pairwise(places))
    assert max(rows) + 1 == size.rows


@pytest.mark.parametrize("people", [4, 12, 25, 40])
def test_a_company_of_any_size_fits_a_page(people: int) -> None:
    # A head, a lead for about every six people, and the people below the leads.
    leads = max(1, people // 7)
    root, _ = tree([0] * leads + [1 + number % leads for number in range(people - leads - 1)])
    size = layout(root, chart.MEASURES, chart.WIDE)
    assert size.width <= chart.WIDE
    assert size.rows <= 18


def test_few_people_stand_side_by_side_under_the_middle_of_their_superior() -> None:
    root, nodes = tree([0, 0, 0])
    assert layout(root, MEASURES, 900).rows == 2
    assert root.x == nodes[2].x == 110


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_shows_everyone_once_and_all_drawings_are_sound(
    protocol: Protocol, language: Language
) -> None:
    picture, _ = pictures(protocol, language)
    for strips in (picture.wide, picture.narrow):
        words = words_in(strips)
        assert all(words.count(word) for one in protocol.roster.people.values() for word in one.name.split())
        assert "".join(strips).count('class="chart-box"') == len(protocol.roster.people)


def test_people_who_report_in_a_circle_or_to_nobody_known_are_on_the_chart(protocol: Protocol) -> None:
    people = dict(list(protocol.roster.people.items())[:4])
    first, second, third, fourth = people
    superiors = {first: second, second: first, third: "somebody_gone", fourth: None}
    changed = {name: people[name].copy(update={"reports_to": above}) for name, above in superiors.items()}
    roots = chart.hierarchy(protocol.roster.copy(update={"people": changed}))
    assert sorted(node.name for root in roots for node in root.walk()) == sorted(people)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_flow_shows_every_trigger_in_its_order_with_what_follows(
    protocol: Protocol, language: Language
) -> None:
    _, picture = pictures(protocol, language)
    for strips in (picture.wide, picture.narrow):
        words = words_in(strips)
        places = [
            words.index(f"{number}. {trigger.title.in_language(language)}"[:12])
            for number, trigger in enumerate(protocol.contingency.triggers, 1)
        ]
        assert places == sorted(places)
        # Beside the triggers: where each lane begins and ends.
        assert len(strips) == len(places) + 4


def test_what_happens_without_a_message_has_a_lane_of_its_own() -> None:
    event = {"event": "target_missed"}
    assert names_event(When.parse_obj(event))
    assert names_event(When.parse_obj({"all": [{"any": [event]}, {"channel": "whatsapp"}]}))
    assert names_event(When.parse_obj({"not": event}))
    assert not names_event(When.parse_obj({"tone": "angry"}))


def test_texts_in_drawings_are_escaped(protocol: Protocol) -> None:
    people = {name: one.copy(update={"name": EVIL}) for name, one in protocol.roster.people.items()}
    changed = protocol.copy(update={"roster": protocol.roster.copy(update={"people": people})})
    picture, _ = pictures(changed, "en")
    assert EVIL in words_in(picture.wide)
    assert "<script" not in "".join(picture.wide)


def test_long_words_are_cut_and_no_line_is_too_wide() -> None:
    font = Font("any", 12)
    text = "Atención a " + "W" * 60 + " clientes"
    lines = wrap(text, font, 100)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, font) <= 100 for line in lines)
