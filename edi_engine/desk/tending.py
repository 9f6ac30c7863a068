"""Tending the queue: who looks after a case, and until when it may rest. Neither changes what it waits for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from edi_engine.desk.queue import open_case_of
from edi_engine.desk.resolve import note
from edi_engine.errors import UsageError
from edi_engine.flow.office import Office
from edi_engine.flow.records import CaseRecord

LONGEST_NAME: Final = 60
LONGEST_WHY: Final = 500
_SPAN: Final = re.compile(r"([0-9]{1,3})\s*([hdw])", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})", re.ASCII)
_SOON: Final = re.compile(r"(tomorrow)(?: ([0-9]{2}:[0-9]{2}))?|([0-9]{2}:[0-9]{2})", re.ASCII)
_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Rest:
    """A case that rests. `missed` is its deadline where that passes before it comes back."""

    case: CaseRecord
    missed: datetime | None


def assign(office: Office, case_ids: Sequence[int], name: str | None, why: str = "") -> tuple[CaseRecord, ...]:
    """Say who looks after some open cases; None: nobody. All of them or, with a UsageError, none."""
    name, why = _name(name), _why(why)
    changed: list[CaseRecord] = []
    with office.ledger.unit("desk.assigned") as unit:
        for case_id in dict.fromkeys(case_ids):
            case = open_case_of(unit, case_id)
            if case.assignee != name:
                before = f", until now {case.assignee}" if case.assignee else ""
                case = unit.cases.change(case, assignee=name)
                note(office, unit, case, "case assigned", f"{name or 'nobody'}{before}.", why)
            changed.append(case)
    return tuple(changed)


def snooze(office: Office, case_ids: Sequence[int], until: str, why: str) -> tuple[Rest, ...]:
    """Let some open cases rest until a day (its first minute where the partner is), a moment or for a span such as 2d.

    All of them or, with a UsageError, none.
    """
    now = office.clock.now()
    why = _why(why)
    if not why:
        message = "say why it may rest, with --why: whoever looks at the queue meanwhile should know"
        raise UsageError(message)
    rests: list[Rest] = []
    with office.ledger.unit("desk.snoozed") as unit:
        for case_id in dict.fromkeys(case_ids):
            case = open_case_of(unit, case_id)
            end = end_of_rest(until, now, _zone(office, case))
            case = unit.cases.change(case, snoozed_until=end, snoozed_why=why)
            note(office, unit, case, "case snoozed", f"rests until {end:%Y-%m-%d %H:%M} UTC.", why)
            rests.append(Rest(case, case.deadline if case.deadline is not None and case.deadline < end else None))
    return tuple(rests)


def wake(office: Office, case_ids: Sequence[int]) -> tuple[CaseRecord, ...]:
    """End the rest of some cases now. All of them or, with a UsageError, none."""
    now = office.clock.now()
    changed: list[CaseRecord] = []
    with office.ledger.unit("desk.snoozed") as unit:
        for case_id in dict.fromkeys(case_ids):
            case = open_case_of(unit, case_id)
            if case.snoozed_until is None or case.snoozed_until <= now:
                message = f"case {case_id} does not rest"
                raise UsageError(message)
            case = unit.cases.change(case, snoozed_until=None, snoozed_why=None)
            note(office, unit, case, "case woken", "its rest is over.")
            changed.append(case)
    return tuple(changed)


def end_of_rest(until: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read `2d`, `4h`, `1w`, `tomorrow`, `tomorrow 09:00`, `09:00` (the next one), `2026-11-24` or `2026-11-24 14:00`.

    Clocks are those of `zone`. Raises UsageError, which names these forms.
    """
    text = until.strip()
    try:
        if span := _SPAN.fullmatch(text):
            end = now + timedelta(**{_UNITS[span[2]]: int(span[1])})
        elif soon := _SOON.fullmatch(text.lower()):
            end = _soon(now, zone, soon[1] is not None, soon[2] or soon[3])
        elif _DAY.fullmatch(text):
            end = _moment(date.fromisoformat(text), time(), zone, now)
        elif moment := _MOMENT.fullmatch(text):
            end = _moment(date.fromisoformat(moment[1]), time.fromisoformat(moment[2]), zone, now)
        else:
            message = (
                f"{until!r} is no time to rest until; write 2d, 4h, 1w, tomorrow, 09:00, 'tomorrow 09:00', 2026-11-24 "
                "or '2026-11-24 14:00'"
            )
            raise UsageError(message)
    except (ValueError, OverflowError) as error:
        message = f"{until!r} is no day or moment of the calendar: {error}"
        raise UsageError(message) from error
    if end <= now:
        message = f"{until} is past; a case rests until some time to come"
        raise UsageError(message)
    return end


def _soon(now: datetime, zone: ZoneInfo, tomorrow: bool, clock: str | None) -> datetime:  # noqa: FBT001 - one of two words was written
    """Give a time of tomorrow, its first minute where none is said; or the next moment at which a clock says so."""
    at = time.fromisoformat(clock) if clock is not None else time()
    today = now.astimezone(zone).date()
    end = _moment(today + timedelta(days=1) if tomorrow else today, at, zone, now)
    return end if end > now else _moment(today + timedelta(days=1), at, zone, now)


def _moment(day: date, at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Give when the clocks of `zone` show a time, in UTC; the second time that they do, where the first is past."""
    first, second = (datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    return first if first > now else second


def _zone(office: Office, case: CaseRecord) -> ZoneInfo:
    partner = office.edition.partners.get(case.partner or "")
    return ZoneInfo(partner.clocks.zone if partner is not None else "UTC")


def _name(name: str | None) -> str | None:
    if name is None:
        return None
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"a name has 1 to {LONGEST_NAME} letters that can be shown"
        raise UsageError(message)
    if name.isdigit():
        message = f"{name} looks like the number of a case; name the person last, or give --nobody"
        raise UsageError(message)
    return name


def _why(why: str) -> str:
    why = " ".join(why.split())
    if len(why) > LONGEST_WHY:
        message = f"a reason has {LONGEST_WHY} letters at most; this one has {len(why):,}"
        raise UsageError(message)
    return why
