"""What the ledger keeps: one frozen record for each received file, envelope, set, order, document and case.

States and their moves are `orders.lifecycle.MOVES`. Each record has an `id` (0 before it is stored), a `state`
where it has a life, an `epoch` that rises with each change of anything in it, and the `at` of its birth (UTC).
`parent` style ids point to what caused it. Times are aware datetimes in UTC. Text columns that hold JSON are named
`*_json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file that was seen at a connection (or given at a terminal: connection "cli").

    `name` is the file's name shown safely, `name_hex` its exact bytes. `arrival_of` is the first record with the same
    bytes, for a DUPLICATE. `folder` is where it stood at the partner's. `partner` is whose all of its interchanges are,
    None where they are several's. `sha256` are the bytes as they came, `text_sha256` what their wrapped lines read as:
    where it is set, all places in the file (start, end, byte) are places in that text.
    """

    connection: str
    name: str
    name_hex: str
    at: datetime
    state: str = "SEEN"
    size: int | None = None
    modified: int | None = None
    sha256: str | None = None
    arrival_of: int | None = None
    folder: str | None = None
    text_sha256: str | None = None
    partner: str | None = None
    edition: str | None = None
    os_user: str = ""
    stored_at: datetime | None = None
    cleared_at: datetime | None = None
    clear_attempts: int = 0
    attempts: int = 0
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class InterchangeRecord:
    """One ISA..IEA, in (`direction` "in") or out. `start`/`end` cut it from its file (in) or document (out)."""

    direction: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control: str
    at: datetime
    state: str = "RECEIVED"
    file_id: int | None = None
    ordinal: int = 1
    usage: str = "P"
    version: str = ""
    partner: str | None = None
    start: int = 0
    end: int = 0
    sha256: str = ""
    document_id: int | None = None
    edition: str | None = None
    epoch: int = 0
    id: int = 0

    @property
    def identity(self) -> dict[str, Any]:
        """What no two interchanges may share, by column: the direction, the addresses and the control number."""
        return {
            "direction": self.direction,
            "sender_qualifier": self.sender_qualifier,
            "sender": self.sender,
            "receiver_qualifier": self.receiver_qualifier,
            "receiver": self.receiver,
            "control": self.control,
        }


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """One GS..GE. `verdict` is AK901 once it is ACKNOWLEDGED; `document_id` the 997 that said so."""

    interchange_id: int
    ordinal: int
    kind: str
    sender: str
    receiver: str
    control: str
    version: str
    at: datetime
    state: str = "RECEIVED"
    verdict: str | None = None
    sets_found: int = 0
    document_id: int | None = None
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class SetRecord:
    """One ST..SE. `verdict` is AK501, `findings_json` what the check found, `order_id` what it became."""

    group_id: int
    interchange_id: int
    ordinal: int
    set_id: str
    control: str
    start: int
    end: int
    number: int
    segments: int
    at: datetime
    state: str = "RECEIVED"
    partner: str | None = None
    verdict: str | None = None
    findings_json: str = "[]"
    order_id: int | None = None
    edition: str | None = None
    attempts: int = 0
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One booked order. Identity: partner, live, po_number, release ("" for none), `again` (0 for the first).

    `body_json` is the neutral order, `answer_json` our answer once there is one, `rulings_json` people's choices.
    `replaces` is the order in whose place it stands: that one is CANCELLED.
    """

    partner: str
    live: bool
    po_number: str
    set_id: int
    body_json: str
    at: datetime
    release: str = ""
    again: int = 0
    state: str = "OPEN"
    rulings_json: str = "[]"
    answer_json: str | None = None
    total: Decimal | None = None
    currency: str | None = None
    edition: str | None = None
    answered_at: datetime | None = None
    replaces: int | None = None
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One order line's life. Quantities are in the line's unit; `backordered` is what we still owe of it."""

    order_id: int
    position: int
    state: str = "OPEN"
    number: str | None = None
    item: str | None = None
    ordered: Decimal = Decimal(0)
    unit: str | None = None
    accepted: Decimal = Decimal(0)
    shipped: Decimal = Decimal(0)
    invoiced: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    backordered: Decimal | None = None
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """One shipment of one order and the invoice for it (at most one: unique order, shipment)."""

    order_id: int
    number: str
    body_json: str
    at: datetime
    invoice_number: str | None = None
    invoice_json: str | None = None
    os_user: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class CartonRecord:
    """One carton that a ship notice told of, by its SSCC of 18 digits: no other shipment may use it."""

    sscc: str
    shipment_id: int
    id: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One thing that we send: an X12 document, or an order for the ERP folder (`kind` erp-json, erp-xml).

    `source` names what it was made from ("group:12", "order:7", "shipment:3"); (source, kind, again) is unique.
    `sha256` are its bytes. `connection`, `name` and `temporary` say where it goes; `next_at` when to try (again).
    `place` is the server or folder at which its delivery was begun, `manner` how (rename, direct, done-file): its
    connection may lead elsewhere by now, or hand over otherwise.
    `interchange_control`, `group_control` and `set_control` are ours. `response_json` is what their 997 said.
    While `held_at` is set, a person (`held_by`) holds it back. `resend_of` is the document that this one sends again.
    """

    kind: str
    source: str
    sha256: str
    size: int
    connection: str
    name: str
    at: datetime
    partner: str | None = None
    live: bool = True
    again: int = 0
    state: str = "READY"
    folder: str = ""
    temporary: str = ""
    order_id: int | None = None
    group_id: int | None = None
    shipment_id: int | None = None
    po_number: str | None = None
    interchange_control: str | None = None
    group_control: str | None = None
    set_control: str | None = None
    group_kind: str | None = None
    attempts: int = 0
    next_at: datetime | None = None
    last_error: str | None = None
    sent_at: datetime | None = None
    due_at: datetime | None = None
    response_json: str | None = None
    edition: str | None = None
    os_user: str = ""
    held_at: datetime | None = None
    held_by: str | None = None
    resend_of: int | None = None
    place: str | None = None
    manner: str | None = None
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One entry of the exception queue: everything of one kind that stops one thing.

    `step` is where a retry re-enters: receive, open, judge, map, decide, answer, ship, bill, deliver, respond.
    `subject` names what waits ("file:1", "interchange:1", "set:4", "order:7", "document:9"); `cause` makes it unique
    among the open cases of its subject. `lines` are our line positions. `money_held` is the open value of what waits.
    `assignee` is who looks after it (None: nobody yet); until `snoozed_until` it rests and stands at the end of lists,
    because of `snoozed_why`.
    """

    kind: str
    severity: int
    subject: str
    cause: str
    title: str
    step: str
    received_at: datetime
    at: datetime
    state: str = "OPEN"
    findings_json: str = "[]"
    partner: str | None = None
    po_number: str | None = None
    order_id: int | None = None
    file_id: int | None = None
    lines_json: str = "[]"
    money_held: Decimal | None = None
    currency: str | None = None
    deadline: datetime | None = None
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    edition: str | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    snoozed_why: str | None = None
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class TimerRecord:
    """Something that falls due: `kind` is ack_due, ship_due, expected or scrub; `subject` as in cases."""

    subject: str
    kind: str
    due_at: datetime
    state: str = "WAITING"
    epoch: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One thing that happened, kept for ever: the machine's steps and people's acts. `who` is the OS user."""

    at: datetime
    what: str
    subject: str
    who: str
    detail: str = ""
    order_id: int | None = None
    partner: str | None = None
    edition: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """One immutable set of partner files, maps and tables. `sha256` names it and is the blob that holds its files."""

    sha256: str
    at: datetime
    os_user: str = ""
    current: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """One control number given out, or a gap with its reason. (scope, cycle, number) is unique.

    `skipped` numbers before this one are the same gap.
    """

    scope: str
    number: int
    at: datetime
    cycle: int = 0
    document_id: int | None = None
    void_reason: str | None = None
    skipped: int | None = None
    id: int = 0
