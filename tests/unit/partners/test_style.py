"""How a partner wants values to be written: what can be said, and what is refused since it would do harm."""

from __future__ import annotations

import string

import pytest

from edi_engine.x12.style import PLAIN_STYLE, Style

FILE = "partners/acme/partner.yaml"


def with_lines(files, *lines):
    said = "".join(f"  {line}\n" for line in lines)
    return files | {FILE: files[FILE].replace("  version: 004010VICS\n", f"  version: 004010VICS\n{said}")}


def style(load, files, *lines) -> Style:
    return load(with_lines(files, *lines)).partners["acme"].envelope.style


def test_nothing_said(load, files):
    assert style(load, files) == PLAIN_STYLE == Style({}, False, True, 1, 4)


def test_a_table_of_characters(load, files):
    found = style(load, files, 'replace: {"~": "-", é: e, ß: ss, lf: " ", 0x09: " ", "#": NO}', "charset: ascii")
    assert found.replace == {"~": "-", "é": "e", "ß": "ss", "\n": " ", "\t": " ", "#": "NO"}


def test_capitals_throughout(load, files):
    found = style(load, files, "charset: basic", "replace: {é: E, a-z: A-Z}")
    assert found.basic
    assert found.replace == {"é": "E"} | dict(zip(string.ascii_lowercase, string.ascii_uppercase, strict=True))
    assert load(with_lines(files, "charset: basic")).partners["acme"].envelope.charset == "ascii"


def test_trimming_and_padding(load, files):
    found = style(load, files, "trim: no", "pad: {GS06: 9, ST02: 6}")
    assert (found.trim, found.group_digits, found.set_digits) == (False, 9, 6)
    assert style(load, files, "pad: {GS06: 9}").set_digits == 4


@pytest.mark.parametrize(
    ("line", "place", "code", "says"),
    [
        ('replace: {"~": ">"}', "10:18", "partner.value.replace", 'would write ">", which is the component separator'),
        ('replace: {"~": "a*b"}', "10:18", "partner.value.replace", "the element separator"),
        ('replace: {"~": "\\n"}', "10:18", "partner.value.replace", "a line feed, which the character set ascii"),
        ("replace: {é: è}", "10:16", "partner.value.replace", "which the character set ascii does not have"),
        ('replace: {"~": ""}', "10:18", "partner.value.replace", "wants at least one character"),
        ("replace: {é: }", "10:16", "partner.value.replace", "wants at least one character"),
        ("replace: {é: e, e: E}", "10:16", "partner.value.replace", 'would write "e", which is to be replaced itself'),
        ("replace: {é: e, a-z: A-Z}", "10:16", "partner.value.replace", "which is to be replaced itself"),
        ("replace: {éé: e}", "10:13", "partner.value.replace", "not one character, nor a-z"),
        ("replace: {b-y: B-Y}", "10:13", "partner.value.replace", "not one character, nor a-z"),
        ("replace: {a-z: a}", "10:18", "partner.value.replace", "can only be A-Z, not a"),
        ("replace: {A: B}", "10:13", "partner.value.replace", "of which codes and numbers are made"),
        ("replace: {0: O}", "10:13", "partner.value.replace", "of which codes and numbers are made"),
        ('replace: {".": ","}', "10:13", "partner.value.replace", "of which codes and numbers are made"),
        ('replace: {"-": "_"}', "10:13", "partner.value.replace", "of which codes and numbers are made"),
        ('replace: {" ": "_"}', "10:13", "partner.value.replace", "of which codes and numbers are made"),
        ("replace: {us: e}", "10:13", "partner.value.replace", "which no value holds"),
        ('replace: {lf: " ", 0x0A: "-"}', "10:22", "partner.value.replace", "says twice what stands in the place of"),
        ("replace: {a: [b]}", "10:16", "partner.value.kind", "one value"),
        ("replace: é", "10:12", "partner.value.kind", "a block"),
        ("trim: some", "10:9", "partner.value.choice", "is yes or no"),
        ("pad: {GS06: 10}", "10:15", "partner.value.number", "from 1 to 9, not 10"),
        ("pad: {ST02: 3}", "10:15", "partner.value.number", "from 4 to 9, not 3"),
        ("pad: {BEG03: 8}", "10:9", "partner.word.unknown", "no word BEG03"),
        ('delimiters: {component: lf, after_segment: "cr lf"}', "10:46", "partner.value.delimiter", "cannot follow"),
    ],
)
def test_what_would_do_harm_is_refused(refused, files, line, place, code, says):
    told = refused(with_lines(files, line))
    assert [(where, found) for where, found, _ in told] == [(f"{FILE}:{place}", code)]
    assert says in told[0][2]


def test_the_table_is_judged_by_the_partners_own_delimiters_and_letters(load, refused, files):
    bars = 'delimiters: {element: "|", component: ":", segment: lf}'
    assert style(load, files, bars, 'replace: {"|": "*", lf: "~"}').replace == {"|": "*", "\n": "~"}
    assert style(load, files, "charset: latin-1", "replace: {è: é}").replace == {"è": "é"}
    told = refused(with_lines(files, "charset: basic", "replace: {é: e}"))
    assert [(where, code) for where, code, _ in told] == [(f"{FILE}:11:16", "partner.value.replace")]
    assert "the character set basic does not have" in told[0][2]
