"""What is measured, each piece of work in a process of its own: `python -m bench.jobs WORK PATH` prints its cost.

Only the work counts: loading the program, compiling the checks and a first warm file come before the clock starts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.memory import peak

if TYPE_CHECKING:  # a bare interpreter and the split alone must not load the engine
    from edi_engine.x12.check import SetChecker
    from edi_engine.x12.unpack import Segments
    from edi_engine.x12.values import GroupOutline, InterchangeOutline, SetOutline

CHUNK: Final = 64 * 1024


class Done(NamedTuple):
    """What a piece of work went through: bytes, transaction sets, and findings."""

    size: int
    sets: int = 0
    findings: int = 0


def bare(_path: Path) -> Callable[[], Done]:
    """Do nothing: what an interpreter takes."""
    return lambda: Done(0)


def split(path: Path) -> Callable[[], Done]:
    """T: cut a file into segments and elements with str.split, a piece at a time, and drop them."""

    def run() -> Done:
        tail = ""
        with path.open(encoding="latin-1", newline="") as file:
            while piece := file.read(CHUNK):
                segments = (tail + piece).split("~")
                tail = segments.pop()
                for segment in segments:
                    segment.split("*")
        return Done(path.stat().st_size)

    return run


def envelopes(path: Path) -> Callable[[], Done]:
    """Walk the envelopes alone."""
    from edi_engine.x12.reader import outline

    _warm(path)
    file = _kept(path)

    def run() -> Done:
        with _opened(file) as data:
            found = outline(data, keep=False)
            return Done(len(data), sum(len(group.sets) for one in found.interchanges for group in one.groups))

    return run


def parse(path: Path) -> Callable[[], Done]:
    """Walk the envelopes and cut every set into segments and elements; ask of three of each set where they begin."""
    from edi_engine.x12.reader import spoken

    _warm(path)
    file = _kept(path)

    def run() -> Done:
        sets = 0
        with _opened(file) as data:
            for interchange, _, found in _sets(data, keep=True):
                if not _stands(spoken(data, found, interchange.delimiters), found):
                    raise AssertionError(found)
                sets += 1
            return Done(len(data), sets)

    return run


def _stands(segments: Segments, found: SetOutline) -> bool:
    """Ask where the first, the middle and the last segment of a set begin."""
    start, last = segments.start, found.segments - 1
    return start(0) == found.start < start(last // 2) < start(last) < found.end


def check(path: Path) -> Callable[[], Done]:
    """Walk the envelopes and check every set; the findings are those that a 997 is written from."""
    checker = _checker()
    _warm(path)
    file = _kept(path)

    def run() -> Done:
        with _opened(file) as data:
            return _checked(data, checker)

    return run


def files(folder: Path) -> Callable[[], Done]:
    """The same for many files, each of one order."""
    checker = _checker()
    first, *others = sorted(folder.iterdir())
    _checked(first.read_bytes(), checker)

    def run() -> Done:
        done = [_checked(path.read_bytes(), checker) for path in others]
        return Done(*map(sum, zip(*done, strict=True)))

    return run


def pyx12(path: Path) -> Callable[[], Done]:
    """Have pyx12 validate a file by our grammar, written as its maps."""
    from edi_engine.x12.pyx12.verdict import validate

    def run() -> Done:
        data = path.read_bytes()
        valid, why = validate(data, str(path.parent / "maps"))
        if not valid:
            raise AssertionError(why)
        return Done(len(data), data.count(b"~ST*"))

    return run


def pyx12_files(folder: Path) -> Callable[[], Done]:
    """The same for some of many files, each of one order."""
    from edi_engine.x12.pyx12.verdict import validate

    maps = str(folder.parent / "maps")
    first, *others = sorted(folder.iterdir())[:PYX12_FILES]
    validate(first.read_bytes(), maps)

    def run() -> Done:
        texts = [path.read_bytes() for path in others]
        if not all(validate(text, maps)[0] for text in texts):
            raise AssertionError(folder)
        return Done(sum(map(len, texts)), len(texts))

    return run


PYX12_FILES: Final = 31
WORKS: Final = {work.__name__: work for work in (bare, split, envelopes, parse, check, files, pyx12, pyx12_files)}


def _warm(path: Path) -> None:
    """Walk the beginning of a file, so that the patterns of its delimiters are compiled."""
    from edi_engine.x12.reader import outline

    with path.open("rb") as file:
        outline(file.read(CHUNK))


def _kept(path: Path) -> int:
    """Copy a file to where the kernel maps it page by page, so that two runs are told the same memory.

    Of a file on a disk it may map 2 MB at once or 4 KB, as the pages happened to come into its cache.
    """
    if sys.platform != "linux":
        return os.open(path, os.O_RDONLY)
    kept = os.memfd_create(path.name)
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            os.write(kept, piece)
    return kept


@contextmanager
def _opened(file: int) -> Iterator[mmap]:
    with mmap(file, 0, access=ACCESS_READ) as data:
        yield data


def _sets(data: bytes | mmap, *, keep: bool = False) -> Iterator[tuple[InterchangeOutline, GroupOutline, SetOutline]]:
    from edi_engine.x12.reader import outline

    found = outline(data, keep=keep or isinstance(data, bytes))
    if found.findings:
        raise AssertionError(found.findings)
    for interchange in found.interchanges:
        for group in interchange.groups:
            for one in group.sets:
                yield interchange, group, one


def _checked(data: bytes | mmap, checker: SetChecker) -> Done:
    from edi_engine.finding import Position

    sets = findings = 0
    around, where = None, Position()
    for interchange, group, one in _sets(data):
        text = data[one.start : one.end].decode("latin-1")
        if group is not around:  # what is the same for all sets of a group is said once
            around, where = group, Position(interchange=interchange.control, group=group.control)
        findings += len(checker.check(text, one, interchange.delimiters, where))
        sets += 1
    return Done(len(data), sets, findings)


def _checker() -> SetChecker:
    """Give the check of an 850 by the standard alone, every element read: what pyx12 is given, too."""
    from bench.standard import CompiledCode, dictionary
    from edi_engine.x12.check import checker

    made = checker(dictionary(), "004010", "850", None, None, CompiledCode())
    if made is None:
        raise AssertionError
    return made


def main(arguments: list[str]) -> None:
    """Do a piece of work `times` times, and print what it cost in CPU seconds and, at its peak, in bytes."""
    name, path, times = arguments
    run = WORKS[name](Path(path))
    begun = process_time()
    for _ in range(int(times) - 1):
        run()
    done = run()
    seconds = (process_time() - begun) / int(times)
    json.dump({**done._asdict(), "seconds": seconds, "peak": peak()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
