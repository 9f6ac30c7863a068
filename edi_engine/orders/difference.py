"""Difference: what two orders say differently, by meaning: how they lie in their files does not count.

Lines meet by their number, else by their item, parties by their role, other parts in the order in which they stand. A
change (860) says only what it changes: what is absent there is as it was.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any, Final

from edi_engine.orders.money import plain
from edi_engine.orders.order import OrderLine, Party, PurchaseOrder

REPEATING: Final = frozenset({None, "original", "duplicate", "replace", "confirm", "resubmission", "reissue"})
"""Purposes that only say how an order relates to earlier ones, not what is ordered."""
_OF_THE_FILE: Final = frozenset({"kept", "span", "in_set", "position", "replaces", "item"})
"""Fields that speak of the file or are ours; lines meet by other means than their position."""
_WHOLE: Final = frozenset({"ids", "contacts", "notes"})
"""Lists that differ as a whole."""
Thing = Any
"""A value of an order: a dataclass, a tuple of them, or something plain."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `field` is the name that maps use, `parties(ship_to).city` or `charges[2].amount`.

    `line` is the position of the line in the first order (in the second for one that is new), None for the heading.
    `before` and `after` are written for people; None says that it is not there.
    """

    field: str
    before: str | None
    after: str | None
    line: int | None = None

    def __str__(self) -> str:
        """Say it in one phrase: `line 2 quantity: 24, was 12`, or `line 3 is new: 24 EA of 100103`."""
        if self.field == "line":
            return f"line {self.line} is {'new' if self.before is None else 'not there'}: {self.after or self.before}"
        where = "" if self.line is None else f"line {self.line} "
        return f"{where}{self.field}: {self.after or 'nothing'}, was {self.before or 'nothing'}"


def differences(before: PurchaseOrder, after: PurchaseOrder, *, change: bool = False) -> tuple[Difference, ...]:
    """Give what differs between two orders. With `change`, what `after` does not say is as it was before."""
    found = list(_Comparison(None, change).fields(before, after, without=frozenset({"lines", "purpose"})))
    if _purpose(before) != _purpose(after) and not (change and after.purpose is None):
        found.append(Difference("purpose", before.purpose, after.purpose))
    for old, new in _pairs(before.lines, after.lines):
        if old is not None and new is not None:
            found.extend(_Comparison(old.position, change).fields(old, new))
        elif new is not None:
            found.append(Difference("line", None, _line(new), new.position))
        elif old is not None and not change:
            found.append(Difference("line", _line(old), None, old.position))
    return tuple(found)


def _purpose(order: PurchaseOrder) -> str | None:
    return None if order.purpose in REPEATING else order.purpose


def _pairs(
    before: Sequence[OrderLine], after: Sequence[OrderLine]
) -> Iterator[tuple[OrderLine | None, OrderLine | None]]:
    """Bring lines together: by number where both orders number their lines, else by item, each once, in turn."""
    numbered = all(len({line.number for line in lines} - {None, ""}) == len(lines) for lines in (before, after))
    left: dict[Thing, deque[OrderLine]] = {}
    for new in after:
        left.setdefault(_key(new, numbered=numbered), deque()).append(new)
    for old in before:
        waiting = left.get(_key(old, numbered=numbered))
        yield old, waiting.popleft() if waiting else None
    for waiting in left.values():
        yield from ((None, new) for new in waiting)


def _key(line: OrderLine, *, numbered: bool) -> Thing:
    if numbered:
        return line.number
    return line.buyer_item or line.vendor_item or line.gtin or line.ids


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares things of one line, or (None) of the heading. `change`: what the second does not say is as it was."""

    line: int | None
    change: bool

    def fields(
        self, before: Thing, after: Thing, path: str = "", without: frozenset[str] = frozenset()
    ) -> Iterator[Difference]:
        """Compare two things of one kind, field by field."""
        for field in fields(before):
            if field.name not in _OF_THE_FILE and field.name not in without:
                name = f"{path}{'.' if path else ''}{field.name.rstrip('_')}"
                yield from self._values(getattr(before, field.name), getattr(after, field.name), name)

    def _values(self, before: Thing, after: Thing, name: str) -> Iterator[Difference]:
        if before == after or (self.change and after in (None, ())):
            return
        if isinstance(before, tuple) and isinstance(after, tuple) and name.rpartition(".")[2] not in _WHOLE:
            yield from self._lists(before, after, name)
        elif is_dataclass(before) and is_dataclass(after):
            yield from self.fields(before, after, name)
        else:
            yield Difference(name, _said(before), _said(after), self.line)

    def _lists(self, before: tuple[Thing, ...], after: tuple[Thing, ...], name: str) -> Iterator[Difference]:
        """Compare parties by role (and turn, where one comes twice), other things by turn."""
        old, new = _named(before, name), _named(after, name)
        for key in dict.fromkeys((*old, *new)):
            if key in old and key in new:
                yield from self._values(old[key], new[key], key)
            elif key in new:
                yield Difference(key, None, _said(new[key]), self.line)
            elif not self.change:
                yield Difference(key, _said(old[key]), None, self.line)


def _named(things: tuple[Thing, ...], name: str) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for number, thing in enumerate(things, 1):
        key = f"{name}({thing.role})" if isinstance(thing, Party) and thing.role else f"{name}[{number}]"
        found[f"{key}[{number}]" if key in found else key] = thing
    return found


def _line(line: OrderLine) -> str:
    item = line.buyer_item or line.vendor_item or line.gtin or _said(line.ids) or "no item"
    quantity = "no quantity" if line.quantity is None else plain(line.quantity)
    return " ".join(part for part in (quantity, line.unit, "of", item) if part)


def _said(value: Thing) -> str | None:
    """Write a value for people, None for nothing."""
    if value is None or value == ():
        return None
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(said for one in value if (said := _said(one)))
    if is_dataclass(value):
        parts = (getattr(value, field.name) for field in fields(value) if field.name not in _OF_THE_FILE)
        return " ".join(said for part in parts if (said := _said(part))) or None
    return str(value)
