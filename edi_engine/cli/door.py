"""The door: the group of all commands, what they share, and how each one ends."""

from __future__ import annotations

import functools
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from edi_engine.cli import terminal
from edi_engine.cli.codes import INTERRUPTED, PIPE_CLOSED, USAGE
from edi_engine.cli.plain import safe
from edi_engine.x12.unwrap import unwrap

if TYPE_CHECKING:
    from edi_engine.app import Settings

HOME: Final = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with your own mappings/, partners/, keys/ and erp/. Default: EDI_HOME, else this folder.",
)
DB: Final = click.option("--db", metavar="URL", help="The store. Default: EDI_DB, else sqlite:///HOME/edi.db.")


def _asked(ctx: click.Context, param: click.Parameter, value: bool) -> bool:  # noqa: FBT001 (click calls it)
    """Note a wish for JSON before the other words are read, so that what is wrong with them is told as JSON too."""
    del param
    if value:
        ctx.find_root().ensure_object(Call).as_json = True
    return value


JSON: Final = click.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,
    callback=_asked,
    help="Write one JSON document instead of text.",
)


@dataclass(slots=True)
class Call:
    """What a command was called with, apart from its own arguments."""

    home: Path | None = None
    db: str | None = None
    as_json: bool = False
    traceback: bool = False

    @property
    def names_a_store(self) -> bool:
        """Say whether somebody named a store, by --db or EDI_DB."""
        return bool(self.db or os.environ.get("EDI_DB"))

    def settings(self) -> Settings:
        """Give the settings of this call."""
        found: Settings = import_module("edi_engine.app").Settings.load(self.home, self.db)
        return found

    def edi(self, *words: object) -> str:
        """Spell a command that goes on where this one ended: with the same home and store."""
        shared = [part for name, value in (("--home", self.home), ("--db", self.db)) if value for part in (name, value)]
        return safe(shlex.join(["edi", *(str(part) for part in (*shared, *words))]))

    def answer(self, command: str, content: Mapping[str, object], text: Callable[[], object]) -> None:
        """Write the answer of a command: `content` as JSON where that was asked for, else by calling `text`."""
        if self.as_json:
            terminal.put(_document(command, content))
        else:
            text()


def _document(command: str, content: Mapping[str, object]) -> str:
    """Write an answer as JSON; what that needs is loaded only where it is asked for."""
    written: str = import_module("edi_engine.cli.shape").document(command, content)
    return written


class Door(click.Group):
    """A group of commands that ends each of them with the right exit code and a plain sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the commands in the order of a day's work, not of the alphabet."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what it raises becomes an exit code."""
        if ctx.parent is not None:
            return super().invoke(ctx)
        terminal.prepare()
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except click.UsageError as error:
            if ctx.ensure_object(Call).as_json:
                terminal.put(_document("error", {"exit": USAGE, "message": error.format_message(), "findings": ()}))
            raise
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            terminal.say("Stopped.")
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            terminal.close_quietly()
            ctx.exit(PIPE_CLOSED)
        except Exception as error:  # noqa: BLE001 (whatever it was: a plain sentence and an exit code)
            ending = import_module("edi_engine.cli.ending")  # loaded only where something has gone wrong
            ctx.exit(ending.report(error, ctx.ensure_object(Call)))
        return result


def shared(function: Callable[..., int | None]) -> Callable[..., NoReturn]:
    """Give a command `--home`, `--db` and `--json`, and its first argument: the Call. It returns its exit code."""

    def command(home: Path | None, db: str | None, *, as_json: bool, **given: object) -> NoReturn:
        ctx = click.get_current_context()
        call = ctx.find_root().ensure_object(Call)
        call.home, call.db = home or call.home, db or call.db
        call.as_json = call.as_json or as_json
        ctx.exit(function(call, **given) or 0)

    return HOME(DB(JSON(functools.update_wrapper(command, function))))


KEPT: Final = re.compile(r"(?:(?:file|document):)?[0-9]{1,9}")
"""The number of something that the store keeps."""


class Reading(click.Path):
    """An argument that names a file to read, or `-` for stdin."""

    name = "file"

    def __init__(self) -> None:
        """Take files that can be read, and `-`."""
        super().__init__(exists=True, dir_okay=False, readable=True, allow_dash=True)


class Kept(Reading):
    """An argument that names a file to read, or what the store keeps: `7`, `file:7`, `document:105`."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Take a file that is there as a file, whatever its name looks like."""
        if isinstance(value, str) and KEPT.fullmatch(value) and not Path(value).exists():
            return value
        return super().convert(value, param, ctx)


_BIG: Final = 4 * 1024 * 1024
"""Bytes from which on a file is mapped."""

WRAP: Final = click.option(
    "--wrap", type=click.IntRange(1, 32_760), metavar="N", help="The file is cut into lines of N bytes, such as 80."
)


def wrapped(wrap: int | None) -> tuple[str, ...]:
    """Spell the option again for the command that is suggested next."""
    return () if wrap is None else ("--wrap", str(wrap))


@contextmanager
def opened(name: str, wrap: int | None = None) -> Iterator[tuple[str, bytes | mmap]]:
    """Give what `read` gives. A big file is not read, but mapped, unless it is a wrapped one.

    It is a copy without a name that is mapped: to look at what another program has just cut off from a mapped file ends
    the process. Where there is no room for a copy, people are told.
    """
    if name == "-" or wrap is not None or Path(name).stat().st_size < _BIG:
        yield read(name, wrap)
        return
    copying = import_module("edi_engine.cli.copying")  # what it needs is loaded for a big file only
    with copying.unchanging(Path(name)) as file:
        if not os.fstat(file.fileno()).st_size:  # it was cut off before it could be copied, and an empty map is none
            yield safe(name), b""
            return
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            yield safe(name), data


def read(name: str, wrap: int | None = None) -> tuple[str, bytes]:
    """Read what a Reading argument names; give how to call it, and what its bytes, perhaps wrapped ones, read as."""
    if name == "-":
        return "(stdin)", unwrap(sys.stdin.buffer.read(), wrap)
    return safe(name), unwrap(Path(name).read_bytes(), wrap)
