"""What ends a command with which exit code."""

from __future__ import annotations

import pytest

from edi_engine.app.explaining import findings
from edi_engine.cli.codes import MEANINGS
from edi_engine.cli.exits import exit_code, exit_code_of_error
from edi_engine.errors import ConfigurationError, Outrun, TransportError, UnknownOutcome, UsageError
from edi_engine.finding import Finding, Severity

NOTE, WARNING, HOLD, REFUSE = Severity


def found(code: str, severity: Severity) -> Finding:
    return Finding(code, severity, "Something.")


@pytest.mark.parametrize(
    ("code", "severity", "expected"),
    [
        ("order.duplicate.identical", NOTE, 0),
        ("x12.element.code", WARNING, 0),
        ("order.price", HOLD, 1),
        ("ack.rejected", HOLD, 1),
        ("x12.guide.usage", HOLD, 1),
        ("x12.element.length", REFUSE, 3),
        ("x12.unsupported.set", REFUSE, 3),
        ("envelope.unreadable", REFUSE, 3),
        ("envelope.conflict", HOLD, 3),
        ("envelope.unknown-partner", HOLD, 4),
        ("envelope.stranger", HOLD, 4),
        ("envelope.stranger", NOTE, 0),
        ("mapping.missing.set", HOLD, 4),
        ("mapping.table.missing", HOLD, 4),
        ("mapping.field.missing", HOLD, 1),
        ("partner.value.zone", HOLD, 4),
        ("document.invalid", HOLD, 4),
        ("document.collision", HOLD, 5),
        ("transport.auth", HOLD, 5),
        ("system.disk", HOLD, 5),
        ("system.store.newer", HOLD, 4),
        ("system.bug", HOLD, 70),
    ],
)
def test_a_finding_has_its_code(code: str, severity: Severity, expected: int) -> None:
    assert exit_code([found(code, severity)]) == expected


def test_a_value_that_says_nothing_is_no_fault_of_our_configuration() -> None:
    invalid = [code for code in findings() if code.startswith("mapping.") and code.endswith(".invalid")]
    assert len(invalid) > 1
    assert {exit_code([found(code, HOLD)]) for code in invalid} == {1}


def test_nothing_found_is_clean_and_of_several_the_highest_counts() -> None:
    assert exit_code([]) == 0
    assert exit_code([found("order.price", HOLD), found("x12.element.code", REFUSE), found("order.item", HOLD)]) == 3
    assert exit_code([found("mapping.missing.set", HOLD), found("x12.element.code", REFUSE)]) == 4


def test_only_the_beginning_of_a_code_decides() -> None:
    assert exit_code([found("document.collision.name", HOLD)]) == 5
    assert exit_code([found("documents.collision", HOLD)]) == 70


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConfigurationError((found("partner.value.zone", HOLD),)), 4),
        (ConfigurationError(()), 4),
        (UsageError("no such case"), 2),
        (TransportError("no way"), 5),
        (UnknownOutcome("who knows"), 5),
        (Outrun("somebody was faster"), 2),
        (PermissionError(13, "no"), 5),
        (KeyError("x"), 70),
        (AssertionError(), 70),
    ],
)
def test_an_error_has_its_code(error: Exception, expected: int) -> None:
    assert exit_code_of_error(error) == expected


def test_every_code_is_explained() -> None:
    assert set(MEANINGS) == {0, 1, 2, 3, 4, 5, 70}
