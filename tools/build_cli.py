# ruff: noqa: INP001, T201 - a script run by path, and loaded by path in a test; it prints
"""Write docs/reference/cli.md from the `--help` of every command: `python tools/build_cli.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from edi_engine.cli import main as edi
from edi_engine.cli.codes import MEANINGS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "cli.md"
WIDTH = 100

HEAD = """\
<!-- Made by tools/build_cli.py from the commands' own help: change it there. -->

# Commands

Data goes to stdout; progress, hints and problems go to stderr. With `--json` a command writes one JSON document instead
of text: its first key is `schema`, such as `edi-engine.validate/1`, and a schema keeps its meaning. An error with
`--json` is a document of the schema `edi-engine.error/1`. Colours are used on a terminal only, and never where
`NO_COLOR` is set. Nothing asks questions: what can be shown before it is done needs `--commit` to be done.

## Exit codes

Where several fit, the highest counts.

"""


def page() -> str:
    """Write the page."""
    codes = "".join(f"- `{code}` {words}\n" for code, words in sorted(MEANINGS.items()))
    sections = (f"\n## {path}\n\n```text\n{text}\n```\n" for path, text in _helps(edi, "edi", None))
    return HEAD + codes + "".join(sections)


def _helps(command: click.Command, path: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    """Give the help of a command and of all below it."""
    settings = {**edi.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=path.rsplit(maxsplit=1)[-1], parent=parent, **settings)
    yield path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _helps(child, f"{path} {name}", context)


def main() -> int:
    """Write the page anew."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
