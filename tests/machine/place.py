"""Both ends of the wire in one process: the partner's server, and an engine that dies when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edi_engine.app.daemon import settle_lanes
from edi_engine.app.hand import Hand
from edi_engine.app.lanes import build_lanes
from edi_engine.app.restoring import notice, remember
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import Workplace
from edi_engine.errors import Fenced, Outrun, TransportError, UnknownOutcome
from edi_engine.flow.pickup import Pickup
from edi_engine.flow.ports import Mailbox, RemoteFile
from edi_engine.partners.connection import Connection
from edi_engine.partners.edition import Edition
from edi_engine.runtime.lanes import Lane
from edi_engine.store import ledger
from edi_engine.store.ledger import open_store
from edi_engine.transport.memory import MemoryMailbox
from tests.fixtures.walks import FrozenClock

OUT, DONE, IN = "/out", "/out/done", "/in"
CONNECTION = "bluebird-sftp"


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Trouble:
    """What goes wrong during one act of the engine.

    `kill` ends it at the so-many-th crash point, or when it comes to the one of that name, now or later; `fault` is
    a method of the server with what it fails by; `meanwhile` happens before the so-many-th call to the server.
    """

    kill: int | str | None = None
    fault: tuple[str, str] | None = None
    times: int = 1
    meanwhile: tuple[int, Callable[[], None]] | None = None


COMMITS = (
    "clock.fired", "decide.decided", "deliver.confirmed", "deliver.parked", "deliver.postponed", "deliver.sent",
    "deliver.uploaded", "deliver.uploading", "fulfil.billed", "fulfil.planned", "fulfil.shipped", "interpret.opened",
    "judge.booked", "judge.closed", "pickup.clear-failed", "pickup.cleared", "pickup.gone", "pickup.partial",
    "pickup.seen", "pickup.stored",
)  # fmt: skip
EFFECTS = ("deliver.done", "deliver.put", "deliver.rename", "pickup.clear", "pickup.fetch")
POINTS = tuple(f"{name}:{side}" for name in COMMITS + EFFECTS for side in ("before", "after"))
"""The crash points of what the lanes do, at which a process may be told to die."""

FAULTS = (
    ("connect", "down"), ("listing", "denied"), ("listing", "down"), ("fetch", "short"), ("fetch", "down"),
    ("size", "down"), ("rename", "denied"), ("rename", "unknown"), ("rename", "done"), ("put", "down"),
    ("put", "half"), ("put", "whole"), ("remove", "down"),
)  # fmt: skip


def _error(method: str, how: str) -> TransportError:
    if how in {"unknown", "done"}:
        return UnknownOutcome("no answer to the rename")
    codes = {"denied": "transport.postaction", "short": "transport.partial", "half": "transport.timeout"}
    codes |= {"whole": "transport.timeout"}
    code = "transport.listing" if (method, how) == ("listing", "denied") else codes.get(how, "transport.connect")
    return TransportError(f"{method}: {how}", code=code)


class Server(MemoryMailbox):
    """The partner's server. It keeps what arrived under a final name, however soon it is taken away again."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self.process = process
        self.arrived: list[tuple[str, bytes]] = []
        self.quick = False  # takes each document the moment it is there
        self.trouble = Trouble()
        self.on_cleared: Callable[[bytes], object] = lambda data: None
        self._count = 0

    def begin(self, trouble: Trouble) -> None:
        self.trouble, self._count = trouble, 0
        if trouble.fault is not None and trouble.fault[0] != "connect":
            method, how = trouble.fault
            if how != "half":
                self.fail(method, _error(method, how), times=trouble.times, after=how in {"done", "whole"})

    def end(self) -> None:
        self.trouble = Trouble()
        for faults in self._faults.values():
            faults.clear()

    def connect(self) -> Mailbox:
        self.process.must_live()
        if self.trouble.fault is not None and self.trouble.fault[0] == "connect":
            raise _error(*self.trouble.fault)
        return self

    def standing(self, folder: str) -> dict[str, bytes]:
        return {name.decode(): data for name, data in self.files(folder).items()}

    def put(self, folder: str, name: str, data: bytes, *, new: bool = False) -> None:
        if self.trouble.fault == ("put", "half") and self.trouble.times:
            self.trouble.times -= 1
            super().put(folder, name, data[: len(data) // 2], new=new)
            raise _error("put", "half")
        before = self.files(folder).get(name.encode())
        try:
            super().put(folder, name, data, new=new)
        finally:
            if before != data and self.files(folder).get(name.encode()) == data:
                self._note(folder, name, data)

    def rename(self, folder: str, name: bytes, to_folder: str, to_name: bytes) -> None:
        known = set(self.files(to_folder))
        self._clearing(folder, name)
        try:
            super().rename(folder, name, to_folder, to_name)
        finally:
            if to_name not in known and to_name in self.files(to_folder):
                self._note(to_folder, to_name.decode(), self.files(to_folder)[to_name])

    def remove(self, folder: str, name: bytes) -> None:
        if not self.process.aside:
            self._clearing(folder, name)
        super().remove(folder, name)

    def _clearing(self, folder: str, name: bytes) -> None:
        """Keep what we take out of the partner's folder."""
        if folder == OUT and self.process.working:
            self.on_cleared(self.files(folder).get(name, b""))

    def _note(self, folder: str, name: str, data: bytes) -> None:
        if folder not in {OUT, DONE} and data and ".part" not in name:
            self.arrived.append((f"{folder}/{name}", data))
            if self.quick:
                super().remove(folder, name.encode())

    @contextmanager
    def _call(self, method: str, folder: str, name: bytes) -> Iterator[None]:
        self.process.must_live()
        self._count += 1
        if self.trouble.meanwhile is not None and self._count == self.trouble.meanwhile[0]:
            act, self.trouble.meanwhile = self.trouble.meanwhile[1], None
            if not (method in {"rename", "remove"} and folder == OUT):  # nobody can look and move in one step
                self.process.beside(act)
        with super()._call(method, folder, name):
            yield

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        self.process.must_live()
        return super().listing(folder)


class Process:
    """Whether the process lives, and after how many crash points, or at which, it will not."""

    def __init__(self) -> None:
        self.dead = False
        self.left: int | None = None
        self.at = ""
        self.aside = False
        self.working = False

    def must_live(self) -> None:
        if self.dead and not self.aside:
            raise Killed

    def reach(self, name: str) -> None:
        """Be at a crash point. What is dead stays dead: nothing that unwinds may still write."""
        if self.aside:
            return
        self.must_live()
        if self.left is not None:
            self.left -= 1
        if name == self.at or (self.left is not None and self.left < 0):
            self.dead, self.at = True, ""
            raise Killed(name)

    def beside(self, act: Callable[[], None]) -> None:
        """Let something happen in another process."""
        before, self.aside = self.aside, True
        try:
            act()
        finally:
            self.aside = before


class Marked(Hand):
    """Notes of what is in hand that a killed process leaves behind, though here its stack is unwound."""

    def __init__(self, folder: Path | None, process: Process) -> None:
        super().__init__(folder)
        self.process = process

    @contextmanager
    def on(self, subject: str) -> Iterator[None]:
        note = self._note(subject)
        before = int(note.read_text()) if note.exists() else 0
        try:
            with super().on(subject):
                yield
        finally:
            if self.process.dead and not self.process.aside:
                self._write(note, before + 1, lasting=False)


class Place(Workplace):
    """A workplace whose servers are in memory."""

    servers: dict[str, Server]

    def _connect(self, connection: Connection, sessions: int) -> Mailbox:
        return self.servers[connection.name].connect()


@dataclass
class Engine:
    """A daemon's lanes, one after the other, on a store; `place` and `lanes` are what a process remembers."""

    settings: Settings
    clock: FrozenClock
    servers: dict[str, Server]
    process: Process
    edition: Edition
    place: Place = field(init=False)
    lanes: dict[str, Lane] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def open(self, *, owner: bool = True) -> Place:
        place = Place(self.settings, open_store(self.settings.db, owner=owner), self.edition, self.clock)
        place.servers = self.servers
        place.hand = Marked(self.settings.working, self.process)
        return place

    def start(self) -> None:
        """Do what the daemon does when it starts."""
        self.process.dead, self.process.left = False, None
        self.place = self.open()
        notice(self.settings, self.place.store)
        self.place.keep(self.edition)
        self.place.store.must_not_be_restored()
        self.place.hand.tidy()
        settle_lanes(self.place)
        self.place.publish(self.edition)
        self._pickups: dict[str, Pickup] = {}
        self.build()

    def build(self) -> None:
        self.lanes = {lane.name: lane for lane in build_lanes(self.place, self._pickups)}

    def publish(self, edition: Edition) -> None:
        self.edition = edition
        self.place.publish(edition)
        self.build()

    def stop(self) -> None:
        remember(self.settings, self.place.store)
        self.place.close()

    def drain(self, name: str) -> bool:
        """Let one lane do its work. It may give way to somebody else; nothing else may go wrong. Gives if it worked."""
        try:
            return self.lanes[name].drain().worked
        except (Fenced, Outrun):
            return False

    def act(self, names: Sequence[str], trouble: Trouble) -> str:
        """Let lanes work while something goes wrong; where that kills the process, start another one."""
        for server in self.servers.values():
            server.begin(trouble)
        self.process.working = True
        if isinstance(trouble.kill, str):
            self.process.at = trouble.kill
        else:
            self.process.left = trouble.kill
        try:
            for name in names:
                self.drain(name)
                assert not self.process.dead, f"{name} was killed and went on"
        except Killed as killed:
            self.crash()
            return str(killed)
        finally:
            self.process.left, self.process.working = None, False
            for server in self.servers.values():
                server.end()
        return ""

    def beside(self) -> Engine:
        """Give another daemon on the same store, which took over."""
        return Engine(self.settings, self.clock, self.servers, self.process, self.edition)

    def crash(self) -> None:
        """Lose all that the process remembers, and start anew."""
        self.place.close()
        self.start()


@contextmanager
def hooked(process: Process) -> Iterator[None]:
    """Put the process's crash points in the place of those that send SIGKILL."""
    before: Any = ledger.crashpoint
    ledger.crashpoint = process.reach
    try:
        yield
    finally:
        ledger.crashpoint = before
