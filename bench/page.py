"""docs/reference/performance.md: what was measured, when and where, and how it can be measured again."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.clock import ROOT, Cost
from bench.files import Files
from bench.rows import MB, Result
from bench.table import HEAD, PEER_HEAD, PeerResult, markdown_table, peer_rows, result_rows

PAGE = ROOT / "docs" / "reference" / "performance.md"

_WORDS = """\
How fast files are checked, and with how much memory; what the whole way of an order costs, and what its store takes. A
*floor* is what every change must keep, or `make bench` fails; for memory and for times it is a limit from above. The
*aim* is what we want to reach. "0.2x against T" is a fifth of the speed of T, which only cuts the same file up and
looks at nothing; "100x against pyx12" is a hundred times its speed."""

_HOW = """\
## How it is measured

- `make bench` does all of it. `python -m bench --quick` takes smaller files and fewer rounds, with
  `--rows parse,check` it measures some rows alone; then this page stays as it is. The exit code is 1 where a floor
  is not kept.
- Costs are CPU seconds, user and system. Each command runs in a fresh process; all of them run once, then all
  again, {rounds} times, and the cheapest run of each counts. Only `--jobs` is measured by the clock, and only while
  two cores are seen to be idle. The row below it needs no idle cores: it counts the CPU seconds of the process that
  hands out the work and, of its two helpers, half of what they take together. That is what passes on the clock where
  each has a core of its own and the first never works while the others do, so it is the least to expect.
- Loading the program and compiling the checks come before the clock starts. Only the two rows about starting count
  the whole process, with a warm cache.
- T is `str.split` of the same file into segments and elements, in pieces of 64 KiB, each list dropped at once:
  about what any reader in plain Python must pay.
- "Parse with positions" walks the envelopes with all their checks, and cuts every set into its segments, each a list
  of its elements, numbered in the set and in the file. The byte where a segment begins is worked out when it is asked
  for: here for the first, the middle and the last segment of every set, as a finding would ask.
- "Full check" walks the envelopes and checks each set against the standard, with the findings that the
  acknowledgment is written from.
- pyx12 validates by our own grammar, written as its maps (`edi dictionary export`), so that both apply the same
  rules. What it takes for the big interchange follows from a smaller one of the same shape, what it takes for files
  from {files} of them.
- "The whole way" of an order leads from its file, one order in each, to 997, 855, 856 and 810 in the outbox, with
  all that the shipped model partner asks for; ten lines, one to three cartons each. The store is SQLite with
  `synchronous=FULL`. The serial bound is what the same takes in a store in memory, plus an insert of the very same
  rows by `sqlite3` alone into the same tables, in as many commits. All of it runs by turns in one process, and the
  cheapest turn of each counts: seconds on the clock, with all waits for the disk, without the waits for a core that
  others use (`schedstat` of Linux tells them).
- "One order in a commit" means that each step of each order is a commit of its own; "up to ten" is how the daemon
  works: each step of up to ten orders is one. Taking in a file is always one. What durability adds is what the clock
  says of the durable store less what it says of the store in memory: all that a shared commit can save. How much that
  is of the whole way depends on the disk, and is told above without a floor (decision 0017).
- "The store alone" writes the rows that such an order leaves (about 80, with its bytes), by the ways by which the
  flow writes them, and nothing else.
- The stores of 1,000 and 10,000 orders were filled by the engine itself; then both take orders by turns.
- On PostgreSQL, the same rows are written by the store, ten orders in a commit, and by SQLAlchemy's own `executemany`
  (`connection.execute(insert(table), rows)`), one for each table of each order, in as many commits, by turns. Of both,
  the CPU seconds of the client and of its session of the server count (Linux tells both to the nanosecond), the
  cheapest turn of each: on a clock, a server that shares our cores and one that has its own would give different
  figures. Waits for one another do not count. All sessions compress long values in the same way. The plain way
  is handed its rows ready made; the store makes its records first and asks for their ids and numbers. The bare
  `executemany` of psycopg, without SQLAlchemy, is measured beside it.
- Peak memory is that of the measured process, the middle one of its runs; where it is held against a limit, less that
  of a bare interpreter.
