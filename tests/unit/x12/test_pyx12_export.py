"""Our grammar as pyx12 maps: sound by pyx12's own schemas, complete, and read by pyx12 itself."""

from __future__ import annotations

from importlib.resources import files

import pytest
from lxml import etree

from edi_engine.x12.pyx12.export import MAP_SCHEMA, SCHEMAS, export, faults
from edi_engine.x12.pyx12.read_map import read_map
from tests.fixtures.standard import DICTIONARY

SCHEMA_TEXTS = {name: (files("pyx12") / "map" / name).read_bytes() for name in (MAP_SCHEMA, *SCHEMAS.values())}


def made(*wanted: tuple[str, str]) -> dict[str, etree._Element]:
    return {name: etree.fromstring(text) for name, text in export(DICTIONARY, wanted).items()}


@pytest.mark.parametrize("version", DICTIONARY.versions())
def test_every_set_is_sound_by_the_schemas_of_pyx12(version: str) -> None:
    exported = export(DICTIONARY, [(version, set_id) for set_id in DICTIONARY.sets(version)])
    assert len(exported) >= 20
    assert faults(exported, SCHEMA_TEXTS) == ()


def test_the_schemas_are_asked() -> None:
    exported = export(DICTIONARY, [("004010", "850")])
    exported["850.004010.xml"] = exported["850.004010.xml"].replace(b'usage="S"', b'usage="X"', 1)
    (fault,) = faults(exported, SCHEMA_TEXTS)
    assert fault.startswith("850.004010.xml: ")


def test_the_index_names_each_version_as_it_is_sent_for_both_interchange_versions() -> None:
    index = made(("004010", "850"), ("004010VICS", "850"), ("004010", "855"))["maps.xml"]
    rows = [
        (version.get("icvn"), row.get("vriic"), row.get("fic"), row.text)
        for version in index.iter("version")
        for row in version.iter("map")
        if row.get("fic")
    ]
    assert rows == [
        (icvn, version, kind, name)
        for icvn in ("00401", "00501")
        for version, kind, name in (
            ("004010", "PO", "850.004010.xml"),
            ("004010VICS", "PO", "850.004010.xml"),
            ("004010", "PR", "855.004010.xml"),
        )
    ]


def test_a_map_names_the_versions_that_it_is_for() -> None:
    exported = export(DICTIONARY, [("004010", "850"), ("004010VICS", "850"), ("005010", "855")])
    assert read_map(exported["850.004010.xml"]).versions == ("004010", "004010VICS")
    assert read_map(exported["855.005010.xml"]).versions == ("005010",)


def test_codes_stand_in_the_list_and_not_in_the_map() -> None:
    exported = made(("004010", "850"))
    inside = [code.text for code in exported["850.004010.xml"].iter("code")]
    assert inside == ["00401", "004010", "850"]
    (listed,) = [one for one in exported["codes.xml"].iter("codeset") if one.findtext("id") == "355"]
    assert {code.text for code in listed.iter("code")} == DICTIONARY.element("004010", "355").codes


def test_what_only_we_infer_is_no_condition_of_the_map() -> None:
    segments = made(("005010", "850"))["850.005010.xml"].iter("segment")
    (conditions,) = {tuple(one.text for one in found.iter("syntax")) for found in segments if found.get("xid") == "MTX"}
    assert conditions == ("C0102", "C0302")
    stated = [one for one in DICTIONARY.segment("005010", "MTX").conditions if not one.inferred]
    assert len(stated) == 2


def test_sets_of_one_kind_share_a_map_at_one_place() -> None:
    found = made(("005010", "997"), ("005010", "999"))["997-999.005010.xml"]
    loops = [loop for loop in found.iter("loop") if loop[0].get("xid") == "ST"]
    assert [(loop.get("xid"), loop.get("pos"), loop.get("usage")) for loop in loops] == [
        ("ST_LOOP", "0020", "S"),
        ("ST_LOOP_999", "0020", "S"),
    ]


def test_an_element_with_other_facts_in_another_version_has_a_number_of_its_own() -> None:
    elements = {
        one.get("ele_num"): one.get("max_len")
        for one in made(("003040", "850"), ("005010", "850"))["dataele.xml"].iter("data_ele")
    }
    assert (elements["373"], elements["373.005010"]) == ("6", "8")


def test_no_two_places_share_a_name_that_pyx12_counts_by() -> None:
    for version in ("004010", "005010"):
        for set_id in DICTIONARY.sets(version):
            for loop in made((version, set_id))[f"{set_id}.{version}.xml"].iter("loop"):
                names = [child.get("xid") for child in loop if child.tag in {"loop", "segment"}]
                assert len(names) == len(set(names)), (version, set_id, loop.get("xid"))
                places = [child.get("pos") for child in loop if child.tag in {"loop", "segment"}]
                assert places == sorted(set(places))


def test_what_the_dictionary_does_not_hold_is_left_out() -> None:
    assert set(export(DICTIONARY, [("004099", "850"), ("004010", "999")])) == {
        *SCHEMAS,
        "x12.control.00401.xml",
        "x12.control.00501.xml",
    }
