"""`relevo check` and `relevo init` at the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from builders import ROOT, childrens_seconds
from click.testing import Result
from protocols import DEMO, demo_copy, edit, smallest_protocol
from typer.testing import CliRunner

from relevo.cli import app
from relevo.protocol import load_protocol
from relevo.protocol.check import check_protocol
from relevo.protocol.yaml_edit import YamlText, quoted

CHECK_SECONDS = 2.0
"""Processor time of the whole command, its start included: twice what it takes on a machine of its own.

Beside other work the same takes up to half as much again, since processors share caches and memory.
"""
ANSWERS = [
    *(
        'Muebles "El Roble", S.A.',
        "Max",
        "en",
        "America/Monterrey",
        "MX",
        "09:00-14:00, 16:00-19:00",
        "closed",
    ),
    *("José Peña Ruiz", "jose@roble.example", "+52 81 5555 0000"),
]


def relevo(*arguments: str | Path, told: str | None = None) -> Result:
    return CliRunner(mix_stderr=False).invoke(app, [str(argument) for argument in arguments], input=told)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return demo_copy(tmp_path)


# --- check -------------------------------------------------------------------------------------------------


def test_sound_protocol_ends_with_0_and_what_it_holds(demo: Path) -> None:
    done = relevo("check", demo)
    assert done.exit_code == 0, done.stdout
    assert re.search(
        r"The protocol of Casa Jacaranda is sound: \d+ topics, \d+ contingency triggers", done.stdout
    )


def test_error_ends_with_1_and_is_counted(demo: Path) -> None:
    line = edit(demo / "roster.yml", "    reports_to: null", "    reports_to: nobody")
    done = relevo("check", demo)
    assert done.exit_code == 1
    assert f"{demo / 'roster.yml'}:{line}:5: error: people.marisol_ayala.reports_to: " in done.stdout
    assert re.search(r"\d+ errors?( and \d+ warnings?)? in \d+ files?\.\n$", done.stdout)


def test_warning_ends_with_0_and_with_1_if_strict(tmp_path: Path) -> None:
    folder = smallest_protocol(tmp_path / "protocol")
    assert relevo("check", folder).exit_code == 0
    assert relevo("check", folder, "--strict").exit_code == 1


def test_missing_folder_ends_with_2(tmp_path: Path) -> None:
    done = relevo("check", tmp_path / "nowhere")
    assert done.exit_code == 2
    assert done.stderr == f"There is no folder {tmp_path / 'nowhere'}.\n"


def test_file_in_place_of_the_folder_ends_with_2(demo: Path) -> None:
    assert relevo("check", demo / "company.yml").exit_code == 2


def test_folder_that_is_left_out_is_the_configured_one(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_PROTOCOL_DIR", str(demo))
    edit(demo / "company.yml", "name: Casa Jacaranda", "name: Casa Bugambilia")
    assert "Casa Bugambilia" in relevo("check").stdout


def test_problems_are_told_relative_to_where_the_command_runs(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (demo / "service.yml").unlink()
    monkeypatch.chdir(demo.parent)
    assert "\nprotocol/service.yml: error: this file is missing" in "\n" + relevo("check", demo).stdout


def test_text_is_grouped_by_file_and_plain_unless_a_terminal_reads_it(demo: Path) -> None:
    edit(demo / "company.yml", "assistant: Luz", "assistent: Luz")
    edit(demo / "company.yml", "default_language: es", "default_language: fr")
    edit(demo / "business.yml", "no_comment:", "no_coment:")
    told = relevo("check", demo).stdout
    assert "\x1b" not in told
    files = [re.findall(r"(\w+\.yml):", group) for group in told.split("\n\n")[:-1]]
    assert [set(group) for group in files] == [{"business.yml"}, {"company.yml"}]


def test_json_tells_the_same_to_programs(demo: Path) -> None:
    line = edit(demo / "company.yml", "assistant: Luz", "assistent: Luz")
    done = relevo("check", demo, "--format", "json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["folder"] == str(demo)
    assert told["errors"] == 1
    assert told["errors"] + told["warnings"] == len(told["problems"])
    assert {
        "file": str(demo / "company.yml"),
        "line": line,
        "column": 1,
        "at": "assistent",
        "severity": "error",
        "message": '"assistent" is not known here',
        "advice": 'did you mean "assistant"?',
    } in told["problems"]


def test_check_of_the_demo_is_quick_enough_for_every_change() -> None:
    command = [sys.executable, "-m", "relevo", "check", str(DEMO)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before = childrens_seconds()
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert childrens_seconds() - before < CHECK_SECONDS


# --- init --------------------------------------------------------------------------------------------------


def test_questions_are_answered_and_the_new_protocol_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    done = relevo("init", folder, told="\n".join([*ANSWERS, ""]))
    assert done.exit_code == 0, done.stdout
    protocol = load_protocol(folder)
    company = protocol.company
    assert (company.name, company.assistant, company.default_language) == tuple(ANSWERS[:3])
    assert (company.hours.time_zone, company.hours.holidays) == ("America/Monterrey", ["MX"])
    assert company.hours.weekly["friday"] == ["09:00-14:00", "16:00-19:00"]
    assert company.hours.weekly["saturday"] == company.hours.weekly["sunday"] == []
    first = next(iter(protocol.roster.staff(next(iter(protocol.roster.areas))).values()))
    assert (first.name, first.contact.email, first.contact.phone) == tuple(ANSWERS[7:])


def test_new_names_stand_in_all_texts_and_the_demos_in_none(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    relevo("init", folder, "--company", "O'Brien & Söhne: Möbel", "--assistant", 'Ana "Nani"', "--yes")
    assert (
        load_protocol(folder)
        .channels["webchat"]
        .greeting.en.startswith("Hi! I'm Ana \"Nani\", O'Brien & Söhne: Möbel's virtual assistant.")
    )
    for file in folder.rglob("*.yml"):
        written = [
            line
            for line in file.read_text(encoding="utf-8").splitlines()
            if not line.lstrip().startswith("#")
        ]
        assert not [line for line in written if re.search(r"Casa\s+Jacaranda|\bLuz\b", line)], file


def test_options_take_the_place_of_questions(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    done = relevo(
        "init",
        folder,
        "--company",
        "Roble",
        "--saturday",
        "closed",
        told="\n".join([*ANSWERS[1:6], *ANSWERS[7:], ""]),
    )
    assert done.exit_code == 0, done.stdout
    assert "What is the company called?" not in done.stdout
    assert load_protocol(folder).company.name == "Roble"


def test_defaults_are_the_demo_but_for_its_notices(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert relevo("init", folder, "--yes").exit_code == 0
    for file in sorted(DEMO.rglob("*.yml")):
        written = (folder / file.relative_to(DEMO)).read_text(encoding="utf-8")
        if file.name != "notices.yml":
            assert written == file.read_text(encoding="utf-8"), file.name
    assert load_protocol(folder).notices == {}


def test_comments_and_layout_stay(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    relevo("init", folder, "--company", "Roble", "--person", "José Peña", "--yes")
    before = (DEMO / "roster.yml").read_text(encoding="utf-8").splitlines()
    after = (folder / "roster.yml").read_text(encoding="utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert {line.strip() for line in changed} == {"jose_pena:", "name: José Peña", "reports_to: jose_pena"}


def test_new_protocol_is_checked(tmp_path: Path) -> None:
    done = relevo("init", tmp_path / "mine", "--company", "x" * 500, "--yes")
    assert done.exit_code == 1
    assert "the text has " in done.stdout


def test_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    answers = [*ANSWERS[:3], "America/Macondo", *ANSWERS[3:]]
    done = relevo("init", tmp_path / "mine", told="\n".join([*answers, ""]))
    assert done.exit_code == 0
    assert 'there is no time zone "America/Macondo"' in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--company", "{name}"),
        ("--company", " "),
        ("--language", "fr"),
        ("--time-zone", "Macondo"),
        ("--holidays", "MX,XQ"),
        ("--weekdays", "9 to 5"),
        ("--weekdays", "09:00-14:00,13:00-18:00"),
        ("--email", "jose at roble"),
        ("--phone", "call me"),
    ],
)
def test_wrong_option_ends_with_2_and_writes_nothing(tmp_path: Path, option: str, value: str) -> None:
    done = relevo("init", tmp_path / "mine", option, value, "--yes")
    assert done.exit_code == 2
    assert option in done.stderr
    assert not (tmp_path / "mine").exists()


def test_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = relevo("init", tmp_path, "--yes")
    assert done.exit_code == 1
    assert done.stderr == f"{tmp_path} is not empty; give the name of a new folder.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


# --- changes to a file's text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["Roble", "El Roble", "no", "1", "a: b", "a #b", "'", '"', "\\", "ñ", "- a", "@a", "América/Mérida", ""],
)
def test_quoted_text_is_read_as_it_was(value: str, tmp_path: Path) -> None:
    file = YamlText("a: b # stays\n")
    file.set(("a",), value)
    changed = str(file)
    assert changed.endswith(" # stays\n")
    assert changed.startswith(f"a: {quoted(value)}")
    again = YamlText(changed)
    again.replace({value or "?": value or "?"})
    assert str(again) == changed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: Soy Luz.\n", 'a: "Soy Ana \\"Nani\\"."\n'),
        ('a: "Soy Luz: hola"\n', 'a: "Soy Ana \\"Nani\\": hola"\n'),
        ("a: 'Soy Luz: hola'\n", "a: 'Soy Ana \"Nani\": hola'\n"),
        ("a: >-\n  Soy\n  Luz.\n", 'a: >-\n  Soy\n  Ana "Nani".\n'),
        ("a: luz, Luzia y trasluz\n", "a: luz, Luzia y trasluz\n"),
        ("# Luz\nLuz: [x]\n", "# Luz\nLuz: [x]\n"),
    ],
)
def test_name_is_replaced_in_the_way_of_its_quotes(text: str, wanted: str) -> None:
    file = YamlText(text)
    file.replace({"Luz": 'Ana "Nani"'})
    assert str(file) == wanted


def test_demo_that_is_copied_has_the_same_problems_as_the_demo(demo: Path) -> None:
    told = [[problem.at for problem in check_protocol(folder, None).problems] for folder in (demo, DEMO)]
    assert told[0] == told[1]
