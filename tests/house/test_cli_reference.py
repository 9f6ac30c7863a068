"""docs/reference/cli.md is what the commands' own help says, and every command explains itself."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from edi_engine.cli import main
from edi_engine.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, f"{path} {name}")


ALL = list(commands(main, "edi"))
LEAVES = [(path, command) for path, command in ALL if not isinstance(command, click.Group)]


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("build_cli", ROOT / "tools" / "build_cli.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build.PAGE.read_text(encoding="utf-8") == build.page(), "run `python tools/build_cli.py`"


@pytest.mark.parametrize("command", [command for _, command in ALL], ids=[path for path, _ in ALL])
def test_a_command_says_what_it_does_in_a_line_that_fits(command: click.Command) -> None:
    assert command.help
    text = command.get_short_help_str(limit=62)
    assert text.endswith(".")
    assert not text.endswith("...")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert (command.name, command.get_short_help_str(limit=80)) == (name, COMMANDS[name].help)


@pytest.mark.parametrize("command", [command for _, command in LEAVES], ids=[path for path, _ in LEAVES])
def test_every_command_takes_json_home_and_store(command: click.Command) -> None:
    options = {name for parameter in command.params for name in parameter.opts}
    assert {"--json", "--home", "--db"} <= options


@pytest.mark.parametrize("command", [command for _, command in ALL], ids=[path for path, _ in ALL])
def test_every_option_explains_itself(command: click.Command) -> None:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []
