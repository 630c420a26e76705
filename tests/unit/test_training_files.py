"""New lines in the training files: below the last one of their label, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from builders import ROOT
from hypothesis import given
from hypothesis import strategies as st

from relevo.learning.labelled_lines import Kind, UnexpectedForm, as_kept, blocks
from relevo.learning.training_files import (
    AlreadyThere,
    TrainingFileError,
    TrainingFiles,
    UnknownLabel,
)
from relevo.learning.training_text import training_text

UTTERANCES = """\
version: "3.1"
nlu:
  # what is asked of orders
  - intent: track_order
    examples: |
      - ¿dónde está mi pedido?
      - rastrear [CJ-483920](order_number) 😀

  - intent: cancel_order  # before it came
    examples: |
      - cancela mi pedido
  - lookup: product
    examples: |
      - sofá
"""
TONES = """\
# Lines by tone.
calm:
  - gracias, ya llegó
  - "sí"  # agreed
angry:
  - 'esto es el colmo: ya no puedo'
"""
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60).map(training_text).filter(bool)
HARD = [
    "- no",
    "null",
    "123",
    "# hola",
    "a: b",
    "'",
    '"',
    "[x](y)",
    "[x]{y}",
    "\\u00e1",
    "{a}",
    "*a",
    "&a",
    "!a",
    "%",
    "~",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "data")


def written(folder: Path, utterances: str = UTTERANCES, tones: str = TONES) -> Path:
    """A folder with training files in Spanish."""
    for name, content in (("nlu/es/order.yml", utterances), ("tone/es.yml", tones)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode())
    return folder


def utterances_of(content: str, topic: str) -> list[str]:
    groups = yaml.safe_load(content)["nlu"]
    examples: str = next(group["examples"] for group in groups if group.get("intent") == topic)
    return [line.removeprefix("- ") for line in examples.splitlines() if line]


def test_an_utterance_goes_below_the_last_of_its_topic(folder: Path) -> None:
    files = TrainingFiles.load(folder).with_line("topic", "es", "track_order", 'ya no: ¿qué "pasó"?')
    assert files.present[folder / "nlu/es/order.yml"] == UTTERANCES.replace(
        "😀\n", '😀\n      - ya no: ¿qué "pasó"?\n'
    )


def test_a_tone_goes_below_the_last_of_its_kind_in_quotes_where_needed(folder: Path) -> None:
    files = TrainingFiles.load(folder)
    for tone, text in (("calm", "ok, va"), ("angry", "no: ¡ya!"), ("angry", "no")):
        files = files.with_line("tone", "es", tone, text)
    assert (
        files.present[folder / "tone/es.yml"]
        == TONES.replace("# agreed\n", "# agreed\n  - ok, va\n") + '  - "no: ¡ya!"\n  - "no"\n'
    )


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize(("kind", "label"), [("topic", "cancel_order"), ("tone", "calm")])
def test_hard_texts_can_be_read_again(folder: Path, kind: Kind, label: str, text: str) -> None:
    files = TrainingFiles.load(folder).with_line(kind, "es", label, text)
    content = files.present[files.changed[0]]
    assert as_kept(text, kind) in [line.text for block in blocks(content, kind) for line in block.lines]


@given(
    text=TEXTS,
    topic=st.sampled_from(["track_order", "cancel_order"]),
    line_break=st.sampled_from(["\n", "\r\n"]),
)
def test_any_utterance_is_added_and_every_old_byte_kept(text: str, topic: str, line_break: str) -> None:
    content = UTTERANCES.replace("\n", line_break)
    block = next(block for block in blocks(content, "topic") if block.label == topic)
    changed = block.append(content, "topic", text)
    added = f"{line_break}      - {as_kept(text, 'topic')}"
    assert changed == content[: block.end] + added + content[block.end :]
    assert utterances_of(changed, topic) == [*utterances_of(content, topic), as_kept(text, "topic")]
    other = {"track_order": "cancel_order", "cancel_order": "track_order"}[topic]
    assert utterances_of(changed, other) == utterances_of(content, other)


@given(text=TEXTS, tone=st.sampled_from(["calm", "angry"]), ending=st.sampled_from(["\n", "", "\n\n# end\n"]))
def test_any_tone_is_added_and_every_old_byte_kept(text: str, tone: str, ending: str) -> None:
    content = TONES.rstrip("\n") + ending
    block = next(block for block in blocks(content, "tone") if block.label == tone)
    changed = block.append(content, "tone", text)
    assert changed.startswith(content[: block.end]) and changed.endswith(content[block.end :])
    old = yaml.safe_load(content)
    assert yaml.safe_load(changed) == {**old, tone: [*old[tone], text]}


@pytest.mark.parametrize("text", ["¿DONDE ESTA  MI PEDIDO?", "Rastrear  cj-483920 😀"])
def test_a_line_that_is_there_but_for_accents_is_refused_also_in_another_topic(
    folder: Path, text: str
) -> None:
    files = TrainingFiles.load(folder)
    with pytest.raises(AlreadyThere, match=r"data/nlu/es/order.yml:[67] has it under track_order"):
        files.with_line("topic", "es", "cancel_order", text)
    assert files.with_line("tone", "es", "calm", text).changed == [folder / "tone/es.yml"]


def test_a_line_that_was_just_put_in_is_there(folder: Path) -> None:
    files = TrainingFiles.load(folder).with_line("tone", "es", "calm", "¡Qué bien!")
    with pytest.raises(AlreadyThere, match=r"es\.yml:5 has it under calm"):
        files.with_line("tone", "es", "angry", "¡que bien!")


@pytest.mark.parametrize(("kind", "language", "label"), [("topic", "es", "warranty"), ("tone", "en", "calm")])
def test_a_label_without_lines_has_no_place(folder: Path, kind: Kind, language: str, label: str) -> None:
    with pytest.raises(UnknownLabel, match=label):
        TrainingFiles.load(folder).with_line(kind, language, label, "hola")  # type: ignore[arg-type]


def test_the_difference_is_told_as_a_unified_diff(folder: Path) -> None:
    files = TrainingFiles.load(folder).with_line("tone", "es", "angry", "¡basta!")
    assert files.diff() == [
        "--- a/data/tone/es.yml",
        "+++ b/data/tone/es.yml",
        "@@ -5,2 +5,3 @@",
        " angry:",
        "   - 'esto es el colmo: ya no puedo'",
        "+  - ¡basta!",
    ]


def test_only_changed_files_are_written(folder: Path) -> None:
    files = TrainingFiles.load(folder).with_line("topic", "es", "cancel_order", "ya no lo quiero")
    before = (folder / "tone/es.yml").stat().st_mtime_ns
    saved = files.save()
    assert "ya no lo quiero" in (folder / "nlu/es/order.yml").read_text()
    assert (folder / "tone/es.yml").stat().st_mtime_ns == before
    assert sorted(file.name for file in folder.rglob("*.*")) == ["es.yml", "order.yml"]
    assert saved.changed == []


def test_what_somebody_else_wrote_meanwhile_is_not_lost(folder: Path) -> None:
    files = TrainingFiles.load(folder).with_line("tone", "es", "calm", "va")
    written(folder, tones=TONES + "  - otra\n")
    with pytest.raises(TrainingFileError, match="has changed meanwhile"):
        files.save()
    assert "otra" in (folder / "tone/es.yml").read_text()


@pytest.mark.parametrize("examples", ["[a, b]", '"- a"', "|\n"])
def test_utterances_in_another_form_are_told(examples: str) -> None:
    with pytest.raises(UnexpectedForm, match="line 3: the examples of greet"):
        blocks(f"nlu:\n- intent: greet\n  examples: {examples}", "topic")


@pytest.mark.parametrize("tones", ["calm: [a]\n", "calm: a\n", "calm:\n"])
def test_tones_in_another_form_are_told_with_their_file(tmp_path: Path, tones: str) -> None:
    files = TrainingFiles.load(written(tmp_path / "data", tones=tones))
    with pytest.raises(TrainingFileError, match=r"data/tone/es.yml: line 1: the lines of calm"):
        files.with_line("tone", "es", "calm", "hola")


def test_a_folder_without_training_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingFileError, match="there are no training files"):
        TrainingFiles.load(tmp_path)


def test_every_topic_and_tone_of_ours_takes_a_new_line() -> None:
    files = TrainingFiles.load(ROOT / "data")
    for file, content in files.present.items():
        kind: Kind = "tone" if file.parent.name == "tone" else "topic"
        for block in blocks(content, kind):
            changed = block.append(content, kind, "una frase que nadie ha dicho: 7")
            lines = {other.label: other.lines for other in blocks(changed, kind)}
            assert lines[block.label][-1].text == "una frase que nadie ha dicho: 7"
            assert len(lines[block.label]) == len(block.lines) + 1
