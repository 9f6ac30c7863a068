"""Where written values come from: names of ours, places in what came, constants; shaped and turned into text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.mapping.build import Later
from edi_engine.mapping.convert import (
    implied_decimals,
    read_date,
    read_decimal,
    write_date,
    write_decimal,
    write_text,
)
from edi_engine.mapping.fields import Level
from edi_engine.mapping.here import Here, hits
from edi_engine.mapping.kept import KeptTrees
from edi_engine.mapping.language import ANY, IS, NONE, Echo, Name, NameStep, Place, Source, Test, WriteRow, WritingMap
from edi_engine.mapping.shape import Stopped, change, look_up
from edi_engine.mapping.tables import Table
from edi_engine.orders.decision import AnswerLine
from edi_engine.orders.invoice import InvoiceLine
from edi_engine.orders.order import OrderLine, Party, PurchaseOrder

Things = tuple[object, ...]
_VALUES: Final = (Decimal, date, time, int)
"""What a value of ours can be beside text."""
Where = Callable[[], Position]
"""Says where a value is written; asked only when there is something to tell."""


class Sources:
    """Gives the values of rows. Findings gather in `findings`."""

    def __init__(self, mapping: WritingMap, tables: Map[str, Table], trees: KeptTrees) -> None:
        """Read for one document."""
        self.mapping = mapping
        self.tables = tables
        self.trees = trees
        self.findings: list[Finding] = []

    def each(self, names: tuple[Name, ...], things: Things) -> Iterator[Things]:
        """Give the things in hand for each item of the lists; once, where there is no list."""
        if not names:
            yield things
        for name in names:
            found = self.find(name, things)
            if isinstance(found, tuple):
                yield from ((*things, item) for item in found)

    def find(self, name: Name, things: Things) -> object:
        """Give the value of a name, None where there is none."""
        return _follow(things[name.depth], name.steps)

    def fits(self, tests: tuple[Test, ...], things: Things) -> bool:
        """Say whether all conditions of a where hold."""
        for test in tests:  # noqa: SIM110 - asked for every row, so told without a generator
            if not self._fits(test, things):
                return False
        return True

    def _fits(self, test: Test, things: Things) -> bool:
        if isinstance(test.what, Place):
            return False
        text = _plain(self.find(test.what, things))
        if test.kind == ANY:
            return text is not None
        if test.kind == NONE:
            return text is None
        return (text in test.values) is (test.kind == IS)

    def value(self, row: WriteRow, things: Things, kind: str, maximum: int, where: Where) -> str | Later | None:
        """Give the text that a row writes into an element of X12's type `kind`, None where it is nothing."""
        if row.where and not self.fits(row.where, things):
            return None
        if row.total is not None:
            return Later(total=row.total)
        if row.count is not None:
            return self._count(row, things)
        if row.constant is not None:
            return self._finish(row.constant, row)
        raw, came = self._first(row.sources, things, row, where)
        if raw is None:
            return self._finish(row.shape.fallback, row) if row.shape.fallback is not None else None
        if row.shape.codes is not None or row.shape.table is not None:
            changed = look_up(write_text(raw), row.shape, self.tables)
            if isinstance(changed, Stopped):
                self._stop(changed, raw, row, _on_line(where(), things))
                return None
            return self._finish(changed, row) if changed is not None else None
        text = self._write(raw, row, kind, came, maximum)
        if text is None:
            self._unfit(raw, row, kind, _on_line(where(), things))
            return None
        return self._finish(text, row)

    def kept_at(self, echo: Echo, things: Things) -> Here | None:
        """Give the kept order, line or party that an echo starts from."""
        thing: object = things[echo.depth]
        for attribute in echo.steps:
            thing = getattr(thing, attribute, None)
        order = thing if isinstance(thing, PurchaseOrder) else _order_of(things)
        if order is None:
            return None
        if isinstance(thing, (OrderLine, Party)):
            return self.trees.find(order, thing.span) if thing.span is not None else None
        return self.trees.find(order, None)

    def _count(self, row: WriteRow, things: Things) -> str | Later | None:
        count = row.count
        if count is None or count.segment is not None:
            return Later(count=count.segment if count is not None else None)
        found = self.find(count.name, things) if count.name is not None else ()
        return str(len(found)) if isinstance(found, tuple) and found else None

    def _first(
        self, sources: tuple[Source, ...], things: Things, row: WriteRow, where: Where
    ) -> tuple[str | Decimal | date | time | int | None, str]:
        """Give the first source's value that is there, and X12's type of it where it came from X12."""
        for source in sources:
            if isinstance(source, Name):
                found = self.find(source, things)
                if found is None:
                    self._look_for_mixed(source, things, where)
                elif isinstance(found, str):
                    if found := found.strip():
                        return found, ""
                elif isinstance(found, _VALUES):
                    return found, ""
            elif isinstance(source, Echo):
                text = self._echo(source, things, row)
                if text is not None:
                    return text, source.place.kind
            else:
                return " ".join(plan.level for plan in self.mapping.levels), ""
        return None, ""

    def _echo(self, echo: Echo, things: Things, row: WriteRow) -> str | None:
        here = self.kept_at(echo, things)
        if here is None:
            return None
        found = [hit.text for hit in hits(echo.place, here)]
        if row.shape.find("join") is not None:
            return " ".join(found) or None
        return found[0] if found else None

    def _write(
        self, raw: str | Decimal | date | time | int, row: WriteRow, kind: str, came: str, maximum: int
    ) -> str | None:
        implied, pattern = row.shape.find("implied"), row.shape.find("date")
        if isinstance(raw, str):
            if pattern is not None:
                day = read_date(raw)
                return write_date(day, pattern.pattern) if day is not None else None
            if implied is not None:
                number = read_decimal(raw, came)
                return write_decimal(number, f"N{implied.number}") if number is not None else None
            return _between(raw, came, kind, maximum)
        if isinstance(raw, date):
            if pattern is not None:
                return write_date(raw, pattern.pattern)
            return write_date(raw, "YYMMDD" if kind == "DT" and maximum == 6 else "YYYYMMDD")
        if isinstance(raw, Decimal):
            return write_decimal(raw, f"N{implied.number}" if implied is not None else kind)
        return write_text(raw)

    def _finish(self, text: str, row: WriteRow) -> str | None:
        if row.shape.transforms:
            text = change(text, row.shape.transforms)
        if self.mapping.transforms:
            text = change(text, self.mapping.transforms)
        return text.strip() or None

    def _look_for_mixed(self, source: Name, things: Things, where: Where) -> None:
        """Tell where a level holds several units, so that its quantities cannot be added."""
        level = things[source.depth]
        summed = source.on_level and source.field.name == "quantity"
        if summed and isinstance(level, Level) and level.component is None:
            at = _on_line(where(), things)
            message = f"{at.path} has contents in different units, so their quantities cannot be added."
            self.findings.append(Finding("mapping.unit.mixed", Severity.HOLD, message, at, source=str(source.mark)))

    def _stop(self, stopped: Stopped, raw: object, row: WriteRow, where: Position) -> None:
        names = ", ".join(source.text for source in row.sources if isinstance(source, Name))
        message = f"{where.path}: {stopped.message}" + (f" ({names})." if names else ".")
        seen, wanted = _plain(raw), stopped.wanted or None
        source = str(row.target.mark)
        self.findings.append(
            Finding(stopped.code, Severity.HOLD, message, where, seen, wanted, fix=stopped.fix, source=source)
        )

    def _unfit(self, raw: object, row: WriteRow, kind: str, where: Position) -> None:
        seen = _plain(raw)
        places = implied_decimals(kind)
        what = f"has more than {places} decimals" if places is not None and isinstance(raw, Decimal) else "does not fit"
        message = f"{seen} {what}, which {where.path} ({kind}) cannot hold, and nothing is rounded here."
        code = "mapping.number.inexact" if isinstance(raw, Decimal) else "mapping.number.invalid"
        source = str(row.target.mark)
        self.findings.append(Finding(code, Severity.HOLD, message, where, seen, source=source))


