import re
from pathlib import Path

import pytest
import yaml

from edi_engine.finding import Severity
from edi_engine.orders.rulings import OFFERS

ROOT = Path(__file__).parents[3]
ENTRIES = yaml.safe_load((ROOT / "docs/reference/findings/order.yaml").read_text(encoding="utf-8"))
DOCUMENTED = {entry["code"] for entry in ENTRIES}
SOURCES = [path for room in ("orders", "erp") for path in (ROOT / "edi_engine" / room).rglob("*.py")]
# A code that is put together: the stem in the f-string, and the words that stand where the code is made.
WORDS = {
    "order.price.": ("missing", "negative", "unknown", "neither", "basis", "over-tolerance", "under-tolerance"),
    "order.quantity.": ("missing", "zero", "negative", "absurd", "fraction"),
    "order.date.": ("year", "past", "before-order", "too-soon", "window"),
    "order.shipment.": ("quantity", "sscc", "unit", "over", "store", "stores"),
    "order.purpose.": ("information", "agreement", "cancelled"),
    "order.destinations.": ("share", "unit", "sum", "unknown", "cases"),
    "order.invoice.": ("nothing", "negative", "line", "no-charge", "terms"),
    "order.schedules.": ("part", "sum", "stores"),
    "document.instruction.": ("value", "key", "missing"),
}


def made():
    codes = {stem + word for stem, words in WORDS.items() for word in words}
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r'code="([a-z0-9.-]+)"', text)) | set(re.findall(r'= "(order\.[a-z.-]+)"', text))
        for stem in re.findall(r'code=f"([a-z0-9.-]+)\{', text):
            assert stem in WORDS, f"{path.name} makes codes that this test does not know: {stem}"
    return codes


def test_every_code_is_documented_and_nothing_else():
    assert made() == DOCUMENTED


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["code"])
def test_every_entry_is_whole(entry):
    assert sorted(entry) == ["cause", "code", "example", "fix", "severity"]
    assert entry["severity"] in Severity.__members__
    assert all(isinstance(value, str) and value.strip() for value in entry.values())


def test_choices_are_offered_for_codes_and_kinds_that_exist():
    kinds = {".".join(code.split(".")[:2]) for code in DOCUMENTED} | {"order.hold"}
    assert {code for code in OFFERS if code not in DOCUMENTED | kinds} == set()
    held = {e["code"] for e in ENTRIES if e["severity"] == "HOLD" and e["code"].startswith("order.")}
    later = ("order.shipment.", "order.invoice.", "order.text.", "order.duplicate.")  # no rule, but another step
    kinds_offered = {code for code in held if code in OFFERS or ".".join(code.split(".")[:2]) in OFFERS}
    assert held - kinds_offered == {code for code in held if code.startswith(later)}
