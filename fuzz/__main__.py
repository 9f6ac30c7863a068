"""`python -m fuzz` runs all targets; `python -m fuzz TARGET FILE ...` shows what single inputs do.

FUZZ_SECONDS is how long the loops of all targets may take together (200 without it), FUZZ_TARGETS names some of them
only, FUZZ_SEED makes a run another one. The shapes come after the loop of each target, in 1, 2 and 4 megabytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fuzz.inputs import ROOT
from fuzz.measure import MEGABYTE, Cost, measure
from fuzz.minimise import minimise
from fuzz.target import Target
from fuzz.targets import NAMES, load

SEEDS: Final = ROOT / "tests" / "fuzz" / "seeds"
SIZES: Final = (1, 2, 4)
"""Megabytes of the shapes. What costs more than its size shows as it doubles."""
_LONG: Final = 10.0
"""CPU seconds after which a shape is not doubled again."""
_FIGURE: Final = re.compile(r"stat::(number_of_executed_units|new_units_added): +(\d+)")


@dataclass(slots=True)
class Report:
    """What became of one target; `faults` are lines for people, `known` those of them that are known already."""

    name: str
    executions: int = 0
    seconds: float = 0
    new: int = 0
    worst: Cost = field(default_factory=lambda: Cost(0, 0.0, 0))
    memory: int = 0
    faults: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)

    def took(self, cost: Cost) -> None:
        """Keep what is worst."""
        if cost.rate > self.worst.rate:
            self.worst = cost
        self.memory = max(self.memory, cost.memory)

    def __str__(self) -> str:
        pace = self.executions / self.seconds if self.seconds else 0
        return (
            f"{self.name:<15}{self.executions:>10,} runs {pace:>8,.0f}/s {self.new:>6,} new inputs"
            f"  worst {self.worst.rate:.2f} s/MB  most {self.memory / MEGABYTE:.0f} MB"
            f"  {len(self.faults)} finds, {len(self.known)} known"
        )


def main() -> int:
    """Run what the command line asks for; 1 where something was found."""
    if len(sys.argv) > 1:
        return _again(load(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    names = os.environ.get("FUZZ_TARGETS", "").replace(",", " ").split() or list(NAMES)
    seconds = max(1, int(os.environ.get("FUZZ_SECONDS", "200")) // len(names))
    found = 0
    for name in names:
        report = _fuzz(name, seconds)
        print(report, flush=True)
        for line in report.known:
            print(f"  known: {line}")
        for line in report.faults:
            print(f"  FOUND: {line}", flush=True)
        found += len(report.faults)
    return 1 if found else 0


def _again(target: Target, files: list[Path]) -> int:
    """Measure single inputs; then let the first error out, so that its traceback is seen."""
    costs = [(path, measure(target.run, path.read_bytes())) for path in files]
    for path, cost in costs:
        print(f"{path}: {cost.seconds:.3f} CPU s, {cost.memory / MEGABYTE:.1f} MB: {cost.fault or 'fine'}")
    for path, cost in costs:
        if cost.error:
            target.run(path.read_bytes())
    return 1 if any(cost.fault for _, cost in costs) else 0


def _fuzz(name: str, seconds: int) -> Report:
    report, target = Report(name, seconds=seconds), load(name)
    known = {cost.error for data in _kept(name) if (cost := measure(target.run, data)).error}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        folder = Path(place)
        for kind in ("corpus", "finds", "slow"):
            (folder / kind).mkdir()
        for data in (*target.seeds(), *_kept(name)):
            (folder / "corpus" / _named(data)).write_bytes(data)
        _loop(report, seconds, folder, known)
        for path in sorted((*(folder / "finds").iterdir(), *(folder / "slow").iterdir())):
            _judge(report, target, path, known)
    _shapes(report, target)
    return report


def _loop(report: Report, seconds: int, folder: Path, known: set[str]) -> None:
    """Let the loop run in its own process, and read its figures."""
    command = [
        sys.executable,
        "-m",
        "fuzz.loop",
        report.name,
        str(seconds),
        str(folder),
        os.environ.get("FUZZ_SEED", "1"),
    ]
    told = "".join(f"known {one}\n" for one in sorted(known))
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603
    figures = dict(_FIGURE.findall(done.stderr))
    report.executions = int(figures.get("number_of_executed_units", 0))
    report.new = int(figures.get("new_units_added", 0))
    if done.returncode:
        report.faults.append(f"the loop ended with {done.returncode}: {done.stderr[-2000:]}")


def _judge(report: Report, target: Target, path: Path, known: set[str]) -> None:
    """Measure what the loop put aside, without tracing, and keep it if it breaks a limit."""
    data = path.read_bytes()
    cost = measure(target.run, data)
    report.took(cost)
    if not cost.fault or cost.error in known:
        return
    if cost.error and not cost.error.startswith("killed"):
        data = minimise(target.run, data)
    kept = SEEDS / target.name / _named(data)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    again = f"python -m fuzz {target.name} {kept.relative_to(ROOT)}"
    report.faults.append(f"{cost.fault}; see it again: {again}")


def _shapes(report: Report, target: Target) -> None:
    """Measure each shape as it doubles."""
    for name, shape in target.shapes.items():
        costs = []
        for size in SIZES:
            cost = measure(target.run, shape(size * MEGABYTE))
            costs.append(cost)
            report.took(cost)
            if cost.error or cost.seconds > _LONG:
                break
        fault = next((cost.fault for cost in costs if cost.fault), "")
        if fault:
            line = f"the shape {name}: {', '.join(f'{one.seconds:.2f} s' for one in costs)}: {fault}"
            reason = target.known.get(name)
            (report.known if reason else report.faults).append(f"{line} ({reason})" if reason else line)


def _kept(name: str) -> Iterator[bytes]:
    for path in sorted((SEEDS / name).glob("*")):
        yield path.read_bytes()


def _named(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
