"""Every story of samples/ walks through the whole pipeline; its answers are compared element by element.

Control numbers and times are fixed: each story has a fresh store and a clock that stands at noon of its day. After a
wanted change, `make stories` writes the answers anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal

import pytest

from edi_engine.app.processing import Processed, walk
from edi_engine.flow.records import DocumentRecord
from edi_engine.x12.pyx12 import judge
from edi_engine.x12.reader import outline
from tests.fixtures.walks import Shop, shop

pytestmark = pytest.mark.stories

WRITE = bool(os.environ.get("EDI_WRITE_STORIES"))
ANSWERS = {"accepted": "AD", "changed": "AC", "rejected": "RD"}


@pytest.fixture(scope="module")
def walked(story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Processed]]:
    """One walk for each story; the tests only look at what it left."""
    with shop(tmp_path_factory.mktemp("home"), story.today) as opened_shop:
        yield opened_shop, walk(opened_shop.place, story.received, "in.edi")


def bodies(shop: Shop, documents: list[DocumentRecord]) -> Iterator[tuple[str, bytes]]:
    counts: dict[str, int] = {}
    with shop.place.office().ledger.reading() as unit:
        for document in documents:
            if document.kind.isdigit():
                counts[document.kind] = counts.get(document.kind, 0) + 1
                number = counts[document.kind]
                suffix = f"-{number}" if number > 1 else ""
                yield f"want-{document.kind}{suffix}.edi", unit.blobs.get(document.sha256)


def readable(data: bytes) -> list[str]:
    return data.decode("latin-1").replace("~", "~\n").splitlines()


def test_answers_element_by_element(story, walked: tuple[Shop, Processed]) -> None:
    opened_shop, done = walked
    made = dict(bodies(opened_shop, list(done.documents)))
    if WRITE:
        for old in story.folder.glob("want-*.edi"):
            old.unlink()
        for name, data in made.items():
            (story.folder / name).write_bytes(data)
    wanted = {path.name: path.read_bytes() for path in sorted(story.folder.glob("want-*.edi"))}
    assert sorted(made) == sorted(wanted)
    for name, data in wanted.items():
        assert readable(made[name]) == readable(data), name


def test_expectations_of_the_story(story, walked: tuple[Shop, Processed]) -> None:
    opened_shop, _ = walked
    with opened_shop.place.office().ledger.reading() as unit:
        assert tuple(group.verdict for group in unit.groups.select()) == story.acknowledged
        assert sorted({case.kind for case in unit.cases.select(state="OPEN")}) == sorted(set(story.cases))
        answers = [bak02(unit.blobs.get(one.sha256)) for one in unit.documents.select(kind="855")]
        assert answers == [answer for answer in story.answered if answer != "none"]
        for order in unit.orders.select():
            assert order.live is not story.test
            lines = unit.lines.select(order_id=order.id)
            assert len(lines) == len(story.lines[order.po_number])
            held = [expected == "held" for expected in story.lines[order.po_number]]
            if any(held):
                assert order.state == "HELD"
                assert [line.state == "HELD" for line in lines] == held
        if story.total is not None:
            totals = [tds01(unit.blobs.get(one.sha256)) for one in unit.documents.select(kind="810")]
            assert sum(totals) == story.total


def bak02(data: bytes) -> str:
    return segment(data, "BAK")[2]


def tds01(data: bytes) -> Decimal:
    return Decimal(segment(data, "TDS")[1]) / 100


def segment(data: bytes, name: str) -> list[str]:
    lines = [line.rstrip("~").split("*") for line in readable(data)]
    return next(line for line in lines if line[0] == name)


def test_every_document_is_sound(story, walked: tuple[Shop, Processed]) -> None:
    opened_shop, done = walked
    for name, data in bodies(opened_shop, list(done.documents)):
        assert judge(data) == (), name  # pyx12 reads the envelope without a complaint
        assert not [one for one in outline(data).interchanges[0].findings if one.severity > 1], name


def test_the_audit_finds_nothing(story, walked: tuple[Shop, Processed]) -> None:
    from edi_engine.store.audit import audit

    assert audit(walked[0].place.store) == ()
