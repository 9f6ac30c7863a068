from datetime import date
from decimal import Decimal

import pytest

from edi_engine.erp.instruction import read_invoice_instruction, read_ship_instruction
from edi_engine.orders.bill import InvoiceInstruction
from edi_engine.orders.ship import ShipInstruction, ShipLine


def test_a_shipment_as_yaml_gives_it():
    plain = {
        "number": "S-1",
        "shipped_on": "2026-01-06",
        "weight": "40.5",
        "lines": [{"line": "1", "quantity": "3", "unit": "CA", "sscc": "006141411234567890", "lot": "L9"},
                  {"line": 2, "quantity": 12, "store": "0101"}],
    }  # fmt: skip
    rows = (ShipLine(1, Decimal(3), "CA", "006141411234567890", "L9"), ShipLine(2, Decimal(12), store="0101"))
    wanted = ShipInstruction(rows, number="S-1", shipped_on=date(2026, 1, 6), weight=Decimal("40.5"))
    assert read_ship_instruction(plain) == (wanted, ())


def test_json_numbers_and_dates_of_yaml_loaders_will_do():
    plain = {
        "shipped_on": date(2026, 1, 6),
        "lines": [{"line": 1, "quantity": 2.5}, {"line": 2, "quantity": Decimal(3)}],
    }
    instruction, findings = read_ship_instruction(plain)
    assert findings == ()
    assert [row.quantity for row in instruction.lines] == [Decimal("2.5"), Decimal(3)]


@pytest.mark.parametrize("plain", [None, {}])
def test_nothing_said_ships_everything(plain):
    assert read_ship_instruction(plain) == (ShipInstruction(), ())
    assert read_invoice_instruction(plain) == (InvoiceInstruction(), ())


@pytest.mark.parametrize(
    ("plain", "code", "path"),
    [
        ({"carier": "UPSN"}, "key", "shipment"),
        ({"lines": {"line": 1}}, "value", "lines"),
        ({"lines": [1]}, "value", "lines[1]"),
        ({"lines": [{"line": 1}]}, "missing", "lines[1].quantity"),
        ({"lines": [{"quantity": 1}]}, "missing", "lines[1].line"),
        ({"lines": [{"line": 0, "quantity": 1}]}, "value", "lines[1].line"),
        ({"lines": [{"line": 1, "quantity": "1e3"}]}, "value", "lines[1].quantity"),
        ({"lines": [{"line": 1, "quantity": "٣"}]}, "value", "lines[1].quantity"),
        ({"lines": [{"line": 1, "quantity": True}]}, "value", "lines[1].quantity"),
        ({"lines": [{"line": 1, "quantity": "NaN"}]}, "value", "lines[1].quantity"),
        ({"lines": [{"line": 1, "quantity": 1, "uint": "EA"}]}, "key", "lines[1]"),
        ({"shipped_on": "6 Jan"}, "value", "shipped_on"),
        ({"shipped_on": "2026-02-30"}, "value", "shipped_on"),
        ({"carrier": ["UPSN"]}, "value", "carrier"),
        (["no"], "value", "shipment"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(plain, code, path):
    instruction, findings = read_ship_instruction(plain)
    assert instruction is None
    assert [(one.code, one.where.path) for one in findings if one.code.endswith(code)] == [
        (f"document.instruction.{code}", path)
    ]


def test_the_nearest_name_is_said():
    _, (finding,) = read_ship_instruction({"carier": "UPSN"})
    assert finding.message == "shipment wants carrier, the nearest name, not carier."


def test_an_invoice():
    plain = {"number": "I-1", "date": "2026-01-09", "shipment": "S-1", "note": "thanks"}
    assert read_invoice_instruction(plain) == (InvoiceInstruction("I-1", date(2026, 1, 9), "S-1", "thanks"), ())
    assert read_invoice_instruction({"numbr": "I-1"})[0] is None
