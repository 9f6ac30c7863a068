"""Trying the examples of partner files: each message is walked, and must give the documents that lie beside it.

An edition whose examples fail is not published: a map that loads may still say something else than was agreed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import zip_longest
from typing import Any, Final
from zoneinfo import ZoneInfo

from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import opened
from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.billing import bill_shipment
from edi_engine.flow.fulfil import ship_order
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import receive
from edi_engine.flow.sender import TERMINAL
from edi_engine.orders.ship import ShipInstruction
from edi_engine.partners.edition import Edition
from edi_engine.partners.example import ORDER, Example
from edi_engine.partners.partner import Partner
from edi_engine.x12.reader import outline, split

_MEMORY: Final = "sqlite://"
_NUMBERED_ANEW: Final = {"BAK": (8, 9), "BSN": (2, 3, 4), "MAN": (2,), "BIG": (1, 2)}
"""Elements that every writing makes anew: our own numbers, and the moment of writing."""
_OURS_ANEW: Final = frozenset({"reference", "answer.number", "answer.date"})
"""The same in an order for the ERP."""
_MASK: Final = "#"
_FIX: Final = "correct the map; or, if the new answer is right, put it into that file: `edi process` writes it"

Json = Any


@dataclass(frozen=True, slots=True)
class _Noon:
    """The clock of an example: it stands at noon of its day, where the partner is."""

    day: date
    zone: str

    def now(self) -> datetime:
        return datetime.combine(self.day, time(12), ZoneInfo(self.zone)).astimezone(UTC)

    def monotonic(self) -> float:
        return 0.0


def tried_edition(settings: Settings, standing: Edition | None = None, *, everything: bool = False) -> Edition:
    """Load the edition that stands in the folders now, and try its examples. Raises ConfigurationError.

    Where `standing` is in force, only examples that a change could touch are tried, unless `everything` is wanted; and
    a partner that has vanished is a fault, for half a copied folder looks just like that. After a new start it may be
    gone.
    """
    try:
        edition = current_edition(settings)
    except OSError as error:
        message = f"The partner files cannot be read: {error}"
        raise ConfigurationError((Finding("partner.file.unreadable", Severity.HOLD, message),)) from error
    if standing is not None and edition.name == standing.name and not everything:
        return edition
    known = standing.partners if standing is not None else {}
    own = (settings.home / "partners").is_dir()  # without it, those that ship would be taken in their place
    faults = [_gone(partner) for name, partner in known.items() if not own or name not in edition.partners]
    faults.extend(
        fault
        for name, partner in edition.partners.items()
        if everything or standing is None or _touched(edition, standing, name)
        for fault in try_examples(settings, edition, partner)
    )
    if faults:
        raise ConfigurationError(tuple(faults))
    return edition


def _gone(partner: Partner) -> Finding:
    return Finding(
        "partner.file.gone",
        Severity.HOLD,
        f"{partner.source} is gone, and a running daemon gives no partner up.",
        Position(file=partner.source),
        fix="put the folder back; or start the daemon again, if this partner shall go",
    )


def _touched(edition: Edition, standing: Edition, name: str) -> bool:
    """Say whether a file that an example of this partner may read is another one in `standing`."""
    folders = (f"partners/{name}/", "mappings/")
    changed = {path for path, _ in edition.files.items() ^ standing.files.items()}
    return any(path.startswith(folders) for path in changed)


def try_examples(settings: Settings, edition: Edition, partner: Partner) -> tuple[Finding, ...]:
    """Walk every example of a partner on a store in memory; give how its documents differ from those wanted."""
    return tuple(fault for example in partner.examples for fault in _try(settings, edition, partner, example))


def _try(settings: Settings, edition: Edition, partner: Partner, example: Example) -> Iterator[Finding]:
    data = edition.files[example.message]
    today = example.today or _made_on(data)
    if today is None:
        yield _fault(example, f"{example.message} does not say on which day it was made; write today: into the example")
        return
    clock = _Noon(today, partner.clocks.zone)
    with opened(replace(settings, db=_MEMORY), edition, clock) as place:
        office = place.office()
        receive(office, TERMINAL, example.message.encode(), data)
        open_stored(office, TERMINAL)
        while work_through(place, office, partner.name):
            pass
        if "856" in example.wants or "810" in example.wants:
            _fulfil(office)
        with office.ledger.reading() as unit:
            for kind, path in example.wants.items():
                difference = _compare(kind, edition.files[path], path, unit)
                if difference:
                    yield _fault(example, f"{example.message}: {difference}")


def _made_on(data: bytes) -> date | None:
    """Give the day in the first ISA (ISA09, two digits for the year)."""
    found = outline(data).interchanges
    try:
        return datetime.strptime(found[0].date, "%y%m%d").replace(tzinfo=UTC).date() if found else None
    except ValueError:
        return None


def _fulfil(office: Office) -> None:
    """Ship and bill what was answered and does not ship by itself."""
    with office.ledger.reading() as unit:
        answered = unit.orders.select(state="ANSWERED")
    for order in answered:
        ship_order(office, order, ShipInstruction())
    with office.ledger.reading() as unit:
        shipped = unit.shipments.select(invoice_number=None)
    for shipment in shipped:
        bill_shipment(office, shipment)


def _fault(example: Example, message: str) -> Finding:
    return Finding("partner.example.differs", Severity.HOLD, message, example.where, fix=_FIX)


def _compare(kind: str, wanted: bytes, path: str, unit: Unit) -> str:
    """Say how the documents of a kind differ from the file `path`; "" where they do not."""
    stored = unit.documents.select(kind="erp-json" if kind == ORDER else kind)
    made = [unit.blobs.get(document.sha256) for document in stored]
    what = "order for the ERP" if kind == ORDER else kind
    if not made:
        reasons = "; ".join(case.title for case in unit.cases.select(state="OPEN"))
        return f"it gives no {what}, and {path} wants one. {reasons}".rstrip()
    if kind == ORDER:
        return _compare_orders(made, wanted, path)
    ours, theirs = _sets(made), _sets([wanted])
    if len(ours) != len(theirs):
        return f"it gives {len(ours)} of {kind}, and {path} holds {len(theirs)}"
    rows = [
        (f"segment {number}" + (f" of set {ordinal}" if len(ours) > 1 else ""), mine, wanted_row)
        for ordinal, pair in enumerate(zip(ours, theirs, strict=True), start=1)
        for number, (mine, wanted_row) in enumerate(zip_longest(*pair, fillvalue=""), start=2)  # its ST is 1
    ]
    return _told(what, path, rows)


def _told(what: str, path: str, rows: Iterable[tuple[str, str, str]]) -> str:
    """Say where two documents, given as places with our text and the wanted one, differ first, and how often."""
    different = [row for row in rows if row[1] != row[2]]
    if not different:
        return ""
    place, ours, theirs = different[0]
    more = f"; {len(different)} places differ" if len(different) > 1 else ""
    return f"its {what} differs from {path} in {place}: {ours or 'nothing'}, wanted {theirs or 'nothing'}{more}"


def _sets(files: Iterable[bytes]) -> list[list[str]]:
    """Give the segments of every set in some files, without ST and SE and without what is numbered anew."""
    found: list[list[str]] = []
    for data in files:
        for interchange in outline(data).interchanges:
            for one in (one for group in interchange.groups for one in group.sets):
                text = data[one.start : one.end].decode("latin-1")
                found.append(["*".join(_masked(row)) for row in split(text, interchange.delimiters)[1:-1]])
    return found


def _masked(segment: list[str]) -> list[str]:
    anew = _NUMBERED_ANEW.get(segment[0], ())
    return [_MASK if number in anew and value else value for number, value in enumerate(segment)]


def _compare_orders(made: list[bytes], wanted: bytes, path: str) -> str:
    try:
        theirs: Json = json.loads(wanted)
    except ValueError as error:
        return f"{path} is not JSON: {error}"
    ours: Json = [json.loads(one) for one in made]
    left = dict(_leaves(ours if isinstance(theirs, list) else ours[0], ""))
    right = dict(_leaves(theirs, ""))
    names = dict.fromkeys((*left, *right))
    return _told("order for the ERP", path, [(name, left.get(name, ""), right.get(name, "")) for name in names])


def _leaves(plain: Json, name: str) -> Iterator[tuple[str, str]]:
    """Give every value of a JSON document with its name; what is numbered anew is masked."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            full = f"{name}.{key}" if name else key
            yield from _leaves(_MASK if full in _OURS_ANEW else value, full)
    elif isinstance(plain, list):
        for number, value in enumerate(plain, start=1):
            yield from _leaves(value, f"{name}[{number}]")
    else:
        yield name, json.dumps(plain)
