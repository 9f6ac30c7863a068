"""The known differences between our verdict and that of pyx12, and the small files that show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from edi_engine.x12.pyx12.compare import Comparison

TABLE = Path(__file__).with_name("differences.yaml")
MOST = 40

_ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"
_END = "GE*1*7~IEA*1*000000042~"
_ORDER = (
    f"{_ISA}GS*PO*NORTH*ACME*20260314*0915*7*X*004010~"
    "ST*850*0001~BEG*00*SA*4500*1*20261122~REF*DP*038~REF*IA*77~ITD*01*3*2**30~DTM*002*20261130*1530~"
    "N1*ST*ACME*92*0001~N3*1 MAIN ST~N4*TOWN*NY*10001~N1*BT*ACME~"
    "PO1*1*12*EA*41.88**UP*012345678905~PID*F****THING~SCH*12*EA***002*20261130~PO1*2*12*CA*-9.5**VN*A-1~"
    f"CTT*2~SE*16*0001~{_END}"
)
FILES = {
    "order": _ORDER,
    "order 5010": _ORDER.replace("*U*00401*", "*^*00501*").replace("X*004010~", "X*005010~"),
    "notice": (
        f"{_ISA}GS*SH*NORTH*ACME*20260314*0915*7*X*004010~"
        "ST*856*0001~BSN*00*S1*20261122*1200*0001~HL*1**S~HL*2*1*O~PRF*4500~HL*3*2*I~LIN**UP*012345678905~SN1**5*EA~"
        f"CTT*3~SE*10*0001~{_END}"
    ),
    "routing": (
        f"{_ISA.replace('*U*00401*', '*^*00501*')}GS*RF*NORTH*ACME*20260314*0915*7*X*005010~"
        f"ST*753*0001~BGN*00*1*20261122~N1*SF*ACME~LX*1~N1*ST*BUYER~OID*1~SE*7*0001~{_END}"
    ),
}
"""Files without a fault, by the names that the table calls them."""


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    who: str
    says: re.Pattern[str]
    beside: str | None
    example: Mapping[str, Mapping[str, str]]
    right: str
    why: str


def rows() -> list[Row]:
    """Read the table."""
    read: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return [
        Row(one["who"], re.compile(one["says"]), one.get("beside"), one["example"], one["right"], one["why"])
        for one in read
    ]


def file_of(row: Row) -> bytes:
    """Write the file of a row's example: @ stands for anything in between, or behind for the whole file again."""
    ((name, changes),) = row.example.items()
    text = FILES[name]
    for old, new in changes.items():
        pattern = ".*".join(re.escape(part) for part in old.split("@"))
        found = re.search(pattern, text, re.DOTALL)
        assert found, f"{old} does not stand in {name}"
        text = text[: found.start()] + new.replace("@", FILES[name]) + text[found.end() :]
    return (text if any("SE*" in old + new for old, new in changes.items()) else recounted(text)).encode("latin-1")


def recounted(text: str) -> str:
    """Put the number of segments into each SE01."""

    def count(match: re.Match[str]) -> str:
        segments = [one for one in f"{match[1]}~".split("~") if one.strip()]
        return f"{match[1]}SE*{len(segments) + 1}*"

    return re.sub(r"(?<=~)(ST\*(?:(?!~ST\*).)*?~)SE\*[0-9]+\*", count, text, flags=re.DOTALL)


def explained(found: Comparison, known: list[Row]) -> Iterator[tuple[str, Row | None]]:
    """Give each difference as who says what, with the row that explains it, None where none does.

    Where pyx12 stopped, what we say behind that is no difference.
    """
    every = [*(finding for finding, _ in found.agreed), *found.ours]

    def beside(segment: int | None, said: str) -> set[str]:
        near = (one for one in every if one.where.segment is not None and one.where.segment <= (segment or 0))
        return {one.code for one in near if one.where.segment == segment or f"({one.where.segment_id}" in said}

    if found.stopped is not None:
        yield f"stop {found.stopped}", _row(known, "stop", found.stopped, set())
    for each in found.theirs:
        said = f"{each.level} {each.code} {each.text}"
        yield f"pyx12 {each.segment} {said}", _row(known, "pyx12", said, beside(each.segment, said))
    for one in found.ours if found.stopped is None else ():
        said = f"{one.code} {one.message}"
        yield f"we {one.where.segment} {said}", _row(known, "we", said, beside(one.where.segment, said))


def _row(known: list[Row], who: str, said: str, beside: set[str]) -> Row | None:
    fitting = (row for row in known if row.who == who and row.says.search(said))
    return next((row for row in fitting if row.beside is None or row.beside in beside), None)
