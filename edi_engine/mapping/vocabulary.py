"""The words that reading gives to a field, compared with those that writing maps ask for: `role: ship_too` never is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edi_engine.finding import Finding, Severity
from edi_engine.mapping.fields import FieldDef, fields_of
from edi_engine.mapping.language import (
    CopyRow,
    Name,
    NameStep,
    ReadBlock,
    ReadingMap,
    ReadRow,
    Test,
    WriteBlock,
    WriteItem,
    WriteRow,
    WritingMap,
)
from edi_engine.mapping.problems import VALUE
from edi_engine.orders.order import Party
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Mark

_PARTIES = "parties"


class Vocabulary:
    """What a reading map writes into the fields of an order that it fills by `codes`, and by nothing else."""

    def __init__(self, reading: ReadingMap) -> None:
        """Gather the words of `reading`. A field that is also filled otherwise may hold anything: it has none."""
        self._codes: dict[int, dict[str, str]] = {}
        loose: list[int] = []
        for row in _rows(reading.root):
            codes = row.shape.codes
            if codes is None:
                loose.append(id(row.field))
            else:
                known = self._codes.setdefault(id(row.field), {})
                known.update(codes)
                known.update({word: word for word in (row.constant, row.shape.fallback) if word})
        for field in loose:
            self._codes.pop(field, None)

    def unknown(self, field: FieldDef, values: Iterable[str], mark: Mark) -> Iterator[Finding]:
        """Warn of each of `values` that no order has in `field`. A code that passes as it came (MA) may be had."""
        codes = self._codes.get(id(field), {})
        words = dict.fromkeys(codes.values())
        for value in values if codes else ():
            if value in words or not (value.islower() or value in codes):
                continue
            hint = f"nearest: {codes[value]}" if value in codes else nearest_or_all(value, words)
            message = f"no order has the {field.name} {value}: the map that reads it does not write this word; {hint}"
            yield Finding(VALUE, Severity.WARNING, message, mark.position, fix="write the word that the 850 map writes")

    def unknown_in(self, writing: WritingMap) -> Iterator[Finding]:
        """Warn of each word that a writing map asks for and no order has."""
        items = [item for area in writing.areas.values() for item in area]
        items.extend(item for level in writing.levels for item in level.items)
        names = [name for level in writing.levels for name in level.each]
        for test in (test for level in writing.levels for test in level.where):
            yield from self._test(test)
        while items:
            item = items.pop()
            for test in item.where:
                yield from self._test(test)
            names.extend(_names(item))
            if isinstance(item, WriteBlock):
                items.extend(item.items)
        for name in names:
            yield from self._keys(name.steps, name.mark)

    def _test(self, test: Test) -> Iterator[Finding]:
        if isinstance(test.what, Name):
            yield from self.unknown(test.what.field, test.values, test.what.mark)
            yield from self._keys(test.what.steps, test.what.mark)

    def _keys(self, steps: Iterable[NameStep], mark: Mark) -> Iterator[Finding]:
        """Look at round brackets: `parties(ship_too)`."""
        keys = [step.key for step in steps if step.attribute == _PARTIES and step.key is not None]
        yield from self.unknown(fields_of(Party)["role"], keys, mark)


def _rows(block: ReadBlock) -> Iterator[ReadRow]:
    yield from block.rows
    for inner in block.blocks:
        yield from _rows(inner)


def _names(item: WriteItem) -> Iterator[Name]:
    if isinstance(item, CopyRow):
        return
    if isinstance(item, WriteRow):
        yield from (source for source in item.sources if isinstance(source, Name))
    else:
        yield from item.each
