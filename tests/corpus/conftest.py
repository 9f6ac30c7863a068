"""The table of verdicts at the end of a run: `pytest -s tests/corpus` prints it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_LINES = pytest.StashKey[list[tuple[str, str, str]]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str, str, str], None]:
    """Take down a file, its verdict and its first finding."""

    def note(file: str, verdict: str, finding: str) -> None:
        request.config.stash.setdefault(_LINES, []).append((file, verdict, finding))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(_LINES, [])
    if not lines or config.getoption("capture") != "no":
        return
    terminalreporter.section("the files of others")
    width = max(len(file) for file, _, _ in lines)
    for file, verdict, finding in sorted(lines):
        terminalreporter.write_line(f"{file:<{width}}  {verdict:<10}  {finding}")
