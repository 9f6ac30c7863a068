"""The exception queue for people: cases with their place in the file, and what is done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from edi_engine.app.naming import need_kind, need_partner
from edi_engine.app.settings import Settings, os_user
from edi_engine.app.views import looking
from edi_engine.app.workplace import edition_in_force, opened
from edi_engine.desk.choosing import Chosen
from edi_engine.desk.export import rows_of, to_csv
from edi_engine.desk.groups import Group, alike, group
from edi_engine.desk.instead import instead_of_retry
from edi_engine.desk.queue import Entry, entry, find_case, list_cases, of_file
from edi_engine.desk.reopen import reopen, too_late
from edi_engine.desk.sayable import Barred, offered
from edi_engine.desk.tending import Rest, assign, snooze, wake
from edi_engine.desk.together import Came, Tried, fingerprint, preview_all, resolve_all, retry_all
from edi_engine.desk.wanted import EVERY_OPEN, ME, Wanted
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import CaseRecord, EventRecord, OrderRecord
from edi_engine.flow.wording import findings_from_json
from edi_engine.x12.reader import outline
from edi_engine.x12.values import Delimiters


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with what it stands on: the file's bytes (None where none were fetched), its order, its history.

    The entry's choices are those that can be carried out; `barred` are the others of its kind, with the reason.
    `others` are the other open cases of its order, `alike` open cases of the same cause. `too_late` says why it cannot
    be opened again, `instead` what happens instead of a retry; None where it can, and where one may be tried.
    """

    entry: Entry
    file_name: str | None
    data: bytes | None
    delimiters: Delimiters | None
    order: OrderRecord | None
    history: tuple[EventRecord, ...]
    others: tuple[CaseRecord, ...] = ()
    alike: tuple[int, ...] = ()
    too_late: str | None = None
    instead: str | None = None
    barred: tuple[Barred, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of cases; `every` says how many there are without the filters, by state alone."""

    entries: tuple[Entry, ...]
    every: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What choices do, or did. `seen` goes back with the commit, so that only what was shown is done."""

    came: tuple[Came, ...]
    seen: str


def listed(settings: Settings, wanted: Wanted = EVERY_OPEN, *, tried: bool = False) -> Listed:
    """Give the queue, the nearest deadline first, what rests last. Raises UsageError for a name that nothing has.

    With `tried`, each choice of an open case can be carried out; else they are those of its kind, which costs less.
    """
    if wanted.assignee == ME:
        wanted = replace(wanted, assignee=os_user())
    with looking(settings) as place, (office := place.office()).ledger.reading() as unit:
        need_partner(place, unit, wanted.partner)
        need_kind(wanted.kind)
        now = place.clock.now()
        found = tuple(_tried(office, one) if tried else one for one in list_cases(unit, wanted, now))
        return Listed(found, unit.cases.count(**({"state": wanted.state} if wanted.state else {})), now)


def _tried(office: Office, one: Entry) -> Entry:
    return replace(one, choices=offered(office, one.record)[0]) if one.record.state == "OPEN" else one


def grouped(settings: Settings, wanted: Wanted = EVERY_OPEN) -> tuple[Group, ...]:
    """Give the queue by cause."""
    return group(listed(settings, wanted).entries)


def exported(settings: Settings, wanted: Wanted = EVERY_OPEN) -> tuple[tuple[dict[str, str], ...], str]:
    """Give the queue as rows for a spreadsheet, and the same as CSV."""
    found = listed(settings, wanted, tried=True)
    with looking(settings) as place, place.office().ledger.reading() as unit:
        rows = rows_of([of_file(unit, one) for one in found.entries], found.now)
    return rows, to_csv(rows)


def case(settings: Settings, case_id: int) -> CaseView:
    """Give one case. Raises UsageError if there is none of this number."""
    with looking(settings) as place, (office := place.office()).ledger.reading() as unit:
        record = find_case(unit, case_id)
        open_ = record.state == "OPEN"
        choices, barred = offered(office, record) if open_ else ((), ())
        name, data, delimiters = _file_of(unit, record)
        order = unit.orders.get(record.order_id) if record.order_id is not None else None
        history = tuple(unit.events.select(subject=record.subject))
        others = unit.cases.select(order_id=record.order_id, state="OPEN") if order is not None else ()
        return CaseView(
            replace(entry(record), choices=choices) if open_ else entry(record),
            name,
            data,
            delimiters,
            order,
            history,
            tuple(one for one in others if one.id != case_id),
            tuple(number for number in alike(unit, case_id) if number != case_id),
            too_late(unit, record),
            instead_of_retry(unit, record) if open_ else None,
            barred,
        )


def _file_of(unit: Unit, record: CaseRecord) -> tuple[str | None, bytes | None, Delimiters | None]:
    if record.file_id is None:
        return None, None, None
    file = unit.files.get(record.file_id)
    if file.sha256 is None:
        return file.name, None, None
    data = text_of(unit, file)
    found = outline(data).interchanges
    bytes_named = [one.where.byte for one in findings_from_json(record.findings_json) if one.where.byte is not None]
    at = bytes_named[0] if bytes_named else 0
    about = next((one for one in found if one.start <= at < one.end), found[0] if found else None)
    return file.name, data, about.delimiters if about is not None else None


def with_alike(settings: Settings, case_id: int) -> tuple[int, ...]:
    """Give the open cases of the same cause as a case, itself first."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        return alike(unit, case_id)


def preview_resolution(settings: Settings, wishes: Mapping[int, Chosen]) -> Decided:
    """Show what choices would do."""
    with looking(settings) as place:
        came = preview_all(place.office(), wishes)
        return Decided(came, fingerprint(came))


def resolve_cases(settings: Settings, wishes: Mapping[int, Chosen], why: str, seen: str) -> Decided:
    """Do it, and give what it did."""
    with opened(settings, edition_in_force(settings)) as place:
        came = resolve_all(place.office(), wishes, why=why, seen=seen)
        return Decided(came, fingerprint(came))


def retry_cases(settings: Settings, cases: Sequence[int]) -> tuple[Tried, ...]:
    """Re-enter the steps that cases stopped."""
    with opened(settings) as place:
        return retry_all(place.office(), cases)


def assign_cases(settings: Settings, cases: Sequence[int], name: str | None, why: str) -> tuple[CaseRecord, ...]:
    """Say who looks after cases."""
    with opened(settings, edition_in_force(settings)) as place:
        return assign(place.office(), cases, os_user() if name == ME else name, why)


def snooze_cases(settings: Settings, cases: Sequence[int], until: str, why: str) -> tuple[Rest, ...]:
    """Let cases rest."""
    with opened(settings, edition_in_force(settings)) as place:
        return snooze(place.office(), cases, until, why)


def wake_cases(settings: Settings, cases: Sequence[int]) -> tuple[CaseRecord, ...]:
    """End the rest of cases."""
    with opened(settings, edition_in_force(settings)) as place:
        return wake(place.office(), cases)


def reopen_case(settings: Settings, case_id: int, why: str) -> CaseRecord:
    """Open a case again."""
    with opened(settings, edition_in_force(settings)) as place:
        return reopen(place.office(), case_id, why)
