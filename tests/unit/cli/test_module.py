"""`python -m edi_engine` is the command `edi`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edi_engine import __version__


@pytest.mark.parametrize(("words", "code", "said"), [(["--version"], 0, f"edi, version {__version__}"),
                                                     (["nonsense"], 2, "Try 'edi --help'")])  # fmt: skip
def test_the_module_is_the_command(words: list[str], code: int, said: str) -> None:
    ran = subprocess.run([sys.executable, "-m", "edi_engine", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == code
    assert said in ran.stdout + ran.stderr
