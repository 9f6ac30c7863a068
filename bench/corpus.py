"""The files that are measured: purchase orders of version 004010, made here, always the same, all without fault."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

SEED: Final = 20_261_122
ISA: Final = (
    "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*RECEIVER       *261122*0930*U*00401*{control:09d}*0*P*>~"
)
GS: Final = "GS*PO*{sender}*RECEIVER*20261122*0930*{control}*X*004010~"

_STREETS: Final = ("Mill Lane", "Harbor Road", "Orchard Avenue", "Station Street", "Canal Walk", "Foundry Way")
_CITIES: Final = (("Tacoma", "WA"), ("Duluth", "MN"), ("Laredo", "TX"), ("Macon", "GA"), ("Toledo", "OH"))
_THINGS: Final = ("lamp", "kettle", "shelf", "bracket", "basket", "blanket", "hose", "ladder", "mirror", "tray")
_LOOKS: Final = ("white", "oak", "brushed steel", "navy", "walnut", "clear", "matte black", "sand")
_CHAINS: Final = ("NORTHGATE HARDWARE", "LAKESIDE HOME", "SUMMIT SUPPLY", "VALLEY FARM AND YARD")
_CARRIERS: Final = ("ABFS", "FDEG", "UPSN", "ODFL", "SAIA")


def order(random: Random, control: int, lines: int | None = None) -> str:
    """One 850: 10 segments of heading, 3 parties, 8 to 12 lines (or `lines`), each with PID, every third with SCH."""
    day = f"202612{random.randrange(1, 29):02d}"
    segments = [
        f"ST*850*{control:04d}",
        f"BEG*00*SA*{random.randrange(10**7, 10**8)}**{day}",
        f"REF*DP*{random.randrange(1000):03d}",
        f"REF*IA*{random.randrange(10**6):06d}",
        f"PER*BD*PURCHASING DESK {random.randrange(100):02d}*TE*2065550{random.randrange(100, 200)}",
        "FOB*CC",
        f"ITD*01*3*{random.randrange(1, 4)}**{random.choice((10, 15, 30))}**{random.choice((31, 60))}",
        f"DTM*010*202701{random.randrange(1, 32):02d}",
        f"DTM*001*202702{random.randrange(1, 29):02d}",
        f"TD5**2*{random.choice(_CARRIERS)}*M*ROUTE {random.randrange(100)}",
    ]
    for qualifier in ("BT", "ST", "VN"):
        city, state = random.choice(_CITIES)
        segments += [
            f"N1*{qualifier}*{random.choice(_CHAINS)} {random.randrange(10**4)}*92*{random.randrange(10**5):05d}",
            f"N3*{random.randrange(1, 9999)} {random.choice(_STREETS)}",
            f"N4*{city}*{state}*{random.randrange(10**5):05d}*US",
        ]
    count = lines or random.randrange(8, 13)
    for number in range(1, count + 1):
        quantity, cents, upc = random.randrange(1, 500), random.randrange(100, 99_999), random.randrange(10**11, 10**12)
        segments.append(
            f"PO1*{number}*{quantity}*EA*{cents // 100}.{cents % 100:02d}**UP*{upc}*VN*AC-{random.randrange(10**4)}"
        )
        thing, look = random.choice(_THINGS), random.choice(_LOOKS)
        segments.append(f"PID*F****{thing}, {look}, {random.randrange(10, 200)} IN, CTN {random.randrange(100)}")
        if number % 3 == 0:
            segments.append(f"SCH*{quantity}*EA***002*202612{random.randrange(1, 29):02d}")
    segments.append(f"CTT*{count}")
    segments.append(f"SE*{len(segments) + 1}*{control:04d}")
    return "~".join(segments) + "~"


def orders(count: int, *, lines: int | None = None) -> Iterator[str]:
    random = Random(SEED)
    return (order(random, number, lines) for number in range(1, count + 1))


def spoiled(sets: Iterator[str]) -> Iterator[str]:
    """The same sets, each with one fault; the kinds of fault take turns. A count that changes is put right."""
    for number, text in enumerate(sets):
        segments = _FAULTS[number % len(_FAULTS)](text.split("~")[:-1])
        control = segments[0].split("*")[2]
        yield "~".join([*segments[:-1], f"SE*{len(segments)}*{control}", ""])


def _changed(segments: list[str], start: str, element: int, value: str) -> list[str]:
    """Give the segments with one element changed in the last that begins with `start`."""
    at = max(n for n, segment in enumerate(segments) if segment.startswith(start))
    elements = segments[at].split("*")
    elements[element] = value
    return [*segments[:at], "*".join(elements), *segments[at + 1 :]]


def _without(segments: list[str], start: str) -> list[str]:
    return [segment for segment in segments if not segment.startswith(start)]


def _with(segments: list[str], start: str, more: str) -> list[str]:
    """Give the segments with another one after the first that begins with `start`."""
    at = next(n for n, segment in enumerate(segments) if segment.startswith(start))
    return [*segments[: at + 1], more, *segments[at + 1 :]]


_FAULTS: Final = (
    partial(_changed, start="PO1", element=3, value="XX"),  # no such unit of measure
    partial(_changed, start="PO1", element=4, value="9,75"),  # no number
    partial(_changed, start="PO1", element=3, value="CASE"),  # too long
    partial(_changed, start="DTM", element=2, value="20261131"),  # no such day
    partial(_changed, start="BEG", element=3, value=""),  # mandatory
    partial(_changed, start="N1*ST", element=3, value=""),  # N103 and N104 come together
    partial(_without, start="BEG"),  # mandatory segment
    partial(_with, start="CTT", more="PO1*99*1*EA*1"),  # out of its place
    partial(_with, start="FOB", more="ZZZ*1"),  # no such segment
    partial(_with, start="CTT", more="CTT*1"),  # once too often
)


def interchange(sets: Iterator[str], sender: str = "BENCH") -> Iterator[str]:
    """One interchange of one group, in pieces."""
    yield ISA.format(sender=sender, control=1) + GS.format(sender=sender, control=1)
    count = 0
    for text in sets:
        count += 1
        yield text
    yield f"GE*{count}*1~IEA*1*{1:09d}~"


def write(path: Path, pieces: Iterator[str]) -> Path:
    with path.open("w", encoding="ascii", newline="") as file:
        file.writelines(pieces)
    return path


def alone(sets: Iterator[str]) -> Iterator[bytes]:
    """Each set as a file of its own."""
    return ("".join(interchange(iter((one,)))).encode("ascii") for one in sets)
