"""What the neutral documents are made of, so that a map's names are settled when it loads, never by the data.

Everything here is read off the dataclasses of `edi_engine.orders`; no field is listed twice.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Final

from edi_engine.orders.decision import Allotment, Answer, AnswerLine, LineAnswer
from edi_engine.orders.invoice import Invoice, InvoiceLine
from edi_engine.orders.order import (
    Charge,
    Component,
    Contact,
    Destination,
    Kept,
    Note,
    OrderLine,
    PackSize,
    Party,
    Price,
    ProductId,
    PurchaseOrder,
    Reference,
    Route,
    Schedule,
    Terms,
)
from edi_engine.orders.shipment import Content, Pack, Shipment, Subpack, Tare

TEXT: Final = "text"
DECIMAL: Final = "decimal"
DATE: Final = "date"
TIME: Final = "time"
COUNT: Final = "count"
PART: Final = "part"
POINTER: Final = "pointer"

_PLAIN: Final[dict[object, str]] = {str: TEXT, Decimal: DECIMAL, date: DATE, time: TIME, int: COUNT}
_HIDDEN: Final = frozenset({"kept", "span", "in_set"})
_KEYS: Final = ("role", "type", "code", "kind")


@dataclass(frozen=True, slots=True)
class Level:
    """One HL of a ship notice: what stands inside it, summed up. A field is None where the contents disagree.

    `order` to `component` are the things it may speak of; LEVELS says which of them a map may name.
    """

    quantity: Decimal | None
    unit: str | None
    store: str | None
    lot: str | None
    expires: date | None
    packs: tuple[Pack, ...]
    order: PurchaseOrder | None = None
    tare: Tare | None = None
    pack: Pack | None = None
    subpack: Subpack | None = None
    line: OrderLine | None = None
    component: Component | None = None


DOCUMENTS: Final[dict[str, type]] = {"answer": Answer, "shipment": Shipment, "invoice": Invoice, "order": PurchaseOrder}
"""The documents that a map can write from or read into, by the name that their root has in a map."""

_KINDS: Final[dict[type, str]] = {
    PurchaseOrder: "order",
    OrderLine: "line",
    Answer: "answer",
    AnswerLine: "answer_line",
    LineAnswer: "line_answer",
    Allotment: "allotment",
    Shipment: "shipment",
    Content: "content",
    Pack: "pack",
    Tare: "tare",
    Subpack: "subpack",
    Invoice: "invoice",
    InvoiceLine: "invoice_line",
    Party: "party",
    Contact: "contact",
    Reference: "reference",
    Terms: "terms",
    Charge: "charge",
    Route: "route",
    Note: "note",
    ProductId: "id",
    Price: "price",
    PackSize: "pack_size",
    Destination: "destination",
    Schedule: "schedule",
    Component: "component",
    Level: "level",
}
_POINTED: Final = frozenset({PurchaseOrder, OrderLine, Pack, Tare, Subpack, Component})
LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "shipment": (),
    "order": ("order",),
    "tare": ("tare",),
    "pack": ("pack",),
    "subpack": ("subpack",),
    "item": ("line", "order"),
    "component": ("component",),
}
"""The levels of a ship notice, each with what it points to."""


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field of a document or part. `name` is what maps call it, `attribute` what Python does.

    `kind` is TEXT, DECIMAL, DATE, TIME, COUNT, PART (an address, a price: `of` says which) or POINTER (what the thing
    speaks of). `many`: a list of them.
    """

    name: str
    attribute: str
    kind: str
    of: type | None
    many: bool
    required: bool


def kind_of(thing: type) -> str:
    """Give the name that maps use for things of this class, such as `line`."""
    return _KINDS[thing]


@cache
def fields_of(thing: type) -> dict[str, FieldDef]:
    """Give the fields of a document or part by the names maps use, in the order they are declared."""
    hints = typing.get_type_hints(thing)
    found: dict[str, FieldDef] = {}
    for each in fields(thing):
        if each.name in _HIDDEN:
            continue
        name = each.name.rstrip("_")
        found[name] = _field(name, each.name, hints[each.name])
    return found


def _field(name: str, attribute: str, hint: object) -> FieldDef:
    optional, inner = _without_none(hint)
    if typing.get_origin(inner) is tuple:
        of = typing.get_args(inner)[0]
        return FieldDef(name, attribute, PART, of, many=True, required=False)
    if inner in _PLAIN:
        return FieldDef(name, attribute, _PLAIN[inner], None, many=False, required=not optional)
    of = typing.cast("type", inner)
    kind = POINTER if of in _POINTED else PART
    return FieldDef(name, attribute, kind, of, many=False, required=not optional)


def _without_none(hint: object) -> tuple[bool, object]:
    if isinstance(hint, types.UnionType):
        inner = [part for part in typing.get_args(hint) if part is not types.NoneType]
        return len(inner) < len(typing.get_args(hint)), inner[0]
    return False, hint


def key_field(thing: type) -> FieldDef | None:
    """Give the field by which one of several is named in round brackets, such as the role of a party."""
    known = fields_of(thing)
    return next((known[key] for key in _KEYS if key in known), None)


def pointers(thing: type, level: str | None = None) -> Iterator[FieldDef]:
    """Give what a thing points to, nearest first. For a Level, only what its kind of level speaks of."""
    if thing is Level:
        known = fields_of(Level)
        for name in LEVELS.get(level or "", ()):
            yield known[name]
        return
    for field in fields_of(thing).values():
        if field.kind == POINTER and not field.many:
            yield field


__all__ = [
    "COUNT",
    "DATE",
    "DECIMAL",
    "DOCUMENTS",
    "LEVELS",
    "PART",
    "POINTER",
    "TEXT",
    "TIME",
    "FieldDef",
    "Kept",
    "Level",
    "fields_of",
    "key_field",
    "kind_of",
    "pointers",
]
