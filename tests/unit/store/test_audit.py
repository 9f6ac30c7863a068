from __future__ import annotations

import hashlib
import re
from contextlib import suppress

import pytest

from edi_engine.flow.records import EventRecord
from edi_engine.store.audit import TOLD, audit
from edi_engine.store.ledger import Store
from edi_engine.store.promises import Promise, promises
from tests.fixtures.day import a_day
from tests.fixtures.rows import NOON, a_file

PDF = hashlib.sha256(b"%PDF").hexdigest()
ERP = hashlib.sha256(b"erp-xml of order:1").hexdigest()

# What breaks a promise, and what the audit must say of it.
BREACHES = [
    ("UPDATE received_file SET state = 'ASLEEP' WHERE id = 5", "V1: file 5 is in the state ASLEEP, which is none"),
    ("UPDATE interchange SET state = 'X' WHERE id = 1", "V1: interchange 1 is in the state X, which is none"),
    ("UPDATE functional_group SET state = 'X' WHERE id = 1", "V1: group 1 is in the state X, which is none"),
    ("UPDATE transaction_set SET state = 'X' WHERE id = 1", "V1: set 1 is in the state X, which is none"),
    ("UPDATE purchase_order SET state = 'X' WHERE id = 1", "V1: order 1 is in the state X, which is none"),
    ("UPDATE order_line SET state = 'X' WHERE id = 1", "V1: line 1 is in the state X, which is none"),
    ("UPDATE document SET state = 'X' WHERE id = 1", "V1: document 1 is in the state X, which is none"),
    ("UPDATE exception_case SET state = 'X' WHERE id = 1", "V1: case 1 is in the state X, which is none"),
    (
        "INSERT INTO timer (subject, kind, due_at, state, epoch) SELECT 'x', 'x', at, 'X', 0 FROM event",
        "V1: timer 1 is in the state X, which is none",
    ),
    ("UPDATE received_file SET stored_at = NULL WHERE id = 1", "V1: file 1 is DONE, but no bytes of it were stored"),
    (
        "UPDATE received_file SET arrival_of = NULL WHERE id = 3",
        "V1: file 3 is a duplicate, but what it repeats is not there",
    ),
    (
        "UPDATE received_file SET state = 'INTERPRETED' WHERE id = 1",
        "V1: file 1 is INTERPRETED, but nothing of it is left to be worked on",
    ),
    (
        "UPDATE interchange SET state = 'OPENED' WHERE file_id = 1",
        "V1: file 1 is DONE, but its interchange 2 is still being worked on",
    ),
    ("UPDATE received_file SET size = 7 WHERE id = 4", f"V2: file 4: its bytes {PDF} are missing or of another length"),
    ("UPDATE document SET size = 7 WHERE id = 4", f"V2: document 4: its bytes {ERP} are missing or of another length"),
    (
        "UPDATE blob SET bytes = {damaged} WHERE size = 4",
        f"V2: the stored bytes {PDF} were damaged: their hash is no longer this",
    ),
    ('UPDATE interchange SET "end" = 7 WHERE id = 2', "V2: interchange 2 is not the bytes 0 to 7 of what holds it"),
    ("UPDATE interchange SET start = 1 WHERE id = 4", "V2: interchange 4 is not the bytes 1 to "),
    (
        "UPDATE transaction_set SET state = 'RECEIVED' WHERE id = 3",
        "V3: set 3 is RECEIVED, but its interchange 2 is closed: it was never judged to the end",
    ),
    (
        "UPDATE interchange SET state = 'DUPLICATE' WHERE file_id = 1",
        "V3: set 1 was taken out of interchange 2, which is DUPLICATE",
    ),
    ("UPDATE functional_group SET sets_found = 5 WHERE id = 1", "V3: group 1 holds 5 sets, but 4 are recorded"),
    (
        "UPDATE transaction_set SET state = 'MAPPED' WHERE id = 1",
        "V3: set 1 is MAPPED, but its order 1 is ANSWERED: it should be APPLIED",
    ),
    (
        "UPDATE transaction_set SET order_id = NULL WHERE id = 1",
        "V3: set 1 is APPLIED, but no order came of it and nobody has put it aside",
    ),
    ("UPDATE purchase_order SET set_id = 1", "V3: set 1 was booked 2 times"),
    ("UPDATE purchase_order SET set_id = 2 WHERE id = 2", "V3: order 2 was booked from set 2, which is REFUSED"),
    (
        "UPDATE functional_group SET state = 'RECEIVED' WHERE id = 2",
        "V4: group 2 was not acknowledged, but its interchange 7 is closed",
    ),
    (
        "UPDATE functional_group SET state = 'SILENT' WHERE id = 1",
        "V4: group 1 of kind PO is SILENT: acknowledgments are never acknowledged, all else is",
    ),
    ("UPDATE document SET group_id = 2 WHERE id = 1", "V4: group 2 is SILENT, but has 1 acknowledgments"),
    (
        "UPDATE functional_group SET document_id = 2 WHERE id = 1",
        "V4: group 1 names document 2 as its acknowledgment, which is none of it",
    ),
    (
        "UPDATE transaction_set SET state = 'RECEIVED' WHERE id = 4",
        "V4: group 1 was closed before its set 4 was judged",
    ),
    (
        "DROP INDEX once_number_use; UPDATE number_use SET number = 1 WHERE number = 2 AND scope = 'us>them GS'",
        "V5: number 1 of us>them GS (cycle 0) was given out 2 times",
    ),
    (
        "DELETE FROM number_use WHERE number = 2 AND scope = 'us>them GS'",
        "V5: 1 numbers of us>them GS (cycle 0) are missing, and no row says why",
    ),
    (
        "UPDATE number_scope SET number = 2 WHERE scope = 'us>them GS'",
        "V5: the counter of us>them GS does not fit the numbers given out (look at 3)",
    ),
    ("DELETE FROM number_scope", "V5: the counter of us>them GS does not fit the numbers given out (look at 1)"),
    (
        "UPDATE number_use SET document_id = NULL WHERE number = 2 AND scope = 'us>them GS'",
        "V5: control number 2 of us>them GS is carried by no document, and no row says why",
    ),
    (
        "UPDATE number_use SET document_id = NULL, void_reason = 'lost' WHERE number = 2",
        "V5: document 2 carries the interchange number 000000002, which was never given out to it",
    ),
    (
        "UPDATE interchange SET control = '000000001' WHERE direction = 'out'",
        "V5: interchange number 000000001 went to ZZ/THEM 4 times",
    ),
    (
        "DROP INDEX once_document; UPDATE document SET kind = 'erp-xml' WHERE kind = 'erp-json'",
        "V6: the erp-xml of order:1 exists 2 times (repetition 0)",
    ),
    (
        "UPDATE document SET name = 'same' WHERE id IN (1, 2)",
        "V6: the name same on acme belongs to 2 documents, so that one would lie over the other",
    ),
    (
        "UPDATE document SET state = 'UPLOADING', temporary = '' WHERE id = 2",
        "V6: document 2 is UPLOADING, but no row says under what name its upload was begun",
    ),
    ("UPDATE document SET sent_at = NULL WHERE id = 6", "V6: document 6 is REJECTED, but no row says when it was sent"),
    (
        "UPDATE interchange SET document_id = NULL WHERE document_id = 2",
        "V6: document 2 goes out in 0 interchanges instead of one",
    ),
    (
        "DELETE FROM exception_case WHERE subject = 'file:4'",
        "V7: file 4 is UNREADABLE, but the exception queue has no case for it",
    ),
    (
        "DELETE FROM exception_case WHERE subject = 'interchange:1'",
        "V7: interchange 1 is QUARANTINED, but the exception queue has no case for it",
    ),
    (
        "DELETE FROM exception_case WHERE subject = 'set:2'",
        "V7: set 2 is REFUSED, but the exception queue has no case for it",
    ),
    (
        "UPDATE exception_case SET state = 'RESOLVED' WHERE subject = 'order:2'",
        "V7: order 2 is HELD, but the exception queue has no open case for it",
    ),
    (
        "UPDATE exception_case SET subject = 'order:1' WHERE subject = 'order:2'",
        "V7: case 5 is open, but its order 1 is ANSWERED: nothing of it waits any more",
    ),
    (
        "DELETE FROM exception_case WHERE subject = 'document:5'",
        "V7: document 5 is PARKED, but the exception queue has no case for it",
    ),
    (
        "UPDATE document SET source = 'order:2' WHERE id = 2",
        "V8: document 2 (855) comes from order:2, which is not what it points to",
    ),
    (
        "UPDATE document SET order_id = 2, source = 'order:2' WHERE kind = 'erp-xml'",
        "V8: document 4 (erp-xml) is about order 2, which was never answered",
    ),
    (
        "UPDATE purchase_order SET answer_json = NULL WHERE id = 1",
        "V8: order 1 is ANSWERED, but its answer is not there",
    ),
    (
        'UPDATE purchase_order SET answer_json = \'{{"answer": "rejected"}}\', answered_at = at WHERE id = 2',
        "V8: order 2 was answered, but has no 855, although acme gets one for other orders",
    ),
    (
        'UPDATE purchase_order SET answer_json = \'{{"answer": "changed"}}\', answered_at = at WHERE id = 2',
        "V8: order 2 was answered, but nothing of it went to the ERP",
    ),
    (
        "UPDATE document SET sha256 = (SELECT sha256 FROM document WHERE id = 2) WHERE id = 7",
        "V5: document 7 has the numbers of document 6, which it sends again, but other bytes",
    ),
    (
        "UPDATE document SET resend_of = 5 WHERE id = 7",
        "V8: document 7 sends document 5 again, which never left or is another thing",
    ),
    (
        "UPDATE document SET state = 'CONFIRMED', due_at = at WHERE id = 6",
        "V7: document 6 waits for the partner's acknowledgment, but no timer will say so when it is overdue",
    ),
    (
        (
            "UPDATE document SET state = 'CONFIRMED', due_at = at WHERE id = 6; "
            "INSERT INTO timer (subject, kind, due_at, state, epoch) "
            "SELECT 'document:6', 'ack_due', at, 'FIRED', 0 FROM event; "
            "DELETE FROM exception_case WHERE subject = 'document:6'"
        ),
        "V7: document 6 is overdue, but the exception queue has no case for it",
    ),
    (
        "UPDATE shipment SET invoice_number = NULL",
        "V8: invoice document 6 is about shipment 1, which was never invoiced",
    ),
    (
        "UPDATE document SET state = 'READY' WHERE id = 6",
        "V6: document 6 is READY, but its history says: 810 rejected by partner",
    ),
    (
        "UPDATE document SET state = 'CONFIRMED', sent_at = at WHERE id = 2",
        "V6: document 2 is CONFIRMED, but nothing in its history says how it came to that",
    ),
    (
        "UPDATE document SET response_json = NULL WHERE id = 6",
        "V6: document 6 is REJECTED, which does not fit the partner's answer that is kept with it",
    ),
    (
        "UPDATE purchase_order SET state = 'OPEN' WHERE id = 1",
        "V8: order 1 is OPEN, but its history says: order answered",
    ),
    (
        "UPDATE purchase_order SET state = 'SHIPPED' WHERE id = 1",
        "V8: order 1 is SHIPPED, but nothing in its history says how it came to that",
    ),
    (
        "UPDATE purchase_order SET state = 'SHIPPED' WHERE id = 1",
        "V8: order 1 is SHIPPED, but its lines make it ANSWERED",
    ),
    (
        "UPDATE purchase_order SET state = 'INVOICED' WHERE id = 1; UPDATE shipment SET invoice_number = NULL",
        "V8: order 1 is INVOICED, but shipment S1 of it is not billed",
    ),
]


