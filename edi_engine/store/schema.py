"""The tables: one for each record of `flow.records`, column by column, and five of the store's own.

What must be unique is said here, and the database holds it: the promises "never twice" rest on these indexes.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, get_args, get_type_hints

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, MetaData, Table, text
from sqlalchemy.types import TypeEngine

from edi_engine.flow import records
from edi_engine.store.types import Exact, Moment, Whole, Words

VERSION: Final = "0008"
"""The newest migration. A store with a higher one was written by a newer program and is refused."""

VERSION_TABLE: Final = "edi_schema"

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

_TYPES: Final[dict[type, Any]] = {str: Words, int: Whole, bool: Boolean, Decimal: Exact, datetime: Moment}

_POINTS_TO: Final = {
    "arrival_of": "received_file.id",
    "file_id": "received_file.id",
    "interchange_id": "interchange.id",
    "group_id": "functional_group.id",
    "set_id": "transaction_set.id",
    "order_id": "purchase_order.id",
    "shipment_id": "shipment.id",
    "document_id": "document.id",
    "resend_of": "document.id",
    "replaces": "purchase_order.id",
}
_HOLDS_BYTES: Final = {"received_file", "document", "edition"}

# What closes a circle: the cause comes first, and what came of it is written into it later.
_LATER: Final = {("interchange", "document_id"), ("functional_group", "document_id"), ("transaction_set", "order_id")}


def _column(table: str, name: str, hint: object) -> Column[Any]:
    """Make the column for a field whose type is `hint`, such as `int` or `int | None`."""
    kind, *rest = get_args(hint) or (hint,)
    if name == "id":
        return Column(name, Whole, primary_key=True)
    points_to = _POINTS_TO.get(name) if kind is int else None
    if name in {"sha256", "text_sha256"} and table in _HOLDS_BYTES:
        points_to = "blob.sha256"
    if points_to is None:
        return Column(name, _TYPES[kind], nullable=bool(rest))
    return Column(name, _TYPES[kind], ForeignKey(points_to, use_alter=(table, name) in _LATER), nullable=bool(rest))


def _table(name: str, record: type, *indexes: Index) -> Table:
    hints = get_type_hints(record)
    return Table(name, metadata, *(_column(name, field.name, hints[field.name]) for field in fields(record)), *indexes)


def _unique(name: str, *columns: str, where: str | None = None) -> Index:
    condition = None if where is None else text(where)
    return Index(f"once_{name}", *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def _by(table: str, *columns: str) -> Index:
    return Index(f"by_{table}_{columns[-1]}", *columns)


def _waiting(table: str, *columns: str) -> Index:
    """Find what is in a state at a partner, so that what is done is never walked through."""
    return Index(f"by_{table}_state", "state", "partner", *columns)


def _own(name: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns)


def _must(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, nullable=False)


BLOB: Final = _own(
    "blob",
    Column("sha256", Words, primary_key=True),
    _must("size", Whole),
    _must("bytes", LargeBinary),  # empty once they were purged
    Column("purged_at", Moment),
)

FILE: Final = _table(
    "received_file",
    records.FileRecord,
    _unique(
        "received_file", "connection", "sha256", where="sha256 IS NOT NULL AND state <> 'DUPLICATE'"
    ),  # the same bytes again point to the first
    _by("received_file", "state"),
    _by("received_file", "connection", "name_hex"),
    _by("received_file", "sha256"),
)

# Not unique by control number: other content under a used number is kept, as QUARANTINED.
INTERCHANGE: Final = _table(
    "interchange",
    records.InterchangeRecord,
    _unique("interchange", "file_id", "ordinal"),
    _by("interchange", "direction", "sender_qualifier", "sender", "receiver_qualifier", "receiver", "control"),
    _waiting("interchange", "direction"),
    _by("interchange", "document_id"),
    _by("interchange", "direction", "partner"),
)

GROUP: Final = _table(
    "functional_group",
    records.GroupRecord,
    _unique("functional_group", "interchange_id", "ordinal"),
    _by("functional_group", "state"),
)

SET: Final = _table(
    "transaction_set",
    records.SetRecord,
    _unique("transaction_set", "group_id", "ordinal"),
    _by("transaction_set", "interchange_id"),
    _by("transaction_set", "state"),
    _by("transaction_set", "order_id"),
    _by("transaction_set", "partner", "set_id"),
)

ORDER: Final = _table(
    "purchase_order",
    records.OrderRecord,
    _unique("purchase_order", "partner", "live", "po_number", "release", "again"),
    _by("purchase_order", "po_number"),
    _by("purchase_order", "set_id"),
    _waiting("purchase_order"),
)

LINE: Final = _table(
    "order_line",
    records.LineRecord,
    _unique("order_line", "order_id", "position"),
)

SHIPMENT: Final = _table(
    "shipment",
    records.ShipmentRecord,
    _unique("shipment", "order_id", "number"),
    _by("shipment", "number"),
    Index("by_shipment_invoice_number", "invoice_number", "order_id"),
)

CARTON: Final = _table(
    "carton",
    records.CartonRecord,
    _unique("carton", "sscc"),
)

DOCUMENT: Final = _table(
    "document",
    records.DocumentRecord,
    _unique("document", "source", "kind", "again"),
    _by("document", "connection", "state"),
    _by("document", "order_id"),
    _by("document", "group_control"),
    _by("document", "interchange_control"),
)

CASE: Final = _table(
    "exception_case",
    records.CaseRecord,
    _unique("exception_case", "subject", "cause", where="state = 'OPEN'"),
    _by("exception_case", "subject"),
    _by("exception_case", "state"),
    _by("exception_case", "order_id"),
    _by("exception_case", "po_number"),
)

TIMER: Final = _table(
    "timer",
    records.TimerRecord,
    _by("timer", "state", "kind", "due_at"),
    _by("timer", "subject"),
)

EVENT: Final = _table(
    "event",
    records.EventRecord,
    _by("event", "subject"),
    _by("event", "order_id"),
)

EDITION: Final = _table(
    "edition",
    records.EditionRecord,
    _unique("edition", "sha256"),
    _unique("edition_current", "current", where='"current"'),  # at most one is in force
)

NUMBER_SCOPE: Final = _own(
    "number_scope", Column("scope", Words, primary_key=True), _must("number", Whole), _must("cycle", Whole)
)

NUMBER_USE: Final = _table(
    "number_use",
    records.NumberRecord,
    _unique("number_use", "scope", "cycle", "number"),
    _by("number_use", "document_id"),
)

MARK: Final = _own("mark", Column("name", Words, primary_key=True), _must("value", Words))

LANE: Final = _own("lane", Column("name", Words, primary_key=True), _must("fence", Whole), _must("seen", Moment))

SEAL: Final = _own(
    "seal",
    Column("id", Whole, primary_key=True),
    _must("at", Moment),
    _must("through", Whole),
    _must("events", Whole),
    _must("sha256", Words),
)
