"""The names that people filter by: one that nothing has is a slip, and is told with the nearest one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edi_engine.app.workplace import ERP, Workplace
from edi_engine.desk.kinds import KINDS
from edi_engine.errors import UsageError
from edi_engine.flow.documents import X12_KINDS
from edi_engine.flow.ports import Unit
from edi_engine.text.nearest import nearest_or_all

_SENT: Final = (*X12_KINDS, "erp-json", "erp-xml")


def need_partner(place: Workplace, unit: Unit, name: str | None) -> None:
    """See that a partner has a file, or had one when something came in or went out. Raises UsageError."""
    known = place.office().edition.partners
    kept = (unit.cases, unit.orders, unit.documents)
    if name is not None and name not in known and all(records.one(partner=name) is None for records in kept):
        _refuse("partner", name, known)


def need_connection(place: Workplace, unit: Unit, name: str | None) -> None:
    """See that a connection is in connections.yaml, or that something went by it. Raises UsageError."""
    known = (*place.office().edition.connections, ERP)
    if name is not None and name not in known and unit.documents.one(connection=name) is None:
        _refuse("connection", name, known)


def need_kind(kind: str | None) -> None:
    """See that there may be cases of a kind, or of kinds that begin with it. Raises UsageError."""
    if kind is not None and not any(f"{known}.".startswith(f"{kind}.") for known in KINDS):
        _refuse("kind of case", kind, (*KINDS, *(known.partition(".")[0] for known in KINDS)))


def need_document_kind(unit: Unit, kind: str | None) -> None:
    """See that we write documents of a kind, or did. Raises UsageError."""
    if kind is not None and kind not in _SENT and unit.documents.one(kind=kind) is None:
        _refuse("kind of document", kind, _SENT)


def _refuse(what: str, name: str, known: Iterable[str]) -> None:
    message = f"there is no {what} {name}; {nearest_or_all(name, known)}"
    raise UsageError(message)
