"""What is said of an interchange whose number came before: with the same bytes, or with others."""

from __future__ import annotations

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.flow.sender import start_of
from edi_engine.x12.values import InterchangeOutline


def conflict(interchange: InterchangeOutline, earlier: str, compare: str = "") -> Finding:
    """Say that other bytes came under the same number; `earlier` names the interchange that has it.

    `compare` is the command that shows what they say differently, "" where there is none.
    """
    look = f"`{compare}` shows what they say differently; " if compare else ""
    return Finding(
        "envelope.conflict",
        Severity.HOLD,
        f"Interchange {interchange.control} came before with other content ({earlier}); this one was not booked.",
        start_of(interchange),
        seen=interchange.control,
        wanted="a control number that was not used before",
        ack=AckCode("TA1", "025"),
        fix=f"{look}ask the sender which of the two counts; if this one does, they send it again under a new number",
    )


def repeat(where: Position, earlier: str, *, exact: bool = True) -> Finding:
    """Say that the same came before; `earlier` names the interchange that it came as, `exact` that no byte differs."""
    how = "byte for byte" if exact else "but for its line ends"
    message = f"Interchange {where.interchange} is the same, {how}, as {earlier}; nothing of it is done twice."
    return Finding("envelope.repeated", Severity.NOTE, message, where, seen=where.interchange)
