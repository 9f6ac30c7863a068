# ruff: noqa: INP001, T201, S603, S607 - a script run by path, whose output is its result; it runs git and pytest
"""Break the code on purpose, one place at a time, in a copy: each break must turn a named test red.

python tools/sabotage.py [--keep] [NAME ...]

NAME   only the breaks whose names hold one of these words
--keep write into docs/reference/crash.md which test noticed each break that was tried now

The tests of a break are run on the sound code first: a test that is red anyway notices nothing. Nor does one that is
skipped: some need PostgreSQL. tools/breaks.py holds the breaks.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from breaks import BREAKS, Break

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "crash.md"
RULE = "|---|---|\n"
"""The line under the head of the table, which is the last thing on the page."""


def copied(place: Path, broken: Break | None) -> Path:
    """Copy what git tracks and what is new, and break it; or leave it sound."""
    copy = place / "copy"
    copy.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    if broken is not None:
        file = copy / broken.file
        text = file.read_text(encoding="utf-8")
        if text.count(broken.old) != 1:
            sys.exit(f"{broken.name}: {broken.file} has the text to break {text.count(broken.old)} times, not once")
        file.write_text(text.replace(broken.old, broken.new), encoding="utf-8")
    return copy


def red_test(tests: tuple[str, ...], broken: Break | None) -> str | None:
    """Run tests in a copy that is broken, or sound; give the first that failed, None if what was run passed."""
    with tempfile.TemporaryDirectory() as place:
        copy = copied(Path(place), broken)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--basetemp", f"{place}/t"]
        environment = {**os.environ, "PYTHONPATH": str(copy)}
        done = subprocess.run(
            [*command, *tests], cwd=copy, capture_output=True, text=True, check=False, env=environment
        )
    if done.returncode == 0:
        return None if re.search(r"\d passed", done.stdout) else f"{tests[0]} (skipped)"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].partition(" ")[2] if failed else f"exit {done.returncode}"


def keep(tried: dict[str, str]) -> None:
    """Write down what noticed each break that was tried now; what was not stays as it was."""
    head, _, kept = PAGE.read_text(encoding="utf-8").partition(RULE)
    rows = dict(line.strip("| ").split(" | ") for line in kept.splitlines())
    table = {one.name: f"`{tried[one.name]}`" if one.name in tried else rows.get(one.name) for one in BREAKS}
    lines = (f"| {name} | {test or '`not tried yet`'} |\n" for name, test in table.items())
    PAGE.write_text(head + RULE + "".join(lines), encoding="utf-8")


def main(words: list[str]) -> int:
    """Break, test and tell; give how many breaks no test noticed."""
    wanted = [word for word in words if word != "--keep"]
    chosen = [one for one in BREAKS if not wanted or any(word in one.name for word in wanted)]
    sound: dict[tuple[str, ...], str | None] = {}
    unnoticed = 0
    for broken in chosen:
        if broken.tests not in sound:
            sound[broken.tests] = red_test(broken.tests, None)
        before = sound[broken.tests]
        red = red_test(broken.tests, broken) if before is None else None
        told = red or ("NOT NOTICED" if before is None else f"NOT TRIED: {before} does not pass on the sound code")
        print(f"{broken.name:<84}{told}", flush=True)
        unnoticed += red is None
        if "--keep" in words and before is None:
            keep({broken.name: red or "not noticed"})
    return unnoticed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
