"""Running measured commands, each in a fresh process: their CPU seconds, their time on the clock, their memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time
from typing import Final

ROOT: Final = Path(__file__).parents[1]
LONGEST: Final = 120
"""Seconds after which a command is given up."""
_PATH: Final = re.compile(r" \(/[^)]*\)")
"""What an error says of a place on this machine."""
_IDLE: Final = 0.92
"""Part of a core that a process must get for the core to count as idle."""


class Failed(Exception):
    """A measured command did not end as it should."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost: CPU seconds, seconds on the clock, bytes at its peak; and how many bytes it read."""

    seconds: float
    clock: float = 0.0
    peak: int = 0
    size: int = 0
    sets: int = 0
    findings: int = 0
    commits: float = 0.0

    @property
    def rate(self) -> float:
        """Bytes a CPU second."""
        return self.size / self.seconds


@dataclass(frozen=True, slots=True)
class Command:
    """A command to measure. `reports`: it prints its own cost as JSON; else its whole process is what it costs."""

    words: tuple[str, ...]
    reports: bool = False
    env: tuple[tuple[str, str], ...] = ()
    cwd: Path = ROOT
    longest: float = LONGEST

    def run(self) -> Cost:
        """Run it once. Raises Failed if it does not end well."""
        clock, out = self._run()
        return Cost(**{**json.loads(out.splitlines()[-1]), "clock": clock}) if self.reports else Cost(0.0, clock)

    def run_many(self) -> dict[str, Cost]:
        """Run once what measures several things by turns; it prints the cost of each. Raises Failed."""
        _, out = self._run()
        return {name: Cost(**cost) for name, cost in json.loads(out.splitlines()[-1]).items()}

    def _run(self) -> tuple[float, str]:
        env = {**os.environ, **dict(self.env)}
        begun = perf_counter()
        with subprocess.Popen(
            self.words, env=env, cwd=self.cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                out, said = process.communicate(timeout=self.longest)
            except subprocess.TimeoutExpired:
                process.kill()
                message = f"not done after {self.longest:.0f} s"
                raise Failed(message) from None
        clock = perf_counter() - begun
        if process.returncode:
            last = said.strip().splitlines()[-1] if said.strip() else f"exit code {process.returncode}"
            raise Failed(_PATH.sub("", last))
        return clock, out


def of_children(run: Callable[[], Cost]) -> Cost:
    """Give the same with the CPU seconds of all processes that were started and ended meanwhile."""
    before = getrusage(RUSAGE_CHILDREN)
    cost = run()
    after = getrusage(RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(spent, cost.clock)


def work(name: str, path: Path, times: int = 1) -> Command:
    """Give the command for a piece of work of `bench.jobs`."""
    return Command((sys.executable, "-m", "bench.jobs", name, str(path), str(times)), reports=True)


def interleaved(
    commands: Mapping[str, Command], rounds: int, tell: Callable[[str], None] = lambda _: None
) -> tuple[dict[str, list[Cost]], dict[str, str]]:
    """Run all commands once, then all of them again, `rounds` times; give their costs, and why some failed."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    failed: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            if name in failed:
                continue
            tell(f"round {number} of {rounds}: {name}")
            try:
                costs[name].append(command.run() if command.reports else of_children(command.run))
            except Failed as failure:
                failed[name] = str(failure)
    return {name: some for name, some in costs.items() if some}, failed


def idle_cores(seconds: float = 0.4) -> int:
    """Count how many cores are idle now, up to two: each of two busy processes must get nearly a whole one."""
    spin = f"from bench.clock import spin; spin({seconds})"
    busy = [
        subprocess.Popen((sys.executable, "-c", spin), cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    parts = [float(process.communicate()[0] or 0) for process in busy]
    return sum(part >= _IDLE for part in parts)


def spin(seconds: float) -> None:
    """Be busy for a while, and print how much of a core that got."""
    begun, spent = perf_counter(), process_time()
    while perf_counter() - begun < seconds:
        pass
    print((process_time() - spent) / (perf_counter() - begun))
