"""A home with one partner whose orders are answered, shipped and billed by themselves, and orders for it.

The partner is the shipped model, Bluebird Stores, with its guide, maps and rules as they are; only its table of items
is longer. Every order has ten lines, which leave in one to three cartons each.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from bench.corpus import SEED
from edi_engine.app import grouping
from edi_engine.app.settings import Settings
from edi_engine.app.work import open_stored, work_through
from edi_engine.app.workplace import Workplace, opened
from edi_engine.flow import joined, judge
from edi_engine.flow.receive import receive
from edi_engine.resources import shipped

PARTNER: Final = "bluebird"
CONNECTION: Final = "bluebird-sftp"
LINES: Final = 10
ITEMS: Final = 200
IN_MEMORY: Final = "sqlite://"

_MAILBOX: Final = f"""\
{CONNECTION}:
  folder: mailbox
  in: {{folder: out, match: "*", settle: 0 s, after: delete, claim: none}}
  out: {{folder: in, deliver: rename, temporary: ".part"}}
  every: 1 s
  sessions: 1
"""
_ISA: Final = (
    "ISA*00*          *00*          *08*6119290001     *01*004455667      "
    "*{now:%y%m%d}*0830*U*00401*{number:09d}*0*P*>~"
)
_COLUMNS: Final = "theirs,ours,description,gtin,price,price_unit,case_pack,stock,weight"


def _item(number: int) -> tuple[str, str, str, str, int]:
    """Give the partner's number, ours, the GTIN, the price and the case pack of an item."""
    price = f"{1 + number % 30}.{number % 100:02d}"
    return str(100_000 + number), f"GL-{number:04d}", f"{36_000_290_000 + number:012d}", price, (number % 4 + 1) * 6


def lay_out(home: Path) -> Path:
    """Make the home anew."""
    shutil.rmtree(home, ignore_errors=True)
    partner = home / "partners" / PARTNER
    shutil.copytree(shipped("partners") / PARTNER, partner)
    rows = (
        f"{theirs},{ours},Item {ours},{gtin},{price},EA,{pack},9999999,1.20"
        for theirs, ours, gtin, price, pack in map(_item, range(ITEMS))
    )
    (partner / "tables" / "items.csv").write_text("\n".join((_COLUMNS, *rows, "")), encoding="utf-8")
    text = (partner / "partner.yaml").read_text(encoding="utf-8")
    (partner / "partner.yaml").write_text(text.partition("\nexamples:")[0] + "\n", encoding="utf-8")
    (home / "partners" / "connections.yaml").write_text(_MAILBOX, encoding="utf-8")
    return home


def _order(number: int, now: datetime) -> list[str]:
    random = Random(SEED + number)
    segments = [
        f"BEG*00*SA*{number:010d}**{now:%Y%m%d}",
        "REF*DP*042",
        "REF*IA*77031",
        f"REF*MR*{number}-GARDEN",
        "ITD*01*3*2**10**30",
        f"DTM*010*{now + timedelta(days=10):%Y%m%d}",
        f"DTM*002*{now + timedelta(days=15):%Y%m%d}",
        "N1*ST*BLUEBIRD DC COLUMBUS*92*0417",
        "N3*4100 DEPOT ROAD",
        "N4*COLUMBUS*OH*43207*US",
    ]
    for line in range(1, LINES + 1):
        theirs, ours, gtin, price, pack = _item(random.randrange(ITEMS))
        quantity = pack * random.randrange(1, 4)
        segments.append(f"PO1*{line}*{quantity}*EA*{price}**IN*{theirs}*UP*{gtin}*VN*{ours}")
        segments.append(f"PID*F****ITEM {ours}")
    return [*segments, f"CTT*{LINES}"]


def interchange(first: int, count: int = 1) -> bytes:
    """One interchange with the orders from number `first` on; numbered like the first of them."""
    now = datetime.now(UTC)
    group = f"GS*PO*6119290001*004455667*{now:%Y%m%d}*0830*{first}*X*004010VICS~"
    pieces = [_ISA.format(now=now, number=first), group]
    for control in range(1, count + 1):
        body = _order(first + control - 1, now)
        pieces.append("~".join([f"ST*850*{control:04d}", *body, f"SE*{len(body) + 2}*{control:04d}", ""]))
    pieces.append(f"GE*{count}*{first}~IEA*1*{first:09d}~")
    return "".join(pieces).encode("ascii")


@contextmanager
def place(home: Path, db: str, group: int = joined.GROUP) -> Iterator[Workplace]:
    """Open a workplace that puts up to `group` orders into one commit."""
    grouping.GROUP = judge.BATCH = group  # type: ignore[attr-defined]
    with opened(Settings(home, db)) as made:
        yield made


def walk(made: Workplace, files: Sequence[bytes], between: Callable[[], None] = lambda: None) -> None:
    """Take files in and do all that follows by itself: 997, 855, 856 and 810 lie in the outbox then."""
    for data in files:
        receive(made.office(), CONNECTION, data[86:110], data)
    while open_stored(made.office(), CONNECTION):
        between()
    office = made.office(made.store.ledger(f"work:{PARTNER}"))
    while work_through(made, office, PARTNER):
        between()


def must_be_whole(made: Workplace, orders: int) -> None:
    """Raise AssertionError unless so many orders were billed, each with its documents, and nothing waits."""
    with made.office().ledger.reading() as unit:
        billed = unit.orders.count(state="INVOICED")
        kinds = [unit.documents.count(kind=kind) for kind in ("855", "856", "810")]
        cases = unit.cases.select(limit=1)
    if billed != orders or kinds != [orders] * 3 or cases:
        message = f"{billed} of {orders} orders billed, documents {kinds}, cases {[case.title for case in cases]}"
        raise AssertionError(message)
