"""`edi demo`: a sandbox retailer on loopback SFTP, the real daemon, and a report of what became of every order."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from edi_engine.app.alone import alone
from edi_engine.app.daemon import Daemon
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.workplace import Workplace, opened
from edi_engine.desk.queue import list_cases
from edi_engine.flow.cases import waits
from edi_engine.flow.documents import EXPECT_RESPONSE
from edi_engine.resources import shipped
from edi_engine.runtime.daemon import configure_log, until_told
from edi_engine.sandbox.keys import ed25519_key
from edi_engine.sandbox.retailer import PROFILE, Report, Retailer
from edi_engine.sandbox.server import SftpServer

PARTNER = "bluebird"
CONNECTION = "bluebird-sftp"
USER = "greenline"
PATIENCE = 50.0
"""Seconds after which the demo ends whatever is left, and says so."""

_CONNECTIONS = """\
# Written by `edi demo`: the sandbox retailer of this run. The host key is pinned here, as any partner's is.

{connection}:
  sftp:
    host: 127.0.0.1
    port: {port}
    user: {user}
    key: {partner}
    host_key: "{fingerprint}"
  in:
    folder: /out
    match: "*"
    settle: 1 s
    after: move /out/done
    claim: none
    wait_incomplete: 3 s
    wait_empty: 3 s
  out:
    folder: /in
    deliver: rename
    temporary: ".part"
  every: 1 s
  sessions: 1
"""


@dataclass(frozen=True, slots=True)
class DemoDocuments:
    """One kind of document: how many were written, sent, and accepted or rejected by the retailer's 997."""

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
    first_id: int


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What became of everything in the demo's store. `retailer` is what the retailer saw for itself."""

    folder: Path
    files: int
    orders: int
    orders_by_state: tuple[tuple[str, int], ...]
    documents: tuple[DemoDocuments, ...]
    cases: tuple[DemoCases, ...]
    retailer: Report
    problems: tuple[str, ...]
    audit: tuple[str, ...]
    seconds: float
    finished: bool
    next_commands: tuple[str, ...]


def demo(folder: Path, talk: Callable[[str], None]) -> DemoReport:
    """Run the demo in `folder` (its home and its store). A second run adds new orders to the same store."""
    started = time.monotonic()
    home = folder.resolve()
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home, f"sqlite:///{home / 'edi.db'}")
    _lay_out(home)
    clock = SystemClock()
    key = ed25519_key(home / "keys" / PARTNER)
    retailer = Retailer(home / "retailer", PROFILE, now=clock.now)
    server = SftpServer(retailer.mailbox, host_key=home / "retailer" / "host_key", user=USER, client_key=key)
    with alone(settings), server:
        _pin(home, server)
        configure_log(quiet=True)
        talk(f"Bluebird Stores listens on 127.0.0.1:{server.port}; host key {server.fingerprint} is pinned")
        with opened(settings) as place:
            finished = _trade(place, retailer, talk, started)
            return _report(place, retailer, time.monotonic() - started, finished=finished)


def _lay_out(home: Path) -> None:
    """Copy the shipped partner into the demo's home once; what a reader changes there is kept."""
    target = home / "partners" / PARTNER
    if not target.exists():
        shutil.copytree(shipped("partners") / PARTNER, target)
    (home / "erp").mkdir(exist_ok=True)
    (home / "keys").mkdir(mode=0o700, exist_ok=True)


def _pin(home: Path, server: SftpServer) -> None:
    text = _CONNECTIONS.format(
        connection=CONNECTION, port=server.port, user=USER, partner=PARTNER, fingerprint=server.fingerprint
    )
    (home / "partners" / "connections.yaml").write_text(text, encoding="utf-8")


