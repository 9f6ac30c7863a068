"""Documents that are copies: the same bytes under the same numbers, sent again because a person asked for it."""

from __future__ import annotations

from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord


def number_holder(unit: Unit, document: DocumentRecord) -> DocumentRecord:
    """Give the document that the control numbers were given to: for a copy, the one whose bytes it has."""
    current = document
    while current.resend_of is not None:
        before = unit.documents.get(current.resend_of)
        if before.sha256 != current.sha256:
            break
        current = before
    return current
