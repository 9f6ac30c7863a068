"""What must be true: after every step, and once all work is done. It knows what was written, and reads what became.

The store may be wrong about itself, so each end is held beside the other: what the partner wrote and what is stored,
what is stored and what was booked, what was booked and what the partner got.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, InterchangeRecord, OrderRecord
from edi_engine.store.audit import audit
from edi_engine.store.ledger import Store
from edi_engine.x12.reader import outline, split
from tests.machine.place import CONNECTION, IN, OUT, Server
from tests.machine.writing import VERDICTS, Upload, Written, answer_in

READ = ("STORED", "INTERPRETED", "DONE", "UNREADABLE", "DUPLICATE")
GONE_OUT = ("SENT", "CONFIRMED", "ACCEPTED", "REJECTED")
FINAL = {"INVOICED", "CLOSED", "CANCELLED"}
ANSWERED = ("ACCEPTED", "REJECTED")
BY_ANSWERS = ("accepted by partner", "rejected by partner", "acknowledged again")


@dataclass
class Known:
    """What the world knows: each content that was uploaded, what we took away, and what the partner answered."""

    uploads: dict[bytes, Upload] = field(default_factory=dict)
    cleared: list[bytes] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def sound(store: Store, known: Known, *, deep: bool = False) -> None:
    """See that every promise holds at this moment, and that nothing left the partner's folder before it was stored."""
    assert audit(store, deep=deep) == ()
    if known.cleared:
        wanted = {hashlib.sha256(data).hexdigest() for data in known.cleared}
        with store.ledger().reading() as unit:
            kept = {one.sha256 for one in unit.files.select(connection=CONNECTION, state=READ)}
        assert wanted <= kept, (
            f"taken away and not stored: {[data for data in known.cleared if _sha(data) not in kept]}"
        )


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def left(unit: Unit, server: Server) -> Mapping[str, object]:
    """Give the work that is not done yet, by what it is."""
    found = {
        "files standing": sorted(server.standing(OUT)),
        "files": [one.name for one in unit.files.select(state=("SEEN", "STORED", "INTERPRETED"))],
        "files not cleared": [one.name for one in unit.files.select(state=READ, cleared_at=None)],
        "interchanges": [one.id for one in unit.interchanges.select(direction="in", state=("RECEIVED", "OPENED"))],
        "sets": [one.id for one in unit.sets.select(state=("RECEIVED", "ACCEPTED", "MAPPED")) if one.set_id == "850"],
        "orders": [one.po_number for one in unit.orders.select(state="OPEN")],
        "documents": [
            (one.name, one.state, one.last_error)
            for one in unit.documents.select(state=("READY", "UPLOADING", "UPLOADED", "SENT"))
        ],
    }
    return {what: which for what, which in found.items() if which}


