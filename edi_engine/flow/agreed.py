"""What a partner has agreed to take in spite of a fault of the envelope."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edi_engine.finding import AckCode, Finding, Severity
from edi_engine.x12.values import InterchangeOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

_IEA02_DIFFERS = AckCode("TA1", "001")


def as_agreed(partner: Partner | None, interchange: InterchangeOutline) -> tuple[Finding, ...]:
    """Give the faults of an interchange's envelope; what the partner may do is noted instead of refused."""
    if partner is None or partner.reception.iea02_differs != "note":
        return interchange.findings
    return tuple(_noted(one, partner) if one.ack == _IEA02_DIFFERS else one for one in interchange.findings)


def _noted(finding: Finding, partner: Partner) -> Finding:
    message = f"{finding.message} {partner.title} may send it so."
    return replace(finding, severity=Severity.WARNING, message=message, source=partner.source or None)
