"""A fault of one element as the check finds it, and the place where the check looks."""

from __future__ import annotations

from dataclasses import dataclass

from edi_engine.finding import Severity
from edi_engine.x12.grammar import ElementUse


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one element. `ack` is its AK403, None where X12 has none. Positions count from 1."""

    code: str
    ack: str | None
    message: str
    element: int
    element_id: str | None
    component: int | None = None
    repetition: int | None = None
    seen: str | None = None
    wanted: str | None = None
    fix: str | None = None
    severity: Severity = Severity.REFUSE


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands, and what it is."""

    segment: str
    element: int
    component: int | None
    repetition: int | None
    use: ElementUse

    @property
    def name(self) -> str:
        """The element as people write it: `PO103`, or `REF04[2]-1` for a component of a repetition."""
        part = "" if self.component is None else f"-{self.component}"
        again = "" if self.repetition is None else f"[{self.repetition}]"
        return f"{self.segment}{self.element:02d}{again}{part}"

    def fault(
        self,
        word: str,
        ack: str | None,
        message: str,
        seen: str | None = None,
        wanted: str | None = None,
        fix: str | None = None,
        severity: Severity = Severity.REFUSE,
    ) -> Fault:
        """Give a fault of this value; `word` is the last word of its code."""
        number = self.use.element.id
        code = f"x12.element.{word}"
        return Fault(
            code, ack, message, self.element, number, self.component, self.repetition, seen, wanted, fix, severity
        )
