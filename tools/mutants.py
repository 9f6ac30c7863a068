# ruff: noqa: INP001, T201 - a script run by path, whose output is its result
"""Take the checks of X12 away, one at a time: each must turn a file of tests/conformance red.

python tools/mutants.py [--list | --excused] [WORD ...]      WORD: only places with one of these in their line

    --list       only say which places there are, and how many files pass each
    --excused    try those as well that are excused, and name each entry that is needed no more

The modules are loaded with a switch at each place where a check can be taken away. A switch that is thrown does this:

    told      a finding is not made, or not handed on: the statement is left out
    doubt     a line or an expression is missing in the Python that is generated for a segment
    turned    a condition is the other way round
    dropped   one part of a condition with `and` or `or` is left out
    yes, no   a function that says whether something is so, or a condition of the generator, says always the same

First each file notes the switches that it passes. Then each switch is thrown in a process of its own, which runs the
files that pass it until one turns red. What no file notices survives: it needs a file, or an entry in mutants.yaml
beside this script, with the reason why no file can notice it.
"""

from __future__ import annotations

import functools
import gc
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from types import FrameType
from typing import Any

import yaml
from switches import BOARD, SPEAKERS, Place, install

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "edi_engine" / "x12"
MODULES = (
    "check*", "compile*", "tree*", "open_*", "walk", "scan", "envelope", "reader", "cut", "sets", "ta1", "acknowledge*",
    "follow_ups",
)  # fmt: skip
ASIDE = ("check_guide", "compile_guide", "check_words")
"""Guides are a partner's affair and not X12's, and words are for people."""
EXCUSED = Path(__file__).with_suffix(".yaml")
SECONDS = 20
"""What one file may take; a mutant that makes it take longer is seen."""
WORKERS = max(1, min(2, os.cpu_count() or 1))


class Stopped(BaseException):
    """A mutant takes too long."""


def _modules() -> list[str]:
    names = sorted(path.stem for path in HOUSE.glob("*.py"))
    return [one for one in names if one not in ASIDE and any(fnmatch(one, pattern) for pattern in MODULES)]


class Bench:
    """The conformance files on two desks, opened once; each process that is forked off works on copies of them."""

    def __init__(self, home: Path) -> None:
        """Load all that a run needs, but nothing that depends on a mutant."""
        install(HOUSE, _modules())
        sys.path.insert(0, str(ROOT))
        from tests.conformance import test_conformance as tests  # noqa: PLC0415 - after the switches are in
        from tests.conformance.answering import desk  # noqa: PLC0415

        self._test: Callable[[dict[str, Any], Any], None] = tests.test_each_file_is_judged_and_answered_as_it_should_be
        self._again: Callable[[dict[str, Any], Any], None] = tests.test_a_999_says_the_same_as_a_997
        self.cases = tests.CASES
        self._open = [desk(home / name, name) for name in ("997", "999")]
        self._desks = {name: one.__enter__() for name, one in zip(("997", "999"), self._open, strict=True)}
        self._caches = list(_caches())
        for one in self._desks.values():
            dictionary = one.office().dictionary
            for case in self.cases:
                dictionary.set(case.version, case.set_id)

    def forget(self) -> None:
        """Forget what was compiled, so that the next file passes all that compiles it."""
        for empty in self._caches:
            empty()
        for one in self._desks.values():
            office = one.office()
            office.cache.clear()
            office.dictionary.kept.clear()

    def red(self, number: int, *, in_999: bool = True) -> str | None:
        """Run one file; say what is wrong with it, None if it is as it should be."""
        case = self.cases[number]
        try:
            self._test(self._desks, case)
            if in_999 and case.may_have_999:
                self._again(self._desks, case)
        except Exception as error:  # noqa: BLE001 - a crash is seen as well as a wrong answer
            return type(error).__name__
        return None

    def close(self) -> None:
        """Close the desks."""
        for one in self._open:
            one.__exit__(None, None, None)


