"""A story of samples/ as a value: what comes in, on which day, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from edi_engine.resources import shipped
from edi_engine.text.yaml import Listing, Mapping, Node, Text, read_yaml

WANTED = ("997", "855", "856", "810")


@dataclass(frozen=True, slots=True)
class Story:
    """One folder of `samples/<partner>/`.

    `acknowledged` gives AK901 of each group in the order of the file, `answered` AD, AC, RD or none for each set,
    `cases` the kinds of the cases, `lines` what becomes of each line of an order by its number (accepted,
    quantity_changed, held, refused), `total` what is invoiced. `wants` holds the documents that must go out, by set.
    """

    folder: Path
    title: str
    text: str
    today: date
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

    @property
    def received(self) -> bytes:
        return (self.folder / "in.edi").read_bytes()

    @property
    def wants(self) -> dict[str, bytes]:
        paths = {set_id: self.folder / f"want-{set_id}.edi" for set_id in WANTED}
        return {set_id: path.read_bytes() for set_id, path in paths.items() if path.is_file()}


def stories() -> list[Story]:
    """Give every story that ships, by partner and name."""
    return [read_story(path.parent) for path in sorted(shipped("samples").glob("*/*/story.md"))]


def read_story(folder: Path) -> Story:
    """Read story.md: what it expects stands between two lines of dashes, plain words follow."""
    page = folder / "story.md"
    empty, front, text = page.read_text(encoding="utf-8").split("---\n", 2)
    assert not empty, f"{page} begins with a line of three dashes"
    head = read_yaml(front, str(page))
    expect = block(block(head).get("expect"))
    lines = block(expect.get("lines"))
    total = value(expect.get("total"))
    assert set(block(head).keys()) == {"title", "today", "expect"}, page
    assert set(expect.keys()) <= {"997", "855", "cases", "lines", "total", "test"}, page
    return Story(
        folder=folder,
        title=value(block(head).get("title")),
        text=text.strip(),
        today=date.fromisoformat(value(block(head).get("today"))),
        acknowledged=values(expect.get("997")),
        answered=values(expect.get("855")),
        cases=values(expect.get("cases")),
        lines={entry.key.value: values(entry.value) for entry in lines.entries},
        total=Decimal(total) if total else None,
        test=value(expect.get("test")) == "yes",
    )


def block(node: Node | None) -> Mapping:
    assert isinstance(node, Mapping)
    return node


def value(node: Node | None) -> str:
    return node.value if isinstance(node, Text) else ""


def values(node: Node | None) -> tuple[str, ...]:
    return tuple(value(item) for item in node.items) if isinstance(node, Listing) else (value(node),)
