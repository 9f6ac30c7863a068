"""What the docs tell people to type exists: each `make` target, each `edi` command and each of its options."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path.name != "CHANGELOG.md")

FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL)
SHELLS = {"", "bash", "console", "sh", "shell", "text"}
COMMAND = re.compile(r"^\s*(?:\$ +)?(?:\.venv/bin/)?(?P<line>(?:make|edi) .*)$")
WORD = re.compile(r"[a-z][a-z-]*")
CLI_EXISTS = importlib.util.find_spec("edi_engine.cli") is not None


def commands(text: str) -> list[list[str]]:
    """Find the `make ...` and `edi ...` lines in the fenced blocks of `text`, cut into words, without what is piped."""
    found = []
    for fence in FENCE.finditer(text):
        if fence["kind"] not in SHELLS:
            continue
        for line in fence["body"].replace("\\\n", " ").splitlines():
            if match := COMMAND.match(line):
                plain = re.split(r"\s(?:#|\||>|&&|;|<)|\s{3,}", match["line"])[0]
                found.append(shlex.split(re.sub(r"[\[\]]", " ", plain)))
    return found


def said(program: str) -> list[object]:
    lines = {
        (path.relative_to(ROOT).as_posix(), tuple(words))
        for path in PAGES
        for words in commands(path.read_text(encoding="utf-8"))
        if words[0] == program and len(words) > 1
    }
    return [pytest.param(words, id=f"{page}: {' '.join(words)}") for page, words in sorted(lines)]


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@cache
def help_of(words: tuple[str, ...]) -> tuple[int, str]:
    program = "import sys; from edi_engine.cli import main; sys.argv[0] = 'edi'; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", program, *words, "--help"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("words", said("make"))
def test_make_target_exists(words: tuple[str, ...]) -> None:
    named = {word for word in words[1:] if not word.startswith("-") and "=" not in word}
    assert named <= targets()


@pytest.mark.skipif(not CLI_EXISTS, reason="edi_engine.cli is not there")
@pytest.mark.parametrize("words", said("edi"))
def test_edi_command_exists(words: tuple[str, ...]) -> None:
    path = []
    for word in words[1:]:
        if not WORD.fullmatch(word):
            break
        path.append(word)
    status, text = help_of(tuple(path))
    assert status == 0, text
    options = {word.partition("=")[0] for word in words[1:] if re.match(r"--[a-z]", word)}
    assert {option for option in options if option not in text} == set()


def test_commands_are_found_in_a_page() -> None:
    page = (
        "Run `edi x`:\n\n```sh\n$ edi validate in.edi --format json | less   # look\nmake demo\n```\n"
        "\n```python\nedi = 1\n```\n"
    )
    assert commands(page) == [["edi", "validate", "in.edi", "--format", "json"], ["make", "demo"]]
