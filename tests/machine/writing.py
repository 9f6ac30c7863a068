"""What the partner writes: orders of every kind, changes, rubbish, and answers to our documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HEAD: Final = (
    "ISA*00*          *00*          *{isa:<18}*01*004455667      *{now:%y%m%d}*0930*U*00401*{n:09d}*0*{usage}*>~"
)
GROUP: Final = "GS*{group}*6119290001*004455667*{now:%Y%m%d}*0930*{n}*X*004010VICS~"
END: Final = "GE*{sets}*{n}~IEA*1*{n:09d}~"

HOSES: Final = "PO1*1*24*EA*12.40*PE*IN*100101*UP*036000291452*VN*GL-1200~"
CANS: Final = "PO1*2*2*CA*{price}*PE*IN*100103~"
IN_PARTS: Final = "PO1*2*24*EA*7.20*PE*IN*100103~SCH*12*EA***010*{soon:%Y%m%d}~SCH*12*EA***010*{later:%Y%m%d}~"

KINDS: Final = (
    "clean", "clean", "clean", "parts", "dear", "nobody", "bare", "broken", "mixed", "again", "replaced", "cancelled",
    "changed", "pair", "truncated", "noise", "stranger", "test", "empty",
)  # fmt: skip
"""clean: a sound order, and so is parts, of which a part ships later; dear: a price that nobody agreed to; nobody: an
item that nobody has; bare: without what the guide demands; broken: not X12; mixed: one sound set of two; again: a PO
number that was used before; replaced, cancelled: BEG01 05 and 01; changed: an 860; pair: two interchanges in a file.
"""

VERDICTS: Final = {"broken": "R", "mixed": "P"}
"""What our 997 must say of a group (AK901), where it is not A."""


@dataclass(frozen=True, slots=True)
class Written:
    """An interchange as the partner wrote it. `number` is its ISA13, `orders` the PO numbers that it has to book."""

    kind: str
    number: int
    data: bytes
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """The content of a file."""

    parts: tuple[Written, ...]
    data: bytes


def po_number(number: int) -> str:
    return f"45000{number:05d}"


def upload(kind: str, number: int, about: int, now: datetime) -> Upload:
    """Write a file: `number` counts the partner's interchanges, `about` is an earlier one that it refers to."""
    if kind == "pair":
        parts = (interchange("clean", number, about, now), interchange("dear", number + 1, about, now))
        return Upload(parts, b"".join(part.data for part in parts))
    part = interchange(kind, number, about, now)
    return Upload((part,), part.data)


def interchange(kind: str, number: int, about: int, now: datetime) -> Written:
    if kind == "noise":
        return Written(kind, number, b"this is no X12, and it is letter %d\n" % number)
    if kind == "empty":
        return Written(kind, number, b"")
    po = po_number(about if kind in {"again", "replaced", "cancelled", "changed"} else number)
    bodies = {
        "mixed": [_order(po, now), _order(po_number(50_000 + number), now).replace("*24*EA*", "*24*EACH*")],
        "changed": [f"BCH*04*SA*{po}***{now:%Y%m%d}~POC*1*QD*12*12*EA*12.40**IN*100101~CTT*1~"],
    }.get(kind) or [_order(po, now, kind)]
    sets = [
        f"ST*{860 if kind == 'changed' else 850}*{place:04d}~{body}SE*{body.count('~') + 2}*{place:04d}~"
        for place, body in enumerate(bodies, 1)
    ]
    text = _envelope(
        "PC" if kind == "changed" else "PO",
        "".join(sets),
        len(sets),
        number,
        now,
        isa="08*9999999999" if kind == "stranger" else "08*6119290001",
        usage="T" if kind == "test" else "P",
    )
    if kind == "truncated":
        text = text[: len(text) * 2 // 3]
    booked = (po,) if kind not in {"broken", "changed", "truncated", "stranger"} else ()
    return Written(kind, number, text.encode(), booked)


def _order(po: str, now: datetime, kind: str = "clean") -> str:
    purpose = {"replaced": "05", "cancelled": "01"}.get(kind, "00")
    head = f"BEG*{purpose}*SA*{po}**{now:%Y%m%d}~" + ("" if kind == "bare" else "REF*DP*042~")
    head += f"REF*IA*77031~DTM*010*{now + timedelta(days=200):%Y%m%d}~N1*ST*BLUEBIRD DC COLUMBUS*92*0417~"
    first = HOSES.replace("100101", "109999").replace("*UP*036000291452*VN*GL-1200", "")
    first = first if kind == "nobody" else HOSES
    if kind == "broken":
        first = first.replace("*EA*", "*EACH*")
    second = CANS.format(price="9.99" if kind == "dear" else "7.20")
    if kind == "parts":
        second = IN_PARTS.format(soon=now + timedelta(days=1), later=now + timedelta(days=9))
    return f"{head}{first}{second}CTT*2~"


def _envelope(group: str, sets: str, count: int, number: int, now: datetime, *, isa: str, usage: str = "P") -> str:
    told = {"group": group, "sets": count, "n": number, "now": now, "isa": isa, "usage": usage}
    return f"{HEAD}{GROUP}".format(**told) + sets + END.format(**told)


def answer(number: int, group: str, control: str, kind: str, code: str, now: datetime) -> Upload:
    """Write a 997 about one of our groups: `code` A or R."""
    taken = "1" if code == "A" else "0"
    body = f"ST*997*0001~AK1*{group}*{control}~AK2*{kind}*0001~AK5*{code}~AK9*{code}*1*1*{taken}~SE*6*0001~"
    data = _envelope("FA", body, 1, number, now, isa="08*6119290001").encode()
    return Upload((Written("answer", number, data),), data)


def answer_in(data: bytes) -> tuple[str, str]:
    """Give which of our groups a 997 is about, such as "PR 12", and its code."""
    found = re.search(rb"~AK1\*(\w+)\*(\d+)~.*~AK9\*([AR])\*", data)
    assert found is not None
    kind, control, code = (one.decode() for one in found.groups())
    return f"{kind} {control}", code


def damaged(original: Upload, number: int) -> Upload:
    """Write other content under the ISA13 of an upload that came before."""
    part = original.parts[0]
    data = part.data.replace(b"*77031~", b"*%05d~" % (number % 100_000), 1)
    return Upload((Written(part.kind, part.number, data, part.orders),), data)


def group_of(data: bytes) -> tuple[str, str, str]:
    """Give GS01, GS06 and ST01 of one of our documents."""
    segments = [segment.split("*") for segment in data.decode().split("~")]
    first = {segment[0]: segment for segment in reversed(segments)}
    return first["GS"][1], first["GS"][6], first["ST"][1]
