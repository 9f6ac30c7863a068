"""What `edi doctor` says of the daemon: whether one runs, whether it is alive, and what waits here where none does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from edi_engine.app.beating import STILL, last_beat
from edi_engine.app.health_look import Look
from edi_engine.app.lanes import POLL, REMEMBER_EVERY, SIGN
from edi_engine.app.workplace import ERP
from edi_engine.finding import Severity
from edi_engine.flow.deliver import UNSENT, queue
from edi_engine.flow.documents import OUT
from edi_engine.flow.look import STANDING, STORED, knows, wanted
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord
from edi_engine.flow.wording import counted
from edi_engine.partners.connection import Connection
from edi_engine.partners.edition import Edition
from edi_engine.store.ledger import Store

_SLOW: Final = timedelta(minutes=2)
"""What a poll, or a sign of life, may be late: a server that hangs is left within one minute."""


@dataclass(frozen=True, slots=True)
class _Lot:
    """Things of one kind that only a daemon takes further: what they are called, how many, and since when."""

    what: str
    count: int
    since: datetime


def look_at_daemon(look: Look, daemon: str | None, edition: Edition | None, store: Store | None) -> None:
    """Say whether a daemon is at work: one that is frozen and one that is missing while things wait are trouble."""
    lanes = store.lanes() if store is not None else ()
    look.facts["lanes"] = [{"name": name, "fence": fence, "seen": seen} for name, fence, seen in lanes]
    worked = [lane for lane in lanes if lane[0] != SIGN]
    if worked:
        name, _, seen = max(worked, key=lambda lane: lane[2])
        look.well.append(f"{counted(len(worked), 'lane')} worked so far, {name} last, {ago(look.now, seen)} ago")
    if daemon is None:
        _missing(look, edition, store, lanes)
    elif look_at_process(look, daemon):
        _silent(look, daemon, edition, store, lanes)


def look_at_process(look: Look, daemon: str | None) -> bool:
    """Say whether a process runs and is alive; without its store no more is known."""
    if daemon is None:
        look.well.append("no daemon runs on the store now")
        return False
    if _frozen(look, daemon):
        return False
    look.well.append(f"a daemon runs on the store (process {daemon})")
    return True


def _frozen(look: Look, daemon: str) -> bool:
    """Tell a daemon that holds its lock and does nothing: stopped by a signal, or stuck in the machine."""
    beat = last_beat(look.settings)
    look.facts["daemon_seen"] = beat
    if beat is None or look.now - beat <= STILL:
        return False
    look.warn(
        "system.daemon.frozen",
        f"A daemon runs (process {daemon}), but it has given no sign of life for {ago(look.now, beat)}; it gives one "
        "every 5 s. Nothing is fetched, answered or sent.",
        f"see its log and whether it is stopped (ps -o stat= -p {daemon}); ending it and starting it again loses "
        "nothing",
        Severity.HOLD,
    )
    return True


Lanes = tuple[tuple[str, int, datetime], ...]


def _silent(look: Look, daemon: str, edition: Edition | None, store: Store | None, lanes: Lanes) -> None:
    """Tell a poll that is late although its daemon is alive; one whose connection is in trouble has a case."""
    if edition is None or store is None or any(one.code == "system.disk" for one in look.findings):
        return
    with store.ledger().reading() as unit:
        troubled = {case.subject for case in unit.cases.select(state="OPEN")}
    polls = {f"{POLL}{connection.name}": connection for connection in edition.polled}
    for name, _, seen in lanes:
        connection = polls.get(name)
        if connection is None or f"connection:{connection.name}" in troubled:
            continue
        if look.now - seen > connection.every + _SLOW:
            look.warn(
                "system.lane.silent",
                f"A daemon runs (process {daemon}), but {name} has not looked for {ago(look.now, seen)}; "
                f"it should look every {connection.every}.",
                "see the daemon's log; ending it and starting it again loses nothing",
                Severity.HOLD,
            )


def _missing(look: Look, edition: Edition | None, store: Store | None, lanes: Lanes) -> None:
    """Tell what waits for a daemon while none runs here."""
    last = max((seen for *_, seen in lanes), default=None)
    if last is not None and look.settings.store_file is None and look.now - last <= REMEMBER_EVERY + _SLOW:
        look.well.append("a daemon of another machine works on the store")
        return
    lots = tuple(_lots(look, edition, store))
    look.facts["waiting"] = {one.what: one.count for one in lots}
    start = "start one: `edi run`, as a service (docs/howto/run-as-a-service.md), or `edi run --once` for this time"
    if lots:
        listed = [f"{counted(one.count, one.what)} (since {one.since:%Y-%m-%d %H:%M} UTC)" for one in lots]
        what = " and ".join(part for part in (", ".join(listed[:-1]), listed[-1]) if part)
        verb = "waits" if sum(one.count for one in lots) == 1 else "wait"
        look.warn("system.daemon.none", f"No daemon runs, and {what} {verb} for one.", start, Severity.HOLD)
    elif last is not None:
        seen = max(last, last_beat(look.settings) or last)
        message = f"No daemon runs; the last one was at work {ago(look.now, seen)} ago. Nothing waits here, but nobody "
        look.warn("system.daemon.none", f"{message}looks whether a partner has sent anything.", start, Severity.NOTE)
    else:
        unread = store is None and look.settings.store_file is not None and look.settings.store_file.exists()
        look.well.append("no daemon runs on the store now" + ("" if unread else ", and nothing waits for one"))


def _lots(look: Look, edition: Edition | None, store: Store | None) -> Iterator[_Lot]:
    """Count what lies in the folders of this machine and in the store, but for what waits for a person."""
    if store is None:
        yield from _in_folders(look, edition, None)
        return
    with store.ledger().reading() as unit:
        yield from _in_folders(look, edition, unit)
        cases = unit.cases.select(state="OPEN")
        files, orders = {case.file_id for case in cases}, {case.order_id for case in cases}
        stored = {one.id: one.at for one in unit.files.select(state="STORED")}
        for one in unit.interchanges.select(direction="in", state="OPENED"):
            if one.file_id is not None:
                stored.setdefault(one.file_id, one.at)
        yield from _lot("fetched file", [at for number, at in stored.items() if number not in files])
        yield from _lot("undecided order", [o.at for o in unit.orders.select(state="OPEN") if o.id not in orders])
        yield from _lot("unsent document", [one.at for one in _to_send(unit, edition)])


def _to_send(unit: Unit, edition: Edition | None) -> Iterator[DocumentRecord]:
    """Give what a daemon would send. What waits for a connection that is gone has a case that says so."""
    for name in sorted({one.connection for one in unit.documents.select(state=UNSENT, held_at=None)}):
        if name == ERP or (name.partition(":")[0] != OUT and (edition is None or name in edition.connections)):
            yield from queue(unit, name)


def _in_folders(look: Look, edition: Edition | None, unit: Unit | None) -> Iterator[_Lot]:
    """Count the files that lie in partners' folders of this machine and were not fetched; servers are not asked."""
    if edition is None:
        return
    waiting: list[datetime] = []
    for connection in edition.polled:
        if connection.folder is None:
            continue
        for folder in connection.intake.folders:
            place = look.settings.home / connection.folder / folder.lstrip("/")
            with suppress(OSError), os.scandir(os.fsencode(place)) as entries:
                for entry in entries:
                    if not entry.is_file(follow_symlinks=False) or not wanted(connection.intake, entry.name):
                        continue
                    stat = entry.stat(follow_symlinks=False)
                    if unit is None or _to_fetch(unit, connection.only(folder), entry.name, stat.st_size):
                        waiting.append(datetime.fromtimestamp(stat.st_mtime, UTC))
    yield from _lot("unfetched file", waiting)


def _to_fetch(unit: Unit, connection: Connection, name: bytes, size: int) -> bool:
    """Say whether a daemon would fetch a file, or tell that it is too large."""
    known = unit.files.one(
        connection=connection.name,
        folder=connection.intake.folder,
        name_hex=name.hex(),
        cleared_at=None,
        state=STANDING,
    )
    if known is None:
        return True
    too_large = size > connection.intake.max_bytes
    return known.state not in STORED and not (too_large and knows(unit, known, "transport.size"))


def _lot(what: str, moments: list[datetime]) -> Iterator[_Lot]:
    if moments:
        yield _Lot(what, len(moments), min(moments))


def ago(now: datetime, then: datetime) -> str:
    """Say how long ago something was, in one unit."""
    seconds = max(int((now - then).total_seconds()), 0)
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
