"""Where a command speaks: data on stdout, talk on stderr, colours only where a person looks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TextIO

import click

_PIPED_WIDTH: Final = 100


def prepare() -> None:
    """Let no character stop the output: what a terminal's character set lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def color() -> bool:
    """Say whether stdout may be coloured: a terminal, and neither NO_COLOR nor a dumb one."""
    return _colored(sys.stdout)


def watched() -> bool:
    """Say whether a person reads stdout, to whom many lines say little."""
    return sys.stdout.isatty()


def width() -> int:
    """Give the columns to draw in; always the same where the output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED_WIDTH


def table_width() -> int:
    """Give the columns that a table may have; 0, which is any number, where the output is no terminal."""
    return width() if sys.stdout.isatty() else 0


def now() -> datetime:
    """Give the present moment, to say how long something still has."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """Talk: progress, hints and problems go to stderr, so that stdout stays data."""
    click.echo(text, err=True, color=_colored(sys.stderr))


def put(text: str) -> None:
    """Write data."""
    click.echo(text, color=color())


def suggest(*commands: tuple[str, str]) -> None:
    """Say what to type next: pairs of a command and what it does."""
    size = max((len(command) for command, _ in commands), default=0)
    lines = (f"  {command:<{size}}   {what}".rstrip() for command, what in commands)
    say("\n".join(("", "Next:", *lines)))


def lines(texts: Iterable[str]) -> None:
    """Write many lines of data, one at a time."""
    for text in texts:
        put(text)


def close_quietly() -> None:
    """Give up stdout, whose reader has gone away, so that Python does not complain about it at the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def _colored(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
