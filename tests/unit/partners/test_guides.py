"""Guides: rows of a partner file as rules for the check, each place known to the standard."""

from __future__ import annotations

import pytest

FILE = "partners/acme/partner.yaml"


def with_guide(files, *rows):
    return files | {FILE: files[FILE] + "guide:\n  850:\n" + "".join(f"    {row}\n" for row in rows)}


def test_rows_become_rules(load, files):
    rows = (
        "REF(DP): required",
        "PID: not_used",
        "BEG02: {codes: [SA, RL]}",
        "BEG03: {use: required, length: 10}",
        "PO1/PID05: {max: 30, allow: length}",
        "REF(DP)02 digits: {min: 3}",
    )
    guide = load(with_guide(files, *rows)).partners["acme"].guides["850"]
    department, described, kind, number, text, digits = guide.rules
    assert (str(department.path), department.required, department.source) == ("REF(DP)", True, f"{FILE}:16")
    assert (described.not_used, described.narrows) == (True, True)
    assert kind.codes == {"SA", "RL"}
    assert (number.required, number.minimum, number.maximum) == (True, 10, 10)
    assert (text.minimum, text.maximum, text.allow) == (None, 30, {"length"})
    assert (digits.minimum, str(digits.path)) == (3, "REF(DP)02")


@pytest.mark.parametrize(
    ("row", "column", "code", "says"),
    [
        ("REG(DP): required", 5, "partner.value.guide", "REG does not stand here"),
        ("SDQ02: {codes: [92]}", 5, "partner.value.guide", "names no place of the 850: SDQ does not stand here"),
        ("PO2/SDQ02: {codes: [92]}", 5, "partner.value.guide", "PO2 is no loop here"),
        ("REF(9ZZ): required", 5, "partner.value.guide", "9ZZ is no qualifier of REF"),
        ("BEG20: required", 5, "partner.value.guide", "BEG has only 12 elements"),
        ("beg02: required", 5, "partner.value.guide", "small letters"),
        ("BEG02: {codes: [SA, XX]}", 25, "partner.value.guide", "XX is no code of element 92"),
        ("BEG02: must", 12, "partner.value.choice", "nearest"),
        ("BEG02: {use: must}", 18, "partner.value.choice", "cannot be must"),
        ("BEG02: {code: [SA]}", 13, "partner.word.unknown", "nearest: codes"),
        ("BEG03: {length: ten}", 21, "partner.value.number", "not ten"),
        ("BEG03: {min: 9, max: 3}", 12, "partner.value.guide", "the least length is above the greatest"),
        (
            "BEG: not_used",
            5,
            "partner.value.guide",
            "BEG (beginning of purchase order) is mandatory in the 850",
        ),
        ("PO1: not_used", 5, "partner.value.guide", "is mandatory in the 850"),
        ("BEG03: not_used", 5, "partner.value.guide", "is mandatory in BEG"),
        ("BEG: {use: not_used}", 5, "partner.value.guide", "is mandatory in the 850"),
        ("PO1/PID01: not_used", 5, "partner.value.guide", "is mandatory in PID"),
        ("BEG02: {min: 3}", 18, "partner.value.guide", "asks for at least 3 characters, which can never be"),
        ("BEG02: {max: 1}", 18, "partner.value.guide", "asks for at most 1 characters, which can never be"),
        ("BEG02: {length: 5}", 21, "partner.value.guide", "asks for at least 5 characters, which can never be"),
        ("BEG03: {allow: mising}", 20, "partner.value.choice", "nearest: missing"),
        ("BEG03: [a]", 12, "partner.value.kind", "here stands a list"),
    ],
)
def test_what_makes_no_sense_is_said(refused, files, row, column, code, says):
    told = refused(with_guide(files, row))
    assert [(where, found) for where, found, _ in told] == [(f"{FILE}:16:{column}", code)]
    if says != "nearest":
        assert says in told[0][2]


def test_a_set_without_a_dictionary_or_to_come(refused, files):
    text = files[FILE] + "guide: {860: {BCH01: required}, 840: {}}\n"
    assert [(where, code) for where, code, _ in refused(files | {FILE: text})] == [
        (f"{FILE}:14:9", "partner.word.unbuilt"),
        (f"{FILE}:14:33", "partner.word.unknown"),
    ]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("BEG03: {max: 40}", 18, "max 40, which has no effect: X12 has element 324"),
        ("BEG02: {min: 1}", 18, "min 1, which has no effect: X12 has element 92"),
        ("BEG03: {use: required, max: 23}", 33, "max 23, which has no effect"),
    ],
)
def test_what_is_wider_than_x12_is_warned_of(load, files, row, column, says):
    """X12 refuses it all the same, so that the row does not do what its writer means."""
    (told,) = load(with_guide(files, row)).findings
    assert (told.code, told.severity.name) == ("partner.value.wider", "WARNING")
    assert str(told.where.file) == FILE
    assert says in told.message
    assert "allow: [length]" in told.fix


@pytest.mark.parametrize(
    "row",
    [
        "BEG03: {max: 40, allow: [length]}",
        "BEG02: {length: 5, codes: [STAND], allow: [length, code]}",
        "BEG: {use: not_used, allow: [missing]}",
        "BEG03: {use: not_used, allow: [missing]}",
        "BEG02: {codes: [ZZZ], allow: [code]}",
        "REF(DP): not_used",
        "N1(ST): not_used",
        "PO1/PID: not_used",
        "BEG04: not_used",
        "BEG03: {min: 1, max: 22}",
    ],
)
def test_what_is_written_as_an_exception_or_narrower_passes(load, files, row):
    assert load(with_guide(files, row)).findings == ()