def _follow(thing: object, steps: tuple[NameStep, ...]) -> object:
    for step in steps:
        if thing is None:
            return None
        thing = getattr(thing, step.attribute)
        if step.key is not None and isinstance(thing, tuple):
            thing = next((one for one in thing if getattr(one, step.key_attribute) == step.key), None)
    return thing


def _plain(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, _VALUES):
        return write_text(value)
    return "a thing" if value else None


def _between(text: str, came: str, kind: str, maximum: int) -> str | None:
    """Turn text that came from X12 type `came` into type `kind`: other implied decimals, other lengths of dates."""
    if not came or came == kind:
        if came == "DT" and len(text) != maximum and maximum in {6, 8}:
            found = read_date(text)
            return write_date(found, "YYMMDD" if maximum == 6 else "YYYYMMDD") if found is not None else text
        return text
    if implied_decimals(came) or implied_decimals(kind):
        number = read_decimal(text, came)
        return write_decimal(number, kind) if number is not None else None
    return text


def _order_of(things: Things) -> PurchaseOrder | None:
    """Give the order that the nearest thing belongs to."""
    for thing in reversed(things):
        if isinstance(thing, PurchaseOrder):
            return thing
        order = getattr(thing, "order", None)
        if isinstance(order, PurchaseOrder):
            return order
    return None


def _on_line(where: Position, things: Things) -> Position:
    """Add our position of the line that is being written."""
    for thing in reversed(things):
        line = thing.line if isinstance(thing, AnswerLine | InvoiceLine | Level) else thing
        if isinstance(line, OrderLine):
            return replace(where, line=line.position)
    return where
