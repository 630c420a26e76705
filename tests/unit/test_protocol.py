"""The protocol's folder: the demo is sound, it loads for use, and what can't be used is refused.

What is told of mistakes is in `test_broken_protocols`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import Formatter
from time import process_time

import pytest
from protocols import DEMO, SMALLEST, demo_copy, edit, smallest_protocol

from relevo.protocol import LANGUAGES, Language, Protocol, ProtocolError, load_protocol
from relevo.protocol.check import check_protocol
from relevo.protocol.schema import Wordings

LOAD_SECONDS = 1.0
IN_FORCE = date(2026, 11, 24)
"""A day on which the demo's notices are in force."""
LATER = date(2030, 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return smallest_protocol(tmp_path / "protocol")


def refusal(folder: Path) -> list[str]:
    """What is told when a protocol can't be used."""
    with pytest.raises(ProtocolError) as refused:
        load_protocol(folder)
    return str(refused.value).splitlines()


def test_demo_loads_in_less_than_a_second() -> None:
    started = process_time()
    protocol = load_protocol(DEMO)
    assert process_time() - started < LOAD_SECONDS
    assert protocol.company.name == "Casa Jacaranda"


def test_demo_has_no_errors_on_a_day_of_its_notices() -> None:
    assert check_protocol(DEMO, IN_FORCE).errors == []


def test_smallest_protocol_loads(folder: Path) -> None:
    protocol = load_protocol(folder)
    assert protocol.topics["hours"].title.in_language("es") == "Horario"
    assert protocol.contingency.trigger("asks_for_person").area == "care"


def test_words_are_said_with_their_placeholders_filled(folder: Path) -> None:
    protocol = load_protocol(folder)
    assert protocol.say("claimed", "es", agent="Ana") == "claimed Ana"
    assert protocol.say("case_closed", "en", folio="RV-1111-1111") == "case_closed RV-1111-1111"


def test_unknown_trigger_is_a_key_error(folder: Path) -> None:
    with pytest.raises(KeyError):
        load_protocol(folder).contingency.trigger("nothing")


def test_same_files_have_the_same_hash_and_any_change_another(folder: Path, tmp_path: Path) -> None:
    before = load_protocol(folder).hash
    assert load_protocol(smallest_protocol(tmp_path / "elsewhere")).hash == before
    edit(folder / "words.yml", "Un momento", "Un  momento")
    assert load_protocol(folder).hash != before


# --- what is written is what is read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["No", "Yes", "on", "null and void", "007", "1.50", "9:30", "2026-01-01", "0x1F"]
)
def test_texts_need_no_quotes_to_be_texts(folder: Path, name: str) -> None:
    edit(folder / "company.yml", "name: Tienda", f"name: {name}")
    assert load_protocol(folder).company.name == name


def test_file_with_a_byte_order_mark_and_windows_line_ends_is_read(folder: Path) -> None:
    file = folder / "company.yml"
    before = load_protocol(folder).company
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_protocol(folder).company == before


def test_notices_may_be_an_empty_file(folder: Path) -> None:
    (folder / "notices.yml").write_text("# nothing to announce\n")
    assert load_protocol(folder).notices == {}


# --- what can't be used is refused -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SMALLEST if not name.startswith("topics/")])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (told,) = refusal(folder)
    assert told.startswith(f"{folder / name}: error: this file is missing; every protocol needs it")


def test_missing_topics_are_told(folder: Path) -> None:
    (folder / "topics" / "all.yml").unlink()
    assert refusal(folder)[0].startswith(f"{folder / 'topics'}: error: there are no topics; add")


def test_missing_folder_is_told(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere" / "company.yml") in "\n".join(refusal(tmp_path / "nowhere"))


def test_folder_in_place_of_a_file_is_told(folder: Path) -> None:
    (folder / "words.yml").unlink()
    (folder / "words.yml").mkdir()
    assert refusal(folder)[0].startswith(f"{folder / 'words.yml'}: error: this file can't be read")


def test_mistakes_of_all_files_are_told_at_once(folder: Path) -> None:
    edit(folder / "company.yml", "assistant: Luz", "assistent: Luz")
    edit(folder / "channels.yml", "max_characters: 600", "max_characters: many")
    edit(folder / "service.yml", "why: {", "why: [")
    edit(folder / "roster.yml", "area: care", "area: carre")
    assert [line.split(": ")[0] for line in refusal(folder)] == [
        f"{folder / 'channels.yml'}:9:3",
        f"{folder / 'company.yml'}:2:1",
        f"{folder / 'roster.yml'}:7:5",
        f"{folder / 'service.yml'}:1:39",
    ]


def test_unwise_protocol_loads(folder: Path) -> None:
    assert check_protocol(folder, IN_FORCE).warnings
    assert load_protocol(folder)


def test_system_starts_although_a_notice_is_past(tmp_path: Path) -> None:
    folder = demo_copy(tmp_path)
    told = check_protocol(folder, LATER).errors
    assert told
    assert all("this notice ended on" in problem.message for problem in told)
    assert load_protocol(folder).notices_in_force(LATER, "webchat") == {}


# --- the demo's texts --------------------------------------------------------------------------------------


def wordings_of(protocol: Protocol) -> dict[str, Wordings]:
    """All that the bot can say, by name."""
    answers = {name: topic.answers for name, topic in protocol.topics.items() if topic.answers}
    return {**protocol.words, **answers}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_buttons_read_alike(protocol: Protocol, language: Language) -> None:
    titles = [topic.title.in_language(language) for topic in protocol.topics.values()]
    assert len(set(titles)) == len(titles)


def test_every_wording_has_the_placeholders_of_all_the_others(protocol: Protocol) -> None:
    for name, said in wordings_of(protocol).items():
        texts = [text for language in LANGUAGES for text in said.in_language(language)]
        placeholders = [
            {field for _, field, _, _ in Formatter().parse(text) if field is not None} for text in texts
        ]
        assert all(found == placeholders[0] for found in placeholders), name


def test_every_answer_of_a_topic_varies(protocol: Protocol) -> None:
    for name, topic in protocol.topics.items():
        for language in LANGUAGES:
            texts = topic.answers.in_language(language) if topic.answers else ["a", "b"]
            assert len(set(texts)) >= 2, f"{name} in {language}"


def test_customer_can_always_ask_for_a_person(protocol: Protocol) -> None:
    (trigger,) = [t for t in protocol.contingency.triggers if t.when.intent == "contact_human_agent"]
    assert trigger.id == "asks_for_person"
