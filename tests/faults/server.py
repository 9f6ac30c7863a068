"""A partner's SFTP server that misbehaves as a script says: paramiko's server side, with a fault at any request.

script = Script(Fault("read", "truncate", at=40_000), Fault("rename", "late", times=2))
server = SftpServer(root, ..., files=faulty(script))

An act is what the client asks for (list, look, open, read, write, close, rename, remove); a kind is what comes of it:

    fine      nothing goes wrong
    truncate  a read ends at byte `at`, as if the file did        deny   it is refused
    drip      a read gives one byte, after `pause`                drop   the connection breaks, nothing was done
    lie       another size is told                                after  it is done, and the connection breaks
    stall     nothing for `pause` seconds                         late   it is done, and the answer comes after `pause`
"""

from __future__ import annotations

import fnmatch
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import paramiko
from paramiko.sftp import SFTP_EOF, SFTP_FAILURE, SFTP_PERMISSION_DENIED

from edi_engine.sandbox.server import Files, OpenFile

KINDS = {
    "list": ("deny", "drop", "stall", "lie"),
    "look": ("drop", "stall", "lie", "deny"),
    "open": ("deny", "drop", "stall"),
    "read": ("truncate", "drip", "drop", "stall", "deny", "lie"),
    "write": ("deny", "drop", "stall"),
    "rename": ("deny", "drop", "after", "late"),
    "remove": ("deny", "drop", "after", "late"),
}


@dataclass
class Fault:
    """`times` faults of one kind at one act, for names that fit `name`; reads and writes from byte `at` on."""

    act: str
    kind: str
    name: str = "*"
    at: int = 0
    times: int = 1
    pause: float = 30.0


@dataclass
class Script:
    """The faults to come. `faults` are used up; then one of `rate` acts goes wrong by chance, of those in `kinds`."""

    faults: list[Fault] = field(default_factory=list)
    rate: float = 0.0
    kinds: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(KINDS))
    seed: int = 1
    pause: float = 30.0
    done: list[tuple[str, str]] = field(default_factory=list)
    extra: Callable[[str], Iterable[paramiko.SFTPAttributes]] = lambda _folder: ()

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.lock = threading.Lock()
        self.over = threading.Event()

    def draw(self, act: str, path: str, at: int = 0, *, likely: float = 1.0) -> Fault | None:
        """Give the fault of this act, None where it goes well. `likely` scales the chance, not the script."""
        name = path.rpartition("/")[2]
        with self.lock:
            for fault in self.faults:
                if fault.act == act and fault.times and fnmatch.fnmatchcase(name, fault.name) and at >= fault.at:
                    fault.times -= 1
                    self.done.append((act, fault.kind))
                    return fault
            if act in self.kinds and self.chance.random() < self.rate * likely:
                kind = self.chance.choice(self.kinds[act])
                self.done.append((act, kind))
                return Fault(act, kind, at=at, pause=self.pause)
        return None

    def wait(self, seconds: float) -> None:
        """Stall, but no longer than the test lasts."""
        self.over.wait(seconds)


def hang_up() -> None:
    """Break the connection under the request that this thread answers."""
    thread = threading.current_thread()
    transport = thread._SubsystemHandler__transport  # type: ignore[attr-defined]
    transport.sock.close()
    transport.close()


