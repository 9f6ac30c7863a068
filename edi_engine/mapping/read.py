"""Reads a transaction set into an order through a loaded map. Pure: the same tree and map give the same order."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.convert import read_date, read_decimal
from edi_engine.mapping.fields import COUNT, DATE, DECIMAL, FieldDef, fields_of, kind_of
from edi_engine.mapping.here import Here, Hit, hits, loops, segments
from edi_engine.mapping.language import ANY, IS, NONE, EachPlace, Place, ReadBlock, ReadingMap, ReadRow, Test
from edi_engine.mapping.shape import Stopped, change, look_up
from edi_engine.mapping.tables import Table
from edi_engine.orders.order import Kept, OrderLine, Party, PurchaseOrder
from edi_engine.x12.values import Delimiters, Loop

_MOST: Final = 500
"""Findings told one by one; what a broken set has beyond them is counted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a map made of a set. `order` is None where the PO number is missing, without which there is no order."""

    order: PurchaseOrder | None
    findings: tuple[Finding, ...]


def read(
    mapping: ReadingMap,
    tree: Loop,
    delimiters: Delimiters,
    version: str,
    tables: Map[str, Table],
    where: Position,
) -> Reading:
    """Read one set. `version` is the six characters of the dictionary; `where` says what is known of file and set.

    Never raises for bad data: every fault is a Finding (`mapping.*`) that names segment, element and byte.
    """
    run = _Run(mapping, tables, where, {id(spoken): at for at, spoken in enumerate(tree.segments())})
    made = run.make(mapping.root, Here(tree, delimiters))
    if not isinstance(made, PurchaseOrder):
        return Reading(None, run.told())
    spoken = tuple(tuple(segment.elements) for segment in tree.segments())
    kept = Kept(mapping.set_id, version, spoken, delimiters.component, delimiters.repetition)
    return Reading(replace(made, kept=kept), run.told())


@dataclass(slots=True)
class _Run:
    mapping: ReadingMap
    tables: Map[str, Table]
    where: Position
    order_of: dict[int, int]
    findings: list[Finding] = field(default_factory=list)
    line: int | None = None

    def told(self) -> tuple[Finding, ...]:
        """Give the findings, those beyond a bound as one that counts them."""
        rest = len(self.findings) - _MOST
        if rest <= 0:
            return tuple(self.findings)
        more = Finding("mapping.more", Severity.NOTE, f"{rest} more findings are not listed.", self.where)
        return (*self.findings[:_MOST], more)

    def make(self, block: ReadBlock, here: Here) -> object | None:
        """Make one thing; None where nothing came, or where a field is missing that it cannot be without."""
        values: dict[str, Any] = {}
        for row in block.rows:
            value = self._value(row, here)
            if value is not None:
                values[row.field.attribute] = value
        lists: dict[str, list[tuple[int, object]]] = {}
        for inner in block.blocks:
            self._fill(inner, here, values, lists)
        for name, found in lists.items():
            if found:
                values[name] = tuple(made for _, made in sorted(found, key=lambda one: one[0]))
        if not values and block.of not in {PurchaseOrder, OrderLine}:
            return None
        missing = next((name for name in _required(block.of) if name not in values), None)
        if missing is not None:
            self._missing(block, missing, here)
            return None
        return self._finish(block.of, values, here)

    def _fill(
        self, block: ReadBlock, here: Here, values: dict[str, Any], lists: dict[str, list[tuple[int, object]]]
    ) -> None:
        if block.field is None:
            return
        name = block.field.attribute
        if not block.field.many:
            made = self.make(block, here) if self._fits(block.where, here) else None
            if made is not None:
                values[name] = made
            return
        found = lists.setdefault(name, [])
        for item in self._each(block.each, here):
            if not self._fits(block.where, item):
                continue
            if block.of is OrderLine:
                self.line = len(found) + 1
            made = self.make(block, item)
            if made is not None:
                found.append((self._at(item), made))
        if block.of is OrderLine:
            self.line = None

    def _each(self, each: EachPlace | None, here: Here) -> list[Here]:
        if each is None:
            return []
        if not each.pairs and each.place.loop:
            return list(loops(each.place, here))
        found = [inside.on(segment) for segment, inside in segments(each.place, here)]
        if not each.pairs:
            return found
        return [item.at(each.pairs[0], pair) for item in found for pair in each.pairs if _filled(item, pair)]

    def _at(self, here: Here) -> int:
        return self.order_of.get(id(here.segment if here.segment is not None else here.loop.head), 0)

    def _fits(self, tests: tuple[Test, ...], here: Here) -> bool:
        return all(_fits(test, here) for test in tests)

    def _value(self, row: ReadRow, here: Here) -> object | None:
        if row.where and not self._fits(row.where, here):
            return None
        if row.constant is not None:
            return _typed(row.constant, row.field, "R")
        hit, place, text = self._first(row, here)
        if hit is None or place is None:
            fallback = row.shape.fallback
            return _typed(fallback, row.field, "R") if fallback is not None else None
        changed = look_up(change(text, row.shape.transforms), row.shape, self.tables)
        if isinstance(changed, Stopped):
            self._stop(changed, row, place, hit, text)
            return None
        if changed is None:
            return None
        return self._converted(changed, row, place, hit)

    def _first(self, row: ReadRow, here: Here) -> tuple[Hit | None, Place | None, str]:
        """Give the first value of the first place that has one; with `join`, all values of that place as one text."""
        for place in row.places:
            found = hits(place, here)
            if not found:
                continue
            first = found[0]
            if row.shape.transforms and row.join:
                return first, place, " ".join(hit.text for hit in found)
            if len(found) > 1:
                self._second(row, place, found)
            return first, place, first.text
        return None, None, ""

    def _converted(self, text: str, row: ReadRow, place: Place, hit: Hit) -> object | None:
        kind, target = place.kind, row.field
        implied, pattern = row.shape.find("implied"), row.shape.find("date")
        if row.shape.codes is not None or row.shape.table is not None:
            kind = "R"
        if implied is not None:
            kind = f"N{implied.number}"
        value = _typed(text, target, kind, pattern.pattern if pattern is not None else "")
        if value is None:
            code = "mapping.date.invalid" if target.kind == DATE else "mapping.number.invalid"
            what = "date" if target.kind == DATE else "number"
            name = hit.position(place, self.where).path
            self.findings.append(
                Finding(
                    code,
                    Severity.HOLD,
                    f'{name} "{text}" is no {what}, and {target.name} must be one.',
                    self._position(hit, place),
                    seen=hit.text,
                    wanted="a date such as 20261231" if target.kind == DATE else "a number such as 12.5",
                    fix="ask the partner for the right value, or correct it and read the order again",
                    source=str(row.mark),
                )
            )
        return value

    def _finish(self, of: type, values: dict[str, Any], here: Here) -> object:
        if of is OrderLine:
            values["position"] = self.line or 1
            values["in_set"] = here.loop.head.in_set if here.segment is None else here.segment.in_set
        if of in {OrderLine, Party}:
            values["span"] = self._span(here)
        return of(**values)

    def _span(self, here: Here) -> tuple[int, int]:
        spoken = [here.segment] if here.segment is not None else list(here.loop.segments())
        return self.order_of[id(spoken[0])], self.order_of[id(spoken[-1])] + 1

    def _position(self, hit: Hit, place: Place) -> Position:
        return replace(hit.position(place, self.where), line=self.line)

    def _stop(self, stopped: Stopped, row: ReadRow, place: Place, hit: Hit, text: str) -> None:
        position = self._position(hit, place)
        message = f"{position.path}: {stopped.message}, so {row.field.name} is not known."
        self.findings.append(
            Finding(
                stopped.code,
                Severity.HOLD,
                message,
                position,
                seen=text,
                wanted=stopped.wanted or None,
                fix=stopped.fix,
                source=str(row.mark),
            )
        )

    def _second(self, row: ReadRow, place: Place, found: list[Hit]) -> None:
        """Note the first value that differs from the one that is used."""
        first = found[0]
        other = next((hit for hit in found if hit.text != first.text), None)
        if other is None:
            return
        position = self._position(other, place)
        message = (
            f'{place.text} stands here more than once: "{first.text}" is used for {row.field.name}, '
            f'"{other.text}" is not.'
        )
        self.findings.append(
            Finding("mapping.value.second", Severity.NOTE, message, position, other.text, source=str(row.mark))
        )

    def _missing(self, block: ReadBlock, missing: str, here: Here) -> None:
        """Tell that a thing cannot be made: the order without its number, a product id without its kind."""
        head = here.segment if here.segment is not None else here.loop.head
        row = next((row for row in block.rows if row.field.attribute == missing), None)
        place = row.places[0].text if row is not None and row.places else ""
        where = replace(
            self.where,
            segment=head.number or None,
            in_set=head.in_set,
            byte=head.byte,
            segment_id=head.id,
            path=here.path or place or None,
            line=self.line,
        )
        thing, at = kind_of(block.of), f" in {here.path}" if here.path else ""
        code, severity = "mapping.part.incomplete", Severity.WARNING
        message = f"One {thing}{at} has no {missing} and is left out."
        if block.field is None:
            code, severity = "mapping.field.missing", Severity.HOLD
            message = f"The {thing} has no {missing}: {place or 'the map'} gave nothing."
        wanted = f"a value in {place}" if place else f"a {missing}"
        source = str(row.mark) if row is not None else str(block.mark)
        self.findings.append(Finding(code, severity, message, where, wanted=wanted, source=source))


@cache
def _required(of: type) -> tuple[str, ...]:
    """Give the attributes that a thing cannot be without; positions are counted by the engine."""
    return tuple(one.attribute for one in fields_of(of).values() if one.required and one.kind != COUNT)


def _filled(here: Here, pair: tuple[int, int]) -> bool:
    segment = here.segment
    return segment is not None and any(segment.get(position).strip() for position in pair)


def _fits(test: Test, here: Here) -> bool:
    if not isinstance(test.what, Place):
        return False
    found = hits(test.what, here)
    first = found[0] if found else None
    if test.kind == ANY:
        return first is not None
    if test.kind == NONE:
        return first is None
    fits = first is not None and first.text in test.values
    return fits if test.kind == IS else not fits


def _typed(text: str, target: FieldDef, kind: str, pattern: str = "") -> str | Decimal | date | None:
    if target.kind == DATE:
        return read_date(text, pattern)
    if target.kind == DECIMAL:
        return read_decimal(text, kind)
    return text
