"""Every story of samples/ walks through the whole pipeline; its answers are compared element by element.

Control numbers and times are fixed: each story has a fresh store and a clock that stands at noon of the file's day.
After a wanted change, `make stories` writes the answers anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal

import pytest

from edi_engine.erp.json import from_json
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, OrderRecord
from edi_engine.orders.decision import Answer
from edi_engine.store.audit import audit
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline
from tests.fixtures.walks import Shop, shop
from tests.stories.story import Story
from tests.stories.teller import name_of, outcome, segment, segments, tell

pytestmark = pytest.mark.stories

WRITE = bool(os.environ.get("EDI_WRITE_STORIES"))
Told = tuple[Shop, list[DocumentRecord]]


@pytest.fixture(scope="module")
def told(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """One walk for each story; the tests only look at what it left."""
    with shop(tmp_path_factory.mktemp("home"), story.files[0].day) as opened_shop:
        yield opened_shop, tell(opened_shop, story)


def bodies(told: Told) -> Iterator[tuple[str, bytes]]:
    """Give what went out by the name of its want file: numbered by kind, over all files, as it went out."""
    opened_shop, sent = told
    counts: dict[str, int] = {}
    with opened_shop.place.office().ledger.reading() as unit:
        for document in sent:
            number = counts[document.kind] = counts.get(document.kind, 0) + 1
            yield f"want-{document.kind}{f'-{number}' if number > 1 else ''}.edi", unit.blobs.get(document.sha256)


def readable(data: bytes) -> list[str]:
    return data.decode("latin-1").replace(data[105:106].decode("latin-1"), "\n").splitlines()


def test_answers_element_by_element(story: Story, told: Told) -> None:
    made = dict(bodies(told))
    if WRITE:
        for old in story.folder.glob("want-*.edi"):
            old.unlink()
        for name, data in made.items():
            (story.folder / name).write_bytes(data)
    wanted = {path.name: path.read_bytes() for path in sorted(story.folder.glob("want-*.edi"))}
    assert sorted(made) == sorted(wanted)
    for name, data in wanted.items():
        assert readable(made[name]) == readable(data), name
        assert made[name] == data, name


def test_verdicts_and_answers(story: Story, told: Told) -> None:
    with told[0].place.office().ledger.reading() as unit:
        assert outcome(unit, story) == (story.acknowledged, story.answered)


def test_cases_that_are_left(story: Story, told: Told) -> None:
    with told[0].place.office().ledger.reading() as unit:
        assert sorted(case.kind for case in unit.cases.select(state="OPEN")) == sorted(story.cases)


def test_what_becomes_of_each_line(story: Story, told: Told) -> None:
    with told[0].place.office().ledger.reading() as unit:
        orders = {name_of(story, order): order for order in unit.orders.select()}  # of several, the newest one counts
        for name, order in orders.items():
            if story.test:
                assert not order.live
            assert name in story.lines
            fates, wanted = fates_of(unit, order), story.lines[name]
            assert len(fates) == len(wanted)
            assert all(fate in {"open", want} for fate, want in zip(fates, wanted, strict=True)), (name, fates)


def fates_of(unit: Unit, order: OrderRecord) -> list[str]:
    """Give what became of each line; open for one that only waits for others of its order."""
    lines = unit.lines.select(order_id=order.id)
    answer = None if order.answer_json is None else from_json(Answer, order.answer_json)
    if order.state == "CANCELLED" and (answer is None or answer.answer != "rejected"):
        return ["cancelled"] * len(lines)
    if answer is None:
        cases = unit.cases.select(subject=f"order:{order.id}", state="OPEN")
        held = {position for case in cases for position in json.loads(case.lines_json)}
        return ["held" if line.position in held else "open" for line in lines]
    assert order.state not in {"OPEN", "HELD"}
    return [line.status for line in answer.lines]


def test_what_is_invoiced(story: Story, told: Told) -> None:
    invoices = [data for name, data in bodies(told) if name.startswith("want-810")]
    if story.total is not None:
        assert sum((Decimal(segment(data, "TDS")[1]) for data in invoices), Decimal(0)) / 100 == story.total


def test_live_and_test_answers(story: Story, told: Told) -> None:
    opened_shop, sent = told
    with opened_shop.place.office().ledger.reading() as unit:
        for document in sent:
            usage = segment(unit.blobs.get(document.sha256), "ISA")[15]
            assert usage == ("P" if document.live else "T")
            assert not (story.test and document.live)


def test_every_document_is_sound(told: Told) -> None:
    for name, data in bodies(told):
        assert judge(data) == (), name  # pyx12 reads the envelope without a complaint
        assert not [one for one in outline(data).interchanges[0].findings if one.severity > 1], name
        assert segments(data)[0][0] == "ISA"


def test_the_audit_finds_nothing(told: Told) -> None:
    assert audit(told[0].place.store) == ()
