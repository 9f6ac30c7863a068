"""`edi explain`: what a code means, whoever said it, in words for an order desk."""

from __future__ import annotations

import pytest

from edi_engine.app.explaining import findings
from tests.conformance.answering import ROOT as CONFORMANCE
from tests.unit.cli.test_commands import edi, told


def said(*words: str) -> str:
    result = edi("explain", *words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_a_finding_is_told_by_cause_example_and_what_to_do() -> None:
    text = said("x12.element.code")
    assert text.startswith("x12.element.code\n  an error: refused, the acknowledgment says so\n")
    assert "For example: PO103" in text
    assert "What to do: Ask the partner what they mean." in text


def test_every_finding_of_the_reference_is_explained() -> None:
    assert len(findings()) > 250
    for code, found in findings().items():
        assert all((found.severities, found.cause, found.example, found.fix)), code
        assert set(found.severities) <= {"NOTE", "WARNING", "HOLD", "REFUSE"}
    assert said("order.price.over-tolerance").startswith("order.price.over-tolerance")


def test_the_beginning_of_a_code_lists_what_begins_so() -> None:
    assert "x12.element.code\n    A code that is not in X12's list" in said("x12.element")
    assert said("envelope").startswith("envelope: ")


TA105_005 = (
    "005  the qualifier of the sender (ISA05) is not valid   (code of TA105, element I18, interchange error code)"
)


@pytest.mark.parametrize("words", [["AK403=7"], ["AK403", "7"], ["ak403*7"], ["723", "7"], ["IK403=7"]])
def test_a_code_of_an_acknowledgment_leads_to_the_findings_that_it_stands_for(words: list[str]) -> None:
    text = said(*words)
    assert text.startswith("7  invalid code value   (code of ")
    assert "  x12.element.code\n" in text
    assert "From a partner it is about a document of ours" in text


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("AK304=8", "8  segment has element errors   (code of AK304, element 720, segment error code)"),
        ("IK304=8", "8  segment has element errors   (code of IK304, element 620, segment error code)"),
        ("IK304=I7", "I7  loop below the guide's minimum   (code of IK304, element 620, segment error code)"),
        ("TA105=005", TA105_005),
        ("TA105=5", TA105_005),
        ("TA104=R", "R  rejected   (code of TA104, element I17, interchange verdict)"),
        ("AK501=E", "E  accepted, errors noted   (code of AK501, element 717, set verdict)"),
        ("AK502=5", "5  one or more segments in error   (code of AK502, element 718, set error code)"),
        ("AK905=2", "2  group version (GS08) not supported   (code of AK905, element 716, group error code)"),
        ("PO103=CA", "CA  case   (code of PO103, element 355, unit of measure code)"),
    ],
)
def test_codes_of_every_acknowledgment(words: str, first: str) -> None:
    assert said(words).splitlines()[0] == first


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("AK501=A", "nothing is left to do"),
        ("AK501=E", "it was taken, so nothing is sent again"),
        ("AK901=P", "those that say R count as never sent"),
        ("IK501=R", "what is rejected counts as never sent"),
    ],
)
def test_a_verdict_says_what_is_left_to_do(words: str, sentence: str) -> None:
    text = said(words)
    assert sentence in " ".join(text.split())
    assert ("exceptions list" in text) == (words[-1] not in "AE")  # what was taken has no case


def test_a_code_that_came_later_says_since_when() -> None:
    assert said("AK304=8").splitlines()[1] == "Valid in 003060 and later."
    assert "It is not valid in 004010." in said("AK403=12", "--version", "004010").splitlines()


def test_each_ak3_and_ak4_code_that_we_can_send_leads_to_a_finding() -> None:
    told_of = {f"AK304={code}" for code in range(1, 8)} | {f"AK403={code}" for code in (*range(1, 11), 12, 13)}
    assert {words for words in told_of if "We find it, and say it, as:" not in said(words)} == set()


def test_a_segment_an_element_and_a_set_are_shown() -> None:
    assert said("PO1").startswith("PO1  order line   (segment")
    assert said("PO106").startswith("PO106  product id qualifier")
    assert said("850").startswith("850  purchase order   (set")


def test_a_code_alone_is_told_by_the_lists_that_have_it() -> None:
    lines = said("EA").splitlines()
    assert lines[0].startswith("EA   (in the lists of ")
    assert "each" in lines[3]
    assert "355  unit of measure code" in lines[3]
    assert "all 13 versions" in lines[3]
    assert "235 product id qualifier" in " ".join(lines)
    assert said("ea") == said("EA")
    assert told("explain", "EA")["kind"] == "lists"
    assert {"355", "235"} <= {one["id"] for one in told("explain", "EA")["lists"]}
    in_one = {one["id"] for one in told("explain", "EA", "--version", "003040")["lists"]}
    assert "355" in in_one
    assert "235" not in in_one


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["x12.elment.code"], "there is no finding x12.elment.code; nearest: x12.element.code"),
        (["a.b"], "the families are"),
        (["AK403=99"], '"99" is no code of AK403 (element error code) in any version'),
        (["AK4*3*355*7"], "one thing at a time: AK4, or AK4=3"),
        (["XYZZY"], "X12 has no XYZZY that we know"),
        (["="], "X12 has no"),
    ],
)
def test_what_nobody_knows_is_answered_with_the_nearest(words: list[str], sentence: str) -> None:
    result = edi("explain", *words)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_as_json() -> None:
    assert told("explain", "x12.element.code")["kind"] == "finding"
    assert len(told("explain", "x12.element")["findings"]) > 5
    ack = told("explain", "AK403=7")
    assert (ack["schema"], ack["kind"], ack["code"]) == ("edi-engine.explain/1", "acknowledgment", "7")
    assert "x12.element.code" in ack["findings"]
    assert told("explain", "PO1")["kind"] == "segment"


@pytest.mark.parametrize(
    ("place", "last"), [("PO1/PO103", "PO103"), ("PO1[2]/PID[1]05", "PID05"), ("po1[1]/po1", "PO1")]
)
def test_a_place_in_a_set_is_explained_by_its_last_step(place: str, last: str) -> None:
    assert said(place) == said(last)


def test_each_code_that_we_send_leads_to_the_finding_that_it_was_sent_for() -> None:
    pairs = {
        (line.split()[4], line.split()[2])
        for sidecar in sorted(CONFORMANCE.glob("*/*/reject/*.txt"))
        for line in sidecar.read_text("utf-8").partition("\n\n")[0].splitlines()
        if line.split()[4].startswith(("AK502", "AK905", "TA105"))
    }
    assert len(pairs) > 30
    for code, finding in sorted(pairs):
        assert f"\n  {finding}\n" in said(code), code
