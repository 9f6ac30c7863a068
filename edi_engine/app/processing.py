"""The whole pipeline on one file, without a runtime: receive, interpret, decide, answer, deliver into a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import ERP, OUT, Workplace, opened
from edi_engine.errors import TransportError
from edi_engine.finding import Finding
from edi_engine.flow.deliver import deliver
from edi_engine.flow.interpret import TERMINAL
from edi_engine.flow.receive import receive
from edi_engine.flow.records import CaseRecord, DocumentRecord, FileRecord, OrderRecord
from edi_engine.flow.wording import findings_from_json


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of one file. `written` are the files that were put into the output folder."""

    file: FileRecord
    orders: tuple[OrderRecord, ...]
    documents: tuple[DocumentRecord, ...]
    cases: tuple[CaseRecord, ...]
    written: tuple[Path, ...]
    findings: tuple[Finding, ...]


def process(settings: Settings, data: bytes, name: str, out: Path, *, own_store: bool = True) -> Processed:
    """Process one file; documents go into `out`, orders into `out`/erp; without `own_store`, so does the store."""
    out.mkdir(parents=True, exist_ok=True)
    used = settings if own_store else replace(settings, db=f"sqlite:///{out.resolve() / 'edi.db'}")
    with opened(used) as place:
        place.out = out.resolve()
        return walk(place, data, name)


def walk(place: Workplace, data: bytes, name: str) -> Processed:
    """Walk one file through an opened workplace, deliveries included."""
    office = place.office()
    with office.ledger.reading() as unit:
        last_document = max((one.id for one in unit.documents.select(limit=1, descending=True)), default=0)
        last_order = max((one.id for one in unit.orders.select(limit=1, descending=True)), default=0)
        last_case = max((one.id for one in unit.cases.select(limit=1, descending=True)), default=0)
    record = receive(office, TERMINAL, name.encode("utf-8", "surrogateescape"), data)
    open_stored(office, TERMINAL)
    for partner in office.edition.partners:
        while work_through(place, office, partner):
            pass
    written = _deliver(place)
    with office.ledger.reading() as unit:
        documents = tuple(unit.documents.select(after=last_document))
        cases = tuple(unit.cases.select(after=last_case))
        findings = tuple(finding for case in cases for finding in findings_from_json(case.findings_json))
        return Processed(
            unit.files.get(record.id),
            tuple(unit.orders.select(after=last_order)),
            documents,
            cases,
            tuple(path for path in written if any(path.name == one.name for one in documents)),
            findings,
        )


def _deliver(place: Workplace) -> list[Path]:
    """Deliver what waits for the output folder and the ERP's; give the paths. Raises TransportError."""
    written: list[Path] = []
    office = place.office()
    for name in (OUT, ERP):
        connection = place.connection(name)
        if connection is None or connection.folder is None:
            continue
        with place.mailbox(connection) as mailbox:
            done = deliver(office, connection, mailbox)
        if done.stopped is not None:
            raise TransportError(str(done.stopped), code=done.stopped.code)
        with office.ledger.reading() as unit:
            sent = unit.documents.select(connection=name, state=("CONFIRMED", "ACCEPTED", "REJECTED"))
        written.extend(Path(connection.folder) / one.folder / one.name for one in sent)
    return written
