"""The partners that ship: what their maps say, and what they must never say."""

from functools import cache

import pytest

from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition
from edi_engine.mapping.write import Written, write
from edi_engine.orders.decision import LineAnswer
from edi_engine.orders.rulings import REASONS
from edi_engine.partners.partner import Partner
from edi_engine.resources import shipped
from tests.fixtures.maps import DICTIONARY, SMALL, answer_to, codes, order_of
from tests.stories.story import stories

PARCELS = sorted((shipped("samples") / "siskin").glob("*/in.edi"))
REJECTED = sorted({*REASONS.values(), "out_of_stock", "held", "rejected"})


@cache
def partner(name: str) -> Partner:
    return current_edition(Settings(shipped("samples"), "sqlite://")).partners[name]


def answered(name: str, *answers: LineAnswer, answer: str = "changed") -> Written:
    there = partner(name)
    version = there.envelope.version
    return write(there.maps["855"][0].map, answer_to(order_of(SMALL), *answers, answer=answer), {}, DICTIONARY, version)


def ack01(written: Written) -> set[str]:
    return {segment[1] for segment in written.segments if segment[0] == "ACK"}


@pytest.mark.parametrize("reason", REJECTED)
def test_the_marketplace_has_a_code_for_every_reason_of_a_rejected_line(reason):
    found = answered("siskin", LineAnswer("rejected", reason=reason), answer="rejected")
    assert found.findings == ()
    assert ack01(found) <= {"R1", "R2", "R3", "R4", "ID"}


@pytest.mark.parametrize(
    ("reason", "code"),
    [("price", "R1"), ("unknown_item", "R2"), ("unit", "R3"), ("discontinued", "R4"), ("out_of_stock", "R4")],
)
def test_the_marketplaces_reasons(reason, code):
    assert ack01(answered("siskin", LineAnswer("rejected", reason=reason), answer="rejected")) == {code}


@pytest.mark.parametrize(
    "status", ["quantity_changed", "price_changed", "changed", "substituted", "backordered", "rescheduled", "on_hold"]
)
def test_the_marketplace_has_no_word_for_half_an_answer(status):
    assert set(codes(answered("siskin", LineAnswer(status, reason="out_of_stock")).findings)) == {
        "mapping.code.unknown"
    }


@pytest.mark.parametrize("status", ["quantity_changed", "price_changed", "substituted", "backordered", "rescheduled"])
def test_the_others_have_one(status):
    for name in ("bluebird", "dunlin"):
        assert answered(name, LineAnswer(status, reason="out_of_stock")).findings == ()


@pytest.mark.parametrize("parcel", PARCELS, ids=lambda path: path.parent.name)
def test_a_consumer_is_on_no_document(parcel):
    """Names, streets, cities, telephones: nothing of the N1*ST loop and no gift message leaves us again."""
    private: set[str] = set()
    here = False
    for line in parcel.read_text(encoding="latin-1").split("~"):
        id_, *elements = line.strip().split("*")
        here = elements[0] == "ST" if id_ == "N1" else here and id_ in {"N3", "N4", "PER"}
        if here or id_ == "MSG":
            private.update(text for text in elements if len(text) > 3)
    assert len(private) > 3
    for want in parcel.parent.glob("want-8*.edi"):
        sent = want.read_text(encoding="latin-1")
        assert not [text for text in private if text in sent], want.name
        assert "N1*ST" not in sent


def test_the_marketplace_gets_capitals_only():
    files = [file for story in stories() if story.partner == "siskin" for file in story.folder.glob("want-*.edi")]
    assert len(files) > 8
    assert not [file for file in files if any(sign.islower() for sign in file.read_text(encoding="latin-1"))]


def test_three_partners_that_differ():
    envelopes = [partner(name).envelope for name in ("bluebird", "siskin", "dunlin")]
    assert [one.version for one in envelopes] == ["004010VICS", "004010", "005010"]
    assert len({one.delimiters for one in envelopes}) == 3
    assert len({one.file_name for one in envelopes}) == 3
    levels = [
        [plan.level for plan in partner(name).maps["856"][0].map.levels] for name in ("bluebird", "siskin", "dunlin")
    ]
    assert levels == [
        ["shipment", "order", "pack", "item"],
        ["shipment", "order", "item"],
        ["shipment", "order", "item", "pack"],
    ]
    assert partner("siskin").connection == partner("dunlin").connection
