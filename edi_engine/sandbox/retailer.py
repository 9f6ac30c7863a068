"""A retailer: it sends its program of orders, reads what comes back, and answers each document with a 997.

Files lie in its mailbox (sandbox.mailbox), which it may share with others; here they are names and bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edi_engine.sandbox import bluebird, dunlin, siskin
from edi_engine.sandbox.book import SentGroup, close_book, open_book
from edi_engine.sandbox.check_received import CHECKS, check_manners
from edi_engine.sandbox.draw import Draw, Program, Write
from edi_engine.sandbox.judge import Judge, Judged
from edi_engine.sandbox.orders import Planned
from edi_engine.sandbox.profile import Profile
from edi_engine.sandbox.read_x12 import Unreadable
from edi_engine.sandbox.write_x12 import interchange
from edi_engine.x12.reader import outline
from edi_engine.x12.values import InterchangeOutline


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the retailers that there are: who it is, how it writes an order, what it sends on a day.

    `clean` is how many clean orders it sends in files of their own.
    """

    profile: Profile
    write: Write
    program: Program
    clean: int


BLUEBIRD: Final = Kind(bluebird.BLUEBIRD, bluebird.write, bluebird.program, 6)
SISKIN: Final = Kind(siskin.SISKIN, siskin.write, siskin.program, 5)
DUNLIN: Final = Kind(dunlin.DUNLIN, dunlin.write, dunlin.program, 4)


@dataclass(frozen=True, slots=True)
class Report:
    """What the retailer `name` has seen so far.

    `acknowledged`: groups by the verdict of their 997 (A, E, P, R). `answers`: 855s by BAK02 (AD, AC, RD). `silent`:
    files whose group has no 997 yet. `unanswered`: orders without an 855. `problems`: what was wrong, in sentences.
    """

    name: str
    files_sent: int
    orders_sent: int
    acknowledged: Mapping[str, int]
    answers: Mapping[str, int]
    ship_notices: int
    invoices: int
    acknowledgments_sent: int
    silent: tuple[str, ...]
    unanswered: tuple[str, ...]
    problems: tuple[str, ...]