def _trade(place: Workplace, retailer: Retailer, talk: Callable[[str], None], started: float) -> bool:
    """Let the retailer and the daemon work until nothing is left; give whether they finished in time."""
    daemon = Daemon(place)
    ended = threading.Event()
    trouble: list[BaseException] = []

    def act() -> None:
        """Be the retailer: a few files at a time, reading in between, as a real one would."""
        while not ended.wait(0.3):
            try:
                retailer.step(3)
            except Exception as error:  # noqa: BLE001 (it is told in the report; the demo must not hang on it)
                trouble.append(error)
                daemon.stop()
                return

    def tell() -> None:
        """Show that something happens."""
        while not ended.wait(2.0):
            talk(_progress(place, retailer))

    def enough() -> bool:
        return retailer.left == 0 and not _unfinished(place, retailer)

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
    retailer.step(0)
    talk(_progress(place, retailer))
    return enough()


def _unfinished(place: Workplace, retailer: Retailer) -> bool:
    """Say whether anything is still on its way between us and the retailer."""
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
        bool(seen) or any(one is not None for one in busy) or retailer.untaken() > left_there or retailer.unread() > 0
    )


def _progress(place: Workplace, retailer: Retailer) -> str:
    with place.office().ledger.reading() as unit:
        sent = retailer.report().files_sent
        stored = unit.files.count(state=("STORED", "INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE"))
        documents = unit.documents.count()
        closed = unit.documents.count(state=("ACCEPTED", "REJECTED"))
        waiting = unit.cases.count(state="OPEN")
        booked = unit.orders.count()
    return (
        f"{sent} files sent, {stored} picked up, {booked} orders booked, {documents} documents written, "
        f"{closed} acknowledged by the retailer, {waiting} cases wait"
    )


def _report(place: Workplace, retailer: Retailer, seconds: float, *, finished: bool) -> DemoReport:
    from edi_engine.store.audit import audit

    with place.office().ledger.reading() as unit:
        files = unit.files.count(state=("STORED", "INTERPRETED", "DONE", "DUPLICATE", "UNREADABLE"))
        orders = unit.orders.select()
        by_state = tuple(sorted(Counter(one.state for one in orders).items()))
        documents = tuple(
            DemoDocuments(
                kind,
                unit.documents.count(kind=kind),
                unit.documents.count(kind=kind, state=("CONFIRMED", "ACCEPTED", "REJECTED")),
                unit.documents.count(kind=kind, state="ACCEPTED"),
                unit.documents.count(kind=kind, state="REJECTED"),
                kind in EXPECT_RESPONSE,
            )
            for kind in ("997", "855", "856", "810", "erp-json", "erp-xml")
        )
        grouped: dict[str, DemoCases] = {}
        for entry in list_cases(unit):
            record = entry.record
            known = grouped.get(record.kind)
            held = record.money_held or Decimal(0)
            grouped[record.kind] = (
                DemoCases(record.kind, 1, record.title, held, record.id)
                if known is None
                else DemoCases(record.kind, known.count + 1, known.reason, known.money_held + held, known.first_id)
            )
    seen = retailer.report()
    cases = tuple(sorted(grouped.values(), key=lambda one: (-one.money_held, one.kind)))
    return DemoReport(
        folder=place.settings.home,
        files=files,
        orders=len(orders),
        orders_by_state=by_state,
        documents=documents,
        cases=cases,
        retailer=seen,
        problems=seen.problems,
        audit=tuple(finding.message for finding in audit(place.store)),
        seconds=seconds,
        finished=finished,
        next_commands=_next(place.settings.home, cases),
    )


def _next(home: Path, cases: tuple[DemoCases, ...]) -> tuple[str, ...]:
    """Give three commands to try: see the queue, decide a case, follow an order."""
    try:
        shown = home.relative_to(Path.cwd())
    except ValueError:
        shown = home
    price = next((one for one in cases if one.kind == "order.price"), cases[0] if cases else None)
    choice = "accept-theirs" if price is not None and price.kind == "order.price" else "dismiss"
    number = price.first_id if price is not None else 1
    return (
        f"edi --home {shown} exceptions list",
        f"edi --home {shown} exceptions resolve {number} {choice}",
        f"edi --home {shown} orders list",
    )
