"""Ship: from what was promised, or from what the warehouse says, to the shipment that the ASN is written from.

Quantities stay in the order line's unit. Nothing leaves that was not accepted, and no store gets more than its share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.orders.decision import Answer, AnswerLine
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.money import half_up, plain
from edi_engine.orders.order import OrderLine, Party
from edi_engine.orders.packing import CARTON, POUNDS, Packed, pack, pounds, sum_of_weights
from edi_engine.orders.places import on_line
from edi_engine.orders.shares import Share, left_for, shares_of, take_for
from edi_engine.orders.shipment import Content, Shipment
from edi_engine.orders.sscc import is_sscc
from edi_engine.orders.units import convert, exact

NONE: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class ShipLine:
    """One row of a shipping instruction. `position` is our line; rows with the same `sscc` lie in one carton.

    A row without `store` on a line for several stores goes to them in turn.
    """

    position: int
    quantity: Decimal
    unit: str | None = None
    sscc: str | None = None
    lot: str | None = None
    store: str | None = None


@dataclass(frozen=True, slots=True)
class ShipInstruction:
    """What the warehouse says about one shipment of one order.

    No lines: all that was accepted and is still to be shipped. Backordered goods leave where a row names their line.
    """

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


def ship(
    instruction: ShipInstruction,
    answer: Answer,
    shipped: Mapping[int, Decimal],
    items: Mapping[int, ItemFact],
    dispatch: Dispatch,
    *,
    stores_shipped: Mapping[tuple[int, str], Decimal] | None = None,
) -> tuple[Shipment | None, tuple[Finding, ...]]:
    """Make the shipment that an instruction describes, or say why it cannot be.

    `shipped` is what has left before, by position, in the line's unit; `stores_shipped` the same by position and store
    (see `shares.shipped_to_stores`), None where stores were always served in turn. With any finding, the shipment is
    None.
    """
    lines = {line.line.position: line for line in answer.lines}
    promised = {position: line.quantity_accepted - shipped.get(position, NONE) for position, line in lines.items()}
    left = {position: rest + lines[position].quantity_backordered for position, rest in promised.items()}
    rows = instruction.lines or tuple(ShipLine(position, rest) for position, rest in promised.items() if rest > 0)
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
    shares = {position: shares_of(line, shipped, stores_shipped) for position, line in lines.items()}
    findings.extend(_strange_stores(planned, shares))
    goods = () if findings else tuple(_spread(planned, shares))
    findings.extend(_mixed_cartons(goods))
    if not planned and not findings:
        findings.append(_nothing(answer, left))
    if findings:
        return None, tuple(findings)
    contents = tuple(pack(answer.order, goods, items, dispatch.sscc))
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
        asked[position] = asked.get(position, NONE) + row.quantity
    for row, found in planned:
        position = found.line.position
        total = asked.pop(position, None)
        if total is None or total <= left[position]:
            continue
        rest = max(left[position], NONE)
        said = "accepted or backordered" if found.quantity_backordered else "accepted"
        message = f"{plain(total)} {row.unit} are to be shipped, but only {plain(rest)} are {said} and not shipped yet."
        yield _wrong(found.line, "over", message, plain(total), wanted=f"at most {plain(rest)}")


def _spread(planned: Sequence[tuple[ShipLine, AnswerLine]], shares: Mapping[int, Sequence[Share]]) -> Iterator[Packed]:
    """Part the rows by store: those that name one are its own, the others go on in the order of the shares."""
    for row, found in planned:
        if row.store is not None:
            take_for(shares[found.line.position], row.store, row.quantity)
    for row, found in planned:
        line, rest = found.line, row.quantity
        if row.store is None:
            for share in shares[line.position]:
                given = min(share.left, rest)
                if given > 0:
                    share.left -= given
                    rest -= given
                    yield Packed(line, given, share.store, row.sscc, row.lot)
        if rest:
            yield Packed(line, rest, row.store, row.sscc, row.lot)


def _strange_stores(
    planned: Sequence[tuple[ShipLine, AnswerLine]], shares: Mapping[int, Sequence[Share]]
) -> Iterator[Finding]:
    """Say which rows are for a store that the line is not for, or for more than it is still to get."""
    asked: dict[tuple[int, str], Decimal] = {}
    for row, found in planned:
        if row.store is None:
            continue
        position = found.line.position
        stores = dict.fromkeys(share.store for share in shares[position])
        if row.store not in stores:
            wanted = ", ".join(stores) or "no stores: it goes to one place"
            yield _wrong(found.line, "store", f"store {row.store} gets nothing of it.", row.store, wanted=wanted)
            continue
        left = left_for(shares[position], row.store)
        before = asked.get((position, row.store), NONE)
        total = asked[position, row.store] = before + row.quantity
        if before <= left < total:
            message = f"{plain(total)} {row.unit} are to go to {row.store}, which is still to get {plain(left)}."
            yield _wrong(found.line, "over", message, plain(total), wanted=f"at most {plain(left)}")


def _mixed_cartons(goods: Sequence[Packed]) -> Iterator[Finding]:
    stores: dict[str, str | None] = {}
    for part in goods:
        if part.sscc is not None and stores.setdefault(part.sscc, part.store) != part.store:
            message = f"carton {part.sscc} would hold goods for {stores[part.sscc]} and for {part.store}."
            yield _wrong(part.line, "stores", message, part.sscc, wanted="cartons that hold goods of one store each")


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
        total = sum_of_weights([pounds(one.line, one.quantity, items.get(one.line.position)) for one in contents])
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
        mode=instruction.mode or (routed.mode if routed else None),
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


def _nothing(answer: Answer, left: Mapping[int, Decimal]) -> Finding:
    """Say that nothing is left to ship, or only what goes by an instruction that names it."""
    message = f"Nothing of order {answer.order.po_number} is left to ship."
    fix = "Look at the order: it was rejected, or all of it has left already."
    owed = [
        f"{plain(left[line.line.position])} {line.line.unit} of line {line.line.position}"
        for line in answer.lines
        if left.get(line.line.position, NONE) > 0
    ]
    if owed:
        message = f"Of order {answer.order.po_number} only backordered goods are left to ship: {', '.join(owed)}."
        fix = "When there is stock, name the lines and quantities in a shipping instruction."
    return Finding(code="order.shipment.nothing", severity=Severity.HOLD, message=message, seen=answer.answer, fix=fix)


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
