"""Our frozen dataclasses as plain JSON values and back, exactly: the form in which the ledger keeps them.

Decimals are text with all their digits, dates and times are ISO, tuples are lists. What is None or empty is left out.
The types come from the dataclasses' own annotations, so that there is no second model to keep in step. An order, line
or pack that several places point to (a shipment's contents) is written once, with `$id`; the others say `$same`.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar

from edi_engine.orders.order import OrderLine, PurchaseOrder
from edi_engine.orders.shipment import Pack, Subpack, Tare

SHARED: Final = (PurchaseOrder, OrderLine, Pack, Tare, Subpack)
ID: Final = "$id"
SAME: Final = "$same"

Value = TypeVar("Value")
Json = Any
"""A value that JSON can hold; there is no narrower type for it."""
Thing = Any
"""Any value of ours, or the annotated type of one."""


def to_plain(value: object) -> Json:
    """Give a value as dicts, lists, text, numbers and booleans. Raises TypeError for what none of our values holds."""
    writer = _Writer()
    writer.count(value)
    return writer.plain(value)


def from_plain(kind: type[Value], plain: Json, *, any_shared: bool = True) -> Value:
    """Read what `to_plain` gave for a value of `kind`. Raises ValueError if it is not that: a fault of the store.

    `any_shared` is False where it is known that no `$id` stands in it.
    """
    shared = _Shared()
    if any_shared:
        shared.collect(plain)
    try:
        reader = _reader(typing.cast("Thing", kind))
        return typing.cast("Value", reader(plain, shared))
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError) as error:
        message = f"this is no {kind.__name__} as we write it: {error}"
        raise ValueError(message) from error


_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})
_LEAVES: Final = _AS_THEY_ARE | {Decimal, dt.date, dt.time}
"""Types of values in which no other stands."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a dataclass, and whether None or an empty tuple may be left out because reading gives it back."""

    name: str
    required: bool
    omit_none: bool
    omit_empty: bool


@cache
def _fields(kind: Thing) -> tuple[_Field, ...]:
    found = []
    for one in fields(kind):
        required = one.default is MISSING and one.default_factory is MISSING
        found.append(_Field(one.name, required, required or one.default is None, required or one.default == ()))
    return tuple(found)


@cache
def _written(kind: Thing) -> tuple[tuple[str, bool, bool], ...]:
    return tuple((one.name, one.omit_none, one.omit_empty) for one in _fields(kind))


@cache
def _leading_to_shared(kind: Thing) -> tuple[str, ...]:
    """Name the fields of a dataclass in which an object that several places point to may stand."""
    hints = typing.get_type_hints(kind)
    return tuple(one.name for one in _fields(kind) if _may_hold_shared(hints[one.name], ()))


def _may_hold_shared(hint: Thing, outer: tuple[Thing, ...]) -> bool:
    if isinstance(hint, type) and is_dataclass(hint):
        if issubclass(hint, SHARED):
            return True
        hints = typing.get_type_hints(hint) if hint not in outer else {}
        return any(_may_hold_shared(one, (*outer, hint)) for one in hints.values())
    return any(_may_hold_shared(one, outer) for one in typing.get_args(hint))


def _kind(value: Thing) -> Thing:
    return type(value)


@dataclass(slots=True)
class _Writer:
    """Writes one value; knows, by identity, which shared objects stand in it more than once."""

    counts: dict[int, int] = field(default_factory=dict)
    written: dict[int, int] = field(default_factory=dict)

    def count(self, value: Thing) -> None:
        if isinstance(value, tuple):
            for item in value:
                if type(item) not in _LEAVES:
                    self.count(item)
        elif is_dataclass(value):
            if isinstance(value, SHARED):
                self.counts[id(value)] = self.counts.get(id(value), 0) + 1
                if self.counts[id(value)] > 1:
                    return
            for name in _leading_to_shared(_kind(value)):
                found = getattr(value, name)
                if type(found) not in _LEAVES:
                    self.count(found)

    def plain(self, value: Thing) -> Json:
        kind = type(value)  # most values are of these kinds themselves, and that is soonest said
        if kind in _AS_THEY_ARE:
            return typing.cast("Json", value)
        if kind is tuple:
            return [self.plain(item) for item in value]
        if kind is Decimal:
            return str(value)
        if hasattr(kind, "__dataclass_fields__"):
            return self._of_fields(value)
        return self._seldom(value)

    def _seldom(self, value: Thing) -> Json:
        match value:
            case Enum():
                return value.name
            case None | bool() | str() | int():
                return value
            case Decimal():
                return str(value)
            case dt.date() | dt.time():
                return value.isoformat()
            case tuple():
                return [self.plain(item) for item in value]
            case frozenset():
                return sorted(self.plain(item) for item in value)
            case Mapping():
                return {str(key): self.plain(item) for key, item in value.items()}
            case _:
                message = f"{type(value).__name__} has no plain form here"
                raise TypeError(message)

    def _of_fields(self, value: Thing) -> dict[str, Json]:
        if id(value) in self.written:
            return {SAME: self.written[id(value)]}
        plain: dict[str, Json] = {}
        if self.counts.get(id(value), 0) > 1:
            plain[ID] = self.written[id(value)] = len(self.written) + 1
        for name, omit_none, omit_empty in _written(_kind(value)):
            found = getattr(value, name)
            if (found is None and omit_none) or (found == () and omit_empty):
                continue
            plain[name] = found if type(found) in _AS_THEY_ARE else self.plain(found)
        return plain


