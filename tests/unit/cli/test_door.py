"""How commands end: exit codes, plain sentences, and nothing that belongs on the other stream."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.main import COMMANDS
from edi_engine.errors import ConfigurationError, TransportError, UsageError
from edi_engine.finding import Finding, Position, Severity

WRONG = Finding(
    "partner.value.zone",
    Severity.HOLD,
    "No such zone.",
    Position(file="p.yaml", line_no=3, column=7),
    fix="Write it so.",
)


def ended(error: BaseException | int | None, *words: str) -> Result:
    @click.group(cls=Door)
    @click.option("--traceback", is_flag=True)
    @click.pass_context
    def door(ctx: click.Context, *, traceback: bool) -> None:
        ctx.obj = Call(traceback=traceback)

    @door.command()
    @shared
    def act(call: Call) -> int | None:
        if isinstance(error, BaseException):
            raise error
        call.answer("act", {"done": True}, lambda: click.echo("done"))
        return error

    return CliRunner().invoke(
        door, [*words[:1], "act", *words[1:]] if words[:1] == ("--traceback",) else ["act", *words]
    )


def test_what_a_command_returns_is_its_exit_code() -> None:
    assert (ended(None).exit_code, ended(0).exit_code, ended(3).exit_code) == (0, 0, 3)
    assert ended(0).stdout == "done\n"
    assert json.loads(ended(0, "--json").stdout) == {"schema": "edi-engine.act/1", "done": True}


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("there is no case 7"), 2, "edi: there is no case 7"),
        (TransportError("cannot reach it", code="transport.auth"), 5, "edi: cannot reach it (transport.auth)"),
        (PermissionError(13, "Permission denied", "x.edi"), 5, "edi: x.edi: Permission denied"),
        (OSError(28, "No space left on device"), 5, "edi: the disk is full"),
        (KeyboardInterrupt(), 130, "Stopped."),
    ],
)
def test_an_error_is_one_plain_sentence_on_stderr(error: BaseException, code: int, said: str) -> None:
    result = ended(error)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"{said}\n")


def test_wrong_partner_files_are_named_by_line_and_column() -> None:
    result = ended(ConfigurationError((WRONG,)))
    assert result.exit_code == 4
    assert result.stderr.splitlines()[0] == "p.yaml:3:7: hold[partner.value.zone]: No such zone."
    assert "fix: Write it so." in result.stderr
    assert result.stderr.splitlines()[-1] == "edi: 1 problem in the partner files"


def test_with_json_an_error_is_json_too() -> None:
    result = ended(ConfigurationError((WRONG,)), "--json")
    told = json.loads(result.stdout)
    assert told["schema"] == "edi-engine.error/1"
    assert told["exit"] == result.exit_code == 4
    assert told["findings"][0]["where"] == {"file": "p.yaml", "line_no": 3, "column": 7}


def test_a_bug_is_a_sentence_and_its_traceback_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = ended(ZeroDivisionError("by nothing"))
    assert result.exit_code == 70
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("edi: this is a bug of ours, not of your file: ZeroDivisionError: by nothing.")
    (kept,) = tmp_path.iterdir()
    assert str(kept) in result.stderr
    assert "Traceback" in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o077 == 0


def test_a_bug_shows_its_traceback_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert "Traceback" in ended(ZeroDivisionError("x"), "--traceback").stderr


def edi(*words: str, **given: object) -> subprocess.CompletedProcess[str]:
    program = "import sys; from edi_engine.cli import main; sys.argv[0] = 'edi'; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, **given)


def test_a_wrong_option_is_usage() -> None:
    ran = edi("validate", "--no-such-thing")
    assert ran.returncode == 2
    assert "No such option" in ran.stderr


def test_a_file_that_is_not_there_is_usage(tmp_path: Path) -> None:
    assert edi("validate", str(tmp_path / "none.edi")).returncode == 2


def test_a_reader_that_goes_away_is_no_error_message(tmp_path: Path) -> None:
    big = tmp_path / "big.edi"
    isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261122*1010*U*00401*000000007*0*P*>~"
    body = "".join(f"PO1*{n}*1*EA*1~" for n in range(20_000))
    big.write_text(f"{isa}GS*PO*A*B*20261122*1010*7*X*004010~ST*850*0007~{body}SE*20002*0007~GE*1*7~IEA*1*000000007~")
    program = "import sys; from edi_engine.cli import main; sys.argv[0] = 'edi'; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, "show", "--raw", str(big)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141


def test_help_loads_nothing_heavy() -> None:
    heavy = "alembic lxml paramiko psycopg pydantic pyx12 rich simpleeval sqlalchemy structlog watchdog yaml"
    program = (
        "import sys; from edi_engine.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert not end.code\n"
        f"print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_help_loads_no_command() -> None:
    program = (
        "import sys; from edi_engine.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert not end.code\n"
        "print(sorted(name for name in sys.modules if name.startswith('edi_engine.')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(ran.stdout.splitlines()[-1]))
    light = {"edi_engine.x12", "edi_engine.x12.unwrap"}
    assert {name.split(".")[1] for name in loaded - light} <= {"cli", "app", "errors", "finding"}
    assert not loaded & {f"edi_engine.cli.{place.module}" for place in COMMANDS.values()}


def test_no_colour_where_nobody_looks() -> None:
    assert "\x1b" not in edi("--help", env={**os.environ, "FORCE_COLOR": ""}).stdout


def test_wrong_words_are_told_as_json_where_that_was_asked_for() -> None:
    result = ended(0, "too much", "--json")
    assert (result.exit_code, json.loads(result.stdout)["schema"]) == (2, "edi-engine.error/1")
    assert "too much" in json.loads(result.stdout)["message"]
    assert ended(0, "too much").stdout == ""
