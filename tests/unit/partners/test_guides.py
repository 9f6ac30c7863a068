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
