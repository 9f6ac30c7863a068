"""Ship: from what was promised, or from what the warehouse says, to the shipment that the ASN is written from.

Quantities stay in the order line's unit. A full case is a pack of its own; pieces that fill no case share one mixed
carton. Nothing leaves that was not accepted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import Answer, AnswerLine
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.money import half_up, plain
from edi_engine.orders.order import OrderLine, Party
from edi_engine.orders.places import on_line
from edi_engine.orders.shipment import Content, Pack, Shipment
from edi_engine.orders.sscc import is_sscc
from edi_engine.orders.units import CASE, EACH, convert, exact, ratio

CARTON: Final = "CTN25"
"""Packaging code (X12 element 103): a carton of corrugated or solid fibre."""
POUNDS: Final = "LB"


@dataclass(frozen=True, slots=True)
class ShipLine:
    """One row of a shipping instruction. `position` is our line; rows with the same `sscc` lie in one carton."""

    position: int
    quantity: Decimal
    unit: str | None = None
    sscc: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class ShipInstruction:
    """What the warehouse says about one shipment of one order. No lines: all that is still to be shipped."""

    lines: tuple[ShipLine, ...] = ()
    number: str | None = None
    shipped_on: dt.date | None = None
    deliver_on: dt.date | None = None
    carrier: str | None = None
    mode: str | None = None
    tracking: str | None = None
    bill_of_lading: str | None = None
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What every shipment needs beside its goods.

    `number` is ours and unique, `when` the local time of leaving (aware), `sscc` gives a new SSCC-18 at each call.
    """

    number: str
    when: dt.datetime
    sscc: Callable[[], str]
    parties: tuple[Party, ...] = ()
    carrier: str | None = None
    mode: str | None = None


def ship_all(answer: Answer, items: Mapping[int, ItemFact], dispatch: Dispatch) -> Shipment | None:
    """Ship all that was accepted, packed by case; None where nothing was. `items` gives the fact of each position."""
    shipment, _ = ship(ShipInstruction(), answer, {}, items, dispatch)
    return shipment


def ship(
    instruction: ShipInstruction,
    answer: Answer,
    shipped: Mapping[int, Decimal],
    items: Mapping[int, ItemFact],
    dispatch: Dispatch,
) -> tuple[Shipment | None, tuple[Finding, ...]]:
    """Make the shipment that an instruction describes, or say why it cannot be.

    `shipped` is what has left before, by position, in the line's unit. With any finding, the shipment is None.
    """
    lines = {line.line.position: line for line in answer.lines}
    left = {position: line.quantity_accepted - shipped.get(position, Decimal(0)) for position, line in lines.items()}
    rows = instruction.lines or tuple(ShipLine(position, rest) for position, rest in left.items() if rest > 0)
    findings: list[Finding] = []
    planned: list[tuple[ShipLine, AnswerLine]] = []
    for row in rows:
        found = lines.get(row.position)
        checked = _unknown(row) if found is None else _in_line_unit(row, found.line, items.get(row.position))
        if isinstance(checked, Finding):
            findings.append(checked)
        elif found is not None:
            planned.append((checked, found))
    findings.extend(_over(planned, left))
    if not planned and not findings:
        findings.append(_nothing(answer))
    if findings:
        return None, tuple(findings)
    contents = tuple(_pack(planned, answer, items, dispatch.sscc))
    return _shipment(instruction, answer, contents, items, dispatch), ()


def _in_line_unit(row: ShipLine, line: OrderLine, fact: ItemFact | None) -> ShipLine | Finding:
    """Give the row in the unit of its order line, or say what is wrong with it."""
    if row.quantity <= 0:
        return _wrong(line, "quantity", f"{plain(row.quantity)} is not a quantity to ship.", plain(row.quantity))
    if row.sscc is not None and not is_sscc(row.sscc):
        message = f"{row.sscc} is no SSCC: it has 18 digits, and the last one checks the others."
        return _wrong(line, "sscc", message, row.sscc)
    unit = row.unit or line.unit
    quantity = convert(row.quantity, unit, line.unit, None if fact is None else fact.case_pack)
    converted = None if quantity is None else exact(quantity)
    if converted is None:
        message = f"{plain(row.quantity)} {unit} cannot be turned into {line.unit}, the unit of the order line."
        return _wrong(line, "unit", message, unit)
    return replace(row, quantity=converted, unit=line.unit)


def _over(planned: Sequence[tuple[ShipLine, AnswerLine]], left: Mapping[int, Decimal]) -> Iterator[Finding]:
    asked: dict[int, Decimal] = {}
    for row, found in planned:
        position = found.line.position
        asked[position] = asked.get(position, Decimal(0)) + row.quantity
    for row, found in planned:
        position = found.line.position
        total = asked.pop(position, None)
        if total is None or total <= left[position]:
            continue
        rest = max(left[position], Decimal(0))
        message = (
            f"{plain(total)} {row.unit} are to be shipped, but only {plain(rest)} are accepted and not shipped yet."
        )
        yield _wrong(found.line, "over", message, plain(total), wanted=f"at most {plain(rest)}")


