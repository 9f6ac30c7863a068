"""Naming cases on the command line: by number, by what all of a cause share, or by filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from edi_engine import app
from edi_engine.cli.door import Call
from edi_engine.desk.wanted import ME, Wanted


class CaseNumber(click.ParamType[int]):
    """The number of a case, as the list shows it."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Take 1 to 999999999."""
        if not re.fullmatch(r"0*[1-9][0-9]{0,8}", str(value), re.ASCII):
            self.fail(f"{value!r} is no number of a case", param, ctx)
        return int(str(value))


NUMBER: Final = CaseNumber()
_ID: Final = re.compile(r"[0-9]+", re.ASCII)
WHY: Final = click.option("--why", metavar="TEXT", default="", help="Why; it is kept in the history.")
ALL_LIKE: Final = click.option(
    "--all-like", type=NUMBER, metavar="ID", help="This case and all open ones of the same cause (see list --group)."
)


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose cases; they come in as one `wanted`."""

    def choosing(
        call: Call,
        *,
        state: str,
        partner: str | None,
        kind: str | None,
        assignee: str | None,
        mine: bool,
        nobody: bool,
        overdue: bool,
        **given: object,
    ) -> object:
        if mine + nobody + (assignee is not None) > 1:
            message = "give one of --assignee, --mine and --nobody"
            raise click.UsageError(message)
        wanted = Wanted(
            None if state == "all" else state.upper(), partner, kind, ME if mine else assignee, nobody, overdue
        )
        return command(call, wanted=wanted, **given)

    choosing.__doc__, choosing.__name__ = command.__doc__, command.__name__
    options = (
        click.option("--partner", metavar="NAME", help="Only this partner's."),
        click.option("--kind", metavar="KIND", help="Only this kind, such as order.price, or order for all of those."),
        click.option("--assignee", metavar="NAME", help="Only those that this person looks after."),
        click.option("--mine", is_flag=True, help="Only those that you look after."),
        click.option("--nobody", is_flag=True, help="Only those that nobody looks after."),
        click.option("--overdue", is_flag=True, help="Only open ones whose deadline has passed."),
        click.option(
            "--state",
            type=click.Choice(["open", "resolved", "dismissed", "all"]),
            default="open",
            help="Which ones; default: open.",
        ),
    )
    for option in reversed(options):
        choosing = option(choosing)
    return choosing


def numbers_in(words: Sequence[str]) -> tuple[list[int], list[str]]:
    """Part the numbers of cases from the other words."""
    numbers = [NUMBER.convert(word, None, None) for word in words if _ID.fullmatch(word)]
    return numbers, [word for word in words if not _ID.fullmatch(word)]


def with_alike(call: Call, numbers: Sequence[int], all_like: int | None) -> list[int]:
    """Give the cases that are meant, each once."""
    found = [*numbers, *(app.alike(call.settings(), all_like) if all_like is not None else ())]
    if not found:
        message = "no open case is meant: name one by its number, or all of a cause with --all-like"
        raise click.UsageError(message)
    return list(dict.fromkeys(found))
