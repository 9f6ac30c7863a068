"""What `edi doctor` asks of the store: what waits in it, whether its clock is ours, whether its daemon is at work."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from edi_engine.app.alone import running
from edi_engine.app.gaps import DAYS, missing
from edi_engine.app.gaps import said as gap_said
from edi_engine.app.health_daemon import look_at_daemon, look_at_process
from edi_engine.app.health_look import Look
from edi_engine.app.owed import owed
from edi_engine.app.restoring import told
from edi_engine.app.room import OF_THE_DISK
from edi_engine.app.sealing import said, standing
from edi_engine.errors import EngineError
from edi_engine.finding import Severity
from edi_engine.flow.deliver import UNSENT
from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.flow.expected import EXPECTED
from edi_engine.flow.look import ALONE, NONE_ALONE, subject_of
from edi_engine.flow.ports import Unit
from edi_engine.flow.wording import counted
from edi_engine.partners.edition import Edition
from edi_engine.store.backup import check
from edi_engine.store.ledger import open_store

_AHEAD: Final = timedelta(minutes=5)
"""How far behind what is stored a clock may be before it is told: two hosts on one store are never quite as one."""
_NAMED: Final = 5
"""Held documents whose numbers are named in the command that lets them go."""
_OF_THE_HOUSE: Final = frozenset({"connection", "edition", "lane", "store", EXPECTED})
"""What cases are about that belong to no file, order or document: each is told by its title."""


def look_at_store(look: Look, edition: Edition | None) -> None:
    """See whether the store is sound, what waits in it, and whether a daemon is at work."""
    settings = look.settings
    daemon = running(settings)
    look.facts["daemon"] = daemon
    if settings.store_file is not None and not settings.store_file.exists():
        look_at_daemon(look, daemon, edition, None)
        look.well.append("there is no store yet; the first run makes it")
        return
    faults = check(settings.db)
    look.findings.extend(faults)
    if faults:
        if all(one.code == "system.store.behind" for one in faults):
            look_at_daemon(look, daemon, edition, None)
        else:
            look_at_process(look, daemon)
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
            look_at_daemon(look, daemon, edition, store)
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
    waiting = counted(len(cases), "open case") + (f" ({listed})" if listed else "")
    look.well.append(f"the store opens: {waiting}, {counted(unsent, 'document')} to send")
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
            f"{partner} has not acknowledged {counted(number, 'document')} of ours, "
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
            f"{counted(held, 'document')} {'is' if held == 1 else 'are'} held back, the first by {oldest.held_by} "
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
