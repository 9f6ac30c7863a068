"""`edi doctor`: everything that may keep the daemon from working well. It looks, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from edi_engine.app.alone import running
from edi_engine.app.care import check_partners
from edi_engine.app.gaps import DAYS, missing
from edi_engine.app.gaps import said as gap_said
from edi_engine.app.owed import owed
from edi_engine.app.restoring import told
from edi_engine.app.room import OF_THE_DISK, disks
from edi_engine.app.sealing import said, standing
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import current_edition, folders
from edi_engine.errors import EngineError, TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.deliver import UNSENT
from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.flow.expected import EXPECTED
from edi_engine.flow.look import ALONE, NONE_ALONE, subject_of
from edi_engine.flow.ports import Unit
from edi_engine.partners.edition import Edition
from edi_engine.store.backup import check
from edi_engine.store.ledger import Store, open_store

_SOUND_SQLITE: Final = (3, 51, 3)
"""From this version on, SQLite itself keeps two connections from damaging a store that both write and checkpoint."""
_AHEAD: Final = timedelta(minutes=5)
"""How far behind what is stored a clock may be before it is told: two hosts on one store are never quite as one."""
_NAMED: Final = 5
"""Held documents whose numbers are named in the command that lets them go."""
_OF_THE_HOUSE: Final = frozenset({"connection", "edition", "lane", "store", EXPECTED})
"""What cases are about that belong to no file, order or document: each is told by its title."""
_SILENT: Final = timedelta(minutes=2)
"""What a poll may be late beyond three of its pauses before its lane is told as silent."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the doctor saw: one line for each thing that is well, a finding for each that is not, and it all as data."""

    well: tuple[str, ...]
    findings: tuple[Finding, ...]
    facts: Mapping[str, object] = field(default_factory=dict)


class Look:
    """One look at an installation, as it grows."""

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing seen."""
        self.settings = settings
        self.now = SystemClock().now()
        self.well: list[str] = []
        self.findings: list[Finding] = []
        self.facts: dict[str, Any] = {}

    def warn(self, code: str, message: str, fix: str, severity: Severity = Severity.WARNING, source: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(code, severity, message, fix=fix, source=source or None))


def doctor(settings: Settings) -> Health:
    """Look at programs, partner files, keys, folders, disks, the store, its cases and the daemon's lanes."""
    look = Look(settings)
    _programs(look)
    edition = _partners(look)
    if edition is not None:
        _fulfilment(look, edition)
        _unconnected(look, edition)
        _keys(look, edition)
        _weak(look, edition)
        _folders(look, edition)
    _disks(look)
    _store(look, edition)
    return Health(tuple(look.well), tuple(dict.fromkeys(look.findings)), look.facts)


def _programs(look: Look) -> None:
    python = sys.version.split()[0]
    look.facts.update(python=python, home=str(look.settings.home))
    if not look.settings.db.startswith("sqlite"):
        look.well.append(f"Python {python}")
        return
    look.facts["sqlite"] = sqlite3.sqlite_version
    look.well.append(f"Python {python}, SQLite {sqlite3.sqlite_version}")
    if sqlite3.sqlite_version_info < _SOUND_SQLITE:
        look.warn(
            "system.sqlite.old",
            f"SQLite {sqlite3.sqlite_version} may damage a store that two programs write and checkpoint at one moment. "
            "The lock file beside the store keeps ours apart; write to it with no other program.",
            f"use a Python with SQLite {'.'.join(map(str, _SOUND_SQLITE))} or newer when there is one for this system",
            Severity.NOTE,
        )


def _partners(look: Look) -> Edition | None:
    checked = check_partners(look.settings)
    look.findings.extend(checked.findings)
    if not checked.edition:
        return None
    edition = current_edition(look.settings)
    _, folder = folders(look.settings)
    examples = sum(len(partner.examples) for partner in edition.partners.values())
    tried = f"{_counted(examples, 'example')} tried" if examples else "no examples to try"
    look.well.append(f"{_counted(len(edition.partners), 'partner')} in {folder}: the files are sound, {tried}")
    look.facts["partners"] = {
        "edition": checked.edition,
        "folder": str(folder),
        "names": sorted(edition.partners),
        "examples": examples,
    }
    if look.settings.home not in folder.parents:
        look.warn(
            "partner.shipped",
            f"There is no partners/ in {look.settings.home}, so the sample partner that ships is used.",
            "name the home with --home or EDI_HOME, or put your partners/ there",
            Severity.NOTE,
        )
    return edition


def _fulfilment(look: Look, edition: Edition) -> None:
    """Name every partner whose orders ship by themselves, and the words that allow it for live ones."""
    for partner in edition.partners.values():
        if partner.fulfilment.mode == "auto":
            live = partner.fulfilment.auto_live
            what = (
                f", live orders too, by the words “{live.rstrip('.')}”." if live else "; live orders wait for people."
            )
            look.warn(
                "partner.fulfilment.auto",
                f"{partner.title} ships by itself whatever is acknowledged (fulfilment: auto){what}",
                "this is for the sandbox; set `fulfilment: none` where people or an ERP ship",
                source=partner.source,
            )


