"""Step 7, the common part: a document in its envelope, numbered and put into the outbox once `proof` has passed it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime

from edi_engine.flow.books import Books
from edi_engine.flow.cases import Waiting
from edi_engine.flow.layout import body_text, faithful, laid_out
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, InterchangeRecord, OrderRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.partners.partner import Address, Partner, SetEnvelope
from edi_engine.x12.wording import counted
from edi_engine.x12.writer import Envelope, Writing, write

TA1 = "TA1"
"""The kind of document that answers an interchange: it is no set, and stands in no group."""
X12_KINDS = (TA1, "997", "999", "855", "856", "810")
EXPECT_RESPONSE = frozenset({"855", "856", "810"})
ACK_DUE = "ack_due"
"""The timer that falls due when the partner's answer to such a document is late."""
"""Documents that the partner must acknowledge; acknowledgments themselves never are."""

_GROUPS = {TA1: "FA", "997": "FA", "999": "FA", "855": "PR", "856": "SH", "810": "IN"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

OUT = "out"
"""The connection of documents that go by none: `out:7` waits for the command that gave file 7, and its folder."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom a document goes to: the partner at one of its addresses, live or test."""

    partner: Partner
    address: Address
    live: bool
    version: str | None = None
    """GS08 to answer in, None for the partner's own choice."""
    terminal_file: int | None = None
    """The file, where it was given at a terminal: what answers it goes into that command's folder, to no mailbox."""

    @property
    def connection(self) -> str:
        """The connection by which documents go."""
        if self.terminal_file is not None:
            return f"{OUT}:{self.terminal_file}"
        return self.partner.connection or OUT

    def for_set(self, set_id: str) -> Destination:
        """Give where our documents of one set go: as tests where the partner gets them only so."""
        return self if self.partner.sends_live(set_id) else replace(self, live=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document without its control numbers: the body of one set, or the one segment of a TA1, and whom it goes to."""

    set_id: str
    body: tuple[tuple[str, ...], ...]
    to: Destination
    po_number: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a document was made from; (`name`, kind, `again`) names it once and for all."""

    name: str
    order_id: int | None = None
    group_id: int | None = None
    shipment_id: int | None = None
    again: int = 0


def destination(office: Office, unit: Unit, set_id: int) -> Destination:
    """Give where answers to a received set go: to the address that it came from."""
    record = unit.sets.get(set_id)
    interchange = unit.interchanges.get(record.interchange_id)
    partner = office.partner(interchange.partner)
    file = unit.files.get(interchange.file_id or 0)
    return Destination(
        partner,
        Address(interchange.sender_qualifier, interchange.sender),
        live=interchange.usage == "P",
        terminal_file=file.id if file.connection == TERMINAL else None,
    )


def envelope_of(to: Destination, set_id: str, when: datetime, interchange: int, group: int) -> Envelope:
    """Give the envelope of a document, as the partner wants it. `when` is shown in the partner's zone."""
    policy = to.partner.envelope
    chosen = policy.sets.get(set_id, SetEnvelope(_GROUPS[set_id], policy.version))
    identity = to.partner.identity
    theirs_gs = identity.theirs_gs[0] if identity.theirs_gs else to.address.id
    return Envelope(
        sender_qualifier=identity.ours.qualifier,
        sender=identity.ours.id,
        receiver_qualifier=to.address.qualifier,
        receiver=to.address.id,
        interchange_version=policy.interchange_version,
        group_kind=chosen.group,
        group_sender=identity.ours_gs,
        group_receiver=theirs_gs,
        version=to.version or chosen.version,
        usage="P" if to.live else "T",
        wants_ta1=policy.wants_ta1 and set_id not in {TA1, "997", "999"},
        delimiters=policy.delimiters,
        when=to.partner.local(when),
        interchange_control=interchange,
        group_control=group,
        charset=policy.charset,
        style=policy.style if set_id in EXPECT_RESPONSE else faithful(policy.style),
    )


def write_draft(books: Books, envelope: Envelope, draft: Draft) -> Writing:
    """Write a draft in its envelope, or say what keeps it from being written."""
    body = laid_out(books.dictionary, envelope, draft.body)
    if draft.set_id == TA1:
        return write(envelope, "", [], acknowledgments=body)
    return write(envelope, draft.set_id, [body])


def scope(to: Destination, level: str) -> str:
    """Name the sequence of control numbers from one address of ours to one of theirs; live and test share it."""
    ours, theirs = to.partner.identity.ours, to.address
    return f"{ours.qualifier}/{ours.id}>{theirs.qualifier}/{theirs.id} {level}"


def post(office: Office, unit: Unit, draft: Draft, source: Source) -> DocumentRecord:
    """Give a proven draft its numbers, store its bytes and put it into the outbox, in the caller's commit."""
    to = draft.to
    interchange = unit.numbers.take(scope(to, "ISA"))
    in_group = draft.set_id != TA1
    group = unit.numbers.take(scope(to, "GS")) if in_group else 0
    now = office.clock.now()
    envelope = envelope_of(to, draft.set_id, now, interchange, group or 1)
    written = write_draft(office, envelope, draft)
    if written.data is None:
        message = f"a proven {draft.set_id} could not be written: {written.findings[0].message}"
        raise AssertionError(message)
    document = unit.documents.add_later(
        DocumentRecord(
            kind=draft.set_id,
            source=source.name,
            sha256=unit.blobs.put(written.data),
            size=len(written.data),
            connection=to.connection,
            name=_own_name(unit, to.connection, file_name(to, draft, envelope.when, interchange), interchange),
            at=now,
            partner=to.partner.name,
            live=to.live,
            again=source.again,
            order_id=source.order_id,
            group_id=source.group_id,
            shipment_id=source.shipment_id,
            po_number=draft.po_number,
            interchange_control=f"{interchange:09d}",
            group_control=str(group) if in_group else None,
            set_control=f"{1:0{envelope.style.set_digits}d}" if in_group else None,
            group_kind=envelope.group_kind if in_group else None,
            next_at=now,
            edition=office.edition.name,
            os_user=office.who,
        )
    )
    unit.numbers.link(scope(to, "ISA"), interchange, document.id)
    if in_group:
        unit.numbers.link(scope(to, "GS"), group, document.id)
    sent = InterchangeRecord(
        direction="out",
        sender_qualifier=envelope.sender_qualifier,
        sender=envelope.sender,
        receiver_qualifier=envelope.receiver_qualifier,
        receiver=envelope.receiver,
        control=f"{interchange:09d}",
        at=now,
        state="DONE",
        usage=envelope.usage,
        version=envelope.interchange_version,
        partner=to.partner.name,
        end=len(written.data),
        sha256=document.sha256,
        document_id=document.id,
        edition=office.edition.name,
    )
    unit.interchanges.add_all((sent,))
    detail = f"interchange {document.interchange_control} as {document.name}"
    if written.replaced:
        detail += f"; a character was replaced in {counted(written.replaced, 'value')}"
    note_document(office, unit, document, "written", detail)
    return document


def note_document(office: Office, unit: Unit, document: DocumentRecord, what: str, detail: str) -> None:
    """Write down what happened to a document: `what` behind its kind, as in `855 written`."""
    office.note(
        unit,
        f"{document.kind} {what}",
        f"document:{document.id}",
        detail,
        order_id=document.order_id,
        partner=document.partner,
    )


def about_document(document: DocumentRecord, step: str) -> Waiting:
    """Say what a case about a document is about; `step` is where a retry re-enters."""
    return Waiting(
        f"document:{document.id}",
        step,
        document.at,
        partner=document.partner,
        po_number=document.po_number,
        order_id=document.order_id,
    )


def file_name(to: Destination, draft: Draft, when: datetime, number: int) -> str:
    """Fill the partner's file name template; what a folder could misread becomes an underscore."""
    name = to.partner.envelope.file_name.format(
        set=draft.set_id,
        date=f"{when:%Y%m%d}",
        time=f"{when:%H%M%S}",
        number=f"{number:09d}",
        po=draft.po_number or "",
    )
    return _UNSAFE.sub("_", name)


def _own_name(unit: Unit, connection: str, name: str, interchange: int) -> str:
    """Give a name that no other document has on this connection: each pair of addresses counts on its own.

    The number is part of each name, so that a document of the same name has the same one. Commands at a terminal may
    all write into one folder.
    """
    own, copy = name, 1
    while any(
        one.connection == connection or (_at_terminal(one.connection) and _at_terminal(connection))
        for one in unit.documents.select(interchange_control=f"{interchange:09d}", name=own)
    ):
        copy += 1
        own = numbered(name, copy)
    return own


def numbered(name: str, copy: int) -> str:
    """Give the name of a copy beside a file: `855_7.edi` becomes `855_7-2.edi`."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    return f"{stem}-{copy}{dot}{ending}"


def _at_terminal(connection: str) -> bool:
    return connection.partition(":")[0] == OUT


def post_erp(
    office: Office,
    unit: Unit,
    kind: str,
    data: bytes,
    record: OrderRecord,
    to: Destination,
    *,
    cancels: bool = False,
) -> DocumentRecord:
    """Put a file for the ERP's folder into the outbox; test orders go to its folder `test`.

    What a file given at a terminal brought goes into the folder `erp` of that command, not to the real ERP. A file that
    `cancels` is the second one of its order.
    """
    at_terminal = to.terminal_file is not None
    folders = (*(["erp"] if at_terminal else []), *([] if record.live else ["test"]))
    release = f"-{record.release}" if record.release else ""
    which = f"{record.id}{'_cancel' if cancels else ''}"
    name = f"{record.partner}_{record.po_number}{release}_{which}.{kind.removeprefix('erp-')}"
    now = office.clock.now()
    return unit.documents.add_later(
        DocumentRecord(
            kind=kind,
            source=f"order:{record.id}",
            sha256=unit.blobs.put(data),
            size=len(data),
            connection=to.connection if at_terminal else office.erp_connection,
            folder="/".join(folders),
            name=_UNSAFE.sub("_", name),
            at=now,
            partner=to.partner.name,
            live=record.live,
            again=int(cancels),
            order_id=record.id,
            po_number=record.po_number,
            next_at=now,
            edition=office.edition.name,
            os_user=office.who,
        )
    )


def same_bytes(data: bytes, sha256: str) -> bool:
    """Say whether `data` has this SHA-256."""
    return hashlib.sha256(data).hexdigest() == sha256


def draft_text(draft: Draft) -> tuple[str, ...]:
    """Show the body of a draft, one segment a line, without control numbers."""
    return body_text(draft.body, draft.to.partner.envelope.delimiters)
