"""The training files of a folder, and the lines that are put into them.

Utterances stand in `nlu/<language>/*.yml`, tones in `tone/<language>.yml`. A new line goes below the last
one of its topic or tone; every other byte stays as it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import yaml

from relevo.errors import RelevoError
from relevo.learning.labelled_lines import Block, Kind, UnexpectedForm, as_kept, blocks
from relevo.nlu.text import fold
from relevo.protocol.schema import LANGUAGES, Language


class TrainingFileError(RelevoError):
    """A training file can't be read or written; the message says which and how to mend it."""


class UnknownLabel(RelevoError):
    """No file has lines of this topic or tone, so there is no place for one more."""


class AlreadyThere(RelevoError):
    """The same line, but for accents, capitals and spaces, is in the files; says where."""


@dataclass(frozen=True)
class TrainingFiles:
    """The files' contents: `saved` is what is on disk, `present` what will be after `save`."""

    folder: Path
    saved: Mapping[Path, str]
    present: Mapping[Path, str]

    @classmethod
    def load(cls, folder: Path) -> TrainingFiles:
        """Read the files.

        Raises:
            TrainingFileError: there are none, or one is not in UTF-8.
        """
        contents = {file: _read(file) for file in _files(folder)}
        if not contents:
            raise TrainingFileError(f"there are no training files in {folder}; they are in nlu/ and tone/")
        return cls(folder, contents, contents)

    def with_line(self, kind: Kind, language: Language, label: str, text: str) -> TrainingFiles:
        """The files with one more line of a topic or tone.

        Raises:
            AlreadyThere: the line is there.
            UnknownLabel: there is no such topic or tone in this language's files.
            TrainingFileError: a file is not in the form that training files have.
        """
        kept = as_kept(text, kind)
        self._refuse_repeat(kind, language, kept)
        for file, block in self._blocks(kind, language):
            if block.label == label:
                content = block.append(self.present[file], kind, text)
                if _texts(content, kind) != _texts_with(self.present[file], kind, block, kept):
                    raise TrainingFileError(
                        f"{self._name(file)}: a line can't be put below {label}; do it by hand"
                    )
                return replace(self, present={**self.present, file: content})
        raise UnknownLabel(f"no file of {self._name(self.folder)} has lines of {label} in {language}")

    def diff(self) -> list[str]:
        """What would change on disk, as a unified diff in lines without their breaks."""
        lines: list[str] = []
        for file in self.changed:
            before, after = _lines(self.saved[file]), _lines(self.present[file])
            name = self._name(file)
            lines += difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="", n=2)
        return lines

    @property
    def changed(self) -> list[Path]:
        """The files that would change."""
        return [file for file, content in self.present.items() if content != self.saved[file]]

    def save(self) -> TrainingFiles:
        """Write what has changed, each file in one step.

        Raises:
            TrainingFileError: somebody else has changed a file since it was read.
        """
        for file in self.changed:
            if _read(file) != self.saved[file]:
                raise TrainingFileError(f"{self._name(file)} has changed meanwhile; please begin again")
            _write(file, self.present[file])
        return replace(self, saved=self.present)

    def _refuse_repeat(self, kind: Kind, language: Language, text: str) -> None:
        folded = _folded(text)
        for file, block in self._blocks(kind, language):
            for line in block.lines:
                if _folded(line.text) == folded:
                    raise AlreadyThere(f"{self._name(file)}:{line.number} has it under {block.label}")

    def _blocks(self, kind: Kind, language: Language) -> Iterator[tuple[Path, Block]]:
        for file in _files(self.folder, [kind], [language]):
            try:
                for block in blocks(self.present[file], kind):
                    yield file, block
            except (yaml.YAMLError, UnexpectedForm) as error:
                raise TrainingFileError(f"{self._name(file)}: {error}") from error

    def _name(self, file: Path) -> str:
        return file.relative_to(self.folder.parent).as_posix()


def _files(
    folder: Path, kinds: Iterable[Kind] = ("topic", "tone"), languages: Iterable[Language] = LANGUAGES
) -> list[Path]:
    patterns: dict[Kind, str] = {"topic": "nlu/{}/*.yml", "tone": "tone/{}.yml"}
    wanted = [patterns[kind].format(language) for kind in kinds for language in languages]
    return [file for pattern in wanted for file in sorted(folder.glob(pattern))]


def _lines(content: str) -> list[str]:
    return content.removesuffix("\n").split("\n")


_folded = lru_cache(maxsize=100_000)(fold)
"""The same lines are compared with every new one."""


def _texts(content: str, kind: Kind) -> list[tuple[str, str]]:
    return [(block.label, line.text) for block in blocks(content, kind) for line in block.lines]


def _texts_with(content: str, kind: Kind, extended: Block, text: str) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for block in blocks(content, kind):
        texts += [(block.label, line.text) for line in block.lines]
        if block == extended:
            texts.append((block.label, text))
    return texts


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise TrainingFileError(f"{file} is not in UTF-8; please save it so") from error


def _write(file: Path, content: str) -> None:
    """Put the content in place at once, so that nobody ever reads half a file."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
        draft.write(content.encode())
    draft_file = Path(draft.name)
    draft_file.chmod(file.stat().st_mode)
    draft_file.replace(file)
