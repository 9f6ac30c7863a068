"""What holds for all tests: how hypothesis draws, and that a server which must be there is there."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `ci` draws the same examples on every run, so that a red build is red for its change. `explore` looks further:
# HYPOTHESIS_PROFILE=explore make test
settings.register_profile(
    "ci", derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# What the engine keeps between two runs is tried where it is the subject, and nowhere else.
os.environ["EDI_CACHE"] = "off"

pytest_plugins = [
    "tests.fixtures.editions",
    "tests.fixtures.faults",
    "tests.fixtures.mailbox",
    "tests.fixtures.moves",
    "tests.fixtures.power",
    "tests.fixtures.sshd",
    "tests.fixtures.stores",
    "tests.fixtures.walks",
    "tests.fixtures.trading",
    "tests.fixtures.exchange",
]

SERVERS = Path(__file__).parent / "servers"


def servers_are_required() -> bool:
    return bool(os.environ.get("EDI_REQUIRE_SERVERS"))


def refuse_to_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"EDI_REQUIRE_SERVERS is set, so this may not skip: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if (
        report.skipped
        and servers_are_required()
        and item.get_closest_marker("servers")
        and not hasattr(report, "wasxfail")
    ):
        refuse_to_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and servers_are_required() and SERVERS in collector.path.parents:
        refuse_to_skip(report)
    return report
