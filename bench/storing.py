"""What the store alone takes for the rows of an order, one or ten orders in a commit; and PostgreSQL the naive way.

`python -m bench.storing FOLDER ORDERS ROUNDS [URL]` prints costs of one order. URL is an empty database of PostgreSQL.
The rows are those that one order has left in the store when it is billed, with names and numbers of their own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, event, insert

from bench.shop import IN_MEMORY, interchange, lay_out, place, walk
from bench.whole import Costs, keep_least, remove, timed
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import (
    CartonRecord,
    DocumentRecord,
    EventRecord,
    InterchangeRecord,
    LineRecord,
    OrderRecord,
    ShipmentRecord,
)
from edi_engine.store.ledger import Store, open_store
from edi_engine.store.place import settle
from edi_engine.store.schema import metadata

TEN: Final = 10
_TABLES: Final = (
    "blob",
    "purchase_order",
    "order_line",
    "shipment",
    "carton",
    "document",
    "interchange",
    "event",
    "number_use",
)
"""In the order in which one refers to another."""


@dataclass(frozen=True, slots=True)
class Example:
    """All that one order has left in the store, without what it came in."""

    order: OrderRecord
    lines: tuple[LineRecord, ...]
    shipment: ShipmentRecord
    cartons: tuple[CartonRecord, ...]
    documents: tuple[tuple[DocumentRecord, bytes], ...]
    sent: tuple[InterchangeRecord, ...]
    events: tuple[EventRecord, ...]


def example(home: Path) -> Example:
    """Have one order go the whole way, and give what it left."""
    with place(home, IN_MEMORY) as made:
        walk(made, [interchange(1)])
        with made.office().ledger.reading() as unit:
            (order,), (shipment,) = unit.orders.select(), unit.shipments.select()
            return Example(
                order,
                tuple(unit.lines.select()),
                shipment,
                tuple(unit.cartons.select()),
                tuple((one, unit.blobs.get(one.sha256)) for one in unit.documents.select()),
                tuple(unit.interchanges.select(direction="out")),
                tuple(event for event in unit.events.select() if event.order_id is not None),
            )


def write(unit: Unit, like: Example, number: int, set_id: int) -> None:
    """Write the rows of an order in the caller's commit, by the ways by which `flow` writes them."""
    order = unit.orders.add(replace(like.order, id=0, po_number=f"{number:010d}", set_id=set_id))
    unit.lines.add_all(replace(line, id=0, order_id=order.id) for line in like.lines)
    left = replace(like.shipment, id=0, order_id=order.id)
    shipment = unit.shipments.add_later(replace(left, number=f"S{number:09d}", invoice_number=f"I{number:09d}"))
    labels = (f"{number:09d}{at:09d}" for at in range(len(like.cartons)))
    unit.cartons.add_all(CartonRecord(label, shipment.id) for label in labels)
    sent = iter(like.sent)
    for one, data in like.documents:
        own = data + b"%d" % number
        scopes = () if one.interchange_control is None else ("ISA", "GS")
        numbers = [(scope, unit.numbers.take(scope)) for scope in scopes]
        document = unit.documents.add_later(
            replace(
                one,
                id=0,
                source=f"order:{order.id}",
                sha256=unit.blobs.put(own),
                order_id=order.id,
                shipment_id=shipment.id,
                group_id=None,
            )
        )
        for scope, taken in numbers:
            unit.numbers.link(scope, taken, document.id)
        if numbers:
            unit.interchanges.add_all([replace(next(sent), id=0, document_id=document.id)])
    unit.events.add_all(replace(event, id=0, order_id=order.id) for event in like.events)


class Stored:
    """A fresh store into which examples are written."""

    def __init__(self, url: str, like: Example, home: Path) -> None:
        """Open it, with one set from which all orders come."""
        with place(home, url) as made:
            walk(made, [interchange(1)])
        self.store: Store = open_store(url)
        self._like = like
        self._number = 1
        with self.store.ledger().reading() as unit:
            self._set = unit.orders.get(1).set_id

    def write(self, orders: int, group: int) -> None:
        """Write so many orders, `group` of them in a commit."""
        for start in range(0, orders, group):
            with self.store.ledger().unit("bench.written") as unit:
                for _ in range(start, min(start + group, orders)):
                    self._number += 1
                    write(unit, self._like, self._number, self._set)


