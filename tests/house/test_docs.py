"""What the docs tell people to type exists: `make` targets, `edi` commands, their options; and links lead somewhere."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import click
import pytest

from edi_engine.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path.name != "CHANGELOG.md")

FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL)
SHELLS = {"", "bash", "console", "sh", "shell", "text"}
COMMAND = re.compile(r"^\s*(?:\$ +)?(?:\.venv/bin/)?(?P<line>(?:make|edi) .*)$")
INLINE = re.compile(r"`(?P<line>(?:make|edi) [^`]*)`")
LINK = re.compile(r"\]\((?!https?://)(?P<path>[^)#]+)(?:#[^)]*)?\)")
WORD = re.compile(r"[a-z][a-z-]*")


def cut(line: str) -> list[str]:
    """Cut a command into words, without what is piped and without remarks."""
    plain = re.split(r"\s(?:#|\||>|&&|;|<)|\s{3,}", line)[0]
    return shlex.split(re.sub(r"[\[\]]", " ", plain))


def commands(text: str) -> list[list[str]]:
    """Find the `make ...` and `edi ...` lines in the fenced blocks of `text`, and those within its sentences."""
    found = []
    for fence in FENCE.finditer(text):
        if fence["kind"] in SHELLS:
            lines = fence["body"].replace("\\\n", " ").splitlines()
            found += [cut(match["line"]) for line in lines if (match := COMMAND.match(line))]
    return found + [cut(match["line"]) for match in INLINE.finditer(FENCE.sub("", text))]


def said(program: str) -> list[object]:
    lines = {
        (path.relative_to(ROOT).as_posix(), tuple(words))
        for path in PAGES
        for words in commands(path.read_text(encoding="utf-8"))
        if words[0] == program and len(words) > 1
    }
    return [pytest.param(words, id=f"{page}: {' '.join(words)}") for page, words in sorted(lines)]


def unknown(words: list[str]) -> list[str]:
    """Give what of a command the engine does not know: a command's name, or an option."""
    here: click.Command = main
    known: dict[str, click.Option] = {}
    wrong, left = [], words[1:]
    while left:
        known |= {name: one for one in here.params if isinstance(one, click.Option) for name in one.opts}
        word, left = left[0], left[1:]
        name, given, _ = word.partition("=")
        if name == "--help":
            continue
        if name.startswith("--"):
            if name not in known:
                wrong.append(name)
            elif not known[name].is_flag and not given:
                left = left[1:]
        elif isinstance(here, click.Group) and WORD.fullmatch(word):
            found = here.get_command(click.Context(here), word)
            if found is None:
                return [*wrong, word]
            here = found
    return wrong


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("words", said("make"))
def test_make_target_exists(words: tuple[str, ...]) -> None:
    named = {word for word in words[1:] if not word.startswith("-") and "=" not in word}
    assert named <= targets()


@pytest.mark.parametrize("words", said("edi"))
def test_edi_command_exists(words: tuple[str, ...]) -> None:
    assert unknown(list(words)) == []


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    paths = [match["path"] for match in LINK.finditer(FENCE.sub("", page.read_text(encoding="utf-8")))]
    assert [path for path in paths if not (page.parent / path).exists()] == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached, left = set(), [index]
    while left:
        page = left.pop().resolve()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            left += [page.parent / match["path"] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert {page.resolve() for page in (ROOT / "docs").rglob("*.md")} - reached == set()


def test_commands_are_found_in_a_page() -> None:
    page = (
        "Run `edi db check`:\n\n```sh\n$ edi validate in.edi --format json | less   # look\nmake demo\n```\n"
        "\n```python\nedi = 1\n```\n"
    )
    found = [["edi", "validate", "in.edi", "--format", "json"], ["make", "demo"], ["edi", "db", "check"]]
    assert commands(page) == found


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("edi --home desk exceptions resolve 1 keep-ours --line 2 --commit", []),
        ("edi validate --help", []),
        ("edi validat in.edi", ["validat"]),
        ("edi orders lst", ["lst"]),
        ("edi validate in.edi --umpire", ["--umpire"]),
    ],
)
def test_an_unknown_command_or_option_is_seen(line: str, wrong: list[str]) -> None:
    assert unknown(cut(line)) == wrong