- All files are made by `bench/corpus.py`, the same ones each time, without a fault by our check and by pyx12's.
"""


def page(
    files: Files, results: Sequence[Result], peers: Sequence[PeerResult], costs: dict[str, Cost], rounds: int
) -> str:
    """Write the page."""
    ours = costs["check"]
    from bench.jobs import PYX12_FILES

    lines = [
        "# What it costs",
        "",
        "Written by `make bench`; do not edit.",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine()}. Ratios carry over to other machines, seconds do not.",
        "",
        _WORDS,
        "",
        *markdown_table(HEAD, result_rows(results)),
        "",
        (
            f"The big interchange has {ours.sets:,} orders ({ours.size / MB:.1f} MB) and takes {ours.seconds:.2f} CPU "
            f"seconds to check: {ours.rate / MB:.0f} MB or {ours.sets / ours.seconds:,.0f} orders a second."
        ),
        "",
        "## An order",
        "",
        *_an_order(costs),
        "",
        "## Others",
        "",
        (
            f"The same orders, {files.small.stat().st_size / MB:.1f} MB of them in one interchange. Only pyx12 applies "
            "rules; the others cut the file up."
        ),
        "",
        *markdown_table(PEER_HEAD, peer_rows(peers, ours)),
        "",
        _HOW.format(rounds=rounds, files=PYX12_FILES - 1),
    ]
    return "\n".join(lines)


_PARTS = {
    "check": "the check of the 850 against the standard and the guide",
    "read": "maps: the 850 read into an order",
    "rules": "rules: price, quantity, item, terms, dates",
    "write": "maps: the 855, 856 and 810 written",
    "proof": "our own reader and check of what goes out",
    "store": "questions to the store and its answers, in memory",
    "rest": "all else: packing, envelopes, the files for the ERP, JSON for the store, what a commit writes",
    "whole": "the whole way",
}


def _an_order(costs: Mapping[str, Cost]) -> list[str]:
    """Tell where the CPU time of one order goes."""
    known = {part: cost.seconds * 1000 for part in _PARTS if (cost := costs.get(f"order: {part}")) is not None}
    if "whole" not in known:
        return ["Not measured."]
    known["rest"] = 2 * known["whole"] - sum(known.values())
    durable = costs.get("order ten durable")
    commits = "" if durable is None else f" Durable, up to ten in a commit, it makes {durable.commits:.2f} commits."
    one = costs.get("order one durable")
    alone = "" if one is None else f" With one in a commit it makes {one.commits:.2f}."
    if one is not None and durable is not None:
        alone += (
            f" On the clock, with all waits for this disk, that is {durable.clock * 1000:.1f} ms with ten and "
            f"{one.clock * 1000:.1f} ms with one, {one.clock / durable.clock:.2f} times as much."
        )
    alone += _on_postgres(costs)
    maps = known["read"] + known["rules"] + known["write"]
    told = (
        f"One order of ten lines, from its file to 997, 855, 856 and 810: {known['whole']:.1f} CPU milliseconds, "
        f"{maps:.1f} of them in the partner's maps and in the rules.{commits}{alone}"
    )
    return [
        told,
        "",
        *markdown_table(
            ("of that", "CPU ms"), [(what, f"{known[part]:.2f}") for part, what in _PARTS.items() if part in known]
        ),
    ]


def _on_postgres(costs: Mapping[str, Cost]) -> str:
    """Tell what its rows cost on PostgreSQL, each way."""
    ten, naive, driver = (costs.get(f"postgres {way}") for way in ("ten", "naive", "driver"))
    if ten is None or naive is None or driver is None:
        return ""
    return (
        f" Its rows take {ten.seconds * 1000:.2f} CPU ms of client and server on PostgreSQL, "
        f"{naive.seconds * 1000:.2f} by SQLAlchemy's `executemany`, "
        f"{driver.seconds * 1000:.2f} by that of psycopg alone."
    )


def machine() -> str:
    """Say what kind of machine this is, without its name."""
    return ", ".join(
        (
            f"{os.cpu_count()} cores ({_processor()})",
            platform.system(),
            f"{platform.python_implementation()} {platform.python_version()}",
            f"pyx12 {version('pyx12')}",
        )
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
