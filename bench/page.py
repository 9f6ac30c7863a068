"""docs/reference/performance.md: what was measured, when and where, and how it can be measured again."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.clock import ROOT, Cost
from bench.files import Files
from bench.rows import MB, Result
from bench.table import HEAD, PEER_HEAD, PeerResult, markdown_table, peer_rows, result_rows

PAGE = ROOT / "docs" / "reference" / "performance.md"

_WORDS = """\
How fast files are checked, and with how much memory. A *floor* is what every change must keep, or `make bench`
fails; for memory and for times it is a limit from above. The *aim* is what we want to reach. "0.2x against T" is a
fifth of the speed of T, which only cuts the same file up and looks at nothing; "100x against pyx12" is a hundred
times its speed."""

_HOW = """\
## How it is measured

- `make bench` does all of it. `python -m bench --quick` takes smaller files and fewer rounds, with
  `--rows parse,check` it measures some rows alone; then this page stays as it is. The exit code is 1 where a floor
  is not kept.
- Costs are CPU seconds, user and system. Each command runs in a fresh process; all of them run once, then all
  again, {rounds} times, and the cheapest run of each counts. Only `--jobs` is measured by the clock, and only while
  two cores are seen to be idle.
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
- Peak memory is that of the measured process; where it is held against a limit, less that of a bare interpreter.
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