class FaultyFiles(Files):
    """A folder whose server does what `script` says."""

    script: Script
    listing = False

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        fault = self.script.draw("list", path)
        if fault is not None and fault.kind != "lie" and (refusal := self._misbehave(fault)) is not None:
            return refusal
        extra = list(self.script.extra(path))
        self.listing = True
        try:
            found = super().list_folder(path)
        finally:
            self.listing = False
        if isinstance(found, int):
            return found
        if fault is not None and fault.kind == "lie" and found:
            found[0].st_size = (found[0].st_size or 0) + 1
        return [*found, *extra]

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        found = super().lstat(path)
        fault = None if self.listing else self.script.draw("look", path)
        if fault is None:
            return found
        if fault.kind == "lie":
            if not isinstance(found, int):
                found.st_size = (found.st_size or 0) + 1
            return found
        return found if (refusal := self._misbehave(fault)) is None else refusal

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        fault = self.script.draw("open", path)
        if fault is not None and (refusal := self._misbehave(fault)) is not None:
            return refusal
        opened = super().open(path, flags, attr)
        return FaultyFile(opened.readfile, flags, path, self.script) if isinstance(opened, OpenFile) else opened

    def rename(self, oldpath: str, newpath: str) -> int:
        return self._do("rename", oldpath, lambda: super(FaultyFiles, self).rename(oldpath, newpath))

    def remove(self, path: str) -> int:
        return self._do("remove", path, lambda: super(FaultyFiles, self).remove(path))

    def _do(self, act: str, path: str, do: Callable[[], int]) -> int:
        fault = self.script.draw(act, path)
        if fault is None:
            return do()
        if fault.kind in {"after", "late"}:
            done = do()
            if fault.kind == "late":
                self.script.wait(fault.pause)
            else:
                hang_up()
            return done
        refusal = self._misbehave(fault)
        return do() if refusal is None else refusal

    def _misbehave(self, fault: Fault) -> int | None:
        return misbehave(self.script, fault)


def misbehave(script: Script, fault: Fault) -> int | None:
    """Deny, break or stall; None where the request is then answered after all."""
    if fault.kind == "deny":
        return SFTP_PERMISSION_DENIED
    if fault.kind == "drop":
        hang_up()
        return SFTP_FAILURE
    if fault.kind == "stall":
        script.wait(fault.pause)
    return None


class FaultyFile(OpenFile):
    """An open file whose reads and writes go wrong. A truncation or a drip lasts until the file is closed."""

    def __init__(self, file: object, flags: int, path: str, script: Script) -> None:
        super().__init__(file, flags)
        self.path, self.script = path, script
        self.lasting: Fault | None = None

    def stat(self) -> paramiko.SFTPAttributes | int:
        found = super().stat()
        fault = self.script.draw("stat", self.path)
        if fault is not None and not isinstance(found, int):
            found.st_size = fault.at
        return found

    def read(self, offset: int, length: int) -> bytes | int:
        fault = self.lasting or self.script.draw("read", self.path, offset + length)
        if fault is None:
            return super().read(offset, length)
        if fault.kind in {"truncate", "drip", "lie"}:
            self.lasting = fault
        if fault.kind == "truncate":
            end = fault.at if fault.at < offset + length else offset + length // 2
            return super().read(offset, end - offset) if end > offset else SFTP_EOF
        if fault.kind == "drip":
            self.script.wait(fault.pause)
            return super().read(offset, 1)
        if fault.kind == "lie":  # more bytes than there are
            data = super().read(offset, length)
            return data + b"x" if isinstance(data, bytes) and len(data) < length else data
        refusal = misbehave(self.script, fault)
        return super().read(offset, length) if refusal is None else refusal

    def write(self, offset: int, data: bytes) -> int:
        fault = self.script.draw("write", self.path, offset + len(data))
        if fault is not None and (refusal := misbehave(self.script, fault)) is not None:
            return refusal
        return super().write(offset, data)


def faulty(script: Script) -> type[FaultyFiles]:
    """Make the kind of folder that a server of this script serves."""
    return type("Scripted", (FaultyFiles,), {"script": script})


def entry(
    name: bytes, *, size: int = 5, mode: int = 0o100644, modified: int = 1_700_000_000
) -> paramiko.SFTPAttributes:
    """Make an entry of a listing that no folder needs to hold."""
    made = paramiko.SFTPAttributes()
    made.filename, made.st_size, made.st_mode = name, size, mode
    made.st_atime = made.st_mtime = modified
    return made
