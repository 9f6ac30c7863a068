"""Findings of rules know their segment only; their place in the file is found."""

from __future__ import annotations

import pytest

from edi_engine.cli import locate
from edi_engine.cli.locate import Places
from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.reader import outline
from edi_engine.x12.values import Outline

ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261122*1010*U*00401*000000007*0*P*>~"


def order(control: str) -> str:
    return f"ST*850*{control}~BEG*00*SA*45**20261122~PO1*1*12*EA*9.50**UP*012345678905~SE*4*{control}~"


def file(*controls: str) -> bytes:
    sets = "".join(order(control) for control in controls)
    return f"{ISA}GS*PO*A*B*20261122*1010*7*X*004010~{sets}GE*{len(controls)}*7~IEA*1*000000007~".encode()


def held(seen: str | None, **where: object) -> Finding:
    return Finding(
        "order.price", Severity.HOLD, "No.", Position(in_set=3, path="line.unit_price", line=1, **where), seen
    )


def located(finding: Finding, data: bytes, found: Outline) -> Finding:
    return Places(data, found).locate(finding)


def test_the_one_element_that_holds_what_was_seen_is_the_place() -> None:
    data = file("0001")
    where = located(held("9.5"), data, outline(data)).where
    assert where.byte == data.index(b"9.50")
    assert (where.segment, where.element, where.path, where.set_control) == (5, 4, "PO1[1]/PO104", "0001")


def test_without_what_was_seen_the_segment_is_the_place() -> None:
    data = file("0001")
    for seen in (None, "", "7", "text"):
        where = located(held(seen), data, outline(data)).where
        assert (where.byte, where.element, where.path) == (data.index(b"PO1"), None, "PO1[1]")


def test_a_qualifier_with_its_value_is_a_place_too() -> None:
    data = file("0001")
    assert located(held("UP 012345678905"), data, outline(data)).where.path == "PO1[1]/PO107"


def test_two_elements_that_hold_it_are_no_place() -> None:
    data = file("0001").replace(b"*9.50*", b"*12*")
    assert located(held("12"), data, outline(data)).where.element is None


def test_the_set_is_told_by_its_control_number() -> None:
    data = file("0001", "0002")
    assert located(held("9.5", set_control="0002"), data, outline(data)).where.byte == data.rindex(b"9.50")


def test_nothing_is_guessed_where_the_set_cannot_be_told() -> None:
    data = file("0001", "0002")
    finding = held("9.5")
    assert located(finding, data, outline(data)) is finding
    twice = file("0001", "0001")
    doubtful = held("9.5", set_control="0001")
    assert located(doubtful, twice, outline(twice)) is doubtful
    assert located(finding, b"%PDF", outline(b"%PDF")) is finding


def test_a_byte_that_is_known_stays() -> None:
    data = file("0001")
    known = held("9.5", byte=3)
    assert located(known, data, outline(data)) is known


def test_a_set_is_cut_up_once_for_all_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[str] = []
    real = locate.spoken
    monkeypatch.setattr(locate, "spoken", lambda *given: (cuts.append(given[1].control), real(*given))[1])
    data = file("0001", "0002")
    places = Places(data, outline(data))
    for control in ("0001", "0002"):
        for _ in range(50):
            assert places.locate(held("9.5", set_control=control)).where.byte is not None
    assert cuts == ["0001", "0002"]
