"""Our grammar written as pyx12 reads it: the files of one folder, which pyx12 takes as its `map_path`.

    maps.xml                 which map judges a group, by ISA12, GS08 and GS01
    850.004010.xml           one map for each kind of group: the envelope and its sets
    x12.control.00401.xml    the envelope alone, one for each interchange version that pyx12 knows
    dataele.xml, codes.xml   all elements and code lists that the maps name

Codes stand in codes.xml and not in the maps. pyx12 finds the place of a segment by its id and by the codes that its
first element has in the map, so that with the codes in the map a wrong one would be a segment that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lxml import etree

from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import UNBOUNDED, ElementDef, ElementUse, LoopUse, SegmentUse, SetDef

SCHEMAS: Final = {"maps.xml": "maps.xsd", "dataele.xml": "dataele.xsd", "codes.xml": "codes.xsd"}
"""pyx12's own schemas by the file that each is for; all other files are maps."""
MAP_SCHEMA: Final = "map.v2.xsd"
INTERCHANGES: Final = {"00401": "004010", "00501": "005010"}
"""The interchange versions that pyx12 knows, each with the version whose envelope it has."""

_STEP: Final = 10
_ANY: Final = ">1"
_CONTROL: Final = "X12"


def export(dictionary: Dictionary, wanted: Sequence[tuple[str, str]]) -> dict[str, bytes]:
    """Write the maps of some sets, each as its GS08 (`004010`, `004010VICS`) and its id; give files by name.

    Sets of one version that share a kind of group share a map. What the dictionary does not hold is left out.
    """
    groups: dict[tuple[str, str], dict[str, SetDef]] = {}
    senders: dict[tuple[str, str], set[str]] = {}
    for version, set_id in wanted:
        base = dictionary.resolve(version)
        found = dictionary.set(base, set_id) if base is not None else None
        if base is not None and found is not None:
            groups.setdefault((base, found.group), {})[set_id] = found
            senders.setdefault((base, found.group), set()).add(version)
    words = _Words()
    files: dict[str, bytes] = {}
    index: list[tuple[str, str, str]] = []
    for (base, kind), sets in sorted(groups.items()):
        name = f"{'-'.join(sorted(sets))}.{base}.xml"
        icvn = "00501" if base >= INTERCHANGES["00501"] else "00401"
        versions = tuple(sorted(senders[base, kind]))
        written = _Map(dictionary, base, words).write("-".join(sorted(sets)), icvn, tuple(sets.values()), versions)
        files[name] = _xml(written)
        index.extend((version, kind, name) for version in versions)
    for icvn, base in INTERCHANGES.items():
        files[f"x12.control.{icvn}.xml"] = _xml(_Map(dictionary, base, words).write(_CONTROL, icvn, ()))
    return {"maps.xml": _xml(_index(index)), "dataele.xml": words.elements(), "codes.xml": words.codes(), **files}


def faults(files: Mapping[str, bytes], schemas: Mapping[str, bytes]) -> tuple[str, ...]:
    """Say what pyx12's schemas find wrong with exported files; `schemas` are their texts by file name."""
    known = {name: etree.XMLSchema(etree.fromstring(text)) for name, text in schemas.items()}
    found: list[str] = []
    for name, text in files.items():
        try:
            known[SCHEMAS.get(name, MAP_SCHEMA)].assertValid(etree.fromstring(text))
        except etree.DocumentInvalid as error:
            found.append(f"{name}: {error}")
    return tuple(found)


class _Words:
    """The elements and code lists of all maps. pyx12 keeps one of each number, so the same number with other facts (in
    another version) gets the version behind it.
    """

    def __init__(self) -> None:
        self._named: dict[str, ElementDef] = {}

    def number(self, element: ElementDef, version: str) -> str:
        for name in (element.id, f"{element.id}.{version}"):
            known = self._named.setdefault(name, element)
            if _facts(known) == _facts(element):
                return name
        return self._named.setdefault(f"{element.id}.{version}", element).id

    def elements(self) -> bytes:
        root = etree.Element("data_elements")
        for name, element in sorted(self._named.items()):
            etree.SubElement(
                root,
                "data_ele",
                ele_num=name,
                data_type=element.kind,
                min_len=str(element.minimum),
                max_len=str(element.maximum),
                name=element.name,
            )
        return _xml(root)

    def codes(self) -> bytes:
        root = etree.Element("codesets")
        for name, element in sorted(self._named.items()):
            if element.codes is None:
                continue
            listed = etree.SubElement(root, "codeset")
            etree.SubElement(listed, "id").text = name
            etree.SubElement(listed, "name").text = element.name
            etree.SubElement(listed, "data_ele").text = name
            version = etree.SubElement(listed, "version")
            for code in sorted(element.codes):
                etree.SubElement(version, "code").text = code
        return _xml(root)


def _facts(element: ElementDef) -> tuple[object, ...]:
    return element.kind, element.minimum, element.maximum, element.codes


