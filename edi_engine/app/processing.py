"""The whole pipeline on one file, without a runtime: receive, interpret, decide, answer, deliver into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.errors import Outrun, TransportError
from edi_engine.finding import Finding
from edi_engine.flow.deliver import UNSENT, deliver
from edi_engine.flow.documents import OUT
from edi_engine.flow.interpret import open_file, repeats_of
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import keep_text, receive
from edi_engine.flow.records import CaseRecord, DocumentRecord, FileRecord, OrderRecord, SetRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.flow.ship_days import to_come
from edi_engine.flow.wording import findings_from_json
from edi_engine.x12.unwrap import unwrap

ROUNDS = 10_000
"""Rounds of work on one file after which something is wrong that another round does not mend."""


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of one file. `written` are the files that were put into the output folder."""

    file: FileRecord
    orders: tuple[OrderRecord, ...]
    documents: tuple[DocumentRecord, ...]
    cases: tuple[CaseRecord, ...]
    written: tuple[Path, ...]
    findings: tuple[Finding, ...]
    to_come: tuple[tuple[str, str], ...] = ()
    """PO numbers of orders that are not shipped whole today, each with what leaves later."""
    repeats: tuple[Finding, ...] = ()
    """A note for each of its interchanges that came before, in another file or in this one."""


def process(
    settings: Settings, data: bytes, name: str, out: Path, *, own_store: bool = True, wrap: int | None = None
) -> Processed:
    """Process one file; documents go into `out`, orders into `out`/erp; without `own_store`, so does the store.

    With `wrap`, the file is cut into lines of so many bytes.
    """
    out.mkdir(parents=True, exist_ok=True)
    used = settings if own_store else replace(settings, db=f"sqlite:///{out.resolve() / 'edi.db'}")
    with opened(used) as place:
        place.out = out.resolve()
        return walk(place, data, name, wrap=wrap)


def walk(place: Workplace, data: bytes, name: str, *, wrap: int | None = None) -> Processed:
    """Walk one file through an opened workplace, deliveries included.

    Only this file's work is done, and only its documents are delivered here: a daemon may work on the same store. A
    file that was given before is taken up where a former command left it.
    """
    office = place.office()
    with office.ledger.reading() as unit:
        last_case = max((one.id for one in unit.cases.select(limit=1, descending=True)), default=0)
    record = receive(office, TERMINAL, name.encode("utf-8", "surrogateescape"), data, wrap=wrap)
    own = record.arrival_of or record.id
    open_stored(office, TERMINAL, own)
    if wrap is not None:
        _read_again(office, own, data, wrap)
    _finish(place, office, own)
    written = _deliver(place, f"{OUT}:{own}")
    with office.ledger.reading() as unit:
        sets = [found.id for one in unit.interchanges.select(file_id=own) for found in _sets(unit, one.id)]
        cases = tuple(one for one in unit.cases.select(after=last_case) if _is_of(one, own))
        orders = tuple(unit.orders.select(set_id=tuple(sets))) if sets and own == record.id else ()
        return Processed(
            unit.files.get(record.id),
            orders,
            tuple(document for document, _ in written),
            cases,
            tuple(path for _, path in written),
            tuple(finding for case in cases for finding in findings_from_json(case.findings_json)),
            tuple(
                (one.po_number, told)
                for one in orders
                for told in to_come(office, unit, one, unit.lines.select(order_id=one.id))
            ),
            repeats_of(unit, own),
        )


def _read_again(office: Office, file_id: int, data: bytes, wrap: int) -> None:
    """Read a file once more that could not be read when it was given without the width of its lines."""
    with office.ledger.unit("receive.stored") as unit:
        first = unit.files.get(file_id)
        if first.state != "UNREADABLE":
            return
        first = unit.files.change(first, text_sha256=keep_text(unit, data, unwrap(data, wrap)))
    open_file(office, first)


def _sets(unit: Unit, interchange_id: int) -> Sequence[SetRecord]:
    return unit.sets.select(interchange_id=interchange_id)


def _is_of(case: CaseRecord, file_id: int) -> bool:
    """Say whether a case that is new is of one file. A daemon on the same store opens cases meanwhile: of other files,
    and of things that no file is about.
    """
    kind, _, name = case.subject.partition(":")
    if kind in {"connection", "lane", "edition"}:
        return name == f"{OUT}:{file_id}"
    return case.file_id in {None, file_id}


def _finish(place: Workplace, office: Office, file_id: int) -> None:
    """Work on one file until nothing of it moves; where a daemon took the same step, look again."""
    for _ in range(ROUNDS):
        try:
            if not any(work_through(place, office, name, file_id) for name in office.edition.partners):
                return
        except Outrun:
            continue
    message = f"file {file_id} was not done with after {ROUNDS:,} rounds of work; `edi process` it again"
    raise RuntimeError(message)


def _deliver(place: Workplace, name: str) -> list[tuple[DocumentRecord, Path]]:
    """Deliver what waits for this command's folder; give it with its path. Raises TransportError."""
    office = place.office()
    connection = place.connection(name)
    if connection is None or connection.folder is None:
        return []
    with office.ledger.reading() as unit:
        waiting = [document.id for document in unit.documents.select(connection=name, state=UNSENT)]
    with place.mailbox(connection) as mailbox:
        done = deliver(office, connection, mailbox)
    if done.stopped is not None:
        raise TransportError(str(done.stopped), code=done.stopped.code)
    with office.ledger.reading() as unit:
        sent = [document for number in waiting if (document := unit.documents.get(number)).state == "CONFIRMED"]
    return [(document, Path(connection.folder) / document.folder / document.name) for document in sent]
