"""What somebody could write into partner files to do harm: patterns without end, machines that are nobody's server."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest

import edi_engine
from edi_engine.flow.look import wanted
from edi_engine.partners.connection import Intake

PACKAGE = Path(edi_engine.__file__).parent


@pytest.mark.fault("S7")
def test_a_pattern_for_names_ends_whatever_it_is() -> None:
    begun = time.monotonic()
    assert not wanted(Intake(folder="out", match="*a" * 60 + "*b"), b"a" * 255)
    assert time.monotonic() - begun < 20  # it would take longer than anybody lives


@pytest.mark.fault("S7")
def test_nothing_that_is_written_in_a_map_or_partner_file_becomes_a_regular_expression() -> None:
    """In the rooms that read those files, each pattern is a constant of ours."""
    found = [
        f"{path.name}:{node.lineno}"
        for room in ("mapping", "partners", "text", "orders")
        for path in (PACKAGE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert found == []


@pytest.mark.fault("S10")
@pytest.mark.parametrize("host", ["169.254.169.254", "169.254.0.1", '"fe80::1"', '"fe80::1%eth0"', '"[fe80::1]"'])
def test_a_machine_of_this_link_alone_is_no_partner(refused, files, host: str) -> None:
    path = "partners/connections.yaml"
    told = refused(files | {path: files[path].replace("sftp.acme.example", host)})
    assert [(where, code) for where, code, _ in told] == [(f"{path}:2:16", "partner.value.host")]
