"""The comparison as it is read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from relevo.protocol.opening_hours import OpeningHours
from relevo.what_if.comparison import Change, Comparison
from relevo.what_if.course import Decided

SHOWN_CHANGES = 200
BOT, WAITS = "the bot goes on", "waits for a person already"


def tables(compared: Comparison, hours: OpeningHours, titles: Mapping[str, str]) -> Iterator[RenderableType]:
    """Everything to print, from top to bottom.

    Args:
        hours: by which times are told.
        titles: what each area is called.
    """
    if compared.changes:
        yield _changes(compared, hours)
    old, new = compared.loads
    if old.areas | new.areas:
        yield _load(compared, titles)
    yield Text(
        f"{compared.conversations:,} conversations with {compared.messages:,} messages: "
        f"{len(compared.changes):,} decisions would change, in {compared.changed_conversations:,} "
        f"conversations; cases for people: {old.total:,} → {new.total:,}.",
        style="bold",
    )


def _changes(compared: Comparison, hours: OpeningHours) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Decisions that would change", title_justify="left")
    for heading in ("conversation", "message", "time", "understood as", "present plan", "changed plan"):
        table.add_column(heading, overflow="fold")
    for change in compared.changes[:SHOWN_CHANGES]:
        table.add_row(*_row(change, hours))
    more = len(compared.changes) - SHOWN_CHANGES
    if more > 0:
        table.caption = f"and {more:,} more; --json writes all of them into a file"
    return table


def _row(change: Change, hours: OpeningHours) -> list[Text]:
    time = hours.local(change.heard.at)
    understood = f"{change.heard.topic}, {change.heard.tone}"
    told = (change.conversation, str(change.message), f"{time:%Y-%m-%d %H:%M}", understood)
    old, new = _decision(change.old, change.old_waits), _decision(change.new, change.new_waits)
    return [*map(Text, told), old, new]


def _decision(decided: Decided | None, waits: bool) -> Text:
    if decided is None:
        return Text(WAITS if waits else BOT, "dim")
    return Text.assemble(
        (decided.trigger, "bold"), f"\n{decided.outcome}, {decided.area}, {decided.priority}"
    )


def _load(compared: Comparison, titles: Mapping[str, str]) -> Table:
    """Per area a row for each plan; a column for each hour that has any cases."""
    old, new = compared.loads
    hours = sorted(old.busy_hours | new.busy_hours)
    # 24 hours fit beside the area into 140 columns.
    title, narrow = "Cases by area and hour", (0, 1, 0, 0)
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=narrow)
    for heading in ("area", "plan", "all"):
        table.add_column(heading, no_wrap=True, justify="right" if heading == "all" else "left")
    for hour in hours:
        table.add_column(f"{hour:02}", justify="right", no_wrap=True)
    for area in (area for area in titles if area in old.areas | new.areas):
        for plan, load in (("present", old), ("changed", new)):
            counts = load.of(area)
            cells = [str(counts[hour] or "·") for hour in hours]
            name = titles[area] if plan == "present" else ""
            table.add_row(name, plan, str(sum(counts)), *cells, style="" if plan == "present" else "bold")
        table.add_section()
    return table
