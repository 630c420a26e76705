"""The files of a protocol folder: their values merged, the place of each value, and what can't be read.

Nothing is raised for what a file holds: problems of all files are collected, so that a person can mend them
in one go. What a file can't tell (it is missing, it is no YAML) is left out of `data`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from relevo.protocol.problems import At, Finding, Problem, Severity, did_you_mean
from relevo.protocol.yaml_file import MAX_FILE_BYTES, Mark, YamlFile, read_yaml

PARTS: dict[str, str] = {
    "company": "who the company is",
    "roster": "areas and people",
    "service": "what good service is",
    "ground_rules": "language and tone",
    "channels": "how customers are treated on each channel",
    "contingency": "the contingency plan",
    "complaints": "causes and procedure of complaints",
    "privacy": "personal data: rights, terms and how long they are kept",
    "notices": "temporary rules and news",
    "business": "who speaks for the company",
    "words": "what the assistant says around answers",
}
"""The files, and what each holds."""
TOPICS = "topics"
MAY_BE_EMPTY = ("notices",)


class Source:
    """What is written in a protocol folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data: dict[str, Any] = {}
        """By part; parts that can't be read are not in it."""
        self.problems: list[Problem] = []
        self._places: dict[At, tuple[Path, Mark]] = {}
        self._digest = hashlib.sha256()
        for part in PARTS:
            self._add_part(part)
        self._places[TOPICS,] = (folder / TOPICS, Mark(0, 0))
        self._add_topics()
        self._find_strangers()

    @property
    def hash(self) -> str:
        """Digest of the files' contents."""
        return self._digest.hexdigest()

    def value(self, at: At) -> Any:
        """What is written at a place; None if there is no such place."""
        value: Any = self.data
        for step in at:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def locate(self, finding: Finding) -> Problem:
        """The problem that a finding is, with the place of the value or of the nearest one around it."""
        known = finding.at
        while len(known) > 1 and known not in self._places:
            known = known[:-1]
        file, mark = self._places.get(known, (self.folder, Mark(0, 0)))
        return Problem(
            str(file), *mark, self._dotted(finding.at), finding.severity, finding.message, finding.advice
        )

    def _dotted(self, at: At) -> str:
        """The way inside the file: entries of lists by their id if they have one, else counted from 1."""
        steps: list[str] = []
        for depth, step in enumerate(at[1:], start=2):
            entry = self.value(at[:depth])
            name = entry.get("id") if isinstance(step, int) and isinstance(entry, dict) else None
            steps.append(name if isinstance(name, str) else _counted(step))
        return ".".join(steps)

    def _add_part(self, part: str) -> None:
        path = self.folder / f"{part}.yml"
        read = self._read(path, (part,), PARTS[part])
        if read is None:
            return
        if read.value is None and part in MAY_BE_EMPTY:
            read.value = {}
        if self._holds_pairs(path, read):
            self.data[part] = read.value

    def _add_topics(self) -> None:
        paths = sorted((self.folder / TOPICS).glob("*.yml"))
        files = [(path, self._read(path, (TOPICS,), "topics")) for path in paths]
        sound = [(path, file) for path, file in files if file and self._holds_pairs(path, file)]
        if not paths:
            advice = "add at least one .yml file with what customers ask and what is answered"
            self._tell(self.folder / TOPICS, Mark(0, 0), "there are no topics", advice)
        elif len(sound) == len(files):
            self.data[TOPICS] = {}
        for path, file in sound:
            self._merge_topics(path, file)

    def _merge_topics(self, path: Path, file: YamlFile) -> None:
        topics = self.data.get(TOPICS, {})
        for name in [name for name in file.value if name in topics]:
            other = self._places[TOPICS, name]
            message = f'the topic "{name}" is in {other[0].name} too, line {other[1].line}'
            self._tell(path, file.marks[(name,)], message, "keep one of them", at=name)
        topics.update(file.value)
        self._remember(path, (TOPICS,), file)

    def _read(self, path: Path, at: At, holds: str) -> YamlFile | None:
        """Read a file and tell its mistakes; None if it is not there."""
        try:
            # One byte more than allowed is enough to see that there are too many.
            with path.open("rb") as opened:
                content = opened.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            advice = f"every protocol needs it: it holds {holds}"
            self._tell(path, Mark(0, 0), "this file is missing", advice)
            return None
        except OSError as error:
            self._tell(path, Mark(0, 0), f"this file can't be read ({error.strerror})", "check its rights")
            return None
        self._digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
        file = read_yaml(content)
        if at != (TOPICS,):
            self._remember(path, at, file)
        for mistake in file.mistakes:
            dotted = ".".join(map(_counted, mistake.at))
            self._tell(path, mistake.mark, mistake.message, mistake.advice, at=dotted)
        return file if file.is_readable else None

    def _remember(self, path: Path, at: At, file: YamlFile) -> None:
        self._places.setdefault(at, (path, Mark(1, 1)))
        self._places.update({(*at, *place): (path, mark) for place, mark in file.marks.items()})

    def _holds_pairs(self, path: Path, file: YamlFile) -> bool:
        if isinstance(file.value, dict):
            return True
        is_empty = file.value is None
        message = (
            "the file is empty" if is_empty else "the file must hold names with values, not a list or a text"
        )
        self._tell(path, Mark(1, 1), message, "write `name: value` in its lines")
        return False

    def _find_strangers(self) -> None:
        """Files that nobody reads: a slip in their name, most likely."""
        for path in sorted([*self.folder.glob("*.y*ml"), *(self.folder / TOPICS).glob("*.yaml")]):
            is_topic = path.parent.name == TOPICS and path.parent != self.folder
            known = [f"{part}.yml" for part in PARTS]
            if path.name in known and not is_topic:
                continue
            advice = (
                "name it .yml instead of .yaml" if is_topic else did_you_mean(path.name, known, "delete it")
            )
            self._tell(path, Mark(0, 0), "nothing reads this file", advice, severity="warning")

    def _tell(
        self,
        path: Path,
        mark: Mark,
        message: str,
        advice: str,
        *,
        at: str = "",
        severity: Severity = "error",
    ) -> None:
        self.problems.append(Problem(str(path), *mark, at, severity, message, advice))


def _counted(step: str | int) -> str:
    """A step of the way as people say it: entries of lists count from 1."""
    return str(step + 1) if isinstance(step, int) else step
