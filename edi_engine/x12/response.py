"""What a partner's 997, 999 or TA1 says of what we sent. A broken one gives what can be read of it, and findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.wording import quoted

_VERDICTS: Final = frozenset({"A", "E", "M", "P", "R", "W", "X"})
_TAKEN: Final = frozenset({"A", "E"})
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_PLACE: Final = re.compile(r"([0-9]{1,2})(?:[^0-9].*)?")
_MOST: Final = 100
_MOST_CONTEXTS: Final = 20


class Context(NamedTuple):
    """One CTX of a 999: what a fault belongs to, such as `PO101>2` for line 2, or why it is one.

    `name` is CTX01 as it stands; "SITUATIONAL TRIGGER" means that the element named by the rest makes the fault one.
    `in_set` and `element` are 0 where they are not said.
    """

    name: str
    segment_id: str = ""
    in_set: int = 0
    element: int = 0


class Fault(NamedTuple):
    """One AK3 or AK4 (IK3, IK4): `in_set` counts segments from 1, its ST being 1 (0: not said).

    `element` is 0 where the whole segment is meant. `code` is AK304 or AK403, `value` AK404. `contexts` are the CTX of
    the segment, then those of the element.
    """

    segment_id: str
    in_set: int
    element: int
    code: str
    value: str
    contexts: tuple[Context, ...] = ()


@dataclass(frozen=True, slots=True)
class SetResponse:
    """What became of one set of ours: `code` is AK501 ("" where it is missing), `codes` are AK502 to AK506."""

    set_id: str
    control: str
    code: str
    faults: tuple[Fault, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """What became of one group of ours. `verdict` is AK901, "" where it is missing; counts are None where unreadable.

    `sets` may be empty: a group accepted or refused as a whole need not name them. `codes` are AK905 to AK909.
    `findings` say why none of it can be relied on, `doubts` why what is said of the group as a whole cannot.
    """

    group_kind: str
    group_control: str
    sets: tuple[SetResponse, ...]
    verdict: str
    stated: int | None = None
    received: int | None = None
    accepted: int | None = None
    codes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class InterchangeResponse:
    """What became of one interchange of ours: ISA13, ISA09 and ISA10 of it, TA104 and TA105."""

    control: str
    date: str
    time: str
    code: str
    note: str
    findings: tuple[Finding, ...] = ()


def read_response(segments: Sequence[Sequence[str]]) -> Response:
    """Read a 997 or 999, with or without its ST and SE. What is broken becomes `ack.invalid`, never an exception."""
    return _Reading().read(segments)


def read_ta1(segment: Sequence[str]) -> InterchangeResponse:
    """Read a TA1. What is broken becomes `ack.invalid`."""
    control, date, time, code, note = (_get(segment, n) for n in range(1, 6))
    findings = []
    if not _NUMBER.fullmatch(control):
        findings.append(_invalid(f"TA101 {quoted(control)} is not an interchange control number.", "TA1", 1, control))
    if code not in {"A", "E", "R"}:
        findings.append(_invalid(f"TA104 {quoted(code)} is neither A, E nor R.", "TA1", 4, code))
    return InterchangeResponse(control, date, time, code, note, tuple(findings))


class _Reading:
    """A 997 or 999 while it is read."""

    def __init__(self) -> None:
        self._response = Response("", "", (), "")
        self._sets: list[SetResponse] = []
        self._open: SetResponse | None = None
        self._faults: list[Fault] = []
        self._segment = Fault("", 0, 0, "", "")  # the AK3 that an AK4 belongs to
        self._findings: list[Finding] = []
        self._seen: dict[str, int] = {}  # where AK1, AK9 and the others came first
        self._verdicts: dict[str, str] = {}  # the first AK501 of each AK202
        self._at = 0

    def read(self, segments: Sequence[Sequence[str]]) -> Response:
        takes = {
            "AK1": self._ak1,
            "AK2": self._ak2,
            "AK3": self._ak3,
            "AK4": self._ak4,
            "CTX": self._ctx,
            "AK5": self._ak5,
            "AK9": self._ak9,
        }
        for self._at, segment in enumerate(segments, 1):
            name = re.sub("^IK", "AK", _get(segment, 0))
            if name not in takes:
                continue  # ST, SE and whatever else says nothing of our sets
            if name in {"AK1", "AK9"} and name in self._seen:
                self._say(f"{name} comes a second time; the first one counts.", name)
                continue
            self._seen.setdefault(name, self._at)
            takes[name](segment)
        self._close()
        for name, meaning in (("AK1", "which group of ours it is about"), ("AK9", "whether the group was accepted")):
            if name not in self._seen:
                self._say(f"There is no {name}, so it does not say {meaning}.", name)
        self._at = self._seen.get("AK9", self._at)
        if self._response.verdict == "A" and any(one.code == "R" for one in self._sets):
            self._say("AK9 accepts the whole group, but an AK5 refuses a set of it.", "AK9", 1)
        if self._response.verdict == "R" and any(one.code in _TAKEN for one in self._sets):
            self._say("AK9 refuses the whole group, but an AK5 accepts a set of it.", "AK9", 1)
        return replace(self._response, sets=tuple(self._sets), findings=tuple(self._findings))

    def _ak1(self, segment: Sequence[str]) -> None:
        kind, control = _get(segment, 1), _get(segment, 2)
        self._response = replace(self._response, group_kind=kind, group_control=control)
        if not kind or not _NUMBER.fullmatch(control):
            self._say(f"AK1 names no group: kind {quoted(kind)}, control number {quoted(control)}.", "AK1", 2, control)

    def _ak2(self, segment: Sequence[str]) -> None:
        self._close()
        self._open = SetResponse(_get(segment, 1), _get(segment, 2), "")
        if not self._open.control:
            self._say("AK2 has no control number, so it names no set.", "AK2", 2)

    def _ak3(self, segment: Sequence[str]) -> None:
        position = _get(segment, 2)
        in_set = int(position) if _NUMBER.fullmatch(position) else 0
        self._segment = Fault(_get(segment, 1), in_set, 0, _get(segment, 4), "")
        if self._open is None:
            self._say("AK3 stands outside any AK2, so it belongs to no set.", "AK3")
        elif not in_set or not self._segment.segment_id:
            self._say(f"AK3 names no segment: {quoted(self._segment.segment_id)} at {quoted(position)}.", "AK3", 2)
        self._faults.append(self._segment)

    def _ak4(self, segment: Sequence[str]) -> None:
        match = _PLACE.match(_get(segment, 1))
        if not self._segment.in_set:
            self._say("AK4 follows no AK3, so it names no element.", "AK4")
        elif match is None:
            self._say(
                f"AK401 {quoted(_get(segment, 1))} is not the position of an element.", "AK4", 1, _get(segment, 1)
            )
        if self._faults and self._faults[-1] == self._segment and self._segment.code in {"", "8"}:
            self._faults.pop()  # "8" only says that the elements follow
        place = self._segment.segment_id, self._segment.in_set, int(match[1]) if match else 0
        self._faults.append(Fault(*place, _get(segment, 3), _get(segment, 4), self._segment.contexts))

    def _ctx(self, segment: Sequence[str]) -> None:
        """Add a context to the AK3 or AK4 before it; one that stands elsewhere belongs to no fault."""
        if not self._faults or len(self._faults[-1].contexts) >= _MOST_CONTEXTS:
            return
        match, position = _PLACE.match(_get(segment, 5)), _get(segment, 3)
        in_set = int(position) if _NUMBER.fullmatch(position) else 0
        context = Context(_get(segment, 1), _get(segment, 2), in_set, int(match[1]) if match else 0)
        last = self._faults[-1]
        told = last._replace(contexts=(*last.contexts, context))
        self._faults[-1] = told
        if last == self._segment:
            self._segment = told

    def _ak5(self, segment: Sequence[str]) -> None:
        code = _get(segment, 1)
        if self._open is None:
            self._say("AK5 stands outside any AK2, so it belongs to no set.", "AK5")
            return
        if code not in _VERDICTS:
            self._say(f"AK501 {quoted(code)} is no verdict on a set (A, E, M, P, R, W, X).", "AK5", 1, code)
        self._open = replace(self._open, code=code, codes=_codes(segment, 2))
        self._close()

    def _ak9(self, segment: Sequence[str]) -> None:
        self._close()
        verdict = _get(segment, 1)
        if verdict not in _VERDICTS:
            self._say(f"AK901 {quoted(verdict)} is no verdict on a group (A, E, M, P, R, W, X).", "AK9", 1, verdict)
        counts = [int(text) if _NUMBER.fullmatch(text := _get(segment, n)) else None for n in (2, 3, 4)]
        if None in counts:
            self._say("AK902, AK903 and AK904 are not all numbers of sets.", "AK9", 2)
        codes = _codes(segment, 5)
        self._response = replace(
            self._response,
            verdict=verdict,
            stated=counts[0],
            received=counts[1],
            accepted=counts[2],
            codes=codes,
            doubts=tuple(_impossible(*counts, miscounted=not _MISCOUNTED.isdisjoint(codes), at=self._at)),
        )

    def _close(self) -> None:
        """End the set that is open, if there is one."""
        if self._open is not None:
            control, code = self._open.control, self._open.code
            if not code:
                self._say(f"Set {control} has no verdict: its AK5 is missing.", "AK5")
            before = self._verdicts.setdefault(control.lstrip("0"), code)
            if (before in _TAKEN) != (code in _TAKEN):
                self._say(f"Set {control} is answered twice: AK501 is {before}, and {code} later.", "AK5", 1, code)
            self._sets.append(replace(self._open, faults=tuple(self._faults)))
        self._open = None
        self._faults = []
        self._segment = Fault("", 0, 0, "", "")

    def _say(self, message: str, segment_id: str, element: int | None = None, seen: str | None = None) -> None:
        if len(self._findings) < _MOST:
            self._findings.append(_invalid(message, segment_id, element, seen, self._at))


def _impossible(
    stated: int | None, received: int | None, accepted: int | None, *, miscounted: bool, at: int
) -> Iterator[Finding]:
    """Find counts that cannot be; more may have been received than GE01 stated where that is said to be wrong."""
    pairs = (("received", 903, received, "sent", 902, stated), ("accepted", 904, accepted, "received", 903, received))
    for verb, place, many, least, before, few in pairs:
        if many is not None and few is not None and many > few and not (miscounted and place == _RECEIVED):
            were, was = ("sets were" if many > 1 else "set was"), ("were" if few != 1 else "was")
            message = f"AK{place} says that {many} {were} {verb}, but AK{before} that only {few} {was} {least}."
            yield _invalid(message, "AK9", place % 100, str(many), at)


_RECEIVED: Final = 903
_MISCOUNTED: Final = frozenset({"3", "5"})
"""AK905 where there is no GE01 to trust."""


def _invalid(
    message: str, segment_id: str, element: int | None = None, seen: str | None = None, in_set: int | None = None
) -> Finding:
    path = f"{segment_id}{element:02d}" if element else segment_id
    where = Position(in_set=in_set, segment_id=segment_id, element=element, path=path)
    fix = "Ask the partner what became of the document; what can be read of the acknowledgment is shown."
    return Finding("ack.invalid", Severity.HOLD, message, where, seen, fix=fix)


def _codes(segment: Sequence[str], first: int) -> tuple[str, ...]:
    return tuple(text.strip() for text in segment[first:] if text.strip())


def _get(segment: Sequence[str], n: int) -> str:
    return segment[n].strip() if n < len(segment) else ""