def _pack(
    planned: Sequence[tuple[ShipLine, AnswerLine]],
    answer: Answer,
    items: Mapping[int, ItemFact],
    sscc: Callable[[], str],
) -> Iterator[Content]:
    """Pack the rows: those with an SSCC as the warehouse did, the others by case, what is left into one carton."""
    cartons: dict[str, Pack] = {}
    loose: list[tuple[ShipLine, OrderLine, Decimal]] = []
    for row, found in planned:
        line, rest = found.line, row.quantity
        fact = items.get(line.position)
        if row.sscc is not None:
            pack = cartons.setdefault(row.sscc, Pack(sscc=row.sscc, packaging=CARTON))
            yield Content(answer.order, line, rest, line.unit or EACH, pack, lot=row.lot)
            continue
        size = _case_of(line, fact)
        pounds = None if size is None else _pounds(line, size, fact)
        while size is not None and rest >= size:
            yield Content(answer.order, line, size, line.unit or EACH, _carton(sscc(), pounds), lot=row.lot)
            rest -= size
        if rest:
            loose.append((row, line, rest))
    if not loose:
        return
    weights = [_pounds(line, rest, items.get(line.position)) for _, line, rest in loose]
    mixed = _carton(sscc(), _sum(weights))
    for row, line, rest in loose:
        yield Content(answer.order, line, rest, line.unit or EACH, mixed, lot=row.lot)


def _case_of(line: OrderLine, fact: ItemFact | None) -> Decimal | None:
    """Give what one case holds in the line's unit; None where that is not known or not a number with an end."""
    if line.unit == CASE:
        return Decimal(1)
    size = None if fact is None else ratio(CASE, line.unit, fact.case_pack)
    return None if size is None else exact(size)


def _pounds(line: OrderLine, quantity: Decimal, fact: ItemFact | None) -> Fraction | None:
    if fact is None or fact.weight is None:
        return None
    pieces = convert(quantity, line.unit, EACH, fact.case_pack)
    return None if pieces is None else pieces * Fraction(fact.weight)


def _sum(weights: Sequence[Fraction | None]) -> Fraction | None:
    known = [weight for weight in weights if weight is not None]
    return sum(known, Fraction(0)) if len(known) == len(weights) else None


def _carton(number: str, pounds: Fraction | None) -> Pack:
    if pounds is None:
        return Pack(sscc=number, packaging=CARTON)
    return Pack(sscc=number, packaging=CARTON, weight=half_up(pounds), weight_unit=POUNDS)


def _shipment(
    instruction: ShipInstruction,
    answer: Answer,
    contents: tuple[Content, ...],
    items: Mapping[int, ItemFact],
    dispatch: Dispatch,
) -> Shipment:
    order = answer.order
    weight = instruction.weight
    if weight is None:
        total = _sum([_pounds(one.line, one.quantity, items.get(one.line.position)) for one in contents])
        weight = None if total is None else half_up(total)
    routed = next((route for route in order.routes if route.carrier), None)
    return Shipment(
        number=instruction.number or dispatch.number,
        date=dispatch.when.date(),
        time=dispatch.when.time().replace(microsecond=0),
        contents=contents,
        shipped_on=instruction.shipped_on or dispatch.when.date(),
        deliver_on=instruction.deliver_on,
        bill_of_lading=instruction.bill_of_lading,
        tracking=instruction.tracking,
        carrier=instruction.carrier or dispatch.carrier or (routed.carrier if routed else None),
        mode=instruction.mode or dispatch.mode or (routed.mode if routed else None),
        freight_terms=order.freight_terms,
        package_count=Decimal(len({one.pack.sscc for one in contents if one.pack is not None})),
        packaging=CARTON,
        weight=weight,
        weight_unit=None if weight is None else POUNDS,
        parties=(*order.parties, *dispatch.parties),
    )


def _unknown(row: ShipLine) -> Finding:
    return Finding(
        code="order.shipment.line",
        severity=Severity.HOLD,
        message=f"The order has no line {row.position}.",
        where=Position(line=row.position),
        seen=str(row.position),
        wanted="the position of a line, counted from 1",
        fix="Correct the line in the shipping instruction.",
    )


def _nothing(answer: Answer) -> Finding:
    return Finding(
        code="order.shipment.nothing",
        severity=Severity.HOLD,
        message=f"Nothing of order {answer.order.po_number} is left to ship.",
        seen=answer.answer,
        fix="Look at the order: it was rejected, or all of it has left already.",
    )


def _wrong(line: OrderLine, word: str, message: str, seen: str | None, wanted: str | None = None) -> Finding:
    return Finding(
        code=f"order.shipment.{word}",
        severity=Severity.HOLD,
        message=f"Line {line.position}: {message}",
        where=on_line(line, "quantity"),
        seen=seen,
        wanted=wanted,
        fix="Correct the shipping instruction and give it again.",
    )
