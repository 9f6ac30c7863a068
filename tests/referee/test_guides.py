"""A narrower map, given to pyx12 as it is and to us as a guide: both hold the same sets."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

import pytest
from lxml import etree

from edi_engine.finding import Position
from edi_engine.x12.check import checker
from edi_engine.x12.pyx12.export import export
from edi_engine.x12.pyx12.guide import read_guide
from edi_engine.x12.pyx12.read_map import read_codes, read_lengths, read_map
from edi_engine.x12.reader import outline
from tests.fixtures.standard import DICTIONARY
from tests.referee.speech import Speech, interchange

NARROWED = {
    "850": {
        "usage": {"REF02": "R", "PO105": "N", "DTM02": "R", "PID04": "N", "N103": "R"},
        "codes": {"BEG01": "00 01 02 03 04 05 06 07 08 10 11 12 13 14 15 16 17 18 19 20 21 22 24", "PID01": "F"},
        "gone": ("CUR", "TAX", "LOOP_ADV", "MAN"),
        "lengths": {"324": "3"},
    },
    "810": {
        "usage": {"REF02": "R", "IT103": "R", "ITD01": "N"},
        "codes": {"CUR01": "BY SE"},
        "gone": ("NTE", "LOOP_LM", "PKG"),
        "lengths": {"76": "3"},
    },
}


def narrowed(set_id: str) -> dict[str, bytes]:
    """Export a set, and take from its map what a partner does not want."""
    files, less = export(DICTIONARY, [("004010", set_id)]), NARROWED[set_id]
    root = etree.fromstring(files[f"{set_id}.004010.xml"])
    for node in list(root.iter("element", "segment", "loop")):
        name = node.get("xid")
        if name in less["gone"]:
            node.getparent().remove(node)
        if name in less["usage"]:
            node.set("usage", less["usage"][name])
        if name in less["codes"]:
            (listed,) = node.findall("valid_codes")
            del listed.attrib["external"]
            for code in less["codes"][name].split():
                etree.SubElement(listed, "code").text = code
    elements = etree.fromstring(files["dataele.xml"])
    for element in elements:
        if element.get("ele_num") in less["lengths"]:
            element.set("max_len", less["lengths"][element.get("ele_num")])
    return files | {f"{set_id}.004010.xml": etree.tostring(root), "dataele.xml": etree.tostring(elements)}


@pytest.mark.parametrize("set_id", NARROWED)
def test_both_hold_the_same_sets(set_id: str, tmp_path: Path, complaints_by) -> None:
    grammar = DICTIONARY.set("004010", set_id)
    assert grammar is not None
    files = narrowed(set_id)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    found = read_map(files[f"{set_id}.004010.xml"])
    read = read_guide(found, grammar, read_lengths(files["dataele.xml"]), read_codes(files["codes.xml"]))
    assert read.unsaid == ()

    speech = Speech(DICTIONARY, grammar, f"guide {set_id}")
    sets = [speech.valid(density) for density in (0.02, 0.05, 0.1, 0.2, 0.3) for _ in range(10)]
    data = interchange(grammar, sets)
    (seen,) = outline(data).interchanges
    check = checker(DICTIONARY, "004010", set_id, read.guide, None, {})
    ours = {
        number
        for number, one in enumerate(seen.groups[0].sets)
        for finding in check.check(data[one.start : one.end].decode(), one, seen.delimiters, Position())
        if finding.code.startswith("partner.guide.")
    }
    starts = [one.number for one in seen.groups[0].sets]
    theirs = {bisect_right(starts, each.segment) - 1 for each in complaints_by(data, tmp_path)}
    assert ours == theirs
    assert 5 < len(ours) < len(sets)
