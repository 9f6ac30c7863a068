"""The slow check of one segment: every element, component, repetition and condition, each fault with its words.

It is asked only about segments that the compiled functions doubt, and it is the one that knows: what it does not find
is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from edi_engine.finding import Severity
from edi_engine.x12.check_condition import condition_broken, conditions_broken
from edi_engine.x12.check_fault import Fault, Spot
from edi_engine.x12.check_period import FORMAT, PERIOD, PICTURES, is_time, period_fault
from edi_engine.x12.check_value import DECIMAL, INTEGER, bad_time, date_fault, digits_of
from edi_engine.x12.check_words import likely_code, size_of, with_article
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import ElementDef, SegmentDef
from edi_engine.x12.values import Delimiters
from edi_engine.x12.wording import counted, quoted

CONTROL: Final = re.compile("[\x00-\x1f\x7f\u0100-\U0010ffff]")
"""What may stand in no element: control characters, and what no byte of the file can have been."""
_MOST_GUESSES: Final = 1024
_LONGEST_GUESS: Final = 80
"""Characters beyond which no value is meant to be a code, and none is remembered."""
_GUESSED: Final = frozenset({"x12.element.code", "x12.element.length"})


class ElementCheck:
    """Checks segments of one version."""

    def __init__(self, dictionary: Dictionary, version: str) -> None:
        """Learn from the version which AK403 codes it has: 12 and 13 came later."""
        self._dictionary = dictionary
        self._version = version
        self._guesses: dict[tuple[str, str], str | None] = {}
        self._leasts: dict[int, tuple[int, SegmentDef]] = {}
        codes = dictionary.element(version, "723") or dictionary.element(version, "621")
        has = codes.codes if codes and codes.codes else frozenset()
        self._too_many_repetitions = "12" if "12" in has else "3"
        self._too_many_components = "13" if "13" in has else "3"

    def faults(self, segment: SegmentDef, elements: list[str], delimiters: Delimiters) -> list[Fault]:
        """Give all faults of a segment split into its id and elements, in the order of the elements."""
        found = list(self._all(segment, elements, delimiters))
        if len(found) < 2:
            return found  # what follows is about several
        found.sort(key=lambda fault: fault.element)
        absent = max((fault.element for fault in found if fault.code in _ABSENT), default=0)
        found = [fault for fault in found if fault.element > absent or fault.element_id is not None]  # see _ABSENT
        return _shifted(segment, found) or found

    def _all(self, segment: SegmentDef, elements: list[str], delimiters: Delimiters) -> Iterator[Fault]:
        size, mark = len(elements), delimiters.repetition
        for at, use in enumerate(segment.elements[: max(size - 1, self._least(segment))], 1):
            value = elements[at] if at < size else ""
            if not value and not use.required:
                continue
            if not (_is_right(use.element, value) and (mark is None or mark not in value)):
                spot = Spot(segment.id, at, None, None, use)
                if mark is not None and mark in value:
                    faults = list(self._repeated(spot, value, mark, delimiters))
                else:
                    faults = list(self._element(spot, value, delimiters))
                yield from faults
                if faults:
                    continue
            if value and use.element.id == PERIOD and at > 1 and segment.elements[at - 2].element.id == FORMAT:
                yield from _period(Spot(segment.id, at, None, None, use), elements[at - 1], value)
        last = elements[-1] if size > 1 else ""
        if not last.strip() and not any(map(str.strip, elements[1:])):
            yield from _empty(segment, elements)
            return
        yield from conditions_broken(segment, elements)
        if not last or size > len(segment.elements) + 1:
            yield from _extra(segment, elements)

    def _least(self, segment: SegmentDef) -> int:
        """Say which element of a segment is the last that must be there, 0 for none."""
        kept = self._leasts.get(id(segment))
        if kept is None:
            least = max((at for at, use in enumerate(segment.elements, 1) if use.required), default=0)
            kept = self._leasts[id(segment)] = least, segment  # the id stays taken while this is held
        return kept[0]

    def _repeated(self, spot: Spot, value: str, mark: str, delimiters: Delimiters) -> Iterator[Fault]:
        if spot.use.repeats:
            for number, one in enumerate(value.split(mark), 1):
                again = Spot(spot.segment, spot.element, None, number, spot.use)
                yield from self._element(again, one, delimiters)
        else:
            message = f"{spot.name} {quoted(value)} is repeated, but stands only once in {spot.segment}."
            fix = f'"{mark}" is the repetition separator of this interchange; it may not stand in text.'
            yield spot.fault("repeated", self._too_many_repetitions, message, value, fix=fix)

    def _element(self, spot: Spot, value: str, delimiters: Delimiters) -> Iterator[Fault]:
        element = spot.use.element
        if element.kind != "C" or not value.strip():
            yield from self._value(spot, value)
            return
        if not value.strip(delimiters.component + " "):  # a composite of nothing is none
            yield from self._value(spot, "")
            if not spot.use.required:
                message = f"{spot.name} holds nothing but component separators; X12 leaves such an element empty."
                yield spot.fault("trailing", None, message, severity=Severity.WARNING)
            return
        pieces = value.split(delimiters.component)
        parts = ["", *pieces]
        found: list[Fault] = []
        for at, use in enumerate(element.parts, 1):
            part = parts[at] if at < len(parts) else ""
            found.extend(self._value(Spot(spot.segment, spot.element, at, spot.repetition, use), part))
        for condition in element.conditions:
            found.extend(condition_broken(spot.segment, spot, element.parts, condition, parts))
        yield from found
        if any(pieces[len(element.parts) :]):
            message = (
                f"{spot.name} has {len(pieces)} components; {with_article(element.name)} has {len(element.parts)}."
            )
            yield spot.fault("components", self._too_many_components, message, value)
        elif not pieces[-1]:
            empty = len(value) - len(value.rstrip(delimiters.component))
            if not any((fault.component or 0) > len(pieces) - empty for fault in found):  # it is missing there
                told = counted(empty, "empty component")
                message = f"{spot.name} ends with {told}; X12 ends a composite behind its last value."
                yield spot.fault("trailing", None, message, severity=Severity.WARNING)

    def _value(self, spot: Spot, value: str) -> Iterator[Fault]:
        element = spot.use.element
        if not value.strip():
            if spot.use.required:
                yield spot.fault("missing", "1", f"{spot.name} is missing: the {element.name} is mandatory.")
            return
        control = CONTROL.search(value)
        if control is not None:
            letter = f"{ord(control[0]):02X}"
            message = f"{spot.name} {quoted(value)} holds a character that X12 does not allow (hexadecimal {letter})."
            yield spot.fault("character", "6", message, value, fix="Ask the partner to send plain text here.")
            return
        yield from self._of_kind(spot, element, value)

    def _of_kind(self, spot: Spot, element: ElementDef, value: str) -> Iterator[Fault]:
        kind = element.kind
        if kind == "R" or kind[0] == "N":
            pattern, what = (DECIMAL, "decimal") if kind == "R" else (INTEGER, "whole")
            if not pattern.fullmatch(value):
                message = f"{spot.name} {quoted(value)} is not a {what} number."
                wanted = "digits, a minus in front of a negative number" + (", one decimal point" * (kind == "R"))
                fix = "Ask the partner to send a plain number here."
                yield spot.fault("character", "6", message, value, wanted, fix)
                return
        length = digits_of(value) if kind[0] == "N" or kind == "R" else len(value)
        if kind == "DT":
            fault = date_fault(value) if length == element.maximum else f"it needs {element.maximum} digits"
            if fault:
                wanted = "CCYYMMDD" if element.maximum == 8 else "YYMMDD"
                message = f"{spot.name} {quoted(value)} is not a date: {fault}."
                yield spot.fault("date", "8", message, value, wanted)
        elif kind == "TM":
            if bad_time(value):
                message = f"{spot.name} {quoted(value)} is not a time of day."
                yield spot.fault("time", "9", message, value, "HHMM, HHMMSS or HHMMSSDD")
        elif not element.minimum <= length <= element.maximum:
            word, ack = ("long", "5") if length > element.maximum else ("short", "4")
            size = size_of(element)
            message = f"{spot.name} {quoted(value)} is too {word}: {with_article(element.name)} has {size}."
            yield spot.fault("length", ack, message, value, size)
        elif element.codes is not None and value not in element.codes:
            message = f"{spot.name} {quoted(value)} is no valid {element.name}."
            yield spot.fault("code", "7", message, value)

    def likely(self, fault: Fault) -> str | None:
        """Guess which code a wrong value was meant to be, such as `"CA" (case)`; None where nothing is near.

        A partner repeats a mistake in every order, and guessing takes longer than all the rest: guesses are kept.
        """
        if fault.code not in _GUESSED or fault.element_id is None or fault.seen is None:
            return None
        element = self._dictionary.element(self._version, fault.element_id)
        seen = fault.seen.strip()
        if element is None or element.codes is None or len(seen) > _LONGEST_GUESS:
            return None
        key = element.id, seen
        if key not in self._guesses:
            if len(self._guesses) >= _MOST_GUESSES:
                self._guesses.clear()
            self._guesses[key] = likely_code(element, seen, self._dictionary)
        return self._guesses.get(key)


_ABSENT: Final = frozenset({"x12.element.missing", "x12.element.condition"})
"""Faults that can say what is missing at the end of a segment: then that it ends with empty places is no other fault.

