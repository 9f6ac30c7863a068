"""A disk that fails by script, below SQLite: its own table of system calls, as SQLite's makers test it.

`Disk` counts what changes files (write, truncate, allocate, delete) and fails the n-th call, once or from then on. What
SQLite was given is given back at the end. `fsync` is not in that table: see `no_fsync`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

_C: Final = ctypes.CDLL(None, use_errno=True)
_SIZE, _TEXT, _INT, _FAR, _PLACE = ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
_KINDS: Final[dict[str, tuple[Any, ...]]] = {
    "write": (ctypes.c_ssize_t, _INT, _PLACE, _SIZE),
    "pwrite": (ctypes.c_ssize_t, _INT, _PLACE, _SIZE, _FAR),
    "pwrite64": (ctypes.c_ssize_t, _INT, _PLACE, _SIZE, _FAR),
    "ftruncate": (_INT, _INT, _FAR),
    "unlink": (_INT, _TEXT),
}
"""The calls of SQLite that change files, by its own names: what each gives and takes."""


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("version", _INT),
        *((f"number_{n}", _INT) for n in range(2)),
        *((f"place_{n}", _PLACE) for n in range(16)),
        ("set_call", ctypes.CFUNCTYPE(_INT, _PLACE, _TEXT, _PLACE)),
    ]


def _vfs() -> Any:
    """Find the file layer of the SQLite that Python itself uses."""
    import _sqlite3

    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [_TEXT]
    return library.sqlite3_vfs_find(None)


class Disk:
    """Fails the call number `at` that changes a file (from 1) with `number`; with `lasting`, all after it as well."""

    def __init__(self, at: int = 0, number: int = errno.ENOSPC, *, lasting: bool = True) -> None:
        sqlite3.connect(":memory:").close()  # so that SQLite has set itself up
        self.at, self.number, self.lasting = at, number, lasting
        self.calls = 0
        self._keep: list[Any] = []

    @property
    def failed(self) -> bool:
        return 0 < self.at <= self.calls

    def mend(self) -> None:
        """From here on it works again."""
        self.at = 0

    def __enter__(self) -> Self:
        self._vfs = _vfs()
        for name, (gives, *takes) in _KINDS.items():
            ours = ctypes.CFUNCTYPE(gives, *takes, use_errno=True)(self._call(name, gives, takes))
            self._keep.append(ours)
            self._vfs.contents.set_call(self._vfs, name.encode(), ctypes.cast(ours, _PLACE))
        return self

    def __exit__(self, *_: object) -> None:
        for name in _KINDS:
            self._vfs.contents.set_call(self._vfs, name.encode(), None)

    def _call(self, name: str, gives: Any, takes: list[Any]) -> Callable[..., int]:
        real = getattr(_C, name)
        real.restype, real.argtypes = gives, takes

        def call(*given: Any) -> int:
            self.calls += 1
            if self.calls == self.at or (self.lasting and self.failed):
                ctypes.set_errno(self.number)
                return -1
            return int(real(*given))

        return call


class Unreadable:
    """Fails every read that SQLite makes in the second half of one file, as a disk does whose blocks are worn."""

    def __init__(self, path: Path) -> None:
        sqlite3.connect(":memory:").close()  # so that SQLite has set itself up
        self.path = path
        self.failed = 0
        self._keep: list[Any] = []

    def __enter__(self) -> Self:
        self._vfs = _vfs()
        for name in ("pread", "pread64"):
            kinds = _KINDS["pwrite"]
            real = getattr(_C, name)
            real.restype, real.argtypes = kinds[0], kinds[1:]
            ours = ctypes.CFUNCTYPE(*kinds, use_errno=True)(self._call(real))
            self._keep.append(ours)
            self._vfs.contents.set_call(self._vfs, name.encode(), ctypes.cast(ours, _PLACE))
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("pread", "pread64"):
            self._vfs.contents.set_call(self._vfs, name.encode(), None)

    def _call(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(handle: int, place: int, size: int, at: int) -> int:
            if 2 * at >= self.path.stat().st_size and Path(f"/proc/self/fd/{handle}").readlink() == self.path:
                self.failed += 1
                ctypes.set_errno(errno.EIO)
                return -1
            return int(real(handle, place, size, at))

        return call


def no_fsync() -> None:
    """From here on, this process is told EIO by each fsync; there is no way back (a seccomp filter of its own)."""
    load, equal, give = 0x20, 0x15, 0x06
    refuse = struct.pack("HBBI", give, 0, 0, 0x00050000 | errno.EIO)
    code = b"".join(
        (
            struct.pack("HBBI", load, 0, 0, 0),  # the number of the call
            struct.pack("HBBI", equal, 1, 0, 74),  # fsync
            struct.pack("HBBI", equal, 0, 1, 75),  # fdatasync
            refuse,
            struct.pack("HBBI", give, 0, 0, 0x7FFF0000),
        )
    )
    kept = ctypes.create_string_buffer(code)

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", _PLACE)]

    program = Program(len(code) // 8, ctypes.cast(kept, _PLACE))
    _C.prctl.argtypes = [_INT, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong]
    _C.syscall.argtypes = [ctypes.c_long, ctypes.c_ulong, ctypes.c_ulong, ctypes.POINTER(Program)]
    if _C.prctl(38, 1, 0, 0, 0) or _C.syscall(317, 1, 1, ctypes.byref(program)):  # for all threads
        raise OSError(ctypes.get_errno(), "this kernel takes no filter")


class Nth:
    """A stand-in for a function that fails the `at`-th time (from 1)."""

    def __init__(self, at: int, number: int, what: Callable[..., Any]) -> None:
        self.at, self.number, self.what = at, number, what
        self.calls = 0

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self.at:
            raise OSError(self.number, os.strerror(self.number))
        return self.what(*given, **named)
