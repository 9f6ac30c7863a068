"""A story of samples/ as a value: what comes in, on which days, what people decide, and what must come of it.

samples/README.md tells how a story is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from edi_engine.resources import shipped
from edi_engine.text.yaml import Listing, Mapping, Node, Text, read_yaml

HEAD = {"title", "today", "days", "decide", "expect"}
EXPECTED = {"997", "855", "cases", "lines", "total", "test"}
DECIDED = {"after", "case", "choice", "line", "order"}
NUMBERED = re.compile(r"in-([1-9][0-9]?)\.edi")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One file that they send: its number in the story (from 1), the day on which it comes, its name and its bytes."""

    number: int
    day: date
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Choosing:
    """What a person decides when the file `after` is done: a choice for the open case of a kind, of one order or line.

    `order` (a PO number) is only needed where several orders have a case of this kind.
    """

    after: int
    case: str
    choice: str
    line: int | None
    order: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """One folder of `samples/<partner>/`.

    `acknowledged` gives AK901 of each group of each file, in their order, or none; `answered` gives AD, AC, RD or none
    for each set of a group of orders. Everything else is what stands after the last file: `cases` the kinds of the open
    cases, `lines` what has become of each line of an order by its number (accepted, quantity_changed, held, refused,
    cancelled ...), `total` what is invoiced.
    """

    folder: Path
    title: str
    text: str
    files: tuple[Incoming, ...]
    decided: tuple[Choosing, ...]
    acknowledged: tuple[str, ...]
    answered: tuple[str, ...]
    cases: tuple[str, ...]
    lines: dict[str, tuple[str, ...]]
    total: Decimal | None
    test: bool

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def partner(self) -> str:
        return self.folder.parent.name


def stories() -> list[Story]:
    """Give every story that ships, by partner and name."""
    return [read_story(path.parent) for path in sorted(shipped("samples").glob("*/*/story.md"))]


def read_story(folder: Path) -> Story:
    """Read story.md: what it expects stands between two lines of dashes, plain words follow."""
    page = folder / "story.md"
    empty, front, text = page.read_text(encoding="utf-8").split("---\n", 2)
    assert not empty, f"{page} begins with a line of three dashes"
    head = block(read_yaml(front, str(page)))
    expect = block(head.get("expect"))
    total = value(expect.get("total"))
    assert set(head.keys()) <= HEAD, page
    assert set(expect.keys()) <= EXPECTED, page
    days = {entry.key.value: date.fromisoformat(value(entry.value)) for entry in block(head.get("days")).entries}
    files = incoming(folder, date.fromisoformat(value(head.get("today"))), {int(key): day for key, day in days.items()})
    decided = head.get("decide")
    return Story(
        folder=folder,
        title=value(head.get("title")),
        text=text.strip(),
        files=files,
        decided=tuple(choosing(block(item)) for item in decided.items) if isinstance(decided, Listing) else (),
        acknowledged=values(expect.get("997")),
        answered=values(expect.get("855")),
        cases=values(expect.get("cases")),
        lines={entry.key.value: values(entry.value) for entry in block(expect.get("lines")).entries},
        total=Decimal(total) if total else None,
        test=value(expect.get("test")) == "yes",
    )


def incoming(folder: Path, today: date, days: dict[int, date]) -> tuple[Incoming, ...]:
    """Give in.edi, or in-1.edi, in-2.edi ... in their order; a file without a day comes on that of the one before."""
    names = {int(found[1]): path.name for path in folder.iterdir() if (found := NUMBERED.fullmatch(path.name))}
    whole = folder / "in.edi"
    assert whole.is_file() != bool(names), f"{folder} holds in.edi, or in-1.edi, in-2.edi and so on"
    names = names or {1: whole.name}
    assert sorted(names) == list(range(1, len(names) + 1)), f"{folder} lacks a file between in-1.edi and the last one"
    assert set(days) <= set(names), f"{folder} gives a day to a file that is not there"
    files = []
    for number, name in sorted(names.items()):
        today = days.get(number, today)
        files.append(Incoming(number, today, name, (folder / name).read_bytes()))
    return tuple(files)


def choosing(row: Mapping) -> Choosing:
    assert set(row.keys()) <= DECIDED, row
    line = value(row.get("line"))
    return Choosing(
        after=int(value(row.get("after")) or 1),
        case=value(row.get("case")),
        choice=value(row.get("choice")),
        line=int(line) if line else None,
        order=value(row.get("order")) or None,
    )


def block(node: Node | None) -> Mapping:
    """Give a block; where nothing is written, one without entries."""
    if node is None:
        return EMPTY
    assert isinstance(node, Mapping)
    return node


def value(node: Node | None) -> str:
    return node.value if isinstance(node, Text) else ""


def values(node: Node | None) -> tuple[str, ...]:
    return tuple(value(item) for item in node.items) if isinstance(node, Listing) else (value(node),)


EMPTY = read_yaml("{}", "nothing")
