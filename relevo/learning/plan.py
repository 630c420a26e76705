"""What a suggestion would change in the training files: a line of its topic, one of its tone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relevo.learning.labelled_lines import Kind
from relevo.learning.suggestions import Suggestion
from relevo.learning.training_files import AlreadyThere, TrainingFiles, UnknownLabel


@dataclass(frozen=True)
class Plan:
    """The files as a suggestion would leave them, and what must be told about it."""

    files: TrainingFiles
    repeats: tuple[str, ...] = ()
    """Where lines are already that would have been put in."""
    obstacle: str = ""
    """Why the suggestion can't be written; it waits until it can."""

    @property
    def remarks(self) -> tuple[str, ...]:
        return (*self.repeats, self.obstacle) if self.obstacle else self.repeats

    @property
    def is_known(self) -> bool:
        """Whether everything that is suggested is in the files."""
        return not self.obstacle and not self.files.changed


def plan(files: TrainingFiles, suggestion: Suggestion) -> Plan:
    """Put a suggestion's lines into the files, of which nothing is written yet."""
    changed, repeats = files, []
    for kind, label in _lines(suggestion):
        try:
            changed = changed.with_line(kind, suggestion.language, label, suggestion.text)
        except AlreadyThere as there:
            repeats.append(str(there))
        except UnknownLabel as unknown:
            return Plan(files, obstacle=str(unknown))
    return Plan(changed, tuple(repeats))


def _lines(suggestion: Suggestion) -> Iterator[tuple[Kind, str]]:
    if suggestion.topic:
        yield "topic", suggestion.topic
    if suggestion.tone:
        yield "tone", suggestion.tone
