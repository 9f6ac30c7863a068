# ruff: noqa: INP001, T201, S603, S607 - a script run by path, whose output is its result; it runs git and pytest
"""Break the code on purpose, one place at a time, in a copy: each break must turn a named test red.

python tools/sabotage.py [--keep] [NAME ...]

NAME   only the breaks whose names hold one of these words
--keep write into docs/reference/crash.md which test noticed each break that was tried now

The tests of a break are run on the sound code first: a test that is red anyway notices nothing. Nor does one that is
skipped (some need PostgreSQL), that breaks off or that runs out of time: such a break is NOT TRIED, and the run fails
as it does for one that is NOT NOTICED. tools/breaks.py holds the breaks.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from breaks import BREAKS, Break

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "crash.md"
RULE = "|---|---|\n"
"""The line under the head of the table, which is the last thing on the page."""
LONGEST = 1800.0
"""Seconds that the tests of a break may take: those of the crash points need some minutes."""


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


class NotTriedError(Exception):
    """The tests came to no end that says whether they notice."""


def red_test(tests: tuple[str, ...], broken: Break | None) -> str | None:
    """Run tests in a copy that is broken, or sound; give the first that failed, None if what was run passed.

    Raises NotTriedError.
    """
    with tempfile.TemporaryDirectory() as place:
        return run_tests(tests, copied(Path(place), broken), place)


def run_tests(tests: tuple[str, ...], copy: Path, place: str, longest: float = LONGEST) -> str | None:
    """Run tests in a folder, with what they write in `place`; give the first that failed, None if all passed.

    Only a test that ran and failed has noticed something: what broke off, did not begin, or ran out of time would have
    done so whatever was broken. Raises NotTriedError for these, and where everything was skipped.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--basetemp", f"{place}/t"]
    environment = {**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "1000"}  # no line is cut off
    with subprocess.Popen(
        [*command, *tests], cwd=copy, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as running:
        try:
            told, _ = running.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            message = f"{tests[0]} came to no end in {longest:.0f} s"
            raise NotTriedError(message) from None
    if running.returncode == 0:
        if re.search(r"\d passed", told) is None:
            message = f"{tests[0]} was skipped"
            raise NotTriedError(message)
        return None
    paths = tuple(word for word in tests if word.startswith("tests/"))
    failed = [line.partition(" ")[2] for line in told.splitlines() if line.startswith("FAILED ")]
    if running.returncode != 1 or not failed or not failed[0].startswith(paths):
        message = f"{tests[0]} broke off (exit {running.returncode})"
        raise NotTriedError(message)
    name, _, why = failed[0].partition(" - ")
    if "Timeout (" in why:  # the words of pytest-timeout
        message = f"{name} ran out of time"
        raise NotTriedError(message)
    return name


def keep(tried: dict[str, str]) -> None:
    """Write down what noticed each break that was tried now; what was not stays as it was."""
    head, _, kept = PAGE.read_text(encoding="utf-8").partition(RULE)
    rows = dict(line.strip("| ").split(" | ") for line in kept.splitlines())
    table = {one.name: f"`{tried[one.name]}`" if one.name in tried else rows.get(one.name) for one in BREAKS}
    lines = (f"| {name} | {test or '`not tried yet`'} |\n" for name, test in table.items())
    PAGE.write_text(head + RULE + "".join(lines), encoding="utf-8")


def main(words: list[str]) -> int:
    """Break, test and tell; give how many breaks no test noticed, or were not tried."""
    wanted = [word for word in words if word != "--keep"]
    chosen = [one for one in BREAKS if not wanted or any(word in one.name for word in wanted)]
    sound: dict[tuple[str, ...], str | None] = {}
    unnoticed = 0
    for broken in chosen:
        try:
            red = tried(broken, sound)
        except NotTriedError as why:
            red, told = None, f"NOT TRIED: {why}"
        else:
            told = red or "NOT NOTICED"
            if "--keep" in words:
                keep({broken.name: red or "not noticed"})
        print(f"{broken.name:<84}{told}", flush=True)
        unnoticed += red is None
    return unnoticed


def tried(broken: Break, sound: dict[tuple[str, ...], str | None]) -> str | None:
    """Give the test that notices a break. `sound` keeps what came of the tests on the sound code."""
    if broken.tests not in sound:
        sound[broken.tests] = red_test(broken.tests, None)
    before = sound[broken.tests]
    if before is not None:
        message = f"{before} does not pass on the sound code"
        raise NotTriedError(message)
    return red_test(broken.tests, broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
