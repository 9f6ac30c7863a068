"""`make bench`: measure, print the table, write the page, and end with 1 where a floor is not kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median_low

from bench.clock import Command, Cost, Failed, idle_cores, interleaved
from bench.files import FULL, QUICK, made
from bench.page import PAGE, page
from bench.parts import PARTS
from bench.peers import PEERS
from bench.rows import CLOCKED, ROWS, Best, Result, Row, commands
from bench.table import HEAD, PEER_HEAD, PeerResult, peer_rows, result_rows, text_table
from bench.together import NO_SERVER, measured

_WARM = ("edi --help", "edi validate", "x12valid --help", "x12valid", "check tenth")
"""Commands that fill caches, run once before anything is measured."""
_NO_CORES = "no two idle cores seen"
_CLOCKED_ROUNDS = 3
"""Rounds of the slowest row."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; give the exit code."""
    asked = _parser().parse_args(arguments)
    wanted = [row for row in ROWS if not asked.rows or row.key in asked.rows]
    rounds = asked.rounds or (2 if asked.quick else 5)
    files = made(QUICK if asked.quick else FULL)
    known = commands(files)
    for name in _WARM:
        known[name].run()
    with_peers = not (asked.quick or asked.rows or asked.no_peers)
    missing = {one.name: one.install() for one in PEERS} if with_peers else {}
    names = {name for row in wanted if row is not CLOCKED for name in row.needs}
    subjects = {name: command for name, command in known.items() if name in names}
    subjects |= {one.name: one.command(files.small) for one in PEERS if not missing.get(one.name, "-")}
    costs, failed = interleaved(subjects, rounds, _tell)
    best = {name: _cheapest(some) for name, some in costs.items()}
    parts = {f"order: {part}" for part in PARTS} if with_peers else set[str]()
    more, more_failed = measured(names | parts, _tell, quick=asked.quick)
    best, failed = best | more, failed | more_failed
    results = [
        _clocked(known, min(rounds, _CLOCKED_ROUNDS)) if row is CLOCKED else _result(row, best, failed)
        for row in wanted
    ]
    _tell("")
    print(*text_table(HEAD, result_rows(results)), sep="\n")
    if with_peers:
        whys = {name: why for name, why in {**missing, **failed}.items() if why}
        peers = [PeerResult("edi-engine", "envelopes, full check", best["check"])]
        peers.append(PeerResult("pyx12", "full check by the same rules", best.get("pyx12"), failed.get("pyx12", "")))
        peers += [PeerResult(one.name, one.does, best.get(one.name), whys.get(one.name, "")) for one in PEERS]
        print("", *text_table(PEER_HEAD, peer_rows(peers, best["check"])), sep="\n")
        if not asked.quick:
            PAGE.write_text(page(files, results, peers, best, rounds), encoding="utf-8")
    return int(any(one.fails or _broke(one) for one in results))


def _broke(result: Result) -> bool:
    """Say whether a row could not be measured for any other reason than what a machine may lack."""
    return result.value is None and result.why not in {NO_SERVER, _NO_CORES}


def _cheapest(runs: Sequence[Cost]) -> Cost:
    """Give the run that took least, with the peak memory that is usual: what the kernel counts of a process varies."""
    return replace(min(runs, key=lambda one: one.seconds), peak=median_low(one.peak for one in runs))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what the engine costs.")
    parser.add_argument("--quick", action="store_true", help="smaller files, two rounds, no peers; the page stays")
    parser.add_argument("--rounds", type=int, help="how often each command runs; the cheapest run counts (5)")
    parser.add_argument("--no-peers", action="store_true", help="only pyx12; the page stays")
    keys = ", ".join(row.key for row in ROWS)
    parser.add_argument("--rows", type=_keys, help=f"some of {keys}, with commas; the page stays")
    return parser


def _keys(text: str) -> frozenset[str]:
    keys = frozenset(text.split(","))
    unknown = keys - {row.key for row in ROWS}
    if unknown:
        message = f"there is no row {', '.join(sorted(unknown))}"
        raise argparse.ArgumentTypeError(message)
    return keys


def _result(row: Row, best: dict[str, Cost], failed: dict[str, str]) -> Result:
    broken = next((failed[name] for name in row.needs if name in failed), None)
    return Result(row, row.value(best.__getitem__)) if broken is None else Result(row, None, broken)


def _clocked(known: dict[str, Command], rounds: int) -> Result:
    """Compare two processes with one by the clock, in rounds before and after which two cores are idle."""
    costs: dict[str, list[Cost]] = {name: [] for name in CLOCKED.needs}
    for number in range(1, rounds + 1):
        _tell(f"round {number} of {rounds}: two processes against one")
        if idle_cores() < 2:
            continue
        try:
            once = {name: known[name].run() for name in CLOCKED.needs}
        except Failed as failure:
            return Result(CLOCKED, None, str(failure))
        if idle_cores() < 2:
            continue
        for name, cost in once.items():
            costs[name].append(cost)
    if not all(costs.values()):
        return Result(CLOCKED, None, _NO_CORES)
    best = {name: min(some, key=lambda one: one.clock) for name, some in costs.items()}
    value: Callable[[Best], float] = CLOCKED.value
    return Result(CLOCKED, value(best.__getitem__))


def _tell(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
