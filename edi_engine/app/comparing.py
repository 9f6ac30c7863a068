"""Comparing two things by what they mean: X12 files and documents set by set, orders in the words of maps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edi_engine.app.comparable import Given, OneSet, Thing, given_thing, kept_thing
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import BaseMaps, dictionary
from edi_engine.app.views import looking
from edi_engine.app.workplace import edition_in_force
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.reading import read_order
from edi_engine.flow.received import Received
from edi_engine.flow.sender import TERMINAL, whose
from edi_engine.orders.difference import differences as order_differences
from edi_engine.orders.order import PurchaseOrder
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.difference import Difference, Side, business_key, differences, pairs
from edi_engine.x12.reader import split
from edi_engine.x12.values import Loop, Spoken

_QUALIFIER: Final = re.compile(r"\(([^()]+)\)(?:\[[0-9]+\])?$")
_ORDER_SETS: Final = frozenset({"850"})


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that differs, for people: its place, what it is, and what each side says (None: it is not there).

    `before_means` and `after_means` say what codes mean, `before_at` and `after_at` count segments of the files.
    """

    place: str
    what: str
    before: str | None
    after: str | None
    before_means: str | None = None
    after_means: str | None = None
    before_at: int | None = None
    after_at: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What was compared with what: two sets or orders of one `title`, or one that only a side has (`only` A or B)."""

    title: str
    rows: tuple[Row, ...] = ()
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """The differences of two things, part by part; parts that say the same have no rows. `findings` are of the files.

    `before` and `after` say what was compared, and `orders` that it was done in the words of orders.
    """

    before: str
    after: str
    orders: bool
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    before_data: bytes
    after_data: bytes

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return all(not part.rows and part.only is None for part in self.parts)


def compare(settings: Settings, before: Given, after: Given, *, envelope: bool, orders: bool | None) -> Compared:
    """Compare two things. `orders` says to compare in the words of orders; None: where one of both is a booked order.

    Raises UsageError for what is not in the store, and for `orders` where there are none.
    """
    standard = dictionary(settings.home)
    if before.data is None or after.data is None:
        with looking(settings) as place, place.office().ledger.reading() as unit:
            old, new = (kept_thing(standard, unit, one) for one in (before, after))
    else:
        old, new = given_thing(standard, before), given_thing(standard, after)
    by_order = orders if orders is not None else old.booked is not None or new.booked is not None
    if by_order:
        books = _books(settings)
        parts = tuple(_orders(_read(books, old, before.what), _read(books, new, after.what)))
    else:
        parts = tuple(_sets(standard, old, new, envelope=envelope))
    return Compared(old.title, new.title, by_order, parts, (*old.findings, *new.findings), old.data, new.data)


# --- by X12 ----------------------------------------------------------------------------------------------------------


def _sets(standard: Dictionary, old: Thing, new: Thing, *, envelope: bool) -> Iterator[Part]:
    told: set[str] = set()
    for a, b in pairs([one.side for one in old.sets], [one.side for one in new.sets]):
        before, after = None if a is None else old.sets[a], None if b is None else new.sets[b]
        one = before or after
        if one is None:
            continue
        title = f"{one.found.set_id} {business_key(one.side) or one.found.control}"
        if before is None or after is None:
            yield Part(title, only="A" if after is None else "B")
            continue
        if envelope:
            rows = _rows(standard, differences(_around(old, before), _around(new, after)))
            if rows and repr(rows) not in told:
                told.add(repr(rows))
                yield Part(f"envelope of {title}", rows)
        yield Part(title, _rows(standard, differences(before.side, after.side)))


def _around(thing: Thing, one: OneSet) -> Side:
    """Give the envelopes around a set as if they were one: ISA, GS, ST and SE."""
    marks = one.interchange.delimiters
    parts = (
        thing.data[one.interchange.start : one.interchange.groups[0].start],
        thing.data[one.group.start : one.group.sets[0].start],
        thing.data[one.found.start : one.found.end],
    )
    lines = [segment for part in parts for segment in split(part.decode("latin-1"), marks)]
    found: dict[str, list[str]] = {}
    for segment in lines:
        if segment[0] in {"ISA", "GS", "ST", "SE"}:
            found.setdefault(segment[0], [text.strip() if segment[0] == "ISA" else text for text in segment])
    tree = Loop("envelope", None, "", [Spoken(elements, n) for n, elements in enumerate(found.values(), 1)])
    return Side(tree, marks, one.side.segment, around=True)


def _rows(standard: Dictionary, found: Sequence[Difference]) -> tuple[Row, ...]:
    return tuple(
        Row(
            one.path,
            _what(standard, one),
            _readable(one.before),
            _readable(one.after),
            _means(standard, one, one.before),
            _means(standard, one, one.after),
            one.before_at or None,
            one.after_at or None,
        )
        for one in found
    )


def _what(standard: Dictionary, one: Difference) -> str:
    """Name what differs: the element with what its qualifier says, or the segment or loop."""
    if one.element is not None:
        said = standard.meaning(*one.qualifier) if one.qualifier is not None else None
        return f"{one.element.name} ({said})" if said else one.element.name
    name = one.segment.name if one.segment is not None else "(not in the dictionary)"
    code = _QUALIFIER.search(one.path)
    pair = next((pair for pair in one.segment.pairs if not pair.many), None) if one.segment is not None else None
    if code is not None and pair is not None and one.segment is not None:
        said = standard.meaning(one.segment.elements[pair.qualifier - 1].element.id, code[1])
        name = f"{name} ({said})" if said else name
    return f"{name}, with {one.segments - 1} more" if one.segments > 1 else name


def _means(standard: Dictionary, one: Difference, text: str | None) -> str | None:
    if text is None or one.element is None or one.element.kind != "ID":
        return None
    return standard.meaning(one.element.id, text.strip())


def _readable(text: str | None) -> str | None:
    """Decode as UTF-8 what is UTF-8; other bytes stay one character each."""
    if text is None:
        return None
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


# --- by orders -------------------------------------------------------------------------------------------------------


def _books(settings: Settings) -> Books:
    edition = edition_in_force(settings)
    return Books(
        clock=SystemClock(),
        edition=edition,
        dictionary=dictionary(settings.home),
        base_map=BaseMaps(settings, edition),
    )


def _read(books: Books, thing: Thing, what: str) -> list[PurchaseOrder]:
    """Give the orders of a thing: as it was booked, else as its partner's map reads them. Raises UsageError."""
    if thing.booked is not None:
        return [thing.booked]
    found = [order for one in thing.sets if (order := _order(books, thing, one)) is not None]
    if not found:
        message = f"{what} holds no order that can be read; `edi diff` without --orders compares its segments"
        raise UsageError(message)
    return found


