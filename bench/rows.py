"""What is promised: the rows of the table, each with its floor, its aim and how it follows from what was measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.clock import ROOT, Command, Cost, work
from bench.files import Files
from bench.standard import CACHE

MB: Final = 1_000_000

Best = Callable[[str], Cost]
"""Gives the cheapest of a command's runs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One promise. `floor` is the least that must be reached, or the most where `most`; `aim` is what is hoped for.

    `needs` names the commands that `value` asks the cost of. `times` of the shown value is what `unit` counts.
    """

    key: str
    what: str
    floor: float
    value: Callable[[Best], float]
    needs: tuple[str, ...]
    aim: float | None = None
    most: bool = False
    unit: str = "x"

    def holds(self, value: float) -> bool:
        """Say whether a value keeps the promise."""
        return value <= self.floor if self.most else value >= self.floor

    def reaches(self, value: float) -> bool:
        """Say whether a value reaches the aim, if there is one."""
        return self.aim is not None and (value <= self.aim if self.most else value >= self.aim)


@dataclass(frozen=True, slots=True)
class Result:
    """A row and what came out. `value` is None where it could not be measured; `why` says why."""

    row: Row
    value: float | None
    why: str = ""

    @property
    def fails(self) -> bool:
        """Say whether a promise is broken."""
        return self.value is not None and not self.row.holds(self.value)

    @property
    def verdict(self) -> str:
        """Say in a word what became of the promise."""
        if self.value is None:
            return "not measured"
        if self.fails:
            return "UNDER FLOOR" if not self.row.most else "OVER LIMIT"
        return "aim reached" if self.row.reaches(self.value) else "holds"


def _rates(first: str, second: str) -> Callable[[Best], float]:
    """Compare bytes a second."""
    return lambda best: best(first).rate / best(second).rate


def _sets(first: str, second: str) -> Callable[[Best], float]:
    """Compare transaction sets a second."""
    return lambda best: (best(first).sets / best(first).seconds) / (best(second).sets / best(second).seconds)


def _against_bound(mode: str) -> Callable[[Best], float]:
    """Compare the serial bound, the work in memory plus the bare rows, with what an order takes."""

    def value(best: Best) -> float:
        bound = best(f"order {mode} in memory").clock + best(f"order {mode} bare").clock
        return bound / best(f"order {mode} durable").clock

    return value


def _added(best: Best, mode: str) -> float:
    """Give the seconds that a durable store adds to what an order takes in memory: a microsecond at least."""
    return max(best(f"order {mode} durable").clock - best(f"order {mode} in memory").clock, 1e-6)


def _over_bare(best: Best, name: str) -> float:
    return (best(name).peak - best("bare").peak) / MB


ROWS: Final = (
    Row("parse", "parse with positions, against T", 0.5, _rates("parse", "T"), ("T", "parse")),
    Row("check", "envelopes and full check, no faults, against T", 0.15, _rates("check", "T"), ("T", "check"), 0.25),
    Row(
        "faults",
        "the same, a fault in every set, against T",
        0.075,
        _rates("check faulty", "T"),
        ("T", "check faulty"),
        0.125,
    ),
    Row(
        "pyx12",
        "full check of one big interchange, against pyx12",
        60,
        _rates("check", "pyx12"),
        ("check", "pyx12"),
        150,
    ),
    Row(
        "files",
        "full check of files of one order, against pyx12",
        400,
        _sets("files", "pyx12 files"),
        ("files", "pyx12 files"),
        800,
    ),
    Row(
        "jobs",
        "`edi validate --jobs 2` against `--jobs 1`, on the clock",
        1.7,
        lambda best: best("validate --jobs 1").clock / best("validate --jobs 2").clock,
        ("validate --jobs 1", "validate --jobs 2"),
    ),
    Row(
        "shares",
        "the same in CPU seconds, the helpers' shares side by side",
        1.7,
        lambda best: best("validate --jobs 1").seconds / best("longest way").seconds,
        ("validate --jobs 1", "longest way"),
    ),
    Row(
        "memory",
        "peak memory of the check over a bare interpreter",
        40,
        lambda best: _over_bare(best, "check"),
        ("bare", "check"),
        most=True,
        unit=" MB",
    ),
    Row(
        "growth",
        "the same for ten times the input",
        1.25,
        lambda best: _over_bare(best, "check") / _over_bare(best, "check tenth"),
        ("bare", "check", "check tenth"),
        most=True,
    ),
    Row(
        "lines",
        "CPU a line at 50,000 lines, against 5,000",
        1.3,
        lambda best: best("check long").seconds / best("check shorter").seconds / 10,
        ("check long", "check shorter"),
        most=True,
    ),
    Row(
        "help",
        "`edi --help`, against `x12valid --help`",
        1,
        lambda best: best("edi --help").seconds / best("x12valid --help").seconds,
        ("edi --help", "x12valid --help"),
        most=True,
    ),
    Row(
        "validate",
        "`edi validate one.edi`, against `x12valid -m MAPS one.edi`",
        1,
        lambda best: best("edi validate").seconds / best("x12valid").seconds,
        ("edi validate", "x12valid"),
        most=True,
    ),
    Row(
        "whole",
        "an order the whole way, durable, against the serial bound",
        0.6,
        _against_bound("one"),
        ("order one in memory", "order one bare", "order one durable"),
    ),
    Row(
        "whole10",
        "the same, up to ten orders in a commit",
        0.6,
        _against_bound("ten"),
        ("order ten in memory", "order ten bare", "order ten durable"),
    ),
    Row(
        "group",
        "what durability adds to the whole way: one order in a commit, against up to ten",
        1.5,
        lambda best: _added(best, "one") / _added(best, "ten"),
        ("order one in memory", "order one durable", "order ten in memory", "order ten durable"),
    ),
    Row(
        "store",
        "the store alone, ten orders in a commit, against one",
        1.5,
        lambda best: best("store one").clock / best("store ten").clock,
        ("store one", "store ten"),
    ),
    Row(
        "history",
        "CPU of an order with 10,000 in the store, against 1,000",
        1.3,
        lambda best: best("store old").seconds / best("store young").seconds,
        ("store old", "store young"),
        most=True,
    ),
    Row(
        "postgres",
        "the store on PostgreSQL, ten orders in a commit, against plain `executemany`",
        2,
        lambda best: best("postgres naive").seconds / best("postgres ten").seconds,
        ("postgres naive", "postgres ten"),
    ),
)
CLOCKED: Final = next(row for row in ROWS if row.key == "jobs")
"""The row that two idle cores are needed for."""


def commands(files: Files) -> dict[str, Command]:
    """Give all that is measured, by name."""
    edi = (sys.executable, "-c", "import sys; from edi_engine.cli import main; sys.exit(main())")
    x12valid = (sys.executable, "-c", "from pyx12.scripts.x12valid import main; main()")  # its True is exit code 1
    home = files.one.parent
    env = (
        ("EDI_CACHE", str(CACHE / "edi")),
        ("EDI_HOME", str(home)),
        ("PYTHONPATH", str(ROOT)),
        ("PYTHONDONTWRITEBYTECODE", ""),  # both programs start from compiled modules, as installed ones do
        ("PYTHONPYCACHEPREFIX", str(CACHE / "modules")),
    )

    def validate(jobs: int) -> Command:
        return Command((*edi, "validate", "--jobs", str(jobs), str(files.shared)), env=env, cwd=home)

    return {
        "bare": work("bare", files.big),
        "T": work("split", files.big),
        "envelopes": work("envelopes", files.big),
        "parse": work("parse", files.big),
        "check": work("check", files.big),
        "check faulty": work("check", files.faulty),
        "check tenth": work("check", files.tenth),
        "check long": work("check", files.long),
        "check shorter": work("check", files.shorter, 10),
        "files": work("files", files.alone),
        "pyx12": work("pyx12", files.small),
        "pyx12 files": work("pyx12_files", files.alone),
        "edi --help": Command((*edi, "--help"), env=env, cwd=home),
        "x12valid --help": Command((*x12valid, "--help"), env=env, cwd=home),
        "edi validate": Command((*edi, "validate", files.one.name), env=env, cwd=home),
        "x12valid": Command((*x12valid, "-m", str(files.maps), files.one.name), env=env, cwd=home),
        "validate --jobs 1": validate(1),
        "validate --jobs 2": validate(2),
        "longest way": Command(
            (sys.executable, "-m", "bench.apart", "2", str(files.shared)), reports=True, env=env, cwd=home
        ),
    }
