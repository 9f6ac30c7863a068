"""The retailer's books: what it sent, what came back, and what was wrong with it. One JSON file beside its mailbox."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pydantic import TypeAdapter


@dataclass(slots=True)
class SentLine:
    """One line of an order as it was sent, and what became of it. Quantities are pieces, `price` is for each piece.

    `promised` is to come now, `owed` later (a backorder).
    """

    number: str
    article: str
    pieces: Decimal
    price: Decimal
    promised: Decimal | None = None
    owed: Decimal = Decimal(0)
    shipped: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)


@dataclass(slots=True)
class SentOrder:
    """One order that was sent. `answer` is BAK02 of its 855, `consumer` the name it ships to."""

    po: str
    live: bool
    lines: list[SentLine]
    story: str
    answer: str | None = None
    consumer: str = ""


@dataclass(slots=True)
class SentGroup:
    """One functional group that was sent; `verdict` is AK901 of its 997, `wanted` what it should be."""

    kind: str
    control: str
    file: str
    story: str
    wanted: str
    verdict: str | None = None


@dataclass(slots=True)
class Book:
    """Everything the retailer remembers. `given` are control and document numbers of theirs that were used already."""

    runs: int = 0
    interchange: int = 0
    files_sent: int = 0
    orders: dict[str, SentOrder] = field(default_factory=dict)
    groups: dict[str, SentGroup] = field(default_factory=dict)
    given: dict[str, set[str]] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def first_time(self, kind: str, number: str) -> bool:
        """Say whether `number` was not used before among the numbers of `kind`, and remember it."""
        numbers = self.given.setdefault(kind, set())
        fresh = number not in numbers
        numbers.add(number)
        return fresh


_BOOK = TypeAdapter(Book)


def open_book(path: Path) -> Book:
    """Read the book, or begin an empty one."""
    return _BOOK.validate_json(path.read_bytes()) if path.exists() else Book()


def close_book(book: Book, path: Path) -> None:
    """Write the book whole or not at all."""
    fresh = path.with_suffix(".tmp")
    fresh.write_bytes(_BOOK.dump_json(book, indent=1))
    fresh.replace(path)
