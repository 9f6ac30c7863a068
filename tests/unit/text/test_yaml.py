"""YAML is text with positions, and nothing surprising."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.errors import ConfigurationError
from edi_engine.text.yaml import Listing, Mapping, Mark, Text, read_yaml


def codes(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "a.yaml")
    return [finding.code for finding in caught.value.findings]


def value(text: str) -> str:
    node = read_yaml(text, "a.yaml")
    assert isinstance(node, Mapping)
    found = node.get("k")
    assert isinstance(found, Text)
    return found.value


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("00401", "00401"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("2026-12-01", "2026-12-01"),
        ("1e3", "1e3"),
        ("12:30", "12:30"),
        ("~", "~"),
        ("null", ""),
        ("'null'", "null"),
        ("", ""),
        ('""', ""),
        ("'a: b'", "a: b"),
    ],
)
def test_every_scalar_is_text_as_written(written, text):
    assert value(f"k: {written}\n") == text


def test_nodes_know_their_line_and_column():
    node = read_yaml("a: 1\nb:\n  - x\n  - {c: y}\n", "p/partner.yaml")
    assert isinstance(node, Mapping)
    assert node.entries[1].key.mark == Mark("p/partner.yaml", 2, 1)
    listing = node.get("b")
    assert isinstance(listing, Listing)
    inner = listing.items[1]
    assert isinstance(inner, Mapping)
    assert inner.entries[0].value.mark == Mark("p/partner.yaml", 4, 9)
    assert str(inner.mark) == "p/partner.yaml:4:5"


def test_order_of_keys_is_kept_and_absent_keys_are_none():
    node = read_yaml("z: 1\na: 2\n", "a.yaml")
    assert isinstance(node, Mapping)
    assert node.keys() == ("z", "a")
    assert node.get("m") is None


def test_an_empty_file_is_an_empty_mapping():
    for text in ("", "# only a remark\n", "\ufeff"):
        assert read_yaml(text, "a.yaml") == Mapping((), Mark("a.yaml", 1, 1))


@pytest.mark.fault("S6")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\n", "partner.file.duplicate-key"),
        ("a: &x 1\n", "partner.file.anchor"),
        ("a: !!str 1\n", "partner.file.tag"),
        ("a: ! 1\n", "partner.file.tag"),
        ("a: 1\n---\nb: 2\n", "partner.file.documents"),
        ("? [a, b]\n: 1\n", "partner.file.key"),
        ("a: [1, 2\n", "partner.file.syntax"),
        ("DTM[002]: {a: DTM[002]}\n", "partner.file.syntax"),
        ("a: \x07\n", "partner.file.syntax"),
        ("a: \ud800\n", "partner.file.syntax"),
        ("a: " + "[" * 41 + "]" * 41, "partner.file.depth"),
        ("#" * 1_000_001, "partner.file.size"),
    ],
)
def test_what_makes_yaml_surprising_is_refused(text, code):
    assert codes(text) == [code]


def test_all_problems_come_at_once_with_their_places():
    text = "a: &x 1\nb: *x\na: 2\nc: !!int 3\n"
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "p.yaml")
    places = [(f.code, f.where.line_no, f.where.column) for f in caught.value.findings]
    assert places == [
        ("partner.file.anchor", 1, 4),
        ("partner.file.anchor", 2, 4),
        ("partner.file.duplicate-key", 3, 1),
        ("partner.file.tag", 4, 4),
    ]
    assert str(caught.value).splitlines()[0].startswith("p.yaml:1:4: &x")


@pytest.mark.fault("S6")
@pytest.mark.property
@given(st.text(max_size=60))
def test_any_text_gives_nodes_or_a_configuration_error(text):
    problems = ()
    try:
        node = read_yaml(text, "a.yaml")
    except ConfigurationError as error:
        problems = error.findings
    else:
        assert isinstance(node, Text | Listing | Mapping)
        return
    assert problems
    assert all(f.code.startswith("partner.file.") and f.where.line_no for f in problems)


@pytest.mark.parametrize(
    ("text", "line", "column"), [("a: 1\nb: x\x01y\n", 2, 5), ("\ufeffa: \x00", 1, 4), ("ä: ö\nü: é\x07", 2, 5)]
)
def test_a_control_character_has_its_place(text: str, line: int, column: int):
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "p.yaml")
    (finding,) = caught.value.findings
    assert (finding.code, finding.where.line_no, finding.where.column) == ("partner.file.syntax", line, column)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ('a: "x\nb: 2\nc: y\n', 1, 4, "the quote that is opened here is not closed"),
        ('name: "Acme\nstatus: "live"\n', 1, 7, "the quote that is opened here is not closed"),
        ('k: 1\na: {b: "x}\nc: "y"\n', 2, 8, "the quote that is opened here is not closed"),
        ("a: '", 1, 4, "the quote that is opened here is not closed"),
        ('name: "two\n  lines"\nb: [}\n', 3, 5, "did not find expected node content"),
        ('a: "\\q"\n', 1, 5, "unknown escape"),
        ("a:\n\tb: 2\n", 2, 1, "a tab stands here; use blanks"),
        ("a: 1\nb:\n  c: 1\n\td: 2\n", 4, 1, "a tab stands here; use blanks"),
    ],
)
def test_a_slip_is_told_where_it_was_made(text, line, column, says):
    with pytest.raises(ConfigurationError) as caught:
        read_yaml(text, "a.yaml")
    (found,) = caught.value.findings
    assert (found.code, found.where.line_no) == ("partner.file.syntax", line)
    assert says in found.message
    assert found.where.column == column
