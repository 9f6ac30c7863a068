"""What a look at an installation comes to: what is well, what is not, and all of it as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edi_engine.app.settings import Settings, SystemClock
from edi_engine.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Health:
    """What the doctor saw: one line for each thing that is well, a finding for each that is not, and it all as data."""

    well: tuple[str, ...]
    findings: tuple[Finding, ...]
    facts: Mapping[str, object] = field(default_factory=dict)


class Look:
    """One look at an installation, as it grows."""

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing seen."""
        self.settings = settings
        self.now = SystemClock().now()
        self.well: list[str] = []
        self.findings: list[Finding] = []
        self.facts: dict[str, Any] = {}

    def warn(self, code: str, message: str, fix: str, severity: Severity = Severity.WARNING, source: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(code, severity, message, fix=fix, source=source or None))
