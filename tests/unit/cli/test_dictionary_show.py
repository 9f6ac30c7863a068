"""`edi dictionary show`: what the standard says, for people who know their codes and little else."""

from __future__ import annotations

import json

import pytest

from edi_engine.app.lookup import look_up
from edi_engine.cli.shape import document
from edi_engine.cli.topics import content, drawn
from tests.fixtures.standard import DICTIONARY as STANDARD
from tests.unit.cli.test_commands import edi, told


def said(*words: str) -> str:
    result = edi("dictionary", "show", *words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_a_set_is_a_tree_with_marks() -> None:
    lines = said("850").splitlines()
    assert lines[0] == "850  purchase order   (set, version 004010, in groups PO)"
    assert "  BEG" in [line[:5] for line in lines]
    assert [line.split(maxsplit=3) for line in lines if line.startswith(("  ST ", "  SAC ", "    CUR "))][:3] == [
        ["ST", "must", "once", "beginning of set"],
        ["SAC", "may", "up", "to 25       allowance or charge, a loop"],
        ["CUR", "may", "once", "currency"],
    ]
    assert "heading" in lines
    assert "summary" in lines
    assert lines[-1].startswith("850 is also the number of an element, kind of status report")


def test_a_segment_tells_its_elements_rules_pairs_and_sets() -> None:
    text = said("po1")
    assert "  PO106      235  product id qualifier     rule  code    2" in text
    assert "- Where PO103 is there, PO102 must be there too." in text
    assert "- PO106 and PO107 come together or not at all; so do PO108 and PO109," in text
    assert "- PO106 says what PO107 is; PO108 says what PO109 is; and so on, up to PO124 says what PO125 is." in text
    assert "Used in 832 (in LIN), 850 (in PO1), 855 (in PO1), 870 (in HL/PO1)." in text


def test_an_inferred_rule_says_so() -> None:
    assert "(we infer this; breaking it is only a warning)" in said("POC", "--version", "005010")


def test_an_element_in_its_place() -> None:
    lines = said("PO103").splitlines()
    assert lines[0] == "PO103  unit of measure code   (element 355 in PO1, order line, version 004010)"
    assert lines[1] == "It may be left out."
    assert "- Where PO103 is there, PO102 must be there too." in lines
    assert "It holds a code, exactly 2 characters, one of 794." in lines
    assert any(line.split() == ["CA", "case"] for line in lines)


def test_an_element_a_component_and_a_composite() -> None:
    assert said("212").splitlines()[1] == "It holds a number, at most 17 digits."
    assert said("SLN05-1").splitlines()[0].startswith("SLN05-1  unit of measure code   (element 355 in SLN")
    assert "It is made of 15 parts" in said("C001")
    assert said("SLN05").splitlines()[0].startswith("SLN05  composite unit of measure")


def test_a_number_is_the_set_unless_the_element_is_asked_for() -> None:
    assert said("810").startswith("810  invoice ")
    assert said("810", "--element").startswith("810  inner packs ")


def test_a_code_tells_where_it_is_valid() -> None:
    assert said("355", "CA").splitlines() == [
        "CA  case   (code of 355, unit of measure code)",
        "Valid in all 13 versions.",
    ]
    assert said("PO103", "ca").splitlines()[0] == "CA  case   (code of PO103, element 355, unit of measure code)"
    older = said("718", "19").splitlines()
    assert older[1] == "Valid in 003040 to 004010, and 004050 and later."
    assert said("718", "19", "--version", "004030").splitlines()[-1] == "It is not valid in 004030."
    assert "no closed list" in said("BEG03", "4500")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["PO16"], "X12 has no PO16 that we know; nearest: PO1 (order line)"),
        (["851"], "X12 has no 851 that we know; nearest: 85"),
        (["QQQQQQ"], "try a set (850), a segment (PO1) or an element (PO106)"),
        (["PO199"], "PO1 has 25 elements in 004010, so there is no PO199"),
        (["PO101-1"], "PO101 has no parts in 004010, so there is no PO101-1"),
        (["PO100"], "there is no PO100"),
        (["355", "CASE"], '"CASE" is no code of 355 (unit of measure code) in any version; nearest: "CA" (case)'),
        (["BEG", "00"], "BEG is no element, so it has no codes"),
        (["999", "--version", "004010"], "004010 has no 999; it is in 005010, 005030, 005040, 006020, 006030"),
        (["850", "--version", "007040"], "the dictionary has no version 007040; it has 003040"),
        (["850", "--version", "5010"], "the dictionary has no version 5010; nearest: 005010; it has 003040"),
        (["SLN05", "EA"], "SLN05 is made of 15 parts: name one, such as SLN05-1"),
        (["../../etc"], "X12 has no ../../ETC that we know"),
        (["\x1b[2J"], "X12 has no"),
    ],
)
def test_what_nobody_knows_is_answered_with_the_nearest(words: list[str], sentence: str) -> None:
    result = edi("dictionary", "show", *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "\x1b" not in result.stderr


def test_a_version_with_a_suffix_is_its_base() -> None:
    assert "version 004030" in said("850", "--version", "004030VICS").splitlines()[0]


def test_what_the_usual_version_lacks_is_shown_in_the_first_that_has_it() -> None:
    assert said("999").startswith("999  implementation acknowledgment   (set, version 005010")
    assert said("CTX").startswith("CTX  context of the error   (segment, version 004050)")


def test_as_json() -> None:
    tree = told("dictionary", "show", "850")
    assert tree["schema"] == "edi-engine.dictionary-show/1"
    assert (tree["kind"], tree["id"], tree["group"], tree["version"]) == ("set", "850", "PO", "004010")
    assert tree["detail"][0]["segment"] == "PO1"
    assert {"segment": "CTT", "name": "totals of the set", "required": False, "maximum": 1}.items() <= tree["summary"][
        0
    ].items()
    segment = told("dictionary", "show", "N1")
    assert segment["rules"] == [
        "N102 or N103 must be there, or several of them",
        "N103 and N104 come together or not at all",
    ]
    assert segment["pairs"] == [{"qualifier": 1, "value": 0, "many": False}]
    place = told("dictionary", "show", "PO106")
    assert (place["place"], place["element"], place["conditional"]) == ("PO106", "235", True)
    assert told("dictionary", "show", "355")["codes"]["CA"] == "case"
    assert told("dictionary", "show", "355", "CA")["meaning"] == "case"
    assert told("dictionary", "show", "324")["codes"] is None


@pytest.mark.parametrize("version", ["003040", "004010", "006030"])
def test_everything_can_be_shown(version: str) -> None:
    """Every set and element; the segments as far as one look at the sets each allows."""
    ids = [*STANDARD.sets(version), *STANDARD.elements(version), *STANDARD.segments(version)[::7]]
    for name in ids:
        for element in (False, True) if name.isdigit() else (False,):
            if element and STANDARD.element(version, name) is None:
                continue
            topic = look_up(STANDARD, name, version=version, element=element)
            lines = list(drawn(topic, STANDARD))
            assert lines
            assert all(line.isprintable() for line in lines if "\n" not in line)
            assert json.loads(document("x", content(topic)))["id"] == name
