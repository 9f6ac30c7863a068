"""The second opinion: pyx12 is loaded only when asked, and what it says comes as findings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edi_engine.finding import Severity
from edi_engine.x12.pyx12 import judge

ISA = "ISA*00*          *00*          *ZZ*NORTHWIND      *12*5551234567     *260314*0915*U*00401*000000042*1*P*>~"
GOOD = ISA + "GS*PO*N*A*20260314*0915*7*X*004010~ST*850*0001~BEG*00~SE*3*0001~GE*1*7~IEA*1*000000042~"


def test_a_sound_document_gets_no_complaint() -> None:
    assert judge(GOOD.encode()) == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "seen"),
    [
        ("SE*3*", "SE*4*", "x12.referee.set", "4"),
        ("SE*3*0001", "SE*3*0002", "x12.referee.set", "3"),
        ("GE*1*7", "GE*2*7", "x12.referee.group", "5"),
        ("IEA*1*", "IEA*2*", "x12.referee.interchange", "021"),
        ("IEA*1*000000042~", "", "x12.referee.interchange", "023"),
        ("BEG*00", "BEG*00*", "x12.referee.segment", "SEG1"),
    ],
)
def test_complaints_become_findings(old: str, new: str, code: str, seen: str) -> None:
    findings = judge(GOOD.replace(old, new).encode())
    assert (code, seen) in {(finding.code, finding.seen) for finding in findings}
    assert {finding.severity for finding in findings} == {Severity.HOLD}


@pytest.mark.parametrize("text", ["", "hello", ISA[:50], ISA + "GE*~", ISA + "SE*1*1~" * 3, "ISA" + "*" * 103])
def test_what_pyx12_cannot_read_is_told_and_not_raised(text: str) -> None:
    assert judge(text.encode())[-1].code == "x12.referee.unable"


def test_a_version_that_pyx12_does_not_know_is_no_fault() -> None:
    (finding,) = judge(GOOD.replace("*00401*", "*00403*").encode())
    assert (finding.code, finding.severity) == ("x12.referee.unable", Severity.NOTE)


def test_pyx12_is_not_loaded_by_importing_the_room() -> None:
    program = "import sys, edi_engine.x12.pyx12, edi_engine.x12.writer; sys.exit('pyx12' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
