"""Exit codes: one place that says which finding and which exception end a command how.

0 clean, 1 held for a person (of diff: different), 2 usage (or overtaken by a change), 3 X12 refused, 4 configuration
or mapping wrong, 5 connection or disk, 70 a bug of ours. Several findings give the highest. A finding that stops
nothing (NOTE, WARNING) gives 0: a known duplicate is one. What is wrong with our maps and tables is our
configuration; a value of the partner's that says nothing (no date, no number, no PO number) waits for a person like
what a rule holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from edi_engine.cli.codes import BUG, CLEAN, CONFIGURATION, HELD, REFUSED, USAGE, WORLD
from edi_engine.errors import UNKNOWN, ConfigurationError, EngineError, Outrun, TransportError, UsageError
from edi_engine.finding import Finding, Severity

# The longest beginning that fits counts, word by word.
_CODES: Final = MappingProxyType({
    "transport": WORLD,
    "envelope": REFUSED,
    "envelope.stranger": CONFIGURATION,
    "envelope.unknown-partner": CONFIGURATION,
    "x12": REFUSED,
    "mapping": CONFIGURATION,
    "mapping.date.invalid": HELD,
    "mapping.field.missing": HELD,
    "mapping.number.invalid": HELD,
    "order": HELD,
    "ack": HELD,
    "document": CONFIGURATION,
    "document.collision": WORLD,
    "document.deliver": WORLD,
    UNKNOWN: WORLD,
    "partner": CONFIGURATION,
    "partner.guide": HELD,
    "system": WORLD,
    "system.audit": BUG,
    "system.bug": BUG,
    "system.store.newer": CONFIGURATION,
})  # fmt: skip


def exit_code(findings: Iterable[Finding]) -> int:
    """Give the exit code of a command that came to `findings`: the highest that any of them asks for."""
    return max((_of(finding) for finding in findings), default=CLEAN)


def exit_code_of_error(error: BaseException) -> int:
    """Give the exit code of a command that was stopped by `error`."""
    if isinstance(error, ConfigurationError):
        return max(exit_code(error.findings), CONFIGURATION)
    if isinstance(error, UsageError | Outrun):
        return USAGE
    if isinstance(error, TransportError | EngineError | OSError):
        return WORLD
    return BUG


def _of(finding: Finding) -> int:
    if finding.severity < Severity.HOLD:
        return CLEAN
    words = finding.code.split(".")
    found = next((code for n in range(len(words), 0, -1) if (code := _CODES.get(".".join(words[:n]))) is not None), BUG)
    if words[0] == "x12" and finding.severity is Severity.HOLD:
        return HELD  # sound X12 that breaks the partner's guide: a case, no refusal
    return found
