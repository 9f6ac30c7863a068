"""The table of what is promised and what was measured, and that of the peers, as lines of text or of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.clock import Cost
from bench.rows import MB, Result

HEAD: Final = ("", "floor", "aim", "measured", "")
PEER_HEAD: Final = ("engine", "what it does with the file", "MB a CPU second", "against us", "peak memory")


@dataclass(frozen=True, slots=True)
class PeerResult:
    """An engine, what it does with the file and what that cost; or why it did nothing."""

    name: str
    does: str
    cost: Cost | None
    why: str = ""


def result_rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """Give the cells of the first table."""
    return [
        (
            one.row.what,
            ("<= " if one.row.most else ">= ") + number(one.row.floor, one.row.unit),
            "" if one.row.aim is None else number(one.row.aim, one.row.unit),
            one.why if one.value is None else number(one.value, one.row.unit),
            one.verdict,
        )
        for one in results
    ]


def peer_rows(peers: Sequence[PeerResult], ours: Cost) -> list[tuple[str, ...]]:
    """Give the cells of the second table; `ours` is what our own full check cost."""
    return [
        (
            one.name,
            one.does,
            one.why if one.cost is None else f"{one.cost.rate / MB:,.3g}",
            "" if one.cost is None else f"{one.cost.rate / ours.rate:.2g}x",
            "" if one.cost is None else f"{one.cost.peak / MB:,.0f} MB",
        )
        for one in peers
    ]


def number(value: float, unit: str) -> str:
    """Write a value with three figures, or all of those before the point."""
    digits = 0 if value >= 100 else 1 if value >= 20 else 2 if value >= 1 else 3
    text = f"{value:,.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + unit


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay out cells for a terminal."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write cells as Markdown."""
    return [
        _line(head),
        _line(["---"] * len(head)),
        *(_line([cell.replace("|", "\\|") for cell in row]) for row in rows),
    ]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