def _unconnected(look: Look, edition: Edition) -> None:
    """Name every live partner for whom there is no mailbox."""
    for partner in edition.partners.values():
        if partner.live and partner.connection is None:
            look.warn(
                "partner.connection.none",
                f"{partner.title} is live and has no connection: its files come in by `edi process` alone, and what is "
                "written for it goes into that command's folder.",
                "write `connection:` in the partner file if there is a mailbox to watch",
                Severity.NOTE,
                partner.source,
            )


def _keys(look: Look, edition: Edition) -> None:
    """Load each key that a partner's connection names, as the connection would."""
    used = {partner.connection for partner in edition.partners.values()}
    sound = 0
    for connection in edition.connections.values():
        if connection.sftp is None or connection.name not in used:
            continue
        name = connection.sftp.key
        path = look.settings.keys / name
        if not path.is_file():
            look.warn(
                "system.key.missing",
                f"The connection {connection.name} wants the private key {name}, and {look.settings.keys} has none.",
                f"put the key there, readable by you alone: ssh-keygen -t ed25519 -N '' -f {path}",
                source=connection.source,
            )
        elif path.stat().st_mode & 0o077:
            look.warn("system.key.open", f"The private key {name} can be read by others.", f"chmod 600 {path}")
        else:
            sound += _key_loads(look, name, path)
    if sound:
        look.well.append(f"{_counted(sound, 'private key')} in {look.settings.keys}")


def _weak(look: Look, edition: Edition) -> None:
    """Name each connection that may use old algorithms."""
    for connection in edition.connections.values():
        weak = connection.sftp.weak if connection.sftp is not None else None
        if weak is not None:
            over = look.now.date() > weak.until
            look.warn(
                "transport.weak",
                f"{connection.name} {'was allowed to' if over else 'may'} use {', '.join(weak.allow)} "
                f"until {weak.until}: {weak.because.rstrip('.')}.",
                "ask the partner for newer algorithms, and take `weak` out",
                Severity.WARNING if over else Severity.NOTE,
                connection.source,
            )


def _key_loads(look: Look, name: str, path: Path) -> bool:
    from edi_engine.transport.keys import private_key

    try:
        private_key(name, lambda _: path)
    except TransportError as error:
        look.warn(
            "system.key.unusable", f"{str(error)[:1].upper()}{str(error)[1:]}.", "put a key there that is not locked"
        )
        return False
    return True


def _folders(look: Look, edition: Edition) -> None:
    """See whether the folders of this machine are there, and whether those that we write to can be written to."""
    places = {"erp": look.settings.erp}
    for connection in edition.connections.values():
        if connection.folder is None:
            continue
        places[connection.name] = look.settings.home / connection.folder
        below = (*connection.intake.folders, connection.delivery.folder)
        for name in below if places[connection.name].is_dir() else ("",):
            place = places[connection.name] / name.lstrip("/")
            if not place.is_dir():
                look.warn(
                    "system.folder.missing",
                    f"The folder {place} of the connection {connection.name} is not there.",
                    "make it, or mount the disk that holds it; a partner's folders are never made by themselves",
                    source=connection.source,
                )
    for name, folder in places.items():
        standing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
        if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
            look.warn(
                "system.folder.closed",
                f"The folder {folder} of the connection {name} cannot be written to.",
                f"give the daemon's user the right to write to {standing}",
            )


def _disks(look: Look) -> None:
    """See how much room is left where the home and the store are."""
    look.facts["disks"] = []
    for room in disks(look.settings):
        look.facts["disks"].append({"folder": str(room.folder), "free": room.free, "total": room.total})
        if not room.short:
            free = f"{room.free / 2**30:.1f} GiB of the disk of {room.folder} are free ({room.share:.0f} %)"
            look.well.append(free)
            continue
        message = f"Only {room.share:.1f} % of the disk of {room.folder} are free; nothing new is fetched."
        look.warn("system.disk", message, "make room; fetching goes on by itself", Severity.HOLD)


def _store(look: Look, edition: Edition | None) -> None:
    settings = look.settings
    daemon = running(settings)
    look.facts["daemon"] = daemon
    look.well.append(f"a daemon runs on the store (process {daemon})" if daemon else "no daemon runs on the store now")
    if settings.store_file is not None and not settings.store_file.exists():
        look.well.append("there is no store yet; the first run makes it")
        return
    faults = check(settings.db)
    look.findings.extend(faults)
    if faults:
        return
    try:
        store = open_store(settings.db, owner=False)
        try:
            look.findings.extend(told(settings, store))
            with store.ledger().reading() as unit:
                _work(look, unit)
                _alone(look, unit, edition)
                look.findings.extend(owed(unit, look.now))
                _clock(look, unit)
            _lanes(look, store, edition, daemon)
            seal, newer = standing(store)
            look.facts["seal"] = seal
            look.well.append(said(seal, newer))
            look.facts["gaps"] = missing(store, look.now - timedelta(days=DAYS))
            look.well.extend(map(gap_said, look.facts["gaps"]))
        finally:
            store.close()
    except EngineError as error:
        look.warn("system.db", f"The store does not open: {error}", "see what the sentence names", Severity.HOLD)