def on_sqlite(folder: Path, home: Path, orders: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Measure one and ten orders in a commit by turns."""
    like, least = example(home), dict[str, tuple[float, float]]()
    stores = {}
    for name in ("one", "ten"):
        remove(folder / f"{name}.db")
        stores[name] = Stored(f"sqlite:///{folder / f'{name}.db'}", like, home)
    for _ in range(rounds):
        keep_least(least, "store one", timed(lambda: stores["one"].write(orders, 1)))
        keep_least(least, "store ten", timed(lambda: stores["ten"].write(orders, TEN)))
    for name, each in stores.items():
        each.store.close()
        remove(folder / f"{name}.db")
    return least


def on_postgres(url: str, home: Path, orders: int, rounds: int) -> Costs:
    """Measure ten orders in a commit by the store and the naive ways, by turns, the same rows into the same tables."""
    import psycopg

    like, least = example(home), Costs()
    ours, naive = Stored(url, like, home), create_engine(url)
    event.listen(naive, "connect", lambda connection, _: settle(connection))  # or the store would win by what it asks
    with ours.store.looking() as session:
        mine = session.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with psycopg.connect(url.replace("+psycopg", "")) as driver, naive.connect() as plain:
        settle(driver)
        theirs = plain.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        plain.commit()
        for _ in range(rounds):
            before = {name: _last(driver, name) for name in _TABLES if name != "blob"}
            keep_least(least, "postgres ten", _with_server(mine, partial(ours.write, orders, TEN)))
            rows = _taken_out(driver, before)
            by_driver = partial(_by_driver, driver, rows, orders)
            keep_least(least, "postgres driver", _with_server(driver.info.backend_pid, by_driver))
            rows = _taken_out(driver, before)
            keep_least(least, "postgres naive", _with_server(theirs, partial(_naive, plain, rows, orders)))
            _taken_out(driver, before)
    naive.dispose()
    ours.store.close()
    return least


def _with_server(session: int, act: Callable[[], object]) -> tuple[float, float]:
    """Give the seconds on the clock, and those of the CPU that this process and its session of the server take."""
    before = _worked(session)
    clock, cpu = timed(act)
    return clock, cpu + _worked(session) - before


def _worked(session: int) -> float:
    """Give the seconds of the CPU that a session of PostgreSQL has taken so far. Raises OSError if it is not here."""
    status = Path(f"/proc/{session}")
    if not (status / "comm").read_text(encoding="ascii").startswith("postgres"):
        message = f"process {session} is no session of PostgreSQL: the server must be on this machine"
        raise OSError(message)
    return int((status / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def _last(connection: Any, table: str) -> int:  # noqa: ANN401 - a driver's connection
    return int(connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Some:
    """Rows of one table, in the order of its columns."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def of(self, number: int, orders: int) -> list[tuple[Any, ...]]:
        """Give the rows of one of so many orders."""
        count = len(self.rows)
        return self.rows[number * count // orders : (number + 1) * count // orders]

    def as_insert(self) -> str:
        """Give the statement by which psycopg inserts one of them."""
        marks = ", ".join(["%s"] * len(self.columns))
        return f"INSERT INTO {self.table} ({', '.join(map(_quoted, self.columns))}) VALUES ({marks})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _taken_out(connection: Any, before: dict[str, int]) -> dict[str, Some]:  # noqa: ANN401 - a driver's connection
    """Take the new rows out of the tables again; give them."""
    found: dict[str, Some] = {}
    for table in _TABLES:
        last = before.get(table, before["document"])
        chosen = f"SELECT * FROM {table} WHERE id > {last} ORDER BY id" if table in before else _BLOBS.format(last)
        cursor = connection.execute(chosen)
        found[table] = Some(table, tuple(column.name for column in cursor.description), cursor.fetchall())
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (sha256 text)")
    connection.execute("DELETE FROM gone")
    connection.execute(f"INSERT INTO gone SELECT sha256 FROM document WHERE id > {before['document']}")
    for table in reversed(_TABLES):
        which = f"id > {before[table]}" if table in before else "sha256 IN (SELECT sha256 FROM gone)"
        connection.execute(f"DELETE FROM {table} WHERE {which}")
    connection.commit()
    return found


_BLOBS: Final = "SELECT b.* FROM document d JOIN blob b ON b.sha256 = d.sha256 WHERE d.id > {} ORDER BY d.id"


def _by_driver(connection: Any, rows: dict[str, Some], orders: int) -> None:  # noqa: ANN401 - a driver's connection
    """For each order, one executemany of psycopg a table."""
    inserts = {table: some.as_insert() for table, some in rows.items()}
    for number in range(orders):
        for table, some in rows.items():
            with connection.cursor() as cursor:
                cursor.executemany(inserts[table], some.of(number, orders))
        _end(connection, number)
    connection.commit()


def _naive(connection: Connection, rows: dict[str, Some], orders: int) -> None:
    """For each order, one executemany a table as SQLAlchemy's own documentation teaches it."""
    for number in range(orders):
        for table, some in rows.items():
            own = [dict(zip(some.columns, row, strict=True)) for row in some.of(number, orders)]
            connection.execute(insert(metadata.tables[table]), own)
        _end(connection, number)
    connection.commit()


def _end(connection: Any, number: int) -> None:  # noqa: ANN401 - of a driver, or of SQLAlchemy
    if number % TEN == TEN - 1:
        connection.commit()


def _costs(least: dict[str, tuple[float, float]], orders: int) -> Iterator[tuple[str, dict[str, float]]]:
    for name, (clock, cpu) in least.items():
        yield name, {"seconds": cpu / orders, "clock": clock / orders}


def main(folder: str, orders: str, rounds: str, url: str = "") -> None:
    """Measure, and print costs of one order as JSON."""
    home, count = lay_out(Path(folder) / "home"), int(orders)
    measured = on_postgres(url, home, count, int(rounds)) if url else on_sqlite(Path(folder), home, count, int(rounds))
    print(json.dumps(dict(_costs(measured, count))))


if __name__ == "__main__":
    main(*sys.argv[1:])
