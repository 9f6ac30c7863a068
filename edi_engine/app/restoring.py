"""A store that went back: how a restore is noticed. `app.bumping` is what a person does then.

A file beside the store (for a server: in the home) keeps the number of the last event that was seen here, and how far
control numbers were raised by then. A store whose last event is an earlier one was taken back from a copy, by whatever
program; one without events stands in the place of one that was removed, and knows no number that was given out. A home
that has no such file is new, and nothing is told.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from edi_engine.app.alone import lock_file
from edi_engine.finding import Finding, Severity
from edi_engine.store.restored import NEW, remedy
from edi_engine.store.restored import told as what_happened

if TYPE_CHECKING:
    from edi_engine.app.settings import Settings
    from edi_engine.store.ledger import Store


def water_mark(settings: Settings) -> Path | None:
    """Give the file that keeps the last event; None for a store in memory."""
    if settings.db.startswith("sqlite") and settings.store_file is None:
        return None
    lock = lock_file(settings)
    return lock.with_name(f"{lock.name.removesuffix('.lock').removesuffix('.daemon')}.last")


def gone_back(settings: Settings, store: Store) -> str | None:
    """Say how it is seen that the store went back behind what was seen of it here; None where it did not."""
    marked = store.restored()
    if marked is not None:
        return marked
    (seen, _), last = _read(water_mark(settings)), store.last_event()
    if seen <= last:
        return None
    if not last:
        return f"{NEW}, and event {seen} was seen of the one that stood here before"
    return f"event {seen} was seen here before, and its last one is {last}"


def told(settings: Settings, store: Store) -> tuple[Finding, ...]:
    """Say that the store was taken back from a copy, so that nothing is numbered and the daemon does not start."""
    why = gone_back(settings, store)
    if why is None:
        return ()
    what = what_happened(why)
    message = f"{what[:1].upper()}{what[1:]}. Nothing is numbered or sent, and the daemon does not start."
    return (Finding("system.store.restored", Severity.HOLD, message, fix=remedy(why)),)


def notice(settings: Settings, store: Store) -> None:
    """Mark a store that went back, so that every command and the daemon know it."""
    if store.restored() is None and (why := gone_back(settings, store)) is not None:
        store.mark_restored(why)


def remember(settings: Settings, store: Store) -> None:
    """Keep the number of the last event, if it is a later one; nothing hangs on the very last ones."""
    path = water_mark(settings)
    if path is None:
        return
    last = store.last_event()
    if last > _read(path)[0]:
        _write(path, last, store.floor())


def remember_bump(settings: Settings, store: Store) -> None:
    """Keep where a store stands by now that went back before, and how far its numbers are raised."""
    path = water_mark(settings)
    if path is not None:
        _write(path, store.last_event(), store.floor())


def seen_floor(settings: Settings) -> int:
    """Give how far the numbers of the store that was here last were raised."""
    return _read(water_mark(settings))[1]


def _write(path: Path, last: int, floor: int) -> None:
    with suppress(OSError):  # a home that cannot be written to is told by others
        unfinished = path.with_name(f"{path.name}.part")
        with unfinished.open("w", encoding="ascii") as file:  # an empty one would say that nothing was ever seen here
            file.write(f"{last} {floor}\n" if floor else f"{last}\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)


def _read(path: Path | None) -> tuple[int, int]:
    """Give the last event and the floor."""
    try:
        words = path.read_text(encoding="ascii").split() if path is not None else []
    except (OSError, UnicodeDecodeError):
        words = []
    numbers = [int(word) if word.isdigit() else 0 for word in words[:2]]
    last, floor = (*numbers, 0, 0)[:2]
    return last, floor
