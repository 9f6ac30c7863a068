"""Values on their way through a row: codes, tables, transforms. The same in both directions."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass

from edi_engine.mapping.language import ELSE, HOLD, OMIT, PASS, Shape, Transform
from edi_engine.mapping.tables import Table


@dataclass(frozen=True, slots=True)
class Stopped:
    """A value that the codes or the table do not know (`code` says which), with the sentence for people."""

    code: str
    message: str
    wanted: str = ""
    fix: str = ""


def change(text: str, transforms: tuple[Transform, ...]) -> str:
    """Apply the transforms that turn text into text, in their order; date, implied, join and split are the caller's."""
    for transform in transforms:
        text = _CHANGES.get(transform.word, _same)(text, transform.number)
    return text


def pieces(text: str, width: int) -> tuple[str, ...]:
    """Cut a text into pieces of at most `width` characters, at blanks where there are any."""
    found: list[str] = []
    while len(text) > width:
        blank = text.rfind(" ", 0, width + 1)
        at = blank if blank > 0 else width
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return (*found, text)


def _same(text: str, _number: int) -> str:
    return text


def _trim_zeros(text: str, _number: int) -> str:
    return text.lstrip("0") or text[-1:]


def _right(text: str, number: int) -> str:
    return text[-number:]


_CHANGES = {
    "upper": lambda text, _number: text.upper(),
    "no-spaces": lambda text, _number: "".join(text.split()),
    "left": lambda text, number: text[:number],
    "right": _right,
    "pad": lambda text, number: text.zfill(number) if text[:1] not in {"-", "+"} else text.rjust(number, "0"),
    "trim zeros": _trim_zeros,
}


def look_up(text: str, shape: Shape, tables: Map[str, Table]) -> str | Stopped | None:
    """Give what `text` becomes by the shape's codes or table: None is nothing, Stopped says that it is unknown."""
    if shape.codes is not None:
        known = shape.codes.get(text)
        if known is not None:
            return known
        wanted = ", ".join(shape.codes)
        return _missing(
            text,
            shape,
            shape.on_missing or HOLD,
            Stopped(
                "mapping.code.unknown",
                f'the map has no code for "{text}"',
                wanted,
                "add the code to the map, or say with on_missing what an unknown one does",
            ),
        )
    if shape.table is not None:
        return _in_table(text, shape, tables)
    return text


def _in_table(text: str, shape: Shape, tables: Map[str, Table]) -> str | Stopped | None:
    use = shape.table
    if use is None:
        return text
    table = tables.get(use.name)
    if table is None or use.find not in table.columns or use.give not in table.columns:
        fix = "run the check of the partner's files: it names the missing table or column"
        message = f"the table {use.name} with the columns {use.find} and {use.give} is not there"
        return Stopped("mapping.table.absent", message, "", fix)
    results = table.look_up(use.find, use.give, text)
    if len(results) > 1:
        message = f'the table {use.name} has several {use.give} for {use.find} "{text}": {", ".join(results)}'
        return Stopped("mapping.table.conflict", message, "", "keep one of these rows")
    if results:
        return results[0] or None
    stopped = Stopped(
        "mapping.table.missing",
        f'the table {use.name} has no row with {use.find} "{text}"',
        "",
        f"add a row for it to {table.file or use.name}",
    )
    return _missing(text, shape, shape.on_missing or table.on_missing, stopped)


def _missing(text: str, shape: Shape, on_missing: str, stopped: Stopped) -> str | Stopped | None:
    if on_missing == PASS:
        return text
    if on_missing == OMIT:
        return None
    if on_missing == ELSE:
        return shape.fallback
    return stopped
