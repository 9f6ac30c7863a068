"""A partner who trades while we are killed: drops orders, takes what we send at once, and acknowledges it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edi_engine.x12.reader import outline, split
from tests.crash.day import BEGIN, Day

ACKNOWLEDGMENT: Final = (
    "ISA*00*          *00*          *08*6119290001     *01*004455667      *{now:%y%m%d}*0940*U*00401*{n:09d}*0*P*>~"
    "GS*FA*6119290001*004455667*{now:%Y%m%d}*0940*{n}*X*004010VICS~ST*997*0001~AK1*{group}*{control}~"
    "AK2*{kind}*{set}~AK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*{n}~IEA*1*{n:09d}~"
)
OURS: Final = {"997": ("AK1", 2), "855": ("BAK", 3), "856": ("PRF", 1), "810": ("BIG", 4)}
"""Where each kind of document names what it is about: their group, or their order."""

GIVEN: Final = {
    "ISA": (10, 13), "GS": (5, 6), "GE": (2,), "IEA": (2,), "BAK": (8,), "BSN": (2, 4), "BIG": (2,), "MAN": (2,),
}  # fmt: skip
"""Times of day, and numbers that we give in the order of our work: these differ between two runs. All else may not."""

About = tuple[str, str]
"""A kind of document and the order, or for a 997 the group, that it is about."""


def read(data: bytes) -> tuple[str, list[list[str]]]:
    """Give the kind and the segments of one of our documents, ISA to IEA."""
    interchange = outline(data).interchanges[0]
    assert not interchange.findings, interchange.findings
    (found,) = interchange.groups[0].sets
    return found.set_id, [list(segment) for segment in split(data.decode(), interchange.delimiters)]


def about(data: bytes) -> About:
    kind, segments = read(data)
    name, place = OURS[kind]
    return kind, next(segment for segment in segments if segment[0] == name)[place]


def without_numbers(data: bytes) -> bytes:
    """Blank what we number in the order of our work."""
    _, segments = read(data)
    for segment in segments:
        for place in GIVEN.get(segment[0], ()):
            if place < len(segment):
                segment[place] = "#"
    return "~".join("*".join(segment) for segment in segments).encode()


def numbers(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Give the numbers of each kind that stand in our documents, sorted: interchanges, shipments, invoices, cartons."""
    found: dict[str, list[str]] = {"ISA": [], "BSN": [], "BIG": [], "MAN": []}
    places = {"ISA": 13, "BSN": 2, "BIG": 2, "MAN": 2}
    for data in files.values():
        for segment in read(data)[1]:
            if segment[0] in found:
                found[segment[0]].append(segment[places[segment[0]]])
    return {name: sorted(given) for name, given in found.items()}


class Partner(threading.Thread):
    """Drops one order after the other until it is told to `leave`, and goes on taking documents until `rest`.

    It drops at most `most` orders, which a test may raise as it goes on: so a slow machine has no more of them to do.
    """

    def __init__(self, day: Day, *, seed: int = 1, pause: float = 0.25, most: int = 1000) -> None:
        super().__init__(name="partner", daemon=True)
        self.day = day
        self.taken: dict[str, bytes] = {}
        self.twice: list[str] = []
        self.acknowledged = 0
        self.most = most
        self._pause = pause
        self._random = random.Random(seed)
        self._left = threading.Event()
        self._resting = threading.Event()
        self.broken: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._resting.is_set():
                if not self._left.is_set() and len(self.day.dropped) < self.most and self._random.random() < 0.5:
                    self.drop_next()
                self.take()
                self._resting.wait(self._pause * self._random.uniform(0.2, 1.0))
        except BaseException as error:  # noqa: BLE001 - told to the test, which is another thread
            self.broken = error

    def drop_next(self) -> None:
        self.day.drop_usual(len(self.day.dropped) + 1)

    def take(self) -> None:
        """Take each document that stands there, and acknowledge it."""
        for path in sorted((self.day.mailbox / "in").glob("*.edi")):
            data = path.read_bytes()
            path.unlink()
            if path.name in self.taken:
                self.twice.append(path.name)
                continue
            self.taken[path.name] = data
            kind, segments = read(data)
            if kind != "997":
                self.acknowledge(kind, {segment[0]: segment for segment in segments})

    def acknowledge(self, kind: str, first: dict[str, list[str]]) -> None:
        self.acknowledged += 1
        text = ACKNOWLEDGMENT.format(
            now=BEGIN, n=500_000_000 + self.acknowledged, group=first["GS"][1], control=first["GS"][6], kind=kind,
            set=first["ST"][2],
        )  # fmt: skip
        self.day.put(f"ack{self.acknowledged:05d}.edi", text.encode())

    def leave(self) -> None:
        """Drop no more orders."""
        self._left.set()

    def rest(self) -> None:
        self._left.set()
        self._resting.set()
        self.join(120)
        assert self.broken is None, self.broken
        self.take()

    def everything(self) -> bool:
        """Say whether every document has come that will come."""
        assert self.broken is None, self.broken
        return len(self.taken) >= expected(self.day.dropped)


def expected(dropped: Mapping[int, bool]) -> int:
    """Give how many documents these orders lead to: a 997 each, and three more where nothing is held."""
    return len(dropped) + 3 * sum(not held for held in dropped.values())


def by_matter(files: Mapping[str, bytes]) -> tuple[dict[About, bytes], list[About]]:
    """Give what came, by what it is about and without our numbers; and what came more than once."""
    came: dict[About, bytes] = {}
    counted: Counter[About] = Counter()
    for data in files.values():
        matter = about(data)
        counted[matter] += 1
        came[matter] = without_numbers(data)
    return came, sorted(matter for matter, times in counted.items() if times > 1)


def left_by(day: Day) -> dict[str, bytes]:
    """Give the documents that stand in the partner's folder."""
    files = {path.name: path.read_bytes() for path in (day.mailbox / "in").iterdir()}
    return {name: data for name, data in files.items() if name.endswith(".edi")}


def unfinished(day: Day) -> list[Path]:
    """Give what stands in the partner's folder under a temporary name."""
    return [path for path in (day.mailbox / "in").iterdir() if path.suffix == ".part"]
