"""Segments compiled to Python: one generated function for each, that says in one pass whether a segment is faultless.

A generated function never explains: it returns True where anything at all may be wrong, and the slow check of
`check_element` looks again and finds the words. It may call a good segment doubtful, such as one with components; it
must never call a bad one good, and a property test holds it to that. The functions depend on the dictionary alone, so
they are compiled once for each version and set, and their code is kept in a cache that the caller hands in.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from itertools import pairwise
from types import CodeType
from typing import Final

from edi_engine.x12.check_period import FORMAT, PERIOD, bad_period
from edi_engine.x12.check_value import bad_date, bad_decimal, bad_number, bad_time
from edi_engine.x12.grammar import Condition, ElementDef, ElementUse, SegmentDef

Doubt = Callable[[list[str]], bool]
"""Takes a segment split into its elements; True means that it must be looked at again."""

GENERATOR: Final = "5"
"""Changes with every change of this module that changes what it generates; a test holds it to that."""

_MOST_REMEMBERED: Final = 4096


class Remembered(set[str]):
    """Dates or times that were found right, so that each is judged once; it forgets all when there are too many."""

    def __init__(self, bad: Callable[[str], bool]) -> None:
        """Judge with `bad`."""
        super().__init__()
        self._bad = bad

    def refuse(self, text: str) -> bool:
        """Say whether `text` is wrong; remember it if it is right."""
        if self._bad(text):
            return True
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self.add(text)
        return False


def compile_segments(
    segments: Iterable[SegmentDef], edition: str, name: str, cache: MutableMapping[str, bytes]
) -> dict[str, Doubt]:
    """Give the function of each segment, by id. `edition` and `name` say what the segments were built from."""
    wanted = {segment.id: segment for segment in segments}
    key = hashlib.sha256(f"{GENERATOR}\n{sys.version}\n{edition}\n{name}".encode()).hexdigest()
    code = _unpacked(cache.get(key))
    if code is None:
        source = "\n".join(line for segment in wanted.values() for line in source_of(segment))
        code = compile(source, f"<x12 {name}>", "exec", dont_inherit=True, optimize=2)
        cache[key] = _packed(code)
    functions: dict[str, Doubt] = {}
    exec(code, _surroundings(wanted.values()), functions)  # noqa: S102 - code made here, of the dictionary alone
    return {segment_id: functions[f"doubt_{segment_id}"] for segment_id in wanted}


def _packed(code: CodeType) -> bytes:
    body = marshal.dumps(code)
    return hashlib.sha256(body).digest() + body


def _unpacked(entry: bytes | None) -> CodeType | None:
    """Give the code of a cache entry, None where there is none or it is damaged."""
    if entry is None or len(entry) < 33 or hashlib.sha256(entry[32:]).digest() != entry[:32]:
        return None
    code = marshal.loads(entry[32:])  # noqa: S302 - its digest has just been proved, and its key names this Python
    return code if isinstance(code, CodeType) else None


def _surroundings(segments: Iterable[SegmentDef]) -> dict[str, object]:
    """Give the names that the generated code uses."""
    names: dict[str, object] = {"bad_number": bad_number, "bad_decimal": bad_decimal, "bad_period": bad_period}
    for digits in (6, 8):
        dates = Remembered(bad_date[digits])
        names[f"dates_{digits}"], names[f"refuse_date_{digits}"] = dates, dates.refuse
    times = Remembered(bad_time)
    names["times"], names["refuse_time"] = times, times.refuse
    uses = {use.element.id: use.element for segment in segments for use in segment.elements}
    elements = {
        element.id: element for use in uses.values() for element in (use, *(part.element for part in use.parts))
    }
    for element in elements.values():
        if element.codes is not None:
            fit = frozenset(code for code in element.codes if element.minimum <= len(code) <= element.maximum)
            names[f"codes_{element.id}"] = fit
            names[f"maybe_{element.id}"] = fit | {""}
    return names


def source_of(segment: SegmentDef) -> Iterator[str]:
    """Write the function of one segment. `e` is the segment split, `n` how many pieces that gave.

    Elements are looked at in order. Before each one the function may be at the end of the segment: then only the
    conditions that reach beyond it are open, and which of their elements are absent is known. A segment ends with a
    value; what ends with an empty element is doubted.
    """
    last_required = max((at for at, use in enumerate(segment.elements, 1) if use.required), default=0)
    named = {position for condition in segment.conditions for position in condition.positions}
    periods = {
        at + 1
        for at, (use, following) in enumerate(pairwise(segment.elements), 1)
        if (use.element.id, following.element.id) == (FORMAT, PERIOD)
    }
    named |= periods | {at - 1 for at in periods}
    yield f"def doubt_{segment.id}(e):"
    yield "    n = len(e)"
    yield f"    if not {max(last_required, 1) + 1} <= n <= {len(segment.elements) + 1}: return True"
    variable = ""
    for at, use in enumerate(segment.elements, 1):
        if at > max(last_required, 1):
            empty = f"not {variable} or " if at - 1 > last_required else ""
            yield f"    if n == {at}: return {empty}{_open_conditions(segment.conditions, at - 1)}"
        variable = f"a{at}" if at in named else "a"
        yield f"    {variable} = e[{at}]"
        yield f"    if {_doubtful(use, variable)}: return True"
        if at in periods:
            yield f"    if {variable} and bad_period(a{at - 1}, {variable}): return True"
        for condition in segment.conditions:
            if max(condition.positions) == at:
                yield f"    if {_broken(condition, at)}: return True"
    yield f"    return {f'not {variable}' if last_required < len(segment.elements) else False}"


def _doubtful(use: ElementUse, variable: str) -> str:
    """Write the expression that is true where the value of an element is wrong or cannot be judged at once."""
    element = use.element
    if element.kind != "C":
        return _wrong(element, variable, required=use.required)
    first, *others = element.parts
    absent = f"not {variable} or " if use.required else f"{variable} and "
    if any(part.required for part in others):
        return "True"
    # Only a plain word is surely the first component and nothing else; all the rest is for the slow check.
    return f"{absent}(not {variable}.isalnum() or {_wrong(first.element, variable, required=True)})"


def _wrong(element: ElementDef, variable: str, *, required: bool) -> str:
    least, most = element.minimum, element.maximum
    short = least if least > 1 or required else 0
    if element.codes is not None:
        return f"{variable} not in {'codes' if required else 'maybe'}_{element.id}"
    if element.kind in {"DT", "TM"}:
        known, refuse = ("times", "refuse_time") if element.kind == "TM" else (f"dates_{most}", f"refuse_date_{most}")
        there = "" if required else f"{variable} and "
        return f"{there}{variable} not in {known} and {refuse}({variable})"
    if element.kind[0] == "N" or element.kind == "R":
        fits = f"{short} <= len({variable}) <= {most}" if least > 1 else f"len({variable}) <= {most}"
        good = f"{variable}.isdecimal() and {fits}"
        if element.kind == "R":  # most numbers are whole; of the others, all but the point must be digits
            fits = fits.replace(f"len({variable})", "len(b)")
            good = f'({good}) or ((b := {variable}.replace(".", "", 1)).isdecimal() and {fits})'
        judge = "bad_decimal" if element.kind == "R" else "bad_number"
        there = "" if required else f"{variable} and "
        return f"{there}not ({good}) and {judge}({variable}, {least}, {most})"
    if required:
        return f"not {short} <= len({variable}) <= {most}"
    if short:
        return f"{variable} and not {short} <= len({variable}) <= {most}"
    return f"len({variable}) > {most}"


def _open_conditions(conditions: tuple[Condition, ...], reached: int) -> str:
    """Write what is broken if the segment ends after element `reached`, of the conditions that reach beyond it."""
    tests = [_broken(condition, reached) for condition in conditions if max(condition.positions) > reached]
    broken = [test for test in tests if test != "False"]
    return " or ".join(f"({test})" for test in broken) or "False"


def _broken(condition: Condition, reached: int) -> str:
    """Write the expression that is true where a condition is broken; elements after `reached` are absent."""
    here = [f"a{position}" for position in condition.positions if position <= reached]
    away = len(condition.positions) - len(here)
    some = " or ".join(here)
    match condition.kind:
        case "P":
            if not here:
                return "False"
            return f"bool({some})" if away else f"({some}) and not ({' and '.join(here)})"
        case "R":
            return f"not ({some})" if some else "True"
        case "E":
            return " + ".join(f"(not not {name})" for name in here) + " > 1" if len(here) > 1 else "False"
        case _:
            if condition.positions[0] > reached:
                return "False"
            first = f"a{condition.positions[0]}"
            others = [f"a{position}" for position in condition.positions[1:] if position <= reached]
            if condition.kind == "L":
                return f"{first} and not ({' or '.join(others)})" if others else f"bool({first})"
            if len(others) < len(condition.positions) - 1:
                return f"bool({first})"
            return f"{first} and not ({' and '.join(others)})"
