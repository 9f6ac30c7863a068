"""Settles names of ours when a map loads: nearest thing first, then what it points to, then the block around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edi_engine.mapping.fields import (
    PART,
    POINTER,
    FieldDef,
    Level,
    fields_of,
    key_field,
    kind_of,
    pointers,
)
from edi_engine.mapping.language import Name, NameStep
from edi_engine.orders.order import OrderLine, Party, PurchaseOrder
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Text

_STEP: Final = re.compile(r"(?P<word>[a-z][a-z0-9_]*)(?:\((?P<key>[^()]+)\))?")


class NameProblem(ValueError):
    """A name means nothing here; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing in hand: the document, or what an each walks through. `level` is the kind of a ship notice's level."""

    of: type
    level: str | None = None


Scopes = tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class _Reach:
    """A thing that can be spoken of: the scope it starts from, the steps to it, what it is."""

    depth: int
    steps: tuple[NameStep, ...]
    of: type
    level: str | None


def settle_name(text: Text, scopes: Scopes, *, whole: bool = False) -> Name:
    """Settle a name such as `line.quantity` or `parties(ship_to).id`.

    `whole`: it may name a list or a thing (for each and count); otherwise it must name one value. Raises NameProblem.
    """
    words = [_word(part, text.value) for part in text.value.split(".")]
    reaches = list(_reaches(scopes))
    if len(words) > 1 and words[0][1] is None:
        for reach in reaches:
            if kind_of(reach.of) == words[0][0]:
                found = _follow(words[1:], reach)
                if isinstance(found, tuple):
                    return _name(text, reach, *found, whole=whole)
    failure: str | None = None
    for reach in reaches:
        if words[0][0] in _open_fields(reach):
            found = _follow(words, reach)
            if isinstance(found, tuple):
                return _name(text, reach, *found, whole=whole)
            failure = failure or found
    if failure is None:
        choices = dict.fromkeys(name for reach in reaches for name in _open_fields(reach))
        failure = f"{_called(scopes)} has no {words[0][0]}; {nearest_or_all(words[0][0], choices)}"
    raise NameProblem(failure)


def keeper(scopes: Scopes) -> tuple[int, tuple[str, ...]] | None:
    """Give where the nearest thing is that came from a set and so kept its segments: depth and attributes to it."""
    for reach in _reaches(scopes):
        if reach.of in {PurchaseOrder, OrderLine, Party}:
            return reach.depth, tuple(step.attribute for step in reach.steps)
    return None


def kept_of(scopes: Scopes, place: tuple[int, tuple[str, ...]]) -> type:
    """Give what stands there: PurchaseOrder, OrderLine or Party."""
    return next(
        reach.of for reach in _reaches(scopes) if (reach.depth, tuple(step.attribute for step in reach.steps)) == place
    )


def _called(scopes: Scopes) -> str:
    scope = scopes[-1]
    return scope.level or kind_of(scope.of)


def _word(part: str, text: str) -> tuple[str, str | None]:
    match = _STEP.fullmatch(part)
    if match is None:
        message = f'"{text}" is neither a name of ours (small letters) nor a place in X12 (capitals)'
        raise NameProblem(message)
    return match["word"], match["key"]


def _reaches(scopes: Scopes) -> Iterator[_Reach]:
    for depth in range(len(scopes) - 1, -1, -1):
        scope = scopes[depth]
        yield from _beyond(_Reach(depth, (), scope.of, scope.level))


def _beyond(reach: _Reach) -> Iterator[_Reach]:
    yield reach
    for pointer in pointers(reach.of, reach.level):
        if pointer.of is not None:
            yield from _beyond(_Reach(reach.depth, (*reach.steps, NameStep(pointer.attribute)), pointer.of, None))


def _open_fields(reach: _Reach) -> dict[str, FieldDef]:
    """Give the fields that may be named: of a level, what it points to depends on its kind."""
    known = fields_of(reach.of)
    if reach.of is not Level:
        return known
    allowed = {pointer.name for pointer in pointers(Level, reach.level)}
    return {name: one for name, one in known.items() if one.kind != POINTER or name in allowed}


def _follow(words: list[tuple[str, str | None]], reach: _Reach) -> tuple[tuple[NameStep, ...], FieldDef] | str:
    """Follow the words of a name; what is wrong comes as a sentence."""
    steps: list[NameStep] = []
    of: type | None = reach.of
    found: FieldDef | None = None
    for number, (word, key) in enumerate(words):
        if of is None:
            return f"{found.name if found else word} is one value, so it has no {word}"
        known = _open_fields(reach) if number == 0 else fields_of(of)
        if word not in known:
            return f"{kind_of(of)} has no {word}; {nearest_or_all(word, known)}"
        found = known[word]
        last = number == len(words) - 1
        step = _step(found, key, last=last)
        if isinstance(step, str):
            return step
        steps.append(step)
        if key is not None:
            found = FieldDef(found.name, found.attribute, found.kind, found.of, many=False, required=False)
        of = found.of
    return (tuple(steps), found) if found is not None else "an empty name means nothing"


def _step(found: FieldDef, key: str | None, *, last: bool) -> NameStep | str:
    if key is None:
        if found.many and not last:
            return _is_list(found)
        return NameStep(found.attribute)
    if not found.many or found.of is None:
        return f"{found.name} is no list, so ({key}) chooses nothing"
    by = key_field(found.of)
    if by is None:
        return f"{found.name} have neither role, type, code nor kind to choose one by; use each"
    return NameStep(found.attribute, key, by.attribute)


def _name(text: Text, reach: _Reach, steps: tuple[NameStep, ...], found: FieldDef, *, whole: bool) -> Name:
    if not whole:
        if found.many:
            raise NameProblem(_is_list(found))
        if found.kind in {PART, POINTER} and found.of is not None:
            some = ", ".join(list(fields_of(found.of))[:4])
            message = f"{text.value} is not one value: name one of its fields, such as {some}"
            raise NameProblem(message)
    on_level = reach.of is Level and not reach.steps
    return Name(text.value, text.mark, reach.depth, (*reach.steps, *steps), found, on_level)


def _is_list(found: FieldDef) -> str:
    return f"{found.name} is a list: use each, or name one, such as parties(ship_to)"
