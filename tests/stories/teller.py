"""Tells a story to the engine: its files one after the other on one store, and between them what people decide."""

from __future__ import annotations

from collections.abc import Iterator

from edi_engine.app.processing import walk
from edi_engine.app.work import work_through
from edi_engine.desk.resolve import resolve
from edi_engine.flow.deliver import UNSENT, deliver
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, OrderRecord
from edi_engine.x12.reader import outline
from edi_engine.x12.values import GroupOutline
from tests.fixtures.walks import Shop, noon
from tests.stories.story import Choosing, Story


def tell(shop: Shop, story: Story) -> list[DocumentRecord]:
    """Walk a story from its first file to its last; give the X12 documents in the order in which they went out."""
    sent: list[DocumentRecord] = []
    for file in story.files:
        shop.clock.moment = noon(file.day).moment
        sent += walk(shop.place, file.data, file.name).documents
        sent += go_on(shop)
        for chosen in (one for one in story.decided if one.after == file.number):
            choose(shop, chosen)
            sent += go_on(shop)
    return [one for one in sent if not one.kind.startswith("erp-")]


def choose(shop: Shop, chosen: Choosing) -> None:
    """Decide the one open case that the story means."""
    office = shop.place.office()
    with office.ledger.reading() as unit:
        wanted = {"kind": chosen.case, "state": "OPEN", **({"po_number": chosen.order} if chosen.order else {})}
        (case,) = unit.cases.select(**wanted)
    resolve(office, case.id, chosen.choice, chosen.line)


def go_on(shop: Shop) -> list[DocumentRecord]:
    """Do what a daemon would do next with everything in the store; give what went out."""
    office = shop.place.office()
    while any(work_through(shop.place, office, partner) for partner in office.edition.partners):
        pass
    with office.ledger.reading() as unit:
        waiting = unit.documents.select(state=UNSENT)
    for name in dict.fromkeys(one.connection for one in waiting):
        connection = shop.place.connection(name)
        assert connection is not None, f"nothing is known of the connection {name}"
        with shop.place.mailbox(connection) as mailbox:
            assert deliver(office, connection, mailbox).stopped is None
    with office.ledger.reading() as unit:
        return [sent for one in waiting if (sent := unit.documents.get(one.id)).state == "CONFIRMED"]


def outcome(unit: Unit, story: Story) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give AK901 of every group of every file, and what became of each set of a group of orders; none where nothing."""
    acknowledged: list[str] = []
    answered: list[str] = []
    for file, group, ordinal in groups(story):
        received = list(unit.files.select())[file - 1]
        record = unit.interchanges.one(direction="in", file_id=received.id, ordinal=ordinal)
        known = None if record is None else unit.groups.one(interchange_id=record.id, ordinal=group.ordinal)
        acknowledged.append((known.verdict if known is not None else None) or "none")
        for found in group.sets if group.kind == "PO" else ():
            of_set = None if known is None else unit.sets.one(group_id=known.id, ordinal=found.ordinal)
            answered.append("none" if of_set is None else answer_to(unit, of_set.id))
    return tuple(acknowledged), tuple(answered)


def groups(story: Story) -> Iterator[tuple[int, GroupOutline, int]]:
    """Give every group of every file, with the number of its file and the place of its interchange in that file."""
    for file in story.files:
        for interchange in outline(file.data).interchanges:
            for group in interchange.groups:
                yield file.number, group, interchange.ordinal


def answer_to(unit: Unit, set_id: int) -> str:
    """Give BAK02 of the last 855 to the order that a set was booked as."""
    orders = unit.orders.select(set_id=set_id)
    answers = [one for order in orders for one in unit.documents.select(kind="855", order_id=order.id)]
    standing = [one for one in answers if one.state != "VOID"]
    return segment(unit.blobs.get(standing[-1].sha256), "BAK")[2] if standing else "none"


def name_of(story: Story, order: OrderRecord) -> str:
    """Give the words by which a story knows an order: its number, /its release, and whether it is a test one."""
    release = f"/{order.release}" if order.release else ""
    return f"{order.po_number}{release}{'' if order.live or story.test else ' test'}"


def segments(data: bytes) -> list[list[str]]:
    """Cut a file into its segments, each a list of its id and elements."""
    from edi_engine.x12.reader import split

    return split(data.decode("latin-1"), outline(data).interchanges[0].delimiters)


def segment(data: bytes, name: str) -> list[str]:
    """Give the first segment of this id."""
    return next(one for one in segments(data) if one[0] == name)
