"""An acknowledgment of many sets: short on a terminal, whole where it is wanted or written into a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.cli import main
from tests.fixtures.pseudo import on_terminal
from tests.fixtures.trading import interchange, order

SEGMENTS = ["AK1", *["AK2", "AK5"] * 30, "AK9"]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.edi"
    path.write_bytes(interchange(*(order(str(n)) for n in range(30)), sender="ZZ/NOBODY"))
    return path


def answered(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("AK", "... and "))]


def test_a_person_reads_the_beginning_and_the_verdict(many: Path) -> None:
    code, text = on_terminal("validate", "--ack", many)
    lines = answered(text)
    assert code == 4  # a stranger
    assert [line[:3] for line in lines] == [*SEGMENTS[:39], "...", "AK9"]
    assert f"22 segments more: `edi validate --ack --all {many}`" in lines[39]


@pytest.mark.parametrize("on_a_terminal", [True, False])
def test_who_wants_all_of_it_has_it(many: Path, *, on_a_terminal: bool) -> None:
    if on_a_terminal:
        text = on_terminal("validate", "--ack", "--all", many)[1]
    else:
        text = CliRunner().invoke(main, ["validate", "--ack", str(many)]).stdout
    assert [line[:3] for line in answered(text)] == SEGMENTS