class Retailer:
    """A simulated retailer that keeps its books in `folder`: it may be stopped and begun again.

    Each Retailer sends the program of one run, with order numbers of its own; the same seed, run and day give the same
    files.
    """

    def __init__(
        self, folder: Path, kind: Kind, *, now: Callable[[], datetime], seed: int = 0, clean: int | None = None
    ) -> None:
        """Open the books in `folder` and plan the next run; `clean` is the number of clean orders in it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.profile = kind.profile
        self._now = now
        self._judge = Judge()
        self._file = folder / "book.json"
        self._book = open_book(self._file)
        self._book.runs += 1
        draw = Draw(kind.profile, kind.write, run=self._book.runs, day=now().date(), seed=seed)
        self._planned: list[Planned] = list(kind.program(draw, kind.clean if clean is None else clean))

    @property
    def left(self) -> int:
        """How many files of the program are still to be sent."""
        return len(self._planned)

    def next_file(self) -> tuple[str, bytes] | None:
        """Give the name and bytes of the next file of the program, None once all are sent."""
        return self._write(self._planned.pop(0)) if self._planned else None

    def receive(self, name: str, data: bytes) -> list[tuple[str, bytes]]:
        """Read one file that came, and give the files that answer it."""
        replies: list[tuple[str, bytes]] = []
        self._book.problems.extend(f"{name}: {problem}" for problem in self._problems(name, data, replies))
        self._book.received["files"] += 1
        return replies

    def close(self) -> None:
        """Write the books."""
        close_book(self._book, self._file)

    def report(self) -> Report:
        """Give the counts so far."""
        book = self._book
        return Report(
            name=self.profile.name,
            files_sent=book.files_sent,
            orders_sent=len(book.orders),
            acknowledged=self._received("997 "),
            answers=self._received("855 "),
            ship_notices=book.received["856"],
            invoices=book.received["810"],
            acknowledgments_sent=book.received["997 sent"],
            silent=tuple(group.file for group in book.groups.values() if group.verdict is None and group.kind != "FA"),
            unanswered=tuple(order.po for order in book.orders.values() if order.answer is None),
            problems=tuple(book.problems),
        )

    def _received(self, prefix: str) -> dict[str, int]:
        return {
            key.removeprefix(prefix): count
            for key, count in sorted(self._book.received.items())
            if key.startswith(prefix) and key != "997 sent"
        }

    def _write(self, planned: Planned) -> tuple[str, bytes]:
        book = self._book
        book.interchange += 1
        name = self._named(planned.name)
        data = planned.raw
        if data is None:
            data = interchange(
                self.profile,
                planned.kind,
                planned.sets,
                control=book.interchange,
                now=self._now(),
                usage=planned.usage,
            )
            control = str(book.interchange)
            book.groups[control] = SentGroup(planned.kind, control, name, planned.story, planned.verdict)
        for order in planned.booked:
            book.orders[order.po] = order
        book.files_sent += 1
        return name, data

    def _named(self, pattern: str) -> str:
        return pattern.format(n=f"{self._book.interchange:06}", stamp=f"{self._now():%Y%m%d%H%M%S}")

    def _problems(self, name: str, data: bytes, replies: list[tuple[str, bytes]]) -> Iterator[str]:
        """Read one received file; answer it; give what is wrong with it."""
        read = outline(data, file=name)
        yield from (finding.message for finding in read.findings)
        for found in read.interchanges:
            yield from (finding.message for finding in found.findings)
            yield from self._check_envelope(found)
            for group in found.groups:
                judged = self._judge.judge(data, found, group)
                yield from judged.problems
                if group.version != self.profile.version:
                    yield f"the group is in {group.version}, not in {self.profile.version}"
                if not self._book.first_time(f"group {group.kind}", group.control):
                    yield f"the group number {group.control} was used before"
                yield from self._check_sets(judged, live=found.usage == "P")
                if group.kind != "FA":
                    replies.append(self._acknowledge(judged))

    def _check_envelope(self, found: InterchangeOutline) -> Iterator[str]:
        profile = self.profile
        sides = (found.sender_qualifier, found.sender, found.receiver_qualifier, found.receiver)
        wanted = (profile.their_qualifier, profile.their_id, profile.our_qualifier, profile.our_id)
        if sides != wanted:
            yield f"the interchange is from {sides[0]}/{sides[1]} to {sides[2]}/{sides[3]}"
        if not self._book.first_time("interchange", found.control):
            yield f"the interchange number {found.control} was used before"

    def _check_sets(self, judged: Judged, *, live: bool) -> Iterator[str]:
        for one, segments in zip(judged.group.sets, judged.sets, strict=True):
            check = CHECKS.get(one.set_id)
            if check is None:
                yield f"nobody asked for a {one.set_id}"
                continue
            try:
                yield from check(segments, self.profile, self._book, live)
                yield from check_manners(segments, self.profile, self._book)
            except Unreadable as unreadable:
                yield str(unreadable)

    def _acknowledge(self, judged: Judged) -> tuple[str, bytes]:
        book = self._book
        book.interchange += 1
        sets = [("997", self._judge.acknowledge(judged).segments)]
        usage = judged.found.usage
        data = interchange(self.profile, "FA", sets, control=book.interchange, now=self._now(), usage=usage)
        book.received["997 sent"] += 1
        return self._named(self.profile.acknowledgment_file), data


def together(reports: Sequence[Report]) -> Report:
    """Add up what several retailers have seen."""

    def added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
        return {key: sum(one.get(key, 0) for one in counts) for key in sorted({key for one in counts for key in one})}

    return Report(
        name=", ".join(one.name for one in reports),
        files_sent=sum(one.files_sent for one in reports),
        orders_sent=sum(one.orders_sent for one in reports),
        acknowledged=added([one.acknowledged for one in reports]),
        answers=added([one.answers for one in reports]),
        ship_notices=sum(one.ship_notices for one in reports),
        invoices=sum(one.invoices for one in reports),
        acknowledgments_sent=sum(one.acknowledgments_sent for one in reports),
        silent=tuple(file for one in reports for file in one.silent),
        unanswered=tuple(po for one in reports for po in one.unanswered),
        problems=tuple(f"{one.name}: {problem}" for one in reports for problem in one.problems),
    )
