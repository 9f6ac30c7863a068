"""The examples of partner files: what they give is compared with what lies beside them, and each difference is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from edi_engine.app.care import check_partners
from edi_engine.app.settings import Settings
from edi_engine.finding import Finding, Severity
from tests.fixtures.homes import make_home

EXAMPLES = "examples:"


@pytest.fixture
def bluebird(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home") / "partners" / "bluebird"


def checked(bluebird: Path) -> tuple[Finding, ...]:
    return check_partners(Settings(bluebird.parents[1], "sqlite://")).findings


def with_example(bluebird: Path, line: str) -> None:
    file = bluebird / "partner.yaml"
    head = file.read_text().partition(EXAMPLES)[0]
    file.write_text(f"{head}{EXAMPLES}\n  - {line}\n")


def edit(file: Path, change: Callable[[str], str]) -> None:
    before = file.read_text()
    after = change(before)
    assert after != before
    file.write_text(after)


def test_the_shipped_examples_pass(bluebird: Path) -> None:
    assert checked(bluebird) == ()


def test_an_answer_that_differs_is_told_with_its_first_place(bluebird: Path) -> None:
    edit(bluebird / "examples" / "stock.855.edi", lambda text: text.replace("ACK*IA*48", "ACK*IA*44"))
    (told,) = checked(bluebird)
    assert (told.code, told.severity) == ("partner.example.differs", Severity.HOLD)
    assert told.message == (
        "partners/bluebird/examples/stock.edi: its 855 differs from partners/bluebird/examples/stock.855.edi "
        "in segment 6: ACK*IA*48*EA, wanted ACK*IA*44*EA"
    )
    line = (bluebird / "partner.yaml").read_text().partition(EXAMPLES)[0].count("\n") + 2
    assert (told.where.file, told.where.line_no) == ("partners/bluebird/partner.yaml", line)


def test_a_table_that_changes_the_answer_is_found(bluebird: Path) -> None:
    edit(bluebird / "tables" / "items.csv", lambda text: text.replace("11.60,EA,4,12", "11.60,EA,4,8"))
    short = [one.message for one in checked(bluebird)]
    assert len(short) == 2
    assert "ACK*IQ*8*EA, wanted ACK*IQ*12*EA" in short[0]
    assert "its 856 differs" in short[1]
    assert "places differ" in short[1]


def test_numbers_and_moments_of_writing_do_not_count(bluebird: Path) -> None:
    edit(bluebird / "examples" / "stock.855.edi", lambda text: text.replace("****1*20261120", "****77*20261231"))
    edit(
        bluebird / "examples" / "short.856.edi",
        lambda text: text.replace("S0000001", "S0000009").replace("*1200*", "*0815*"),
    )
    edit(
        bluebird / "examples" / "short.856.edi",
        lambda text: text.replace("MAN*GM*0000614141000", "MAN*GM*0000614141999"),
    )
    assert checked(bluebird) == ()


def test_the_order_for_the_erp(bluebird: Path) -> None:
    file = bluebird / "examples" / "stock.order.json"
    order = json.loads(file.read_text())
    file.write_text(json.dumps(order | {"reference": "99"}, indent=7))
    assert checked(bluebird) == ()
    order["lines"][1]["accepted"]["quantity"] = "3"
    file.write_text(json.dumps(order))
    (told,) = checked(bluebird)
    assert 'in lines[2].accepted.quantity: "2", wanted "3"' in told.message
    del order["lines"][1]
    file.write_text(json.dumps(order))
    (told,) = checked(bluebird)
    assert "wanted nothing" in told.message
    file.write_text("{")
    (told,) = checked(bluebird)
    assert "stock.order.json is not JSON" in told.message
    file.write_text("[]")
    (told,) = checked(bluebird)
    assert "its order for the ERP differs" in told.message


def test_an_order_that_waits_gives_nothing_and_says_why(bluebird: Path) -> None:
    edit(bluebird / "examples" / "stock.edi", lambda text: text.replace("*3.85*", "*5.85*"))
    told = [one.message for one in checked(bluebird)]
    assert len(told) == 2  # the 997 is as it was
    assert "it gives no order for the ERP, and partners/bluebird/examples/stock.order.json wants one." in told[0]
    assert "it gives no 855" in told[1]
    assert all("5.85" in one for one in told)


def test_a_document_too_many_or_of_another_length(bluebird: Path) -> None:
    file = bluebird / "examples" / "stock.855.edi"
    text = file.read_text()
    file.write_text(text + text)
    (told,) = checked(bluebird)
    assert "it gives 1 of 855, and partners/bluebird/examples/stock.855.edi holds 2" in told.message
    file.write_text("Dear partner")
    (told,) = checked(bluebird)
    assert "holds 0" in told.message
    file.write_text(text.replace("CTT*2~\n", "CTT*2~\nREF*ZZ*1~\n"))
    (told,) = checked(bluebird)
    assert "in segment 10: nothing, wanted REF*ZZ*1" in told.message


def test_the_day_is_that_of_the_message_unless_the_example_names_one(bluebird: Path) -> None:
    """The order asks for 4 December; on the 5th that is too late."""
    with_example(bluebird, "{in: examples/stock.edi, 855: examples/stock.855.edi}")
    assert checked(bluebird) == ()
    with_example(bluebird, "{in: examples/stock.edi, today: 2026-12-05, 855: examples/stock.855.edi}")
    (told,) = checked(bluebird)
    assert "it gives no 855" in told.message
    edit(bluebird / "examples" / "stock.edi", lambda text: text.replace("*261120*0915*", "*261320*0915*"))
    with_example(bluebird, "{in: examples/stock.edi, 855: examples/stock.855.edi}")
    (told,) = checked(bluebird)
    assert "does not say on which day it was made" in told.message


def test_shipped_and_billed_where_nothing_ships_by_itself(bluebird: Path) -> None:
    edit(bluebird / "partner.yaml", lambda text: text.replace("mode: auto", "mode: none"))
    assert checked(bluebird) == ()
