"""A guide that is written is read back as the same guide."""

from __future__ import annotations

from dataclasses import replace

from edi_engine.partners.write_guide import guide_yaml
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.path import parse

FILE = "partners/acme/partner.yaml"

RULES = (
    GuideRule(parse("REF(DP)"), required=True),
    GuideRule(parse("PO1/PID"), not_used=True),
    GuideRule(parse("BEG02"), codes=frozenset({"SA", "NE"})),
    GuideRule(parse("REF(DP)02"), minimum=3, maximum=3),
    GuideRule(parse("BEG03"), required=True, minimum=2, maximum=10, codes=frozenset({"01", "NO", "A B"})),
    GuideRule(parse("PO1/SLN05-1"), codes=frozenset({"EA"})),
    GuideRule(parse("N1(ST)04"), allow=frozenset({"missing", "length"})),
)


def test_a_guide_comes_back_as_it_was_written(files, load) -> None:
    text = guide_yaml(Guide("850", RULES), ("a remark: [not] a rule",))
    read = load(files | {FILE: files[FILE] + text}).partners["acme"].guides["850"]
    assert [replace(rule, source="") for rule in read.rules] == list(RULES)


def test_it_looks_as_people_write_it() -> None:
    assert guide_yaml(Guide("850", RULES[:4]), ("said besides",)) == (
        "guide:\n"
        "  850:\n"
        "    REF(DP): required\n"
        "    PO1/PID: not_used\n"
        "    BEG02: {codes: [NE, SA]}\n"
        "    REF(DP)02: {length: 3}\n"
        "    # said besides\n"
    )


def test_a_guide_without_rules_is_a_block_all_the_same() -> None:
    assert guide_yaml(Guide("850")) == "guide:\n  850: {}\n"