class Judge:
    """All that is checked once nothing waits any more."""

    def __init__(self, unit: Unit, known: Known, server: Server, erp: Server) -> None:
        self.unit, self.known, self.server, self.erp = unit, known, server, erp
        self.documents = {one.id: one for one in unit.documents.select()}

    def judge(self) -> None:
        self.files()
        counting = self.interchanges()
        self.orders(counting)
        self.numbers()
        self.at_the_partner()
        self.at_the_erp()
        self.acknowledged(counting)

    def files(self) -> None:
        """Each content is stored once as a first arrival; what else came of it repeats that one."""
        firsts: Counter[str] = Counter()
        for one in self.unit.files.select(connection=CONNECTION):
            assert one.state in {"DONE", "UNREADABLE", "DUPLICATE", "GONE"}, (one.name, one.state)
            if one.state == "GONE":
                continue
            data = self.unit.blobs.get(one.sha256 or "")
            assert data in self.known.uploads, f"{one.name} holds what nobody wrote: {data!r}"
            firsts[one.sha256 or ""] += one.state != "DUPLICATE"
        assert set(firsts.values()) <= {1}, firsts

    def interchanges(self) -> dict[int, Written]:
        """Give the interchanges that count, by row. Of one ISA13, the first one that is sound counts, and no other."""
        counted: dict[int, bytes] = {}
        found: dict[int, Written] = {}
        for row in self.unit.interchanges.select(direction="in"):
            file = self.unit.files.get(row.file_id or 0)
            written = self.known.uploads[self.unit.blobs.get(file.sha256 or "")].parts[row.ordinal - 1]
            assert _sha(written.data) == row.sha256
            if written.kind in {"truncated", "stranger"}:
                wanted = "QUARANTINED"
            elif written.number not in counted:
                wanted, counted[written.number], found[row.id] = "DONE", written.data, written
            else:
                wanted = "DUPLICATE" if counted[written.number] == written.data else "QUARANTINED"
            assert row.state == wanted, f"interchange {row.control} ({written.kind}) is {row.state}, not {wanted}"
            self.answered(row, written)
        return found

    def answered(self, row: InterchangeRecord, written: Written) -> None:
        """Each group of what counts has one 997 with the right verdict; nothing else has any."""
        groups = self.unit.groups.select(interchange_id=row.id)
        assert len(groups) == (row.state == "DONE")
        for group in groups:
            if written.kind == "answer":
                assert group.state == "SILENT"
                continue
            assert group.state == "ACKNOWLEDGED"
            segments = _segments(self.unit, self.documents[group.document_id or 0])
            (said,) = [one for one in segments if one[0] == "AK9"]
            (about,) = [one for one in segments if one[0] == "AK1"]
            assert int(about[2]) == written.number
            wanted = VERDICTS.get(written.kind, "A")
            assert said[1] == wanted, f"our 997 says {said[1]} of {written.kind} {written.number}, not {wanted}"

    def orders(self, counting: Mapping[int, Written]) -> None:
        """Each order that was written and counts was booked once, or waits as a case; none was booked besides."""
        booked: Counter[int] = Counter()
        numbers = {order.po_number for order in self.unit.orders.select()}
        for order in self.unit.orders.select():
            received = self.unit.sets.get(order.set_id)
            assert order.po_number in counting[received.interchange_id].orders
            booked[received.interchange_id] += 1
            self.order(order)
        assert set(booked.values()) <= {1}, booked
        for row, written in counting.items():
            if written.kind in {"clean", "parts", "dear", "nobody", "test", "mixed"}:
                assert set(written.orders) <= numbers, f"no order of {written.kind} {written.number} was booked"
            for one in self.unit.sets.select(interchange_id=row):
                cases = self.unit.cases.select(subject=f"set:{one.id}")
                if one.state == "HELD":
                    assert [case for case in cases if case.state != "RESOLVED"], f"set {one.id} waits, and nobody knows"
                assert one.state in {"APPLIED", "HELD", "REFUSED"} or written.kind == "answer", (
                    one.state,
                    written.kind,
                )

    def order(self, order: OrderRecord) -> None:
        """An order is at its end, or waits with a case; each of its documents is there once."""
        waits = any(
            self.unit.cases.select(subject=f"{what}:{order.id}", state=("OPEN", "DISMISSED"))
            for what in ("order", "ship", "bill")
        )
        assert order.state in FINAL or waits, f"order {order.po_number} is {order.state}, and nobody knows"
        made = [one for one in self.documents.values() if one.order_id == order.id and not one.again]
        kinds = Counter(one.kind for one in made)
        shipments = self.unit.shipments.select(order_id=order.id)
        assert kinds["855"] == (order.answer_json is not None)
        assert kinds["856"] == len(shipments)
        assert kinds["810"] == sum(one.invoice_number is not None for one in shipments)
        assert kinds["810"] == len(shipments) or waits
        if order.state == "INVOICED":
            assert shipments
        for one in made:
            if one.kind in {"855", "856", "810"}:
                assert _about(_segments(self.unit, one), one.kind) == order.po_number

    def numbers(self) -> None:
        """Interchange numbers rise with our documents, live and test ones, without a gap."""
        own = [one for one in self.documents.values() if one.interchange_control and not self._same(one)]
        given = [int(one.interchange_control or "") for one in own]
        assert given == list(range(1, len(given) + 1)), given

    def _same(self, document: DocumentRecord) -> bool:
        """Say whether a document sends the very bytes of another one again."""
        return document.resend_of is not None and self.documents[document.resend_of].sha256 == document.sha256

    def _answered_in_doubt(self, document: DocumentRecord) -> bool:
        """Say whether the partner answered a copy of the same bytes whose delivery nobody had seen to end.

        It may have been the first one that they answered: to them both are one. So the copy need not have come.
        """
        events = self.unit.events.select(subject=f"document:{document.id}")
        return self._same(document) and not any(one.what == f"{document.kind} delivered" for one in events)

    def at_the_partner(self) -> None:
        """What went out arrived, whole and once; nothing else did."""
        arrived = Counter(self.server.arrived)
        wanted: Counter[tuple[str, bytes]] = Counter()
        perhaps: Counter[tuple[str, bytes]] = Counter()
        never: set[tuple[str, bytes]] = set()
        for one in self.documents.values():
            if one.connection == CONNECTION:
                what = f"{IN}/{one.name}", self.unit.blobs.get(one.sha256)
                if one.state in GONE_OUT:
                    (perhaps if self._answered_in_doubt(one) else wanted)[what] += 1
                else:
                    never.add(what)
        assert not wanted - arrived, f"lost: {sorted(name for name, _ in wanted - arrived)}"
        more = arrived - wanted - perhaps
        assert not more, (
            f"doubled, or never meant to go: {sorted((name, (name, data) in never) for name, data in more)}"
        )
        controls = Counter(data[90:99] for _, data in self.server.arrived)
        allowed = Counter(int(one.interchange_control or 0) for one in self.documents.values() if self._same(one))
        for control, times in controls.items():
            assert times <= 1 + allowed[int(control)], f"interchange {control!r} came {times} times"

    def at_the_erp(self) -> None:
        """Each order that we took on went to the ERP once, in both forms."""
        theirs = [one for one in self.documents.values() if one.connection == "erp" and one.state != "VOID"]
        wanted = Counter(f"{one.folder}/{one.name}" for one in theirs)
        arrived = Counter(name for name, _ in self.erp.arrived)
        assert arrived == wanted, f"at the ERP: lost {wanted - arrived}, doubled {arrived - wanted}"
        assert set(wanted.values()) <= {1}

    def acknowledged(self, counting: Mapping[int, Written]) -> None:
        """A document is as the partner's first answer to it says; without an answer in time, people know."""
        self.answers(counting)
        again = {one.resend_of: one.id for one in self.documents.values() if one.resend_of is not None}  # the last ones
        for one in self.documents.values():
            if one.kind not in EXPECT_RESPONSE or one.connection != CONNECTION:
                continue
            later = max(again.get(one.id, 0), again.get(one.resend_of or one.id, 0))
            if one.state == "CONFIRMED" and later <= one.id:  # of what went again, the last one is waited for
                assert self.unit.cases.select(subject=f"document:{one.id}", kind="ack.overdue"), one
            elif one.state == "REJECTED":
                assert self.unit.cases.select(subject=f"document:{one.id}", kind="ack.rejected"), one.name

    def answers(self, counting: Mapping[int, Written]) -> None:
        """Each answer that was read changed one document, or is noted on one, or waits for people: none is dropped.

        One that waited may be taken after all, by a retry.
        """
        taken: dict[str, list[str]] = defaultdict(list)
        waited: dict[str, list[str]] = defaultdict(list)
        for row, written in counting.items():
            if written.kind == "answer":
                (received,) = self.unit.sets.select(interchange_id=row)
                assert received.state == "MAPPED", f"the answer {written.number} is {received.state}"
                about, code = answer_in(written.data)
                waits = self.unit.cases.select(subject=f"set:{received.id}")
                (waited if waits else taken)[about].append(code)
        groups: dict[str, list[DocumentRecord]] = defaultdict(list)
        for one in self.documents.values():
            if one.kind in EXPECT_RESPONSE and one.connection == CONNECTION:
                groups[f"{one.group_kind} {one.group_control}"].append(one)
        assert taken.keys() <= groups.keys(), f"answers about nothing of ours: {sorted(taken.keys() - groups.keys())}"
        for about, documents in groups.items():
            noted = [done for one in documents for done in self.became(one)]
            read, codes = taken[about], taken[about] + waited[about]
            assert len(read) <= len(noted) <= len(codes), f"they answered {about} by {codes}; {noted} came of it"
            said = [one.state[0] for one in documents if one.state in ANSWERED]
            assert set(said) <= set(codes), f"{about} is {said}, but they said {codes}"
            if len(documents) == 1 and read == codes:
                assert said == read[:1], f"{about} is {said}, but first they said {read}"

    def became(self, document: DocumentRecord) -> list[str]:
        """Give what answers did to a document, in their order: the first one closes it, the others are noted."""
        events = self.unit.events.select(subject=f"document:{document.id}")
        found = [one.what.partition(" ")[2] for one in events]
        noted = [one for one in found if one in BY_ANSWERS]
        closed = f"{document.state.lower()} by partner"
        wanted = [closed] if document.state in ANSWERED else []
        assert noted[:1] == wanted, f"{document.name} is {document.state}, and {noted} came of answers"
        assert set(noted[1:]) <= {"acknowledged again"}, noted
        return noted


def _segments(unit: Unit, document: DocumentRecord) -> Sequence[Sequence[str]]:
    data = unit.blobs.get(document.sha256)
    found = outline(data).interchanges[0]
    assert not found.findings
    return split(data.decode(), found.delimiters)


def _about(segments: Sequence[Sequence[str]], kind: str) -> str:
    name, place = {"855": ("BAK", 3), "856": ("PRF", 1), "810": ("BIG", 4)}[kind]
    return next(segment for segment in segments if segment[0] == name)[place]
