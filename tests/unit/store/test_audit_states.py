"""The audit holds each state beside the history that proves it: nothing is set back unseen in a real file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edi_engine.desk.resolve import resolve
from edi_engine.orders.lifecycle import MOVES
from edi_engine.store.audit import audit
from edi_engine.store.ledger import Store, open_store
from tests.fixtures.trading import BY_HAND, DEAR_SHEARS, HOSE, Desk, desk, edit, group, interchange, order
from tests.stories.teller import go_on

GROUPS = {"855": "PR", "810": "IN"}
UNPROVEN = {
    "document": {
        "READY": {"UPLOADING", "UPLOADED"},  # an attempt leaves no line in the history before it has come to something
    },
    "order": {},
}
"""States that may stand for each other as far as the history knows."""


def answer_of_theirs(at: Desk, kind: str, code: str, control: int) -> bytes:
    """Write the 997 of the partner on our first document of a kind."""
    document = at.documents(kind)[0]
    said = [
        f"AK1*{GROUPS[kind]}*{document.group_control}",
        f"AK2*{kind}*0001",
        f"AK5*{code}",
        f"AK9*{code}*1*1*{int(code == 'A')}",
    ]
    return interchange(groups=[group(said, kind="FA", set_id="997", control=control)], control=control)


@pytest.fixture(scope="module")
def store_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after some days: orders invoiced, answered, held, rejected and closed by hand; documents of all fates."""
    home = tmp_path_factory.mktemp("home")
    path = home / "edi.db"
    with desk(home, db=f"sqlite:///{path}") as at:
        at.walk(interchange(order("1", HOSE), control=901))
        go_on(at.shop)
        at.walk(answer_of_theirs(at, "855", "A", 71))
        at.walk(answer_of_theirs(at, "810", "R", 72))
        edit(at.folder / "partner.yaml", *BY_HAND)
        at.reread()
        at.walk(interchange(order("2", HOSE), control=902))
        at.walk(interchange(order("3", HOSE, DEAR_SHEARS), control=903))
        at.walk(interchange(order("4", HOSE, ship_to="0999"), control=904))
        at.walk(interchange(order("5", HOSE, ship_to="0999"), control=905))
        cases = {case.po_number: case for case in at.cases()}
        resolve(at.office(), cases["4"].id, "reject-line")
        resolve(at.office(), cases["5"].id, "dismiss")
        at.walk(interchange(order("6", HOSE, DEAR_SHEARS), control=906))
        resolve(at.office(), next(case.id for case in at.cases() if case.po_number == "6"), "keep-ours")
        at.walk(interchange(order("6", HOSE), control=907).replace(b"BEG*00", b"BEG*01"))
        at.sound()
    return path


def told(store: Store) -> set[str]:
    return {finding.message for finding in audit(store, deep=False)}


def test_the_store_has_what_is_to_be_set_back(store_file: Path) -> None:
    with closing(sqlite3.connect(store_file)) as connection:
        documents = {state for (state,) in connection.execute("SELECT state FROM document")}
        orders = {state for (state,) in connection.execute("SELECT state FROM purchase_order")}
    assert {"ACCEPTED", "REJECTED", "CONFIRMED", "VOID", "READY"} <= documents
    assert {"INVOICED", "ANSWERED", "HELD", "CANCELLED"} <= orders


@pytest.mark.parametrize(("kind", "table"), [("document", "document"), ("order", "purchase_order")])
def test_no_state_is_changed_unseen(store_file: Path, kind: str, table: str) -> None:
    """One row of each state is set to each other state, one after the other; each time the audit names that row."""
    unseen: list[str] = []
    with (
        closing(sqlite3.connect(store_file, isolation_level=None)) as connection,
        closing(open_store(f"sqlite:///{store_file}", owner=False)) as store,
    ):
        assert told(store) == set()
        rows = connection.execute(f"SELECT min(id), state FROM {table} GROUP BY state").fetchall()
        assert len(rows) >= 4
        for row, state in rows:
            for other in MOVES[kind].keys() - {state} - UNPROVEN[kind].get(state, set()):
                connection.execute(f"UPDATE {table} SET state = ? WHERE id = ?", (other, row))
                if not any(f"{kind} {row} " in message for message in told(store)):
                    unseen.append(f"{kind} {row}: {state} as {other}")
                connection.execute(f"UPDATE {table} SET state = ? WHERE id = ?", (state, row))
        assert told(store) == set()
    assert unseen == []
