"""A mailbox on disk that one retailer or several share: their orders lie there, and what comes for them lies mixed.

mailbox = Mailbox(folder, [Retailer(...), Retailer(...)], Folders("out", "out/done", "in"))
server = SftpServer(mailbox.root, ...)
mailbox.step()                                    # one pass: send what is due, read what has come
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edi_engine.sandbox.retailer import Report, Retailer, together
from edi_engine.x12.reader import outline

_UNFINISHED: Final = ".part"


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders of a mailbox: where the retailers put their files, where taken ones go, and what they receive.

    `direct` says that files come under their final names, so that one may be seen half written.
    """

    out: str = "out"
    taken: str = "out/done"
    into: str = "in"
    direct: bool = False


class Mailbox:
    """The folders that a server shows as `root`, and the retailers who meet there.

    Where files come under their final names, one is read once it has looked the same for two passes.
    """

    def __init__(self, folder: Path, retailers: Sequence[Retailer], folders: Folders | None = None) -> None:
        """Make the folders; what was read goes to `folder`/received."""
        folders = folders or Folders()
        self.root = folder / "mailbox"
        self.retailers = tuple(retailers)
        self._out, self._into, self._archive = self.root / folders.out, self.root / folders.into, folder / "received"
        for place in (self._out, self.root / folders.taken, self._into, self._archive):
            place.mkdir(parents=True, exist_ok=True)
        self._direct = folders.direct
        self._busy = threading.Lock()
        self._seen: dict[str, tuple[int, int]] = {}
        self._lost: list[str] = []

    @property
    def left(self) -> int:
        """How many files of the programs are still to be sent."""
        return sum(retailer.left for retailer in self.retailers)

    def untaken(self) -> int:
        """How many of the retailers' files nobody has taken yet."""
        return sum(path.is_file() for path in self._out.iterdir())

    def unread(self) -> int:
        """How many files have come and are not read yet."""
        return sum(path.is_file() for path in self._into.iterdir())

    def step(self, most: int | None = None) -> None:
        """Let each retailer send at most `most` files of its program (all, by default), then read what has come."""
        with self._busy:
            for retailer in self.retailers:
                for _ in range(retailer.left if most is None else most):
                    file = retailer.next_file()
                    if file is not None:
                        self._drop(*file)
            for path in self._finished():
                self._read(path)
            for retailer in self.retailers:
                retailer.close()

    def reports(self) -> tuple[Report, ...]:
        """Give what each retailer has seen so far; another thread may be in the middle of a step."""
        with self._busy:
            return tuple(retailer.report() for retailer in self.retailers)

    def report(self) -> Report:
        """Give what all of them have seen together."""
        return together(self.reports())

    def lost(self) -> tuple[str, ...]:
        """Give what came for nobody here, in sentences."""
        with self._busy:
            return tuple(self._lost)

    def _drop(self, name: str, data: bytes) -> None:
        """Put a file into the outbound folder: under another name first, so that nobody takes half of it."""
        unfinished = self._out / (name + _UNFINISHED)
        unfinished.write_bytes(data)
        unfinished.rename(self._out / name)

    def _finished(self) -> list[Path]:
        """Give the files that may be read, oldest first."""
        looks: dict[str, tuple[int, int]] = {}
        for path in self._into.iterdir():
            if path.suffix != _UNFINISHED and path.is_file():
                look = path.stat()
                looks[path.name] = (look.st_mtime_ns, look.st_size)
        steady = [name for name, look in looks.items() if not self._direct or self._seen.get(name) == look]
        self._seen = looks
        return [self._into / name for name in sorted(steady, key=lambda name: (looks[name][0], name))]

    def _read(self, path: Path) -> None:
        data = path.read_bytes()
        retailer = self._whose(data)
        if retailer is None:
            self._lost.append(f"{path.name} is for nobody in this mailbox")
        else:
            for file in retailer.receive(path.name, data):
                self._drop(*file)
        path.rename(self._archive / f"{len(list(self._archive.iterdir())) + 1:05}_{path.name}")

    def _whose(self, data: bytes) -> Retailer | None:
        """Find whose file it is: alone, a retailer takes all; else the receiver of its first interchange counts."""
        if len(self.retailers) == 1:
            return self.retailers[0]
        receivers = {(one.receiver_qualifier, one.receiver) for one in outline(data).interchanges[:1]}
        for retailer in self.retailers:
            if (retailer.profile.our_qualifier, retailer.profile.our_id) in receivers:
                return retailer
        return None