def spoil(store: Store, statements: str) -> None:
    with store.looking() as connection:
        damaged = "'abcd'::bytea" if connection.dialect.name == "postgresql" else "x'61626364'"
        for statement in statements.format(damaged=damaged).split("; "):
            connection.exec_driver_sql(statement)


def told(store: Store, **how: bool) -> list[str]:
    return [f"{finding.code.rpartition('.')[2].upper()}: {finding.message}" for finding in audit(store, **how)]


@pytest.fixture
def day(store: Store) -> Store:
    a_day(store)
    with store.ledger().unit("event") as unit:
        unit.events.add(EventRecord(NOON, "day", "file:1", "ann"))
    return store


def test_an_empty_store_keeps_all_promises(store: Store) -> None:
    assert audit(store) == ()


def test_a_days_work_keeps_all_promises(day: Store) -> None:
    assert told(day) == []


class Undo(Exception):
    """Takes back what a unit has broken."""


def told_of_breach(store: Store, statements: str) -> list[str]:
    """What the audit says after `statements`, which are taken back again."""
    lines: list[str] = []
    with suppress(Undo), store.ledger().unit("spoil"):
        spoil(store, statements)
        lines = told(store)
        raise Undo
    return lines


@pytest.mark.fault("G7", "H7")
def test_each_broken_promise_is_named(day: Store) -> None:
    silent = {}
    for breach, sentence in BREACHES:
        lines = told_of_breach(day, breach)
        if not any(line.startswith(sentence) for line in lines):
            silent[sentence] = lines
    assert silent == {}
    assert told(day) == []


