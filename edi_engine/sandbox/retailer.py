"""The retailer itself: it sends its program of orders, reads what comes back, and answers each document with a 997.

retailer = Retailer(folder, PROFILE, now=clock)
server = SftpServer(retailer.mailbox, ...)        # /out: its orders; /out/done: taken; /in: what it receives
retailer.step()                                   # one pass: send what is due, read what has come
retailer.report()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edi_engine.sandbox.book import SentGroup, close_book, open_book
from edi_engine.sandbox.catalog import Profile
from edi_engine.sandbox.check_received import CHECKS
from edi_engine.sandbox.judge import Judge, Judged
from edi_engine.sandbox.program import CLEAN, Planned, Program
from edi_engine.sandbox.read_x12 import Unreadable
from edi_engine.sandbox.write_x12 import interchange
from edi_engine.x12.reader import outline
from edi_engine.x12.values import InterchangeOutline

PROFILE: Final = Profile()
_UNFINISHED: Final = ".part"


@dataclass(frozen=True, slots=True)
class Report:
    """What the retailer has seen so far.

    `acknowledged`: groups by the verdict of their 997 (A, E, P, R). `answers`: 855s by BAK02 (AD, AC, RD). `silent`:
    files whose group has no 997 yet. `unanswered`: orders without an 855. `problems`: what was wrong, in sentences.
    """

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
    """A simulated retailer in `folder`. It may be stopped and begun again: its books are kept there.

    `mailbox` is the root of its SFTP server. Each Retailer sends the program of one run, with order numbers of its own;
    the same seed, run and day give the same files.
    """

    def __init__(
        self, folder: Path, profile: Profile, *, now: Callable[[], datetime], seed: int = 0, clean: int = CLEAN
    ) -> None:
        """Open the books in `folder` and plan the next run; `clean` is the number of clean orders in it."""
        self.mailbox = folder / "mailbox"
        self._out, self._in, self._archive = self.mailbox / "out", self.mailbox / "in", folder / "received"
        for place in (self._out / "done", self._in, self._archive):
            place.mkdir(parents=True, exist_ok=True)
        self._profile = profile
        self._now = now
        self._judge = Judge()
        self._busy = threading.Lock()
        self._file = folder / "book.json"
        self._book = open_book(self._file)
        self._book.runs += 1
        program = Program(profile, run=self._book.runs, day=now().date(), seed=seed)
        self._planned: list[Planned] = list(program.files(clean))

    @property
    def left(self) -> int:
        """How many files of the program are still to be sent."""
        return len(self._planned)

    def untaken(self) -> int:
        """How many of its files nobody has taken yet."""
        return sum(path.is_file() for path in self._out.iterdir())

    def unread(self) -> int:
        """How many files it has received and not read yet."""
        return sum(path.is_file() for path in self._in.iterdir())

    def step(self, most: int | None = None) -> None:
        """Send at most `most` files of the program (all that are left, by default), then read what has come."""
        with self._busy:
            for _ in range(self.left if most is None else min(most, self.left)):
                self._send(self._planned.pop(0))
            # Unfinished files may be renamed while we look; finished ones are taken away by nobody else.
            finished = (path for path in self._in.iterdir() if path.suffix != _UNFINISHED and path.is_file())
            for path in sorted(finished, key=lambda path: (path.stat().st_mtime_ns, path.name)):
                self._receive(path)
            close_book(self._book, self._file)

    def report(self) -> Report:
        """Give the counts so far; another thread may be in the middle of a step."""
        with self._busy:
            return self._counts()

    def _counts(self) -> Report:
        book = self._book
        return Report(
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

    def _send(self, planned: Planned) -> None:
        book = self._book
        book.interchange += 1
        name = planned.name.format(n=f"{book.interchange:05}")
        data = planned.raw
        if data is None:
            data = interchange(
                self._profile,
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
        self._drop(name, data)

    def _drop(self, name: str, data: bytes) -> None:
        """Put a file into the outbound folder: under another name first, so that nobody takes half of it."""
        unfinished = self._out / (name + _UNFINISHED)
        unfinished.write_bytes(data)
        unfinished.rename(self._out / name)

    def _receive(self, path: Path) -> None:
        data = path.read_bytes()
        self._book.problems.extend(f"{path.name}: {problem}" for problem in self._problems(path.name, data))
        self._book.received["files"] += 1
        path.rename(self._archive / f"{self._book.received['files']:05}_{path.name}")

    def _problems(self, name: str, data: bytes) -> Iterator[str]:
        """Read one received file; answer it; give what is wrong with it."""
        read = outline(data, file=name)
        yield from (finding.message for finding in read.findings)
        for found in read.interchanges:
            yield from (finding.message for finding in found.findings)
            yield from self._check_envelope(found)
            for group in found.groups:
                judged = self._judge.judge(data, found, group)
                yield from judged.problems
                if not self._book.first_time(f"group {group.kind}", group.control):
                    yield f"the group number {group.control} was used before"
                yield from self._check_sets(judged, live=found.usage == "P")
                if group.kind != "FA":
                    self._acknowledge(judged)

    def _check_envelope(self, found: InterchangeOutline) -> Iterator[str]:
        profile = self._profile
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
                yield from check(segments, self._book, live)
            except Unreadable as unreadable:
                yield str(unreadable)

    def _acknowledge(self, judged: Judged) -> None:
        book = self._book
        book.interchange += 1
        sets = [("997", self._judge.acknowledge(judged).segments)]
        usage = judged.found.usage
        data = interchange(self._profile, "FA", sets, control=book.interchange, now=self._now(), usage=usage)
        book.received["997 sent"] += 1
        self._drop(f"FA_{book.interchange:05}.edi", data)
