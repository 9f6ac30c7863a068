"""The TA1 that we send: what became of an interchange's outermost envelope, and of nothing inside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.x12.values import Delimiters, InterchangeOutline

NO_FAULT: Final = "000"
_QUALIFIERS: Final = frozenset((*(f"{n:02d}" for n in range(1, 39) if n not in {5, 6}), "AM", "NR", "SA", "SN", "ZZ"))
"""ISA05 and ISA07: what an interchange id may be."""
_CONTROL: Final = re.compile(r"[0-9]{1,9}")
_UNNAMED: Final = "022"
"""What a refusal is told as that has no code of its own: the structure is not what it should be."""


@dataclass(frozen=True, slots=True)
class InterchangeVerdict:
    """What a TA1 says: `code` is TA104 (A accepted, E accepted with a fault, R refused), `note` is TA105."""

    code: str
    note: str = NO_FAULT


def receiver_note(interchange: InterchangeOutline) -> str:
    """Give TA105 for an interchange that is not for us: what is wrong with its receiver."""
    if interchange.receiver_qualifier not in _QUALIFIERS:
        return "007"
    return "009" if interchange.receiver else "008"


def verdict_on(findings: Iterable[Finding]) -> InterchangeVerdict:
    """Judge an interchange by what was found of its envelope: what stops it refuses it, what X12 is told of is noted.

    A TA1 has room for one fault: the first of the gravest.
    """
    found = tuple(findings)
    stopping = [finding for finding in found if finding.severity >= Severity.HOLD]
    if stopping:
        return InterchangeVerdict("R", _code(max(stopping, key=lambda finding: finding.severity)) or _UNNAMED)
    noted = (_code(finding) for finding in found if finding.severity is Severity.WARNING)
    note = next((code for code in noted if code), None)
    return InterchangeVerdict("A") if note is None else InterchangeVerdict("E", note)


def _code(finding: Finding) -> str | None:
    return finding.ack.code if finding.ack is not None and finding.ack.level == "TA1" else None


def write_ta1(
    interchange: InterchangeOutline, verdict: InterchangeVerdict, delimiters: Delimiters | None = None
) -> tuple[str, ...]:
    """Answer an interchange. Its number, date and time are repeated as they came, so that its sender knows it again.

    Zeros stand for what of them cannot be repeated: for a number that is none, since a part of it may be another one's
    number, and for what is missing, unprintable or one of the `delimiters` that the answer is written with. The segment
    is sound whatever the ISA was.
    """
    return (
        "TA1",
        interchange.control.rjust(9, "0") if _CONTROL.fullmatch(interchange.control) else "0" * 9,
        _copied(interchange.date, delimiters, 6),
        _copied(interchange.time, delimiters, 4),
        verdict.code,
        verdict.note,
    )


def _copied(text: str, delimiters: Delimiters | None, width: int) -> str:
    marks = delimiters or Delimiters()
    used = {marks.element, marks.component, marks.segment, marks.repetition}
    kept = (letter for letter in text if "!" <= letter <= "~" and letter not in used)
    return "".join(kept)[:width].rjust(width, "0")