def _work(look: Look, unit: Unit) -> None:
    """Count what waits, and name what is about the installation itself or overdue."""
    cases = unit.cases.select(state="OPEN")
    kinds = Counter(case.kind for case in cases)
    unsent = unit.documents.count(state=(*UNSENT, "PARKED"))
    look.facts["cases"] = dict(sorted(kinds.items()))
    look.facts["documents_unsent"] = unsent
    listed = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    waiting = _counted(len(cases), "open case") + (f" ({listed})" if listed else "")
    look.well.append(f"the store opens: {waiting}, {_counted(unsent, 'document')} to send")
    for case in cases:
        known = case.subject == OF_THE_DISK and any(one.code == "system.disk" for one in look.findings)
        if case.subject.partition(":")[0] in _OF_THE_HOUSE and not known:
            look.warn(case.kind, case.title, f"see `edi exceptions show {case.id}`", Severity.HOLD)
    _held(look, unit)
    delivered = unit.documents.select(state="CONFIRMED", kind=tuple(EXPECT_RESPONSE))
    overdue = [one for one in delivered if one.due_at and one.due_at < look.now]
    look.facts["acknowledgments_overdue"] = len(overdue)
    for partner, number in Counter(one.partner or "nobody" for one in overdue).items():
        oldest = min(one.due_at for one in overdue if (one.partner or "nobody") == partner and one.due_at)
        look.warn(
            "ack.overdue",
            f"{partner} has not acknowledged {_counted(number, 'document')} of ours, "
            f"due since {oldest:%Y-%m-%d %H:%M} UTC.",
            "see `edi outbox list --state overdue` and ask the partner; nothing is sent again by itself",
        )


def _held(look: Look, unit: Unit) -> None:
    """Name what people hold back, so that nobody forgets it."""
    waiting = unit.documents.count(state="READY")
    held = waiting - unit.documents.count(state="READY", held_at=None)
    look.facts["documents_held"] = held
    if held:
        all_held = [one for one in unit.documents.select(state="READY") if one.held_at is not None]
        oldest = min(all_held, key=lambda one: one.held_at or look.now)
        numbers = str(oldest.id) if held > _NAMED else " ".join(str(one.id) for one in all_held)
        them = "it" if held == 1 else "the first" if held > _NAMED else "them"
        look.warn(
            "document.held",
            f"{_counted(held, 'document')} {'is' if held == 1 else 'are'} held back, the first by {oldest.held_by} "
            f"since {oldest.held_at:%Y-%m-%d %H:%M} UTC.",
            f"see `edi outbox list --state held`; `edi outbox release {numbers}` lets {them} go",
        )


def _alone(look: Look, unit: Unit, edition: Edition | None) -> None:
    """Name the files in partners' folders that no pattern of ours wants: nobody will ever read them."""
    for connection in () if edition is None else edition.connections.values():
        for folder in connection.intake.folders:
            last = unit.events.select(subject=subject_of(connection.name, folder), what=ALONE, descending=True, limit=1)
            if last and last[0].detail != NONE_ALONE:
                look.warn(
                    "transport.ignored",
                    f"{connection.name} leaves files alone that no pattern wants, {last[0].detail}.",
                    "correct `match` or `ignore` of the connection if one of them is an order; else have them removed",
                    Severity.NOTE,
                    connection.source,
                )


def _clock(look: Look, unit: Unit) -> None:
    """Compare this machine's clock with the last thing that happened."""
    last = next(iter(unit.events.select(limit=1, descending=True)), None)
    if last is not None and last.at - look.now > _AHEAD:
        look.warn(
            "system.clock",
            f"This machine's clock says {look.now:%Y-%m-%d %H:%M} UTC, but the store has something of "
            f"{last.at:%Y-%m-%d %H:%M} UTC.",
            "set the clock (timedatectl), before deadlines and retries are counted wrongly",
            Severity.HOLD,
        )


def _lanes(look: Look, store: Store, edition: Edition | None, daemon: str | None) -> None:
    """Say when each lane was last at work, and which poll is silent although a daemon runs."""
    lanes = store.lanes()
    look.facts["lanes"] = [{"name": name, "fence": fence, "seen": seen} for name, fence, seen in lanes]
    if not lanes:
        return
    name, _, seen = max(lanes, key=lambda lane: lane[2])
    look.well.append(f"{_counted(len(lanes), 'lane')} worked so far, {name} last, {_ago(look.now, seen)} ago")
    if daemon is None or edition is None:
        return
    for name, _, seen in lanes:
        connection = edition.connections.get(name.removeprefix("poll:")) if name.startswith("poll:") else None
        if connection is not None and look.now - seen > 3 * connection.every + _SILENT:
            look.warn(
                "system.lane.silent",
                f"A daemon runs (process {daemon}), but {name} has not looked for {_ago(look.now, seen)}; "
                f"it should look every {connection.every}.",
                "see the daemon's log; ending it and starting it again loses nothing",
            )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _ago(now: datetime, then: datetime) -> str:
    seconds = max(int((now - then).total_seconds()), 0)
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
