"""`edi demo`: sandbox retailers on loopback SFTP, the real daemon, and a report of what became of every order."""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from edi_engine.app.alone import alone
from edi_engine.app.daemon import Daemon
from edi_engine.app.demo_places import PLACES, lay_out, open_mailbox, open_server, pin
from edi_engine.app.settings import Settings, SystemClock, program
from edi_engine.app.workplace import Workplace, opened
from edi_engine.desk.queue import Entry, list_cases
from edi_engine.flow.cases import waits
from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import OrderRecord
from edi_engine.runtime.daemon import configure_log, until_told
from edi_engine.sandbox.mailbox import Mailbox
from edi_engine.sandbox.retailer import Report, together

PATIENCE = 90.0
"""Seconds after which the demo ends whatever is left, and says so; a drain that hangs may take some more."""

FETCHED = ("INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE")
"""States of a file of which it is known what is in it."""


@dataclass(frozen=True, slots=True)
class DemoDocuments:
    """One kind of document: how many were written, sent, and accepted or rejected by the retailers' 997s."""

    kind: str
    written: int
    sent: int
    accepted: int
    rejected: int
    expects_response: bool


@dataclass(frozen=True, slots=True)
class DemoCases:
    """Open cases of one kind: how many, the reason of the first in plain words, the money that they hold."""

    kind: str
    count: int
    reason: str
    money_held: Decimal


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What became of everything in the demo's store, over all its runs. `retailers` is what each of them saw.

    Of the `files` that were picked up, `acknowledgment_files` hold the retailers' 997s and `order_files` all else.
    `new_files` and `new_orders` are those of this run alone; `again` says whether there were runs before.
    """

    folder: Path
    files: int
    orders: int
    orders_by_state: tuple[tuple[str, int], ...]
    documents: tuple[DemoDocuments, ...]
    cases: tuple[DemoCases, ...]
    retailers: tuple[Report, ...]
    problems: tuple[str, ...]
    audit: tuple[str, ...]
    seconds: float
    finished: bool
    next_commands: tuple[str, ...]
    order_files: int = 0
    acknowledgment_files: int = 0
    new_files: int = 0
    new_orders: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the store holds at one moment."""

    order_files: int
    acknowledgment_files: int
    orders: int

    @classmethod
    def of(cls, unit: Unit) -> _Counts:
        """Count. Whatever the retailers send that holds no acknowledgment is an order, or was meant to be one."""
        acknowledgments = unit.groups.count(kind="FA")
        return cls(unit.files.count(state=FETCHED) - acknowledgments, acknowledgments, unit.orders.count())


def demo(folder: Path, talk: Callable[[str], None]) -> DemoReport:
    """Run the demo in `folder` (its home and its store). A second run adds new orders to the same store."""
    started = time.monotonic()
    home = folder.resolve()
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home, f"sqlite:///{home / 'edi.db'}")
    lay_out(home)
    clock = SystemClock()
    mailboxes = {one.connection: open_mailbox(home, one, clock.now) for one in PLACES}
    with alone(settings), ExitStack() as stack:
        servers = {
            one.connection: stack.enter_context(open_server(home, one, mailboxes[one.connection])) for one in PLACES
        }
        pin(home, servers)
        configure_log(quiet=True)
        for one in PLACES:
            names = " and ".join(kind.profile.name for kind in one.kinds.values())
            server = servers[one.connection]
            talk(f"{names} on 127.0.0.1:{server.port}; host key {server.fingerprint} is pinned")
        with opened(settings) as place:
            with place.office().ledger.reading() as unit:
                before = _Counts.of(unit)
            if before.orders:
                talk(f"{before.orders} orders of earlier runs are in {home}; new ones are sent")
            there = tuple(mailboxes.values())
            finished = _trade(place, there, talk, started)
            return _report(place, there, before, time.monotonic() - started, finished=finished)


def _trade(place: Workplace, mailboxes: Sequence[Mailbox], talk: Callable[[str], None], started: float) -> bool:
    """Let the retailers and the daemon work until nothing is left; give whether they finished in time."""
    daemon = Daemon(place)
    ended = threading.Event()
    trouble: list[BaseException] = []

    def act() -> None:
        """Be the retailers: a few files at a time, reading in between, as real ones would."""
        while not ended.wait(0.3):
            try:
                for mailbox in mailboxes:
                    mailbox.step(2)
            except Exception as error:  # noqa: BLE001 (it is told in the report; the demo must not hang on it)
                trouble.append(error)
                daemon.stop()
                return

    def tell() -> None:
        """Show that something happens."""
        while not ended.wait(2.0):
            talk(_progress(place, mailboxes))

    def enough() -> bool:
        return not any(one.left for one in mailboxes) and not _unfinished(place, mailboxes)

    threads = [threading.Thread(target=target, daemon=True) for target in (act, tell)]
    patience = threading.Timer(max(PATIENCE - (time.monotonic() - started), 0.0), daemon.stop)
    for thread in (*threads, patience):
        thread.start()
    try:
        with until_told(daemon.stop) as signalled:
            daemon.run(once=False, until=enough)
    finally:
        patience.cancel()
        ended.set()
    for thread in threads:
        thread.join()
    if signalled():
        talk(f"{signalled()}: stopped")
    if trouble:
        raise trouble[0]
    for mailbox in mailboxes:
        mailbox.step(0)
    talk(_progress(place, mailboxes))
    return enough()


