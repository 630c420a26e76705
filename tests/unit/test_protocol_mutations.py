"""Whatever the files of a protocol hold, checking it ends soon, and with problems rather than a traceback."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from protocols import DEMO, demo_copy

from relevo.protocol import ProtocolError, load_protocol, source
from relevo.protocol.check import check_protocol
from relevo.protocol.yaml_file import MAX_FILE_BYTES, read_yaml

TODAY = date(2026, 11, 24)
MAX_SECONDS = 3.0
"""Processor time for one check; a quarter of a second is usual."""
FILES = sorted(str(file.relative_to(DEMO)) for file in DEMO.rglob("*.yml"))
MARKS = [
    *("", " ", "  ", "\t", "\n", "- ", "-", ": ", ":", "? ", "#", " #", ",", "[", "]", "{", "}", "{}", "[]"),
    *("'", '"', "|", ">-", "&a ", "*a", "!!int ", "!x ", "<<: ", "%", "@", "`", "~", "---\n", "...\n"),
    *("\x00", "\x85", "\u2028", "\ufeff", "\ud800", "\r", "ñ", "🙏", "{a}", "{a!r}", "{0}", "{a:{b}}"),
]
VALUES = [
    *("null", "~", '""', "true", "no", "0", "-1", "1e999", ".inf", ".nan", "9" * 5_000, "0x_", "1:99"),
    *("2026-02-30", "2026-01-01", "9999-12-31", "0001-01-01", "20260101", "99999 days", "0 s", "same day"),
    *("[]", "{}", "[[]]", "{a: b}", "[a, [b, {c: d}]]", "text", "self_harm", "webchat", "{en: a}", "{x}"),
    *("{en: a, es: b}", "{en: [a], es: [b]}", "{not: {not: {not: {intent: a}}}}", "{all: [{any: []}]}"),
]


@pytest.fixture(scope="module", autouse=True)
def each_content_is_read_once() -> Iterator[None]:
    """Most files of most examples are the demo's own: reading them again and again takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "read_yaml", lru_cache(maxsize=64)(source.read_yaml))
        yield


@lru_cache(maxsize=1)
def demo() -> dict[str, str]:
    return {name: (DEMO / name).read_text(encoding="utf-8") for name in FILES}


def with_other_lines(text: str, chance: random.Random) -> str:
    """Some lines deleted, doubled, swapped, moved, cut, or written over by others."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[i]
            case 1:
                lines.insert(i, lines[i])
            case 2:
                lines[i], lines[j] = lines[j], lines[i]
            case 3:
                lines[i] = " " * chance.randint(0, 12) + lines[i].strip()
            case 4:
                cut = chance.randint(0, len(lines[i]))
                lines[i] = lines[i][:cut] + chance.choice(MARKS) + lines[i][cut + chance.randint(0, 3) :]
            case _:
                lines[i] = lines[j]
        lines = lines or [""]
    return "\n".join(lines)


def with_other_values(text: str, chance: random.Random) -> str:
    """Some values replaced by ones of another kind."""
    scalars = read_yaml(text.encode()).scalars
    lines = text.split("\n")
    for _, _, span in chance.sample(scalars, min(3, len(scalars))):
        if span.start.line == span.end.line:
            line = lines[span.start.line - 1]
            value = chance.choice([*VALUES, line.strip()])
            lines[span.start.line - 1] = line[: span.start.column - 1] + value + line[span.end.column - 1 :]
    return "\n".join(lines)


def with_other_bytes(text: str, chance: random.Random) -> bytes:
    """Some bytes at random places, or all of them."""
    content = bytearray(text.encode())
    if chance.random() < 0.1:
        return chance.randbytes(200)
    for _ in range(chance.randint(1, 5)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def mutated(name: str, kind: int, seed: int) -> bytes:
    """A file of the demo, spoiled in a way that the seed decides."""
    chance, text = random.Random(seed), demo()[name]  # noqa: S311 - nothing to guess here
    if kind == 2:
        return with_other_bytes(text, chance)
    change = (with_other_lines, with_other_values)[kind]
    return change(text, chance).encode("utf-8", errors="surrogatepass")


def checked(spoiled: dict[str, bytes]) -> None:
    """Check the demo with some files replaced: it ends in time, and loading it agrees."""
    with tempfile.TemporaryDirectory() as place:
        folder = demo_copy(Path(place))
        for name, content in spoiled.items():
            (folder / name).write_bytes(content)
        started = process_time()
        report = check_protocol(folder, TODAY)
        assert process_time() - started < MAX_SECONDS
        assert report.protocol or report.errors
        for problem in report.problems:
            assert problem.file.startswith(str(folder)) and problem.message, problem
            assert "\n" not in str(problem), problem
        try:
            load_protocol(folder)
        except ProtocolError as error:
            assert str(error) and report.errors
        else:
            assert not [problem for problem in report.errors if "this notice ended" not in problem.message]


@given(st.lists(st.tuples(st.sampled_from(FILES), st.integers(0, 2), st.integers(0)), min_size=1, max_size=2))
@settings(max_examples=80, deadline=None)
def test_spoiled_demo_is_told_about(spoiled: list[tuple[str, int, int]]) -> None:
    checked({name: mutated(name, kind, seed) for name, kind, seed in spoiled})


@given(st.sampled_from(FILES), st.binary(max_size=60))
@example("words.yml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]")
@example("company.yml", b"name: &a {b: *a}")
@example("roster.yml", b"? [a]\n: b")
@example("topics/shop.yml", b"1: {title: {en: a, es: b}}\n1.0: 2025-99-99")
@example("channels.yml", b"webchat: " + b"9" * 5_000)
@example("channels.yml", b"? webchat\n? whatsapp")
@example("notices.yml", b"a: {first_day: 9e9}")
@example("contingency.yml", b"[" * 100_000)
@example("contingency.yml", b"{a: " * 30)
@example("contingency.yml", b"- " * 50_000)
@example("words.yml", b"\xff\xfe\x00")
@example("words.yml", b"\xef\xbb\xbf\xef\xbb\xbf")
@settings(max_examples=20, deadline=None)
def test_any_bytes_are_told_about(name: str, content: bytes) -> None:
    checked({name: content})


WIDE = {
    "many names": b"".join(b"n%d: {en: [a], es: [b]}\n" % i for i in range(5_000)),
    "many entries": b"stopped: {en: [" + b"a, " * 30_000 + b"a], es: [a]}",
    "a long text": b"stopped: {en: ['" + b"a " * 200_000 + b"'], es: [a]}",
    "many braces": b"stopped: {en: ['" + b"{a}" * 100_000 + b"'], es: ['{a}']}",
    "many lines": b"\n" * (MAX_FILE_BYTES - 1),
}


@pytest.mark.parametrize("content", WIDE.values(), ids=WIDE)
def test_wide_file_is_told_about_in_time(content: bytes, tmp_path: Path) -> None:
    folder = demo_copy(tmp_path)
    (folder / "words.yml").write_bytes(content)
    started = process_time()
    assert check_protocol(folder, TODAY).errors
    assert process_time() - started < 4 * MAX_SECONDS


def test_plan_of_many_triggers_is_checked_in_time(tmp_path: Path) -> None:
    folder = demo_copy(tmp_path)
    text = demo()["contingency.yml"]
    head, _, triggers = text.partition("\ntriggers:\n")
    (folder / "contingency.yml").write_text(head + "\ntriggers:\n" + triggers * 20, encoding="utf-8")
    started = process_time()
    assert check_protocol(folder, TODAY).errors
    assert process_time() - started < 4 * MAX_SECONDS
