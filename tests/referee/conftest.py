"""What the tests of the referee share: a home without partners, the opinion of pyx12, and the length of the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edi_engine.app.refereeing import second_opinion
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import dictionary
from edi_engine.app.validating import validate
from edi_engine.x12.pyx12.compare import Comparison
from edi_engine.x12.pyx12.verdict import Complaint, heard
from edi_engine.x12.pyx12.verdict import validate as validate_by_pyx12
from tests.referee.differences import MOST, rows

Opinion = Callable[[bytes], Comparison]


@pytest.fixture(scope="session")
def opinion(tmp_path_factory: pytest.TempPathFactory) -> Opinion:
    """Compare both verdicts on a file; every file comes from a stranger."""
    home = tmp_path_factory.mktemp("nobody")
    (home / "partners").mkdir()
    settings = Settings(home, "sqlite://")

    def compared(data: bytes) -> Comparison:
        return second_opinion(dictionary(home), validate(settings, data, "a.edi"))

    return compared


@pytest.fixture
def complaints_by(caplog: pytest.LogCaptureFixture) -> Callable[[bytes, Path], list[Complaint]]:
    """Have pyx12 validate a file by the maps in a folder."""

    def complaints(data: bytes, folder: Path) -> list[Complaint]:
        caplog.clear()
        assert validate_by_pyx12(data, str(folder))[1] is None
        return [heard(record.getMessage()) for record in caplog.records if record.name.startswith("pyx12")]

    return complaints


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"referee: {len(rows())} known differences between us and pyx12, at most {MOST}")
