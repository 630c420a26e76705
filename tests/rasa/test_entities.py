"""Entities of a message: what is found, where it stands, and how long that takes."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from relevo.nlu.entities import PatternEntityExtractor
from relevo.nlu.examples import plain_text
from relevo.nlu.products import ProductExtractor, ProductNames
from relevo.nlu.spans import PlainText
from relevo.protocol import LANGUAGES

TUESDAY_NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("America/Mexico_City")).timestamp()
ELEVEN_AT_NIGHT = TUESDAY_NOON + 11 * 3_600
MIN_FOUND = 0.98
"""Of the annotated entities: people may annotate what is beyond patterns."""
FILES = [file for language in LANGUAGES for file in (ROOT / "data" / "nlu" / language).glob("*.yml")]
PRODUCTS = [str(ROOT / "data" / "nlu" / language / "products.yml") for language in LANGUAGES]
TRICKY = st.one_of(
    st.text(max_size=80),
    st.text("0123456789CJRV- $.,/:@amp\u200f\u202b\u0301\u0336ñ[]()", max_size=80),
    st.lists(
        st.sampled_from(
            [
                *("CJ-483920", "RV-7K3M-9QXT", "55 1234 5678", "ana@example.com", "$1,299", "120000"),
                *("mañana", "15/12", "a las 5", "pm", "pesos", "sillones", "last week", "\u202e", "y"),
            ]
        ),
        max_size=12,
    ).map(" ".join),
)


@pytest.fixture(scope="module")
def lookups() -> TrainingData:
    data = TrainingData()
    return data.merge(*(load_data(file) for file in PRODUCTS))


@pytest.fixture(scope="module")
def products(lookups: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> ProductExtractor:
    """As it comes out of a trained model."""
    storage, resource = LocalModelStorage(tmp_path_factory.mktemp("model")), Resource("products")
    config: dict[str, Any] = ProductExtractor.get_default_config()
    ProductExtractor.create(config, storage, resource, None).train(lookups)
    return ProductExtractor.load(config, storage, resource, None)


@pytest.fixture(scope="module")
def patterns() -> PatternEntityExtractor:
    extractor = PatternEntityExtractor(PatternEntityExtractor.get_default_config())
    extractor.clock = lambda: TUESDAY_NOON
    return extractor


@pytest.fixture(scope="module")
def understand(patterns: PatternEntityExtractor, products: ProductExtractor) -> Any:
    """The entities of a message, by both components in turn."""

    def entities(text: str, language: str = "es", title: str | None = None) -> list[dict[str, Any]]:
        message = Message({"text": text, "language": {"name": language}, "metadata": {"title": title}})
        found: list[dict[str, Any]] = products.process(patterns.process([message]))[0].get("entities", [])
        return found

    return entities


def values(entities: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entity["entity"], entity["value"]) for entity in entities]


def test_every_kind_is_found_with_its_place(understand: Any) -> None:
    text = (
        "Hola, pedí 2 sillones por $4,560 el 3 de octubre, orden cj 483920, folio rv 7k3m 9qxt; "
        "mi cel es 55 1234 5678 o ana@example.com"
    )
    found = understand(text)
    assert [(e["entity"], text[e["start"] : e["end"]], e["value"]) for e in found] == [
        ("amount", "$4,560", "4560.00"),
        ("date", "el 3 de octubre", "2026-10-03"),
        ("order_number", "cj 483920", "CJ-483920"),
        ("folio", "rv 7k3m 9qxt", "RV-7K3M-9QXT"),
        ("phone", "55 1234 5678", "+525512345678"),
        ("email", "ana@example.com", "ana@example.com"),
        ("product", "sillones", "sillón"),
    ]
    assert {e["extractor"] for e in found} == {"PatternEntityExtractor", "ProductExtractor"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CJ-483920 y CJ-111111", ["CJ-483920", "CJ-111111"]),
        ("RV-1111-1111 o RV-2222-2222", ["RV-1111-1111", "RV-2222-2222"]),
        ("55 1234 5678 or (210) 555-0134", ["+525512345678", "+12105550134"]),
        ("044 55 1234 5678 y +52 1 33 3615 4488", ["+525512345678", "+523336154488"]),
        ("ana@example.com, luis@example.com.mx.", ["ana@example.com", "luis@example.com.mx"]),
        ("from $12 to 15 dollars", ["12.00", "15.00 USD"]),
        ("sofas, mesa y tele", ["sofa", "mesa", "tele"]),
    ],
)
def test_several_of_a_kind_are_all_found(understand: Any, text: str, found: list[str]) -> None:
    assert [value for _, value in values(understand(text, "en"))] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$483920", [("amount", "483920.00")]),
        ("120000 pesos", [("amount", "120000.00 MXN")]),
        ("sofa@example.com", [("email", "sofa@example.com")]),
        ("044 55 1234 5678", [("phone", "+525512345678")]),
        ("2026-11-30", [("date", "2026-11-30")]),
    ],
)
def test_each_character_belongs_to_one_entity(
    understand: Any, text: str, found: list[tuple[str, str]]
) -> None:
    entities = understand(text)
    assert values(entities) == found
    assert (entities[0]["start"], entities[0]["end"]) == (0, len(text))


def test_title_of_a_button_is_read_but_has_no_place_in_the_message(understand: Any) -> None:
    (found,) = understand("/track_order", title="CJ-483920")
    assert found == {
        "entity": "order_number",
        "value": "CJ-483920",
        "extractor": "PatternEntityExtractor",
    }


def test_tomorrow_is_the_companys_tomorrow() -> None:
    """Late in the evening it is the next day already in UTC."""
    extractor = PatternEntityExtractor(PatternEntityExtractor.get_default_config())
    extractor.clock = lambda: ELEVEN_AT_NIGHT
    (message,) = extractor.process([Message({"text": "mañana"})])
    assert message.get("entities")[0]["value"] == "2026-11-25"


def test_number_that_is_cut_at_the_end_of_a_long_text_is_not_taken_for_another(understand: Any) -> None:
    assert understand("x " * 496 + "CJ-4839201234") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2 sillones", ["sillón"]),
        ("EL SILLON", ["sillón"]),
        ("los sofás", ["sofá"]),
        ("two sofas", ["sofa"]),
        ("mattresses", ["mattress"]),
        ("AIR-FRYERS", ["air fryer"]),
        ("freidora de aire", ["freidora de aire"]),
        ("the sofa's leg", ["sofa"]),
        ("¿está cubierto por la garantía?", []),
        ("help desk", []),
        ("I woke up", []),
        ("mi tel es ese", []),
        ("is it dry", []),
    ],
)
def test_plurals_and_accents_of_products_make_no_difference(
    understand: Any, text: str, found: list[str]
) -> None:
    assert [value for name, value in values(understand(text)) if name == "product"] == found


def test_each_product_is_found_as_it_is_listed_and_without_accents(lookups: TrainingData) -> None:
    tables = [table["elements"] for table in lookups.lookup_tables if table["name"] == "product"]
    names = [name for table in tables for name in table]
    finder = ProductNames(names)
    for name in names:
        for typed in (name, name.upper(), PlainText.of(name).text):
            assert [(span.start, span.end) for span in finder.find(PlainText.of(typed))] == [(0, len(name))]


@given(TRICKY)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_each_entity_stands_in_it(understand: Any, text: str) -> None:
    for language in LANGUAGES:
        entities = understand(text, language)
        places = sorted((entity["start"], entity["end"]) for entity in entities)
        assert all(
            text[start:end] and entity["value"] for (start, end), entity in zip(places, entities, strict=True)
        )
        assert all(end <= start for (_, end), (start, _) in pairwise(places))


@given(st.sampled_from(["$1,299", "mañana", "sillones"]), st.text("\u0300\u0336\u0489", max_size=30))
@settings(deadline=None)
def test_zalgo_hides_nothing_and_belongs_to_what_it_is_written_on(
    understand: Any, word: str, marks: str
) -> None:
    zalgo = "".join(character + marks for character in word)
    (found,) = understand(f"¡{zalgo}!")
    (plain,) = understand(f"¡{word}!")
    assert found["value"] == plain["value"]
    assert (found["start"], found["end"]) == (1, 1 + len(zalgo))


@pytest.mark.parametrize("direction", "\u200e\u200f\u202a\u202b\u202e\u2066\u2067")
def test_marks_of_writing_direction_hide_nothing(understand: Any, direction: str) -> None:
    text = f"{direction}55 1234 5678\u202c {direction}ma\u200dñana\u2069 {direction}CJ-483920"
    assert dict(values(understand(text))) == {
        "phone": "+525512345678",
        "date": "2026-11-25",
        "order_number": "CJ-483920",
    }


@pytest.mark.parametrize(
    "piece",
    [
        "CJ-483920 ",
        "1 ",
        "$1,",
        "a las ",
        "á",
        "e\u0301\u0302\u0303",
        "hace como ",
        "@",
        "55 1234 5678 ",
        "a@b.",
        "(",
    ],
)
def test_huge_text_takes_no_longer_than_a_long_one(understand: Any, piece: str) -> None:
    understand("mañana")
    started = process_time()
    understand((piece * 100_000)[:100_000])
    assert process_time() - started < 0.5


def test_message_without_dates_takes_less_than_a_millisecond(understand: Any) -> None:
    text = "hola, quiero saber por qué no llega mi pedido CJ-483920 de la licuadora si ya pagué $1,299"

    def seconds() -> float:
        started = process_time()
        understand(text)
        return process_time() - started

    assert min(seconds() for _ in range(50)) < 0.001


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_annotated_utterances_are_the_plain_text_that_rasa_reads(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        example = line.strip().removeprefix("- ")
        if "[" in example:
            assert plain_text(example) == parse_training_example(example).get("text")


def test_what_is_annotated_in_the_utterances_is_found(understand: Any) -> None:
    annotated = [
        (
            language,
            example.get("text"),
            {(e["entity"], e["start"], e["end"]) for e in example.get("entities", [])},
        )
        for language in LANGUAGES
        for example in load_data(str(ROOT / "data" / "nlu" / language)).entity_examples
    ]
    found = [
        {(e["entity"], e["start"], e["end"]) for e in understand(text, language)}
        for language, text, _ in annotated
    ]
    kept = sum(len(right & seen) for (_, _, right), seen in zip(annotated, found, strict=True))
    assert kept >= MIN_FOUND * sum(len(right) for _, _, right in annotated)