def _caches() -> Iterator[Callable[[], object]]:
    """Give what empties each cache of the modules of X12: what was compiled without a mutant may not hide it."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("edi_engine.x12."):
            continue
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                yield value.cache_clear
            elif isinstance(value, (dict, set, list)) and not value:  # what is empty after loading is filled by use
                yield value.clear


BENCH: Bench
"""Set once, before any process is forked off."""


def _passed(number: int) -> tuple[set[int], str | None, float]:
    BENCH.forget()
    began = time.perf_counter()
    BOARD.passed.clear()
    red = BENCH.red(number)
    return set(BOARD.passed), red, time.perf_counter() - began


def _all_passed(_: int) -> list[tuple[set[int], str | None, float]]:
    return [_passed(number) for number in range(len(BENCH.cases))]


def _throw(task: tuple[int, tuple[int, ...]]) -> tuple[int, str, str]:
    """Throw a switch and run files until one turns red; give what became of it."""
    number, files = task
    BOARD.thrown = number
    module = BOARD.places[number - 1].module
    speaks = any(fnmatch(module, pattern) for pattern in SPEAKERS)
    for file in files:
        try:
            with _limited():
                red = BENCH.red(file, in_999=speaks)
        except Stopped:
            return number, "too slow", BENCH.cases[file].name
        if red is not None:
            return number, "killed" if red == "AssertionError" else "crashed", BENCH.cases[file].name
    return number, "survived", f"{len(files)} files" if files else "no file"


@contextmanager
def _limited() -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Stopped

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def _excuses() -> list[dict[str, str]]:
    found = yaml.safe_load(EXCUSED.read_text(encoding="utf-8")) if EXCUSED.exists() else None
    return list(found or ())


def _excused(place: Place, excuses: list[dict[str, str]]) -> int | None:
    """Give the number of the entry that explains why a place cannot be noticed."""
    where = f"{place.module}.{place.function}"
    for number, one in enumerate(excuses):
        text = one["text"]
        fits = place.text == text[1:] if text.startswith("=") else text in place.text
        if fits and fnmatch(where, one["in"]) and one.get("kind", place.kind) == place.kind:
            return number
    return None


def main(words: list[str]) -> int:
    """Throw the switches, print the table, and give how many were noticed by nobody."""
    global BENCH  # noqa: PLW0603 - what is forked off finds it there
    with tempfile.TemporaryDirectory() as home:
        for name in ("997", "999"):
            (Path(home) / name).mkdir()
        BENCH = Bench(Path(home))
        gc.freeze()
        try:
            return _run(
                [word for word in words if not word.startswith("--")],
                listing="--list" in words,
                excused="--excused" in words,
            )
        finally:
            BENCH.close()


def _run(words: list[str], *, listing: bool, excused: bool) -> int:
    places = {one.number: one for one in BOARD.places if not words or any(word in str(one) for word in words)}
    fork = functools.partial(multiprocessing.get_context("fork").Pool, maxtasksperchild=1)
    with fork(1) as pool:
        ran = pool.map(_all_passed, [0])[0]
    broken = [f"{BENCH.cases[number].name}: {red}" for number, (_, red, _) in enumerate(ran) if red]
    if broken:
        sys.exit("these files are red already:\n  " + "\n  ".join(broken))
    quick = sorted(range(len(ran)), key=lambda number: (BENCH.cases[number].accepts, ran[number][2]))
    tasks = [(number, tuple(file for file in quick if number in ran[file][0])) for number in places]
    if listing:
        for number, files in tasks:
            print(f"{places[number]}  ({len(files)} files)")
        return 0
    excuses, needed = _excuses(), set()
    why = {number: _excused(place, excuses) for number, place in places.items()}
    figures: dict[str, Counter[str]] = {}
    unexplained = 0
    for number, reason in why.items():
        if reason is not None and not excused:
            figures.setdefault(places[number].module, Counter())["excused"] += 1
    with fork(WORKERS) as pool:
        todo = [task for task in tasks if excused or why[task[0]] is None]
        for number, became, file in pool.imap(_throw, todo, chunksize=1):
            place, reason = places[number], why[number]
            if became == "survived" and reason is not None:
                needed.add(reason)
            count = "excused" if became == "survived" and reason is not None else became
            figures.setdefault(place.module, Counter())[count] += 1
            unexplained += count == "survived"
            if count in {"survived", "too slow"}:
                print(f"{count.upper()} {place}  ({file})", flush=True)
    _table(figures)
    found = needed if excused else set(why.values())
    for number, one in enumerate(excuses):
        if number not in found and not words:
            unexplained += 1
            print(f"NEEDLESS in {EXCUSED.name}: {one['in']}: {one['text']}")
    return min(unexplained, 100)


def _table(figures: dict[str, Counter[str]]) -> None:
    columns = ("killed", "crashed", "too slow", "excused", "survived")
    print(f"{'':16}{'mutants':>9}" + "".join(f"{one:>10}" for one in columns))
    total = sum(figures.values(), Counter())
    for name, counts in (*sorted(figures.items()), ("all", total)):
        print(f"{name:16}{sum(counts.values()):>9}" + "".join(f"{counts[one]:>10}" for one in columns))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