What is told of the segment and not of an element, such as these, names no element id.
"""


def _is_right(element: ElementDef, value: str) -> bool:
    """Say whether a value is right beyond doubt: most are, and need no words."""
    if element.codes is not None:
        return value in element.codes and element.minimum <= len(value) <= element.maximum
    if element.kind in _TEXTS:
        printable = value.isprintable() and (value.isascii() or max(value) <= "\xff") and value[:1] > " "
        return printable and element.minimum <= len(value) <= element.maximum
    if element.kind in _NUMBERS:
        digits = value.replace(".", "", 1) if element.kind == "R" else value
        return digits.isdecimal() and digits.isascii() and element.minimum <= len(digits) <= element.maximum
    return False


_TEXTS: Final = frozenset({"AN", "ID"})
_NUMBERS: Final = frozenset({"R", *(f"N{digit}" for digit in range(10))})


def _period(spot: Spot, code: str, value: str) -> Iterator[Fault]:
    """Find whether a period is not written in the format that the element in front of it names."""
    reason = period_fault(code, value)
    if reason is not None:
        word, ack, what = ("time", "9", "time") if is_time(code) else ("date", "8", "period")
        message = f"{spot.name} {quoted(value)} is not a {what} in its format: {reason}."
        yield spot.fault(word, ack, message, value, PICTURES[code])


def _empty(segment: SegmentDef, elements: list[str]) -> Iterator[Fault]:
    """Find what is wrong with a segment that holds nothing; its mandatory elements are told of elsewhere."""
    if any(use.required for use in segment.elements):
        return
    broken = list(conditions_broken(segment, elements))
    yield from broken
    if not broken:
        message = f"{segment.id} is empty: a segment holds at least one element."
        yield Fault("x12.segment.empty", None, message, 1, None, severity=Severity.WARNING)


def _extra(segment: SegmentDef, elements: list[str]) -> Iterator[Fault]:
    """Find elements after the last one that the segment has, and separators behind its last value."""
    most = len(segment.elements)
    first = next((at for at, value in enumerate(elements) if at > most and value), None)
    if first is None:
        filled = next(at for at in range(len(elements) - 1, -1, -1) if elements[at])
        trailing = counted(len(elements) - 1 - filled, "empty element")
        message = f"{segment.id} ends with {trailing}; X12 ends a segment behind its last value."
        yield Fault("x12.element.trailing", None, message, filled + 1, None, severity=Severity.WARNING)
        return
    message = f"{segment.id}{first:02d} {quoted(elements[first])} is too much: {segment.id} has only {most} elements."
    yield Fault("x12.element.extra", "3", message, first, None, seen=elements[first])


def _shifted(segment: SegmentDef, found: list[Fault]) -> list[Fault]:
    """Put the faults of a segment in which an element was left out into one: a wrong code that is right one place
    further, where there is a fault as well. Nothing where that is not so.
    """
    faulty = {fault.element for fault in found}
    for number, fault in enumerate(found):
        at, value = fault.element, fault.seen
        following = segment.elements[at].element if at < len(segment.elements) else None
        if fault.code != "x12.element.code" or fault.component or following is None or at + 1 not in faulty:
            continue
        if value in (following.codes or ()):
            there = f"{segment.id}{at + 1:02d}"
            message = (
                f"{fault.message[:-1]}, but a valid {following.name}, which is {there}: it and what follows seem to "
                "stand one place too early."
            )
            fix = f"Ask the partner which element they leave out before {there}."
            return [*found[:number], replace(fault, code="x12.element.shifted", message=message, fix=fix)]
    return []
