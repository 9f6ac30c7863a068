"""Documents that are copies: the same bytes under the same numbers, sent once more."""

from __future__ import annotations

from itertools import count

from edi_engine.errors import Purged
from edi_engine.flow.documents import OUT, numbered
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord

LEFT = ("SENT", "CONFIRMED", "ACCEPTED", "REJECTED")
"""The states of what the partner has, or had."""


def number_holder(unit: Unit, document: DocumentRecord) -> DocumentRecord:
    """Give the document that the control numbers were given to: for a copy, the one whose bytes it has."""
    current = document
    while current.resend_of is not None:
        before = unit.documents.get(current.resend_of)
        if before.sha256 != current.sha256:
            break
        current = before
    return current


def send_again(office: Office, unit: Unit, document: DocumentRecord, why: str) -> DocumentRecord | None:
    """Put the same bytes into the outbox again, in the caller's commit, unless they still wait there.

    None where nothing is to be sent: what has not left goes by itself, what was written at a terminal goes nowhere, and
    what was purged is there no more.
    """
    family = unit.documents.select(source=document.source, kind=document.kind)
    same = [one for one in family if one.sha256 == document.sha256 and one.state != "VOID"]
    waiting = not same or any(one.state not in LEFT for one in same)
    if waiting or document.connection.partition(":")[0] == OUT:
        return None
    try:
        unit.blobs.get(document.sha256)
    except Purged:
        return None
    again = copy(office, unit, document, number_holder(unit, document), 1 + max(one.again for one in family))
    for about, how in (
        (document, f"as document {again.id}: {why}"),
        (again, f"it sends document {document.id} again: {why}"),
    ):
        office.note(unit, f"{document.kind} sent again", f"document:{about.id}", how, partner=document.partner)
    return again


def copy(office: Office, unit: Unit, original: DocumentRecord, holder: DocumentRecord, again: int) -> DocumentRecord:
    """Put the same bytes into the outbox again, under a name of their own: nothing lies over what stands there."""
    partner = office.edition.partners.get(original.partner or "")
    moved = original.connection != office.erp_connection and partner is not None and partner.connection is not None
    connection = partner.connection if moved and partner is not None and partner.connection else original.connection
    now = office.clock.now()
    return unit.documents.add(
        DocumentRecord(
            kind=original.kind,
            source=original.source,
            sha256=original.sha256,
            size=original.size,
            connection=connection,
            folder=original.folder,
            name=_free_name(unit, connection, original.name),
            at=now,
            partner=original.partner,
            live=original.live,
            again=again,
            order_id=original.order_id,
            group_id=original.group_id,
            shipment_id=original.shipment_id,
            po_number=original.po_number,
            interchange_control=original.interchange_control,
            group_control=original.group_control,
            set_control=original.set_control,
            group_kind=original.group_kind,
            next_at=now,
            edition=office.edition.name,
            os_user=office.who,
            resend_of=holder.id,
        )
    )


def _free_name(unit: Unit, connection: str, name: str) -> str:
    """Give the name of the first copy that no document has on this connection."""
    copies = (numbered(name, copy) for copy in count(2))
    return next(one for one in copies if unit.documents.one(connection=connection, name=one) is None)
