"""What came of a rehearsal, as it is read in a terminal: failures with their transcripts, a table, totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from relevo.rehearsal.performance import Performance
from relevo.rehearsal.scenes import Scene
from relevo.rehearsal.totals import Played, Totals

REPLY_CHARACTERS = 60
NOTHING = "–"


def report(played: Sequence[Played], places: Mapping[str, str]) -> Iterator[RenderableType]:
    """Everything to print, from top to bottom. `places`: where each scene stands, by its id."""
    failed = [pair for pair in played if not pair[1].passes(pair[0])]
    for scene, performance in failed:
        yield from _failure(scene, performance, places.get(scene.id, ""))
    yield _table([*failed, *(pair for pair in played if pair not in failed)])
    yield _totals(Totals.of(played))


def _failure(scene: Scene, performance: Performance, place: str) -> Iterator[RenderableType]:
    yield Rule(Text(f"{scene.id}  {place}", style="bold red"), align="left", style="red")
    yield _expected_and_got(scene, performance)
    for fault in performance.faults:
        yield Text(fault, style="bold red")
    for turn in performance.turns:
        understood = ", ".join(part for part in (turn.topic, turn.tone) if part)
        yield Text.assemble(("> ", "cyan"), turn.said, (f"  ({understood})", "dim"))
        for line in turn.reply.splitlines() or ["(silent)"]:
            yield Text.assemble(("  < ", "dim"), line)


def _expected_and_got(scene: Scene, performance: Performance) -> Text:
    return Text.assemble(
        "expected ",
        (_with_trigger(scene.expect, scene.trigger), "green"),
        ", came to ",
        (_with_trigger(performance.outcome, performance.trigger), "red"),
    )


def _with_trigger(outcome: str, trigger: str | None) -> str:
    return f"{outcome} by {trigger}" if trigger else outcome


def _table(played: Sequence[Played]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("id", "outcome (expected)", "trigger (expected)", "language", "last reply"):
        table.add_column(heading)
    for scene, performance in played:
        table.add_row(
            Text(scene.id),
            _beside(performance.outcome, scene.expect),
            _beside(performance.trigger or NOTHING, scene.trigger),
            performance.language,
            _briefly(performance.replies[-1]),
        )
    return table


def _beside(got: str, expected: str | None) -> Text:
    """What came, and what was expected if that is something else."""
    if expected is None:
        return Text(got)
    return Text(got, "green") if got == expected else Text(f"{got}\n({expected})", "bold red")


def _briefly(reply: str) -> Text:
    line = " ".join(reply.split())
    return Text(line if len(line) <= REPLY_CHARACTERS else f"{line[: REPLY_CHARACTERS - 1]}…", "dim")


def _totals(totals: Totals) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2))
    rows = [("conversations as expected", str(totals.passed))]
    rows += [(f"  {outcome}", str(share)) for outcome, share in totals.by_expectation.items()]
    rows += [
        ("hand-offs that should happen and did", str(totals.hand_offs)),
        ("hand-offs that shouldn't happen and did", str(totals.needless)),
        ("by the expected trigger", str(totals.triggers)),
    ]
    for what, value in rows:
        table.add_row(what, Text(value, style="bold"))
    return table
