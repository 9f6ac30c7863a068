"""pyx12 maps as guides: a map of the whole standard says nothing, a narrower one what it narrows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from edi_engine.x12.pyx12.export import export
from edi_engine.x12.pyx12.guide import ReadGuide, read_guide
from edi_engine.x12.pyx12.read_map import MapError, read_codes, read_lengths, read_map
from tests.fixtures.standard import DICTIONARY

Change = Callable[[etree._Element], object]


def guide_of(change: Change, version: str = "004010", set_id: str = "850") -> ReadGuide:
    """Export a set, change the map, and read it as a guide."""
    files = export(DICTIONARY, [(version, set_id)])
    root = etree.fromstring(files[f"{set_id}.{version}.xml"])
    change(root)
    grammar = DICTIONARY.set(version, set_id)
    assert grammar is not None
    lengths, codes = read_lengths(files["dataele.xml"]), read_codes(files["codes.xml"])
    return read_guide(read_map(etree.tostring(root)), grammar, lengths, codes)


def told(found: ReadGuide) -> dict[str, object]:
    words = {}
    for rule in found.guide.rules:
        use = "required" if rule.required else "not_used" if rule.not_used else None
        words[str(rule.path)] = sorted(rule.codes) if rule.codes is not None else use or (rule.minimum, rule.maximum)
    return words


def one(root: etree._Element, path: str) -> etree._Element:
    """Find a node by ids from the set down, such as `LOOP_PO1/PID/PID02`."""
    found = next(loop for loop in root.iter("loop") if loop.get("xid") == "ST_LOOP")
    for name in path.split("/"):
        found = next(child for child in found if child.get("xid") == name)
    return found


def use(path: str, usage: str) -> Change:
    return lambda root: one(root, path).set("usage", usage)


def gone(path: str) -> Change:
    def take(root: etree._Element) -> None:
        node = one(root, path)
        node.getparent().remove(node)

    return take


def coded(node: etree._Element, *codes: str) -> None:
    for old in node.findall("valid_codes"):
        node.remove(old)
    listed = etree.SubElement(node, "valid_codes")
    for code in codes:
        etree.SubElement(listed, "code").text = code


def limited(path: str, *codes: str) -> Change:
    return lambda root: coded(one(root, path), *codes)


def split(path: str, element: str, *codes: str, usage: str = "S") -> Change:
    """Put several nodes in the place of one, each for one code; the first has the usage."""

    def multiply(root: etree._Element) -> None:
        node = one(root, path)
        for number, code in enumerate(codes):
            twin = etree.fromstring(etree.tostring(node))
            coded(next(each for each in twin.iter() if each.get("xid") == element), code)
            twin.set("usage", usage if not number else "S")
            node.addprevious(twin)
        node.getparent().remove(node)

    return multiply


@pytest.mark.parametrize(
    ("version", "set_id"),
    [("004010", "850"), ("004010", "856"), ("005010", "753"), ("005040", "832"), ("003040", "810")],
)
def test_a_map_of_the_whole_standard_narrows_nothing(version: str, set_id: str) -> None:
    found = guide_of(lambda _root: None, version, set_id)
    assert (found.guide.rules, found.unsaid) == ((), ())


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (use("CUR", "R"), {"CUR": "required"}),
        (use("CUR", "N"), {"CUR": "not_used"}),
        (gone("CUR"), {"CUR": "not_used"}),
        (gone("LOOP_ADV"), {"ADV": "not_used"}),
        (use("LOOP_N1", "R"), {"N1": "required"}),
        (use("LOOP_N1/N3", "R"), {"N1/N3": "required"}),
        (use("LOOP_PO1/PO1/PO103", "R"), {"PO103": "required"}),
        (use("LOOP_PO1/PO1/PO105", "N"), {"PO105": "not_used"}),
        (gone("LOOP_PO1/PO1/PO125"), {"PO125": "not_used"}),
        (limited("BEG/BEG02", "SA", "NE"), {"BEG02": ["NE", "SA"]}),
        (limited("BEG/BEG03", "4500"), {"BEG03": ["4500"]}),
        (split("REF", "REF01", "DP", "IA", usage="R"), {"REF01": ["DP", "IA"], "REF(DP)": "required"}),
        (split("LOOP_N1", "N101", "ST", "BT", usage="R"), {"N101": ["BT", "ST"], "N1(ST)": "required"}),
        (use("LOOP_PO1/LOOP_PO1_SLN/SLN/SLN05/SLN05-02", "N"), {"PO1/SLN05-2": "not_used"}),
    ],
)
def test_what_a_map_narrows_becomes_rules(change: Change, rules: dict[str, object]) -> None:
    assert told(guide_of(change)) == rules


def test_loops_told_apart_by_a_code_have_rules_of_their_own() -> None:
    def change(root: etree._Element) -> None:
        split("LOOP_N1", "N101", "ST", "BT")(root)
        first = next(loop for loop in root.iter("loop") if loop.get("xid") == "LOOP_N1")
        next(child for child in first if child.get("xid") == "N3").set("usage", "R")
        next(child for child in first[0] if child.get("xid") == "N104").set("usage", "R")

    assert told(guide_of(change)) == {"N101": ["BT", "ST"], "N1(ST)04": "required", "N1(ST)/N3": "required"}


def test_levels_nested_in_the_map_are_loops_by_their_code() -> None:
    def nest(root: etree._Element) -> None:
        split("LOOP_HL", "HL03", "S", "O")(root)
        shipment, order = (loop for loop in root.iter("loop") if loop.get("xid") == "LOOP_HL")
        next(child for child in order if child.get("xid") == "PRF").set("usage", "R")
        order.set("pos", "9990")
        shipment.append(order)

    found = guide_of(nest, set_id="856")
    assert told(found) == {"HL03": ["O", "S"], "HL(O)/PRF": "required"}


def test_a_loop_that_only_wraps_others_is_looked_through() -> None:
    def wrap(root: etree._Element) -> None:
        node = one(root, "LOOP_PO1")
        outer = etree.Element("loop", xid="DETAIL", pos=node.get("pos"), usage="R", repeat="1", name="Detail")
        node.addprevious(outer)
        outer.append(node)
        use_within = next(child for child in node[0] if child.get("xid") == "PO103")
        use_within.set("usage", "R")

    assert told(guide_of(wrap)) == {"PO103": "required"}


def test_a_shorter_element_beside_the_map_is_a_greatest_length() -> None:
    files = export(DICTIONARY, [("004010", "850")])
    lengths = read_lengths(files["dataele.xml"]) | {"324": (3, 10)}
    grammar = DICTIONARY.set("004010", "850")
    found = read_guide(read_map(files["850.004010.xml"]), grammar, lengths, read_codes(files["codes.xml"]))
    assert told(found)["BEG03"] == (3, 10)


@pytest.mark.parametrize(
    ("change", "unsaid"),
    [
        (lambda root: one(root, "REF").set("max_use", "2"), "how often something may come: REF at most 2 times"),
        (limited("BEG/BEG02", "SA", "Q1"), "BEG02: the codes Q1, which X12 does not have"),
        (use("BEG/BEG02", "N"), "BEG02: not used, though X12 makes it mandatory"),
        (lambda root: one(root, "BEG/BEG02").set("data_ele", "999"), "BEG02: it is element 999, and 92 in X12"),
        (lambda root: one(root, "BEG").set("xid", "BXX"), "BXX: X12 has no such segment there"),
        (
            lambda root: one(root, "BEG").insert(0, etree.fromstring("<syntax>P0203</syntax>")),
            "BEG: the condition P0203",
        ),
        (
            lambda root: etree.SubElement(one(root, "BEG/BEG03"), "regex").__setattr__("text", "^45"),
            "BEG03: the pattern ^45",
        ),
        (
            lambda root: one(root, "BEG/BEG02").find("valid_codes").set("external", "theirs"),
            "BEG02: the list theirs, which is not beside the map",
        ),
    ],
)
def test_what_no_rule_can_say_is_listed(change: Change, unsaid: str) -> None:
    assert any(line.startswith(unsaid) for line in guide_of(change).unsaid) == (
        unsaid != "how often something may come"
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"<maps/>",
        b"<transaction xid='850'><name>x</name></transaction>",
        b"<transaction><loop xid='a' usage='Q' pos='1'><segment xid='ST' usage='R' pos='1'/></loop></transaction>",
        b"<transaction><loop xid='a' usage='R' pos='x'><segment xid='ST' usage='R'/></loop></transaction>",
        b"<transaction>" + b"<loop xid='a' usage='R' pos='1' repeat='1'>" * 60 + b"</loop>" * 60 + b"</transaction>",
    ],
)
def test_what_is_no_map_is_told(text: bytes) -> None:
    with pytest.raises(MapError):
        read_map(text)
