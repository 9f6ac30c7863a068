"""The line that says how far a long check is."""

from __future__ import annotations

import io
from itertools import count

import pytest

from edi_engine.cli import progress
from edi_engine.cli.progress import Progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def slow(monkeypatch):
    """Let a quarter of a second pass whenever somebody looks at the clock."""
    moments = count()
    monkeypatch.setattr(progress, "monotonic", lambda: next(moments) / 4)


def test_it_counts_where_somebody_looks(slow, monkeypatch):
    monkeypatch.setattr("sys.stderr", screen := Screen())
    shown = Progress(2_000, "sets checked")
    for _ in range(4):
        shown.step()
    assert screen.getvalue().endswith("\r\x1b[K4 of 2,000 sets checked (0%)")
    shown.end()
    assert screen.getvalue().endswith("\x1b[K")


def test_short_work_and_pipes_show_nothing(slow, monkeypatch):
    monkeypatch.setattr("sys.stderr", screen := Screen())
    quick = Progress(5, "sets checked")
    quick.step()
    silent = Progress(0, "sets checked")
    for _ in range(9):
        silent.step()
    silent.end()
    assert not screen.getvalue()
    monkeypatch.setattr("sys.stderr", pipe := io.StringIO())
    piped = Progress(5, "sets checked")
    for _ in range(9):
        piped.step()
    piped.end()
    assert not pipe.getvalue()
