"""`expect:` of a partner file or a connection: sentences such as `orders every weekday by 09:00`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Final
from zoneinfo import ZoneInfo

from edi_engine.finding import Finding
from edi_engine.mapping.language import ReadingMap
from edi_engine.partners.chosen_map import ChosenMap
from edi_engine.partners.expectation import FILES, Expectation
from edi_engine.partners.form import Form
from edi_engine.text.csv import Sheet
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Mark, Text, problem
from edi_engine.x12.dictionary import Dictionary

HOLIDAYS: Final = "holidays"
"""The table of the days on which nothing is expected."""
HOLIDAY_KEYS: Final = ("date",)

_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final[dict[str, frozenset[int]]] = {
    "day": frozenset(range(7)),
    "weekday": frozenset(range(5)),
    **{name: frozenset({number}) for number, name in enumerate(_DAY_NAMES)},
}
_SENTENCE: Final = re.compile(
    r"(?P<what>\S+) every (?P<days>.+?) (?:by (?P<by>([01][0-9]|2[0-3]):([0-5][0-9]))"
    r"|between (?P<after>([01][0-9]|2[0-3]):([0-5][0-9])) and (?P<until>([01][0-9]|2[0-3]):([0-5][0-9])))"
    r"(?: (?P<zone>\S+))?"
)
_TIMES: Final = re.compile(r"(?:by|between|and) ([0-9][0-9:.]*(?: ?[ap]m)?)(?= |$)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_SET: Final = re.compile(r"[0-9]{3}")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXAMPLE: Final = "orders every weekday by 09:00"


def read_expect(
    file: Form,
    zone: str,
    maps: Mapping[str, tuple[ChosenMap, ...]],
    holidays: frozenset[date],
    dictionary: Dictionary,
) -> tuple[Expectation, ...]:
    """Read `expect:` of a partner file; times are those of `zone`. `orders` are the sets that its maps read as such.

    Any set that the dictionary has in some version may be expected, acknowledgments too.
    """
    orders = tuple(
        set_id
        for set_id, chosen in maps.items()
        if any(isinstance(one.map, ReadingMap) and one.map.makes == "order" for one in chosen)
    )
    sets = tuple(sorted({each for version in dictionary.versions() for each in dictionary.sets(version)}))
    found: dict[str, Expectation] = {}
    for text in file.texts("expect"):
        read = _sentence(file, text, {FILES: (), "orders": orders}, zone, holidays, sets)
        if read is None:
            continue
        if read.what == "orders" and not orders:
            file.complain("partner.value.expect", text.mark, "expect speaks of orders, and no map reads any")
        _keep(file, text, found, read)
    return tuple(found.values())


def read_expected_files(form: Form) -> tuple[Expectation, ...]:
    """Read `expect:` of a connection, which knows only files, and names its zone: it has no clocks."""
    found: dict[str, Expectation] = {}
    for text in form.texts("expect"):
        read = _sentence(form, text, {FILES: ()}, None, frozenset())
        if read is not None:
            _keep(form, text, found, read)
    return tuple(found.values())


def _keep(form: Form, text: Text, found: dict[str, Expectation], read: Expectation) -> None:
    if read.what in found:
        form.complain("partner.value.twice", text.mark, f"{form.named('expect')} speaks of {read.what} twice; keep one")
    found[read.what] = read


def _sentence(
    form: Form,
    text: Text,
    known: Mapping[str, tuple[str, ...]],
    zone: str | None,
    holidays: frozenset[date],
    set_ids: tuple[str, ...] = (),
) -> Expectation | None:
    """Read one sentence about `known` things or `set_ids`; with `zone` None, it must name its own at its end."""

    def complain(message: str, fix: str | None = None) -> None:
        form.complain("partner.value.expect", text.mark, message, fix=fix)

    example = _EXAMPLE if zone is not None else "files every weekday by 09:00 America/Chicago"
    match = _SENTENCE.fullmatch(" ".join(text.value.split()))
    if match is None:
        complain(f"{form.named('expect')} wants a sentence such as {example}, not {text.value}", _repair(text.value))
        return None
    what, days = match["what"], _days(match["days"])
    if what not in known and (zone is None or not _SET.fullmatch(what)):
        sets = ", or a set such as 860" if zone is not None else ""
        complain(f"{form.named('expect')} speaks of {' or '.join(known)}{sets}, not of {what}")
        return None
    if what not in known and what not in set_ids:
        complain(f"{form.named('expect')}: {what} is no set of X12 that we know; {nearest_or_all(what, set_ids)}")
        return None
    if not days:
        complain(f"every {match['days']} names no days; {nearest_or_all(match['days'], tuple(_DAYS))}")
        return None
    own = match["zone"]
    if (own is None) == (zone is None):
        which = f"clocks.zone says whose time it is; take {own} out" if own else "name the time zone at the end"
        complain(f"{form.named('expect')}: {which}: {example}")
        return None
    if own is not None and not _is_zone(own):
        complain(f"{own} is no time zone such as America/Chicago")
        return None
    after = time.fromisoformat(match["after"]) if match["after"] else None
    by = time.fromisoformat(match["by"] or match["until"])
    if after is not None and after >= by:
        complain(f"between {match['after']} and {match['until']} is no time of one day")
        return None
    counted = known.get(what, (what,))
    return Expectation(
        text.value, what, counted, days, by, own or zone or "UTC", after, holidays, f"{text.mark.file}:{text.mark.line}"
    )


def _repair(said: str) -> str | None:
    """Say which of its times are not written as times are, where that may be all that is wrong; None where none is."""
    odd = [one for one in _TIMES.findall(said) if not _CLOCK.fullmatch(one)]
    if not odd:
        return None
    return f"write times with two digits for hours and minutes, 00:00 to 23:59, as in 09:00; not {' or '.join(odd)}"


def _days(words: str) -> frozenset[int]:
    """Read `weekday`, or `monday, wednesday and friday`; none where a word is no day."""
    named = [word for word in re.split(r", | and ", words) if word]
    if not all(word in _DAYS for word in named):
        return frozenset()
    return frozenset().union(*(_DAYS[word] for word in named))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def read_holidays(sheet: Sheet, problems: list[Finding]) -> frozenset[date]:
    """Read the table holidays: one day a row, in the column date."""
    found: set[date] = set()
    column = sheet.columns.index("date") + 1
    for row in sheet.rows:
        said = row.values.get("date", "")
        try:
            found.add(date.fromisoformat(said if _ISO.fullmatch(said) else ""))
        except ValueError:
            message = f"date wants a day such as 2026-11-26, not {said or 'nothing'}"
            problems.append(problem("partner.table.value", Mark(sheet.file, row.line, column), message))
    return frozenset(found)
