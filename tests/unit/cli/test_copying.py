"""A big file that is cut short while it is read does no harm: it is a copy that is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edi_engine.cli.door import opened

SIZE = 5 * 1024 * 1024

CUT = """
import sys
from pathlib import Path
from edi_engine.cli.door import opened
path = Path(sys.argv[1])
with opened(str(path)) as (_, data):
    path.write_bytes(b"")
    assert len(data) == int(sys.argv[2]) and data.rfind(b"x") == len(data) - 1
"""


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.edi"
    path.write_bytes(b"x" * SIZE)
    return path


def test_what_is_cut_off_meanwhile_is_still_there(big: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", CUT, big, str(SIZE)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, (ran.returncode, ran.stderr)
    assert big.read_bytes() == b""


def test_where_no_copy_can_be_made_people_are_told(
    big: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with opened(str(big)) as (name, data):
        assert (name, len(data)) == (str(big), SIZE)
        assert big.read_bytes() == data[:]
    assert "There is no room to copy" in capsys.readouterr().err
