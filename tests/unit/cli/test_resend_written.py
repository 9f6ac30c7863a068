"""What to do when a partner refuses what `edi process` wrote: the commands that its case names, carried out."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edi_engine.cli import main
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home
from tests.fixtures.trading import interchange

ORDER = shipped("samples") / "bluebird" / "clean-order" / "in.edi"
GROUP = ["AK1*PR*2", "AK2*855*0001", "AK5*R*5", "AK9*R*1*1*0"]


def edi(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_home(tmp_path / "home")
    assert edi("--home", home, "process", ORDER, "--out", tmp_path / "OLD").exit_code == 0
    return home


def refused(tmp_path: Path) -> bytes:
    return interchange(GROUP, kind="FA", set_id="997")


def refused_whole(tmp_path: Path) -> bytes:
    sent = next((tmp_path / "OLD").glob("*_855_*")).read_bytes().split(b"*")
    isa = interchange(GROUP, kind="FA", set_id="997").split(b"~")[0]
    control = isa.split(b"*")[13]
    return b"~".join([isa, b"*".join([b"TA1", sent[13], sent[9], sent[10], b"R", b"006"]), b"IEA*0*" + control, b""])


@pytest.mark.parametrize("answer", [refused, refused_whole])
def test_a_case_names_commands_that_work(home: Path, tmp_path: Path, answer: object) -> None:
    assert callable(answer)
    theirs = tmp_path / "theirs.edi"
    theirs.write_bytes(answer(tmp_path))
    done = edi("--home", home, "process", theirs, "--out", tmp_path / "OLD", "--json")
    (case,) = json.loads(done.stdout)["cases"]
    (finding, *_) = case["findings"]
    assert finding["code"] == "ack.rejected"
    (tmp_path / "NEW").mkdir()
    for command in re.findall(r"`edi (.*?)`", finding["fix"]):
        words = [word.replace("in.edi", str(ORDER)) for word in shlex.split(command)]
        words = [re.sub(r"\b(NEW|OLD)\b", lambda found: str(tmp_path / found[0]), word) for word in words]
        assert (ran := edi("--home", home, *words)).exit_code == 0, ran.output
    names = [sorted(path.name for path in (tmp_path / out).glob("*_855_*")) for out in ("OLD", "NEW")]
    assert [len(found) for found in names] == [1, 1]
    assert int(names[1][0][-10:-4]) > max(int(path.stem[-6:]) for path in (tmp_path / "OLD").glob("BB_*"))