class _Map:
    """One map in the making."""

    def __init__(self, dictionary: Dictionary, version: str, words: _Words) -> None:
        self._dictionary = dictionary
        self._version = version
        self._words = words

    def write(self, name: str, icvn: str, sets: Sequence[SetDef], versions: Sequence[str] = ()) -> etree._Element:
        """Write the envelope and the sets inside it. `icvn` is the interchange version whose letters pyx12 allows.

        `versions` are the GS08 that the map is for; without any it says nothing of GS08.
        """
        root = etree.Element("transaction", xid=name)
        etree.SubElement(root, "name").text = f"{name} {self._version}"
        interchange = _loop(root, "ISA_LOOP", "interchange", 1, required=True, maximum=UNBOUNDED)
        self._envelope(interchange, "ISA", 1, fixed={12: (icvn,)}, end="IEA")
        self._envelope(interchange, "TA1", 2, required=False, maximum=UNBOUNDED)
        group = _loop(interchange, "GS_LOOP", "functional group", 3, required=False, maximum=UNBOUNDED)
        self._envelope(group, "GS", 1, fixed={8: versions} if versions else None, end="GE")
        for number, each in enumerate(sets):
            # sets of one group stand at one place, in any order
            name = f"ST_LOOP_{each.id}" if number else "ST_LOOP"
            place = _loop(group, name, each.name, 2, required=len(sets) == 1, maximum=UNBOUNDED)
            self._children(place, [child for _, area in each.areas() for child in area], "LOOP", each.id)
        self._envelope(group, "GE", 3)
        self._envelope(interchange, "IEA", 4)
        return root

    def _envelope(
        self,
        parent: etree._Element,
        segment_id: str,
        place: int,
        *,
        required: bool = True,
        maximum: int = 1,
        fixed: Mapping[int, Sequence[str]] | None = None,
        end: str | None = None,
    ) -> None:
        segment = self._dictionary.segment(self._version, segment_id)
        if segment is not None:
            made = self._segment(parent, SegmentUse(segment, required, maximum), place, fixed or {})
            if end is not None:
                made.set("end_tag", end)

    def _children(
        self, parent: etree._Element, children: Sequence[SegmentUse | LoopUse], outer: str, set_id: str
    ) -> None:
        taken: set[str] = set()
        for number, child in enumerate(children, 1):
            if isinstance(child, SegmentUse):
                fixed = {1: (set_id,)} if child.id == "ST" else {}
                self._segment(parent, child, number, fixed)
                continue
            # pyx12 counts by these names, so each place needs its own
            name = f"{outer}_{child.id}"
            while name in taken:
                name += "_"
            taken.add(name)
            label = child.head.name
            loop = _loop(parent, name, label, number, required=child.required, maximum=child.maximum)
            self._children(loop, child.children, name, set_id)

    def _segment(
        self, parent: etree._Element, use: SegmentUse, place: int, fixed: Mapping[int, Sequence[str]]
    ) -> etree._Element:
        segment = use.segment
        made = etree.SubElement(
            parent,
            "segment",
            xid=segment.id,
            usage=_usage(use.required),
            pos=f"{place * _STEP:04d}",
            max_use=_times(use.maximum),
            name=segment.name,
        )
        for condition in segment.conditions:
            if not condition.inferred:  # what no source states is a warning, which pyx12 does not have
                etree.SubElement(made, "syntax").text = condition.kind + "".join(
                    f"{position:02d}" for position in condition.positions
                )
        for position, element in enumerate(segment.elements, 1):
            self._element(made, element, position, f"{segment.id}{position:02d}", fixed.get(position, ()))
        return made

    def _element(
        self, parent: etree._Element, use: ElementUse, position: int, name: str, fixed: Sequence[str] = ()
    ) -> None:
        element = use.element
        composite = element.kind == "C"
        made = etree.SubElement(
            parent,
            "composite" if composite else "element",
            xid=name,
            data_ele=element.id if composite else self._words.number(element, self._version),
            usage=_usage(use.required),
            seq=f"{position:02d}",
            name=element.name,
        )
        if fixed:
            valid = etree.SubElement(made, "valid_codes")
            for code in fixed:
                etree.SubElement(valid, "code").text = code
        elif element.codes is not None:
            etree.SubElement(made, "valid_codes", external=made.get("data_ele", ""))
        for number, part in enumerate(element.parts, 1):
            self._element(made, part, number, f"{name}-{number:02d}")


def _loop(parent: etree._Element, name: str, label: str, place: int, *, required: bool, maximum: int) -> etree._Element:
    return etree.SubElement(
        parent,
        "loop",
        xid=name,
        pos=f"{place * _STEP:04d}",
        usage=_usage(required),
        repeat=_times(maximum),
        name=label,
    )


def _index(rows: Sequence[tuple[str, str, str]]) -> etree._Element:
    """Write maps.xml: rows of GS08, GS01 and file name, the same for each interchange version."""
    root = etree.Element("maps")
    for icvn in INTERCHANGES:
        version = etree.SubElement(root, "version", icvn=icvn)
        for gs08, kind, name in rows:
            etree.SubElement(version, "map", vriic=gs08, fic=kind, abbr=name.partition(".")[0]).text = name
        control = etree.SubElement(version, "map", vriic="", fic="", abbr=_CONTROL)
        control.text = f"x12.control.{icvn}.xml"
    return root


def _usage(required: bool) -> str:  # noqa: FBT001 (its one argument is the question)
    return "R" if required else "S"


def _times(maximum: int) -> str:
    return _ANY if maximum >= UNBOUNDED else str(maximum)


def _xml(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
