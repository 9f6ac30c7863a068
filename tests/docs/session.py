"""Run the console blocks of a page as a reader would, in a folder that looks like a checkout, and compare.

A block shows commands after `$ ` and below each what it writes to stdout. A line `...` in a page stands for any lines.
A YAML block whose first line is a comment with a path (`# desk/partners/connections.yaml`) is saved there. Dates, times
and the reader's name differ from day to day; they are compared by their shape, and blanks count once.
"""

from __future__ import annotations

import getpass
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from edi_engine.cli import main

ROOT = Path(__file__).parents[2]
WRITE = bool(os.environ.get("EDI_WRITE_DOCS"))
"""Write what the commands say into the pages in place of comparing; blocks with `...` are left as they are."""

BLOCK = re.compile(r"^```(?P<kind>console|yaml)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"# (?P<path>[\w./-]+/[\w.-]+)\n")
ANY = "..."
EDI = """#!{python}
import sys
sys.path.insert(0, {root!r})
sys.argv[0] = "edi"
from edi_engine.cli import main
main()
"""
SHAPES = (
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "2026-11-22"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "14:00:00"),
    (re.compile(r"(?<![0-9])20[2-9]\d[01]\d[0-3]\d(?![0-9])"), "20261122"),
    (re.compile(r"\*\d{6}\*\d{4}\*U\*"), "*261122*0900*U*"),
    (re.compile(r"\*20261122\*\d{4}\*"), "*20261122*0900*"),
    (re.compile(r"\bin \d+ (?:h|min)(?: \d+ min)?"), "in 23 h 59 min"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a page and what the page says that it writes; `save` is a path that `text` is saved under."""

    command: str
    said: str
    save: str = ""


def steps(page: str) -> Iterator[Step]:
    for block in BLOCK.finditer(page):
        if block["kind"] == "yaml":
            if found := SAVED.match(block["body"]):
                yield Step("", block["body"], found["path"])
            continue
        for part in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
            command, _, said = part.partition("\n")
            yield Step(command, said)


def plain(text: str) -> list[str]:
    """Give the lines of `text` with what may differ from day to day brought to one shape."""
    lines = []
    for line in text.splitlines():
        for pattern, shape in SHAPES:
            line = pattern.sub(shape, line)  # noqa: PLW2901
        if line.strip():
            lines.append(line.strip())
    return lines


def alike(said: list[str], got: list[str]) -> bool:
    """Say whether the lines of a page fit what came; ANY stands for any lines."""
    wanted = "".join(r"(?:\n.*)*" if line == ANY else re.escape(f"\n{line}") for line in said)
    return re.fullmatch(wanted, "".join(f"\n{line}" for line in got)) is not None


class Reader:
    """Somebody who types what a page says, in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Lay out `folder` as a checkout, and make `edi` this very engine."""
        self.folder = folder / "checkout"
        self.folder.mkdir()
        for name in ("docs", "samples", "mappings"):
            (self.folder / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "partners", self.folder / "partners")
        program = folder / "bin" / "edi"
        program.parent.mkdir()
        program.write_text(EDI.format(python=sys.executable, root=str(ROOT)), encoding="utf-8")
        program.chmod(0o755)
        self.world = {name: value for name, value in os.environ.items() if not name.startswith("EDI_")}
        self.world |= {"PATH": f"{program.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
        self.ended = 0

    def does(self, step: Step) -> str:
        """Do one step and give what it wrote to stdout, with the reader's own names taken out."""
        if step.save:
            path = self.folder / step.save
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.said, encoding="utf-8")
            return step.said
        said, told = self.types(step.command)
        assert "this is a bug of ours" not in told, told
        said = said.replace(str(self.folder), "/home/you/edi-engine")
        return re.sub(rf"\b{re.escape(getpass.getuser())}\b", "you", said)

    def types(self, command: str) -> tuple[str, str]:
        """Run one line; give its stdout and stderr. A plain `edi` line runs in this process, which is much faster."""
        if command.startswith("edi ") and not set(command) & set("|<>;&$`"):
            words = [name for word in shlex.split(command)[1:] for name in self.globbed(word)]
            world = {name: self.world.get(name) for name in os.environ | self.world}
            with chdir(self.folder):
                done = CliRunner(env=world).invoke(main, words)
            self.ended = done.exit_code
            return done.stdout, done.stderr
        ran = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.world, capture_output=True, text=True, check=False
        )
        self.ended = ran.returncode
        return ran.stdout, ran.stderr

    def globbed(self, word: str) -> list[str]:
        """Do what a shell does with `*`."""
        found = self.folder.glob(word) if "*" in word else ()
        return sorted(str(path.relative_to(self.folder)) for path in found) or [word]


def follow(page: Path, folder: Path) -> list[str]:
    """Do all that a page says, in its order; give one text for each step that went another way."""
    reader, text, wrong = Reader(folder), page.read_text(encoding="utf-8"), []
    done, left = "", text
    for step in steps(text):
        got = reader.does(step)
        shown = step.said
        if not step.save and not alike(plain(step.said), plain(got)):
            if WRITE and ANY not in step.said.splitlines():
                shown = "".join(f"{line.rstrip()}\n" for line in got.splitlines())
            else:
                wrong.append(f"$ {step.command}\n--- the page says\n{step.said}\n--- it says\n{got}")
        typed = "" if step.save else f"$ {step.command}\n"
        head, _, left = left.partition(typed + step.said)
        done += head + typed + shown
    if WRITE:
        page.write_text(done + left, encoding="utf-8")
    return wrong