def test_there_is_a_breach_of_each_promise() -> None:
    def fits(promise: Promise, sentence: str) -> bool:
        pattern = re.sub(r"\\\{\w+\\\}", ".+?", re.escape(f"V{promise.number}: {promise.sentence}"))
        return re.match(pattern, sentence) is not None

    missing = [one.sentence for one in promises() if not any(fits(one, sentence) for _, sentence in BREACHES)]
    assert missing == []


def test_findings_are_bounded_and_the_rest_is_counted(store: Store) -> None:
    with store.ledger().unit("add") as unit:
        for _ in range(TOLD + 5):
            unit.files.add(a_file())
    lines = told_of_breach(store, "UPDATE received_file SET state = 'ASLEEP'")
    assert len(lines) == TOLD + 1
    assert lines[-1] == "V1: 5 more rows like: file 1 is in the state ASLEEP, which is none."


@pytest.mark.fault("H7")
def test_bytes_are_hashed_again_only_where_asked_for(day: Store) -> None:
    with suppress(Undo), day.ledger().unit("spoil"):
        spoil(day, "UPDATE blob SET bytes = {damaged} WHERE size = 4")
        assert told(day, deep=False) == []
        assert len(told(day)) == 1
        raise Undo


def test_each_finding_says_what_to_do(day: Store) -> None:
    with day.ledger().unit("spoil"):
        spoil(day, "DELETE FROM exception_case")
    findings = audit(day)
    assert len(findings) == 7
    assert all(finding.fix and finding.code.startswith("system.audit.v") for finding in findings)
