"""Whatever dirt stands around a valid interchange, and whatever delimiters it has, the same order is read from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_engine.finding import Severity
from edi_engine.flow.books import Books
from edi_engine.flow.checking import check_set
from edi_engine.flow.reading import read_order
from edi_engine.flow.received import Received
from edi_engine.orders.order import PurchaseOrder
from edi_engine.x12.reader import outline
from edi_engine.x12.values import Outline
from tests.fixtures.exchange import ORDER, edition
from tests.fixtures.walks import FrozenClock
from tests.unit.partners.conftest import standard

BOM = b"\xef\xbb\xbf"
SIGNS = "*|^~!@#%+:;<=>?'\\&$_"
ENDS = "~\\\r\n\x15\x1c\x1d'|"


@dataclass(frozen=True)
class Dirt:
    """How a partner's program writes: its delimiters, and what it puts where X12 has nothing."""

    element: str = "*"
    component: str = ">"
    segment: str = "~"
    suffix: str = ""
    blanks: str = ""
    before: bytes = b""
    after: bytes = b""

    def write(self, number: int = 1) -> bytes:
        text = self.suffix.join(self._segment(one, number) for one in segments()) + self.suffix
        return self.before + text.encode("latin-1") + self.after

    def _segment(self, elements: list[str], number: int) -> str:
        changed = [_VALUES.get(text, text).format(n=number) if text in _VALUES else text for text in elements]
        if elements[0] == "ISA":
            changed[16] = self.component
        blanks = "" if elements[0] == "ISA" else self.blanks
        return blanks + self.element.join(changed) + self.segment


_VALUES = {"4500012001": "45000{n:05d}", "000000101": "{n:09d}", "101": "{n}"}


@cache
def segments() -> list[list[str]]:
    return [piece.strip().split("*") for piece in ORDER.decode().split("~") if piece.strip()]


@st.composite
def dirt(draw: st.DrawFn) -> Dirt:
    segment = draw(st.sampled_from(ENDS))
    element, component = draw(
        st.lists(st.sampled_from([sign for sign in SIGNS if sign != segment]), min_size=2, max_size=2, unique=True)
    )
    suffixes = ["", "\n", "\r", "\r\n", "\n\n", "  ", " \r\n"]
    free = [suffix for suffix in suffixes if segment not in suffix]
    blanks = draw(st.sampled_from(["", " ", "   ", "\t", "\n  ", "\r\n\t"]))
    return Dirt(
        element,
        component,
        segment,
        draw(st.sampled_from(free)),
        "" if segment in blanks else blanks,
        draw(st.sampled_from([b"", BOM, b"\r\n", b"  ", b"\x00", b"\x1a", BOM + b"\n ", b"\n\n\t"])),
        draw(st.sampled_from([b"", b"\n", b"\x1a", b"\r\n\x1a", b"  ", b"\x00\x00", b"\nend of file 1 of 1"])),
    )


@cache
def books() -> Books:
    return Books(
        clock=FrozenClock(datetime(2026, 11, 22, 17, 30, tzinfo=UTC)), edition=edition(), dictionary=standard()
    )


def orders_of(data: bytes) -> tuple[Outline, list[PurchaseOrder]]:
    """Read all orders of a file, as the walk does; none of them may have a fault."""
    partner = edition().partners["bluebird"]
    found = outline(data)
    made: list[PurchaseOrder] = []
    for interchange in found.interchanges:
        assert [one for one in interchange.findings if one.severity > Severity.WARNING] == []
        for group in interchange.groups:
            assert group.findings == ()
            for one in group.sets:
                text = data[one.start : one.end].decode("latin-1")
                where = one.findings[0].where if one.findings else None
                assert where is None
                received = Received(text, one, interchange.delimiters, group.version, _at(group.control))
                assert check_set(books(), group, received, partner) == ()
                reading, _ = read_order(books(), received, partner)
                assert reading is not None
                assert reading.order is not None
                assert reading.findings == ()
                made.append(replace(reading.order, kept=None))
    return found, made


def _at(group: str):
    from edi_engine.finding import Position

    return Position(group=group)


@pytest.mark.fault("C1", "C4", "C5")
@settings(max_examples=150)
@given(dirt())
def test_the_same_order_is_read_through_any_dirt(how: Dirt) -> None:
    found, made = orders_of(how.write())
    assert made == orders_of(Dirt().write())[1]
    assert [one for one in found.findings if one.severity > Severity.WARNING] == []
    (interchange,) = found.interchanges
    delimiters = interchange.delimiters
    assert (delimiters.element, delimiters.component, delimiters.segment) == (how.element, how.component, how.segment)


@pytest.mark.fault("D10")
@settings(max_examples=60)
@given(st.lists(dirt(), min_size=2, max_size=4))
def test_interchanges_of_several_hands_in_one_file_are_each_read(hows: list[Dirt]) -> None:
    # What stands behind an IEA and is no X12 ends where the next ISA is seen.
    data = b"".join(how.write(number) for number, how in enumerate(hows, 1))
    _, made = orders_of(data)
    assert [order.po_number for order in made] == [f"45000{number:05d}" for number in range(1, len(hows) + 1)]
    first = orders_of(Dirt().write())[1][0]
    assert [replace(order, po_number=first.po_number) for order in made] == [first] * len(hows)
