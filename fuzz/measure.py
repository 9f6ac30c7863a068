"""What one input costs, measured in a child of its own: CPU seconds, memory, and the error that got out, if one did.

The seconds are those of the machine that the limits were set on: on a slower one, or in a slow hour, a fixed piece of
work is measured beside the input, and its seconds count for less.
"""

from __future__ import annotations

import json
import os
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1 << 20
SECONDS: Final = 1.0
"""CPU seconds that each megabyte may take."""
LEAST_SECONDS: Final = 1.0
"""CPU seconds that any input may take, however small: its grammar may have to be compiled first."""
MEMORY: Final = 64 * MEGABYTE
"""Bytes that any input may take, however small; each of its own bytes may take MEMORY_PER_BYTE on top."""
MEMORY_PER_BYTE: Final = 80
"""A segment of five bytes becomes a list, its texts and their places: about 300 bytes in Python."""
_PACE: Final = 0.015
"""CPU seconds that the fixed piece of work takes where one second is one second."""
_PATIENCE: Final = 60
"""CPU seconds after which a child is killed."""
_SPACE: Final = 3 << 30
"""Bytes that a child may have beyond those that it begins with."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an input of `size` bytes took: CPU seconds and bytes of memory, and the error that was not caught."""

    size: int
    seconds: float
    memory: int
    error: str = ""

    @property
    def rate(self) -> float:
        """CPU seconds a megabyte; a small input counts as one."""
        return self.seconds / max(LEAST_SECONDS / SECONDS, self.size / MEGABYTE)

    def growth_since(self, smaller: Cost) -> float:
        """Say how many times faster than the size the CPU seconds grew."""
        return (self.seconds / max(smaller.seconds, 0.05)) / max(self.size / max(smaller.size, 1), 1.0)

    @property
    def fault(self) -> str:
        """Say which limit is broken, "" where none is."""
        if self.error:
            return self.error
        if self.rate > SECONDS:
            return f"slow: {self.seconds:.2f} CPU s for {self.size:,} bytes"
        if self.memory > MEMORY + MEMORY_PER_BYTE * self.size:
            return f"memory: {self.memory / MEGABYTE:.0f} MB for {self.size:,} bytes"
        return ""


def signature(error: BaseException) -> str:
    """Name an error by its type and the deepest line of ours that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}edi_engine{os.sep}" in frame.filename]
    last = (ours or list(frames))[-1]
    place = last.filename.rpartition(f"{os.sep}edi_engine{os.sep}")[2]
    return f"{type(error).__name__} in {place}, {last.name}"


def measure(run: Callable[[bytes], None], data: bytes) -> Cost:
    """Give what `run` costs for `data`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _measured(run, data, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        told = stream.read()
    _, status, used = os.wait4(child, 0)
    if not told:
        return Cost(len(data), used.ru_utime + used.ru_stime, 0, f"killed, with status {status}")
    seconds, memory, error = json.loads(told)
    return Cost(len(data), seconds, memory, error)


def _measured(run: Callable[[bytes], None], data: bytes, writing: int) -> None:
    """Run in the child, tell the parent and end."""
    resource.setrlimit(resource.RLIMIT_CPU, (_PATIENCE, _PATIENCE))
    space = _SPACE + int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    slower = _slower()
    error, before = "", _peak()
    start = time.process_time()
    try:
        run(data)
    except BaseException as raised:  # noqa: BLE001 - whatever gets out is what we look for
        error = signature(raised)
    seconds = time.process_time() - start
    grown = _peak() - before
    slower = max(1.0, (slower + _slower()) / 2)
    os.write(writing, json.dumps([seconds / slower, grown, error]).encode())
    os._exit(0)


def _slower() -> float:
    """Say how many times as long as on the machine of the limits a piece of work like ours takes here and now."""
    text = "PO1*1*24*EA*9.95**UP*012345678905~" * 20_000
    start = time.process_time()
    counts: dict[str, int] = {}
    for segment in text.split("~"):
        for element in segment.split("*"):
            counts[element] = counts.get(element, 0) + 1
    return (time.process_time() - start) / _PACE


def _peak() -> int:
    """Give the most memory that this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