def _unfinished(place: Workplace, mailboxes: Sequence[Mailbox]) -> bool:
    """Say whether anything is still on its way between us and the retailers."""
    with place.office().ledger.reading() as unit:
        seen = [one for one in unit.files.select(state="SEEN") if not waits(unit, f"file:{one.id}")]
        left_there = unit.files.count(state="SEEN") - len(seen)
        busy = (
            unit.files.one(state="STORED"),
            unit.interchanges.one(direction="in", state=("RECEIVED", "OPENED")),
            unit.orders.one(state="OPEN"),
            unit.documents.one(state=("READY", "UPLOADING", "UPLOADED", "SENT")),
            unit.documents.one(kind=tuple(EXPECT_RESPONSE), state="CONFIRMED"),
        )
    return (
        bool(seen)
        or any(one is not None for one in busy)
        or sum(one.untaken() for one in mailboxes) > left_there
        or any(one.unread() for one in mailboxes)
    )


def _progress(place: Workplace, mailboxes: Sequence[Mailbox]) -> str:
    sent = together([one.report() for one in mailboxes])
    with place.office().ledger.reading() as unit:
        now = _Counts.of(unit)
        documents = unit.documents.count()
        closed = unit.documents.count(state=("ACCEPTED", "REJECTED"))
        waiting = unit.cases.count(state="OPEN")
    return (
        f"{now.order_files} of {sent.files_sent} files with orders picked up, {now.orders} orders booked, "
        f"{documents} documents written, {closed} acknowledged by the retailers, {waiting} cases wait"
    )


def _report(
    place: Workplace, mailboxes: Sequence[Mailbox], before: _Counts, seconds: float, *, finished: bool
) -> DemoReport:
    from edi_engine.store.audit import audit

    with place.office().ledger.reading() as unit:
        now = _Counts.of(unit)
        orders = unit.orders.select()
        documents = tuple(_documents(unit, kind) for kind in ("997", "999", "855", "856", "810", "erp-json", "erp-xml"))
        entries = list_cases(unit)
    seen = tuple(report for one in mailboxes for report in one.reports())
    lost = tuple(problem for one in mailboxes for problem in one.lost())
    return DemoReport(
        folder=place.settings.home,
        files=now.order_files + now.acknowledgment_files,
        orders=now.orders,
        orders_by_state=tuple(sorted(Counter(one.state for one in orders).items())),
        documents=documents,
        cases=_by_kind(entries),
        retailers=seen,
        problems=(*together(seen).problems, *lost),
        audit=tuple(finding.message for finding in audit(place.store)),
        seconds=seconds,
        finished=finished,
        next_commands=_next(place.settings, entries, orders),
        order_files=now.order_files,
        acknowledgment_files=now.acknowledgment_files,
        new_files=now.order_files - before.order_files,
        new_orders=now.orders - before.orders,
        again=before.orders > 0,
    )


def _documents(unit: Unit, kind: str) -> DemoDocuments:
    return DemoDocuments(
        kind,
        unit.documents.count(kind=kind),
        unit.documents.count(kind=kind, state=("CONFIRMED", "ACCEPTED", "REJECTED")),
        unit.documents.count(kind=kind, state="ACCEPTED"),
        unit.documents.count(kind=kind, state="REJECTED"),
        kind in EXPECT_RESPONSE,
    )


def _by_kind(entries: Sequence[Entry]) -> tuple[DemoCases, ...]:
    """Sum up the queue by kind, what holds most money first."""
    grouped: dict[str, DemoCases] = {}
    for record in (entry.record for entry in entries):
        held = record.money_held or Decimal(0)
        known = grouped.get(record.kind, DemoCases(record.kind, 0, record.title, Decimal(0)))
        grouped[record.kind] = replace(known, count=known.count + 1, money_held=known.money_held + held)
    return tuple(sorted(grouped.values(), key=lambda one: (-one.money_held, one.kind)))


def _next(settings: Settings, entries: Sequence[Entry], orders: Sequence[OrderRecord]) -> tuple[str, ...]:
    """Give three commands that can be copied as they stand: see the queue, decide a case, follow an order."""
    home = settings.home
    shown = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
    shared = [program(), "--home", str(shown)]
    if os.environ.get("EDI_DB"):  # it would name another store
        shared += ["--db", settings.db]
    words: list[tuple[object, ...]] = [("exceptions", "list")]
    dear = sorted(entries, key=lambda entry: entry.record.kind != "order.price")
    if dear and dear[0].choices:
        words.append(("exceptions", "resolve", dear[0].record.id, dear[0].choices[0].name))
    done = [order for order in orders if order.state == "INVOICED"] or list(orders)
    words.append(("orders", "timeline", done[-1].id) if done else ("orders", "list"))
    return tuple(shlex.join([*shared, *(str(word) for word in one)]) for one in words)