@dataclass(slots=True)
class _Shared:
    """The objects of one text that stand in it more than once: as they are written, and as they were read."""

    written: dict[int, dict[str, Json]] = field(default_factory=dict)
    values: dict[int, object] = field(default_factory=dict)

    def collect(self, plain: Json) -> None:
        """Find the objects by their `$id`; a database that sorts keys may put one behind its first `$same`."""
        if isinstance(plain, list):
            for item in plain:
                if type(item) not in _AS_THEY_ARE:
                    self.collect(item)
        elif isinstance(plain, dict):
            if ID in plain:
                self.written[plain[ID]] = plain
            for item in plain.values():
                if type(item) not in _AS_THEY_ARE:
                    self.collect(item)


_Reader = Callable[[Json, _Shared], Thing]


@cache
def _reader(kind: Thing) -> _Reader:
    """Give the function that reads a value of an annotated type."""
    if kind in _SIMPLE:
        simple = _SIMPLE[kind]
        return lambda plain, _: simple(plain)
    origin: Thing = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return _optional(kind, arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is frozenset:
        item = _reader(arguments[0])
        return lambda plain, shared: frozenset(item(one, shared) for one in plain)
    if origin in {dict, Mapping}:
        key, entry = _SIMPLE[arguments[0]], _reader(arguments[1])
        return lambda plain, shared: {key(name): entry(one, shared) for name, one in plain.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda plain, _: kind[plain]
    if is_dataclass(kind):
        return _dataclass(kind)
    message = f"values of type {kind} are not read here"
    raise TypeError(message)


def _text(plain: Json) -> str:
    if not isinstance(plain, str):
        message = f"{plain!r} is not text"
        raise TypeError(message)
    return plain


def _decimal(plain: Json) -> Decimal:
    return Decimal(_text(plain))


def _truth(plain: Json) -> bool:
    if not isinstance(plain, bool):
        message = f"{plain!r} is not true or false"
        raise TypeError(message)
    return plain


_SIMPLE: Final[dict[Thing, Callable[[Json], Thing]]] = {
    str: _text,
    int: int,
    bool: _truth,
    Decimal: _decimal,
    dt.date: dt.date.fromisoformat,
    dt.time: dt.time.fromisoformat,
    dt.datetime: dt.datetime.fromisoformat,
}


def _optional(kind: Thing, arguments: tuple[Thing, ...]) -> _Reader:
    some = [argument for argument in arguments if argument is not types.NoneType]
    if len(some) != 1 or len(some) == len(arguments):
        message = f"which of {kind} a value is cannot be told"
        raise TypeError(message)
    item = _reader(some[0])
    return lambda plain, shared: None if plain is None else item(plain, shared)


def _tuple(arguments: tuple[Thing, ...]) -> _Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda plain, shared: tuple([item(one, shared) for one in plain])
    items = [_reader(argument) for argument in arguments]
    return lambda plain, shared: tuple(item(one, shared) for item, one in zip(items, plain, strict=True))


def _left_out(hint: Thing) -> Thing:
    """Give what a field without a default was if it is not written: empty or None; MISSING if it is always written."""
    origin: Thing = typing.get_origin(hint)
    if origin is tuple:
        return ()
    return None if types.NoneType in typing.get_args(hint) else MISSING


def _dataclass(kind: Thing) -> _Reader:
    hints = typing.get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in _fields(kind)}
    left_out = {one.name: _left_out(hints[one.name]) for one in _fields(kind) if one.required}
    absent = {name: value for name, value in left_out.items() if value is not MISSING}

    def read(plain: Json, shared: _Shared) -> Thing:
        number = plain.get(SAME, plain.get(ID))
        if number in shared.values:
            return shared.values[number]
        if SAME in plain:
            plain = shared.written[number]
        given = dict(absent)
        for name, found in plain.items():
            if name != ID:
                given[name] = readers[name](found, shared)
        value = kind(**given)
        if number is not None:
            shared.values[number] = value
        return value

    return read