def _order(books: Books, thing: Thing, one: OneSet) -> PurchaseOrder | None:
    if one.found.set_id not in _ORDER_SETS:
        return None
    sender, _ = whose(books, one.interchange, TERMINAL)
    text = thing.data[one.found.start : one.found.end].decode("latin-1")
    received = Received(text, one.found, one.interchange.delimiters, one.group.version, Position(file=thing.title))
    reading, _ = read_order(books, received, sender.partner if sender is not None else None)
    stops = reading is None or any(finding.severity is Severity.REFUSE for finding in reading.findings)
    return None if reading is None or stops else reading.order


def _orders(before: Sequence[PurchaseOrder], after: Sequence[PurchaseOrder]) -> Iterator[Part]:
    """Compare orders: by their number and release, or the only ones with each other."""
    left = {(one.po_number, one.release): one for one in after}
    alone = len(before) == len(after) == 1
    for old in before:
        title = f"order {old.po_number}" + (f" release {old.release}" if old.release else "")
        new = left.pop((old.po_number, old.release), None) or (left.popitem()[1] if alone and left else None)
        yield Part(title, only="A") if new is None else Part(title, _told(old, new))
    yield from (Part(f"order {new.po_number}", only="B") for new in left.values())


def _told(old: PurchaseOrder, new: PurchaseOrder) -> tuple[Row, ...]:
    return tuple(
        Row(
            "" if one.line is None else f"line {one.line}",
            one.field.replace("_", " "),
            one.before,
            one.after,
        )
        for one in order_differences(old, new)
    )
