# ruff: noqa: INP001 - a script run by path, not imported
"""Derive mappings/x12 from a folder of X12 facts: `python tools/build_dictionary.py FACTS [OUT]`.

FACTS holds `<version>/{<set>,segments,elements,codes}.yaml`, `codes.yaml`, `acks.yaml`, `envelope.yaml`, `index.yaml`.
Written anew are the texts of each version and the meanings of codes. In labels/segments.txt, labels/elements.txt and
labels/sets.txt a line that is there already stays as it is, because those words are ours to improve; only missing ones
are added, made from the facts' machine-made names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import yaml

ENVELOPE = ("ISA", "GS", "GE", "IEA", "TA1")
ACKNOWLEDGMENT_CODES = ("715", "716", "717", "718", "720", "723", "620", "621", "618", "I17", "I18")

SINGLE_PAIRS = {
    **dict.fromkeys(["REF", "DTM", "N9", "AMT", "QTY", "CUR", "TXI", "MTX", "NTE", "TC2", "LQ", "PCT"], (1, 2)),
    **dict.fromkeys(["LDT", "MAN"], (1, 2)),
    **dict.fromkeys(["SAC", "PID", "PKG"], (2, 5)),
    **dict.fromkeys(["CTP", "MEA"], (2, 3)),
    **dict.fromkeys(["N1", "PER"], (1, 0)),  # the qualifier names the segment or loop itself
    "HL": (3, 0),
}
MANY_PAIRS = {
    **dict.fromkeys(("PO1", "IT1"), ((6, 25),)),
    "LIN": ((2, 31),),
    "SLN": ((9, 28),),
    "POC": ((8, 27),),
    "ACK": ((4, 5), (7, 26)),
    "SCH": ((5, 6), (8, 9)),
    "PER": ((3, 8),),
    "MAN": ((4, 5),),
    "CAD": ((7, 8),),
    "SDQ": ((3, 22),),
}
"""The pairs that the mapping language tells people about: these segments have exactly these."""

OTHER_PAIRS = {
    **dict.fromkeys(["FA2", "RPA", "ZA"], "01>02"),
    **dict.fromkeys(["CTB", "G61", "NM1", "R4"], "01>"),
    **dict.fromkeys(["DD", "L11", "LH3"], "02>01"),  # the code stands in front of what says which code it is
    **dict.fromkeys(["AT8", "DTP"], "01>03"),
    "AT9": "04>06+",
    "BAL": "02>03",
    "G72": "01>08",
    "ITA": "03>07",
    "SSS": "03>06",
    "W28": "07>06",
}
"""Pairs of other segments that COUPLES cannot know of."""

COUPLES = {
    ("23", "22"), ("66", "67"), ("88", "87"), ("128", "127"), ("176", "337"), ("187", "81"), ("187", "395"),
    ("208", "209"), ("235", "234"), ("236", "212"), ("309", "310"), ("365", "364"), ("374", "373"), ("432", "373"),
    ("481", "127"), ("506", "507"), ("522", "610"), ("522", "782"), ("522", "1051"), ("569", "508"), ("673", "380"),
    ("771", "767"), ("896", "508"), ("955", "956"), ("1000", "234"), ("1004", "954"), ("1104", "93"),
    ("1106", "166"), ("1270", "1271"),
}  # fmt: skip
"""A qualifier and the value that it makes sense of, where one stands right behind the other in any other segment."""

NEVER_ALONE = frozenset({"66", "235"})
"""Qualifiers of ids: an id does not make a segment another kind of segment, as the qualifier of a REF does."""

WORDS = {
    "ack": "acknowledgment",
    "amt": "amount",
    "desc": "description",
    "equip": "equipment",
    "func": "functional",
    "impl": "implementation",
    "info": "information",
    "num": "number",
    "pct": "percent",
    "po": "purchase order",
    "qty": "quantity",
    "qual": "qualifier",
    "ref": "reference",
    "transp": "transport",
    "ts": "set",
    "uom": "unit of measure",
}

HEADS = {
    "segments": "# The segments of {version}: id, elements in order, then conditions and pairs after a bar.\n"
    "#   353!  mandatory     127?  governed by a condition     C998+  may repeat     the rest optional\n"
    "#   P0304 all or none, R one at least, E one at most, C first needs all, L first needs one; ~P0304 is inferred\n"
    "#   01>02 element 01 says what 02 is; 06>07+ is one of several pairs; 01> names the segment or loop itself\n",
    "elements": "# The elements of {version}: id, type, least and most characters, * for a closed list in codes.txt.\n"
    "# A composite has type C and its parts, marked like the elements of a segment.\n",
    "codes": "# The closed code lists of {version}: an element id, then its codes, those of one character first.\n",
    "labels": "# {what}: id and our own words for it. Edit freely: tools/build_dictionary.py keeps these lines.\n",
    "set": "# {id} in {version}: segments in order, each with its greatest number (* for any); `!` is mandatory.\n"
    "# A line that ends with a colon opens a loop, whose first segment stands exactly once and is not written again.\n",
}

Facts = dict[str, Any]
Names = dict[str, dict[str, str]]


def load(path: Path) -> Facts:
    """Read one YAML file of facts."""
    with path.open(encoding="utf-8") as stream:
        return yaml.safe_load(stream)  # type: ignore[no-any-return]


def uses(items: Iterable[Facts], depth: int) -> Iterator[str]:
    """Write the tree of one area."""
    for item in items:
        greatest = "*" if item["max"] == ">1" else str(item["max"])
        mark = "!" if item["req"] == "M" else ""
        if "seg" in item:
            yield f"{'  ' * depth}{item['seg']}{mark} {greatest}"
            continue
        head = item["segs"][0]
        if (head.get("seg"), head["req"], head["max"]) != (item["loop"], "M", 1):
            message = f"loop {item['loop']} does not begin with one mandatory {item['loop']}"
            raise SystemExit(message)
        yield f"{'  ' * depth}{item['loop']}{mark} {greatest}:"
        yield from uses(item["segs"][1:], depth + 1)


def used_segments(items: Iterable[Facts]) -> Iterator[str]:
    """Give the segment ids of one area."""
    for item in items:
        if "seg" in item:
            yield item["seg"]
        else:
            yield from used_segments(item["segs"])


def pairs(segment: str, elements: list[Any]) -> Iterator[str]:
    """Write the pairs of a segment that the version's segment is long enough to hold."""
    if segment in SINGLE_PAIRS or segment in MANY_PAIRS:
        if segment in SINGLE_PAIRS:
            qualifier, value = SINGLE_PAIRS[segment]
            yield f"{qualifier:02d}>{value:02d}" if value else f"{qualifier:02d}>"
        for first, last in MANY_PAIRS.get(segment, ()):
            for qualifier in range(first, min(last, len(elements)), 2):
                yield f"{qualifier:02d}>{qualifier + 1:02d}+"
        return
    if segment in OTHER_PAIRS:
        yield OTHER_PAIRS[segment]
    ids = [element[0] for element in elements]
    for at in (at for at, couple in enumerate(pairwise(ids), 1) if couple in COUPLES):
        if OTHER_PAIRS.get(segment, "").startswith(f"{at:02d}>{at + 1:02d}"):
            continue
        alone = at == 1 and ids[0] not in NEVER_ALONE and ids.count(ids[0]) == 1 and segment not in OTHER_PAIRS
        yield f"{at:02d}>{at + 1:02d}{'' if alone else '+'}"


def part(element: list[str]) -> str:
    """Write one element in its place."""
    return element[0] + {"M": "!", "O": "", "X": "?"}[element[1]] + ("+" if "rep" in element[2:] else "")


def definition(name: str, elements: list[Any], notes: list[str], inferred: list[str], tail: Iterable[str] = ()) -> str:
    """Write a segment or composite on one line."""
    conditions = [("~" if note in inferred else "") + note for note in notes]
    rest = [*conditions, *tail]
    return " ".join([name, *map(part, elements), *(["|", *rest] if rest else [])])


def sort_key(identity: str) -> tuple[bool, int, str]:
    """Sort numbers by value, before ids with letters."""
    return (not identity.isdigit(), int(identity) if identity.isdigit() else 0, identity)


def code_block(identity: str, codes: Iterable[str]) -> str:
    """Write a code list: the codes of one character, then a line for each first character."""
    ordered = sorted(set(codes), key=lambda code: (len(code) > 1, code))
    groups = groupby(ordered, key=lambda code: code[0] if len(code) > 1 else "")
    return "\n".join([identity, *("  " + " ".join(group) for _, group in groups)])


def envelope_segments(version: str, envelope: Facts) -> Facts:
    """Give the envelope's segments with ISA11 as this version has it."""
    separator = "I65" if version >= "004020" else "I10"
    segments = {name: dict(envelope["segments"][name]) for name in ENVELOPE}
    segments["ISA"]["els"] = [[separator if e[0] == "ISA11" else e[0], e[1]] for e in segments["ISA"]["els"]]
    return segments


def build_version(facts: Path, out: Path, version: str, names: Names, index: Facts) -> tuple[str, ...]:
    """Write all texts of one version, gather the names it uses, and give its sets."""
    folder = out / version
    folder.mkdir(parents=True, exist_ok=True)
    used: set[str] = set()
    sets = tuple(sorted(set_id for set_id, known in index.items() if version in known["versions"]))
    for set_id in sets:
        tree = load(facts / version / f"{set_id}.yaml")
        lines = [f"{set_id} {tree['group']}"]
        for area, title in (("header", "heading"), ("detail", "detail"), ("summary", "summary")):
            if area in tree:
                lines += [title, *uses(tree[area], 1)]
                used |= set(used_segments(tree[area]))
        write(folder / f"{set_id}.txt", HEADS["set"].format(id=set_id, version=version), lines)
        names["sets"].setdefault(set_id, index[set_id]["name"].lower())
    elements = build_segments(facts, folder, used, names)
    build_elements(facts, folder, elements, names)
    return sets


def build_segments(facts: Path, folder: Path, used: set[str], names: Names) -> set[str]:
    """Write the segments of a version and give the ids of the elements in them."""
    version = folder.name
    segments: Facts = load(facts / version / "segments.yaml")
    segments |= envelope_segments(version, load(facts / "envelope.yaml"))
    lines = []
    elements: set[str] = set()
    for name in sorted(used | set(ENVELOPE)):
        segment = segments[name]
        elements |= {element[0] for element in segment["els"]}
        notes, inferred = segment.get("notes", []), segment.get("inferred", [])
        lines.append(definition(name, segment["els"], notes, inferred, pairs(name, segment["els"])))
        names["segments"].setdefault(name, segment.get("name", name))
    write(folder / "segments.txt", HEADS["segments"].format(version=version), lines)
    return elements


def build_elements(facts: Path, folder: Path, elements: set[str], names: Names) -> None:
    """Write the elements, composites and code lists of a version."""
    version = folder.name
    words = load(facts / version / "elements.yaml")
    lists: dict[str, str] = load(facts / version / "codes.yaml")
    envelope: Facts = load(facts / "envelope.yaml")["elements"]
    parts = {part[0] for name in elements & set(words["composites"]) for part in words["composites"][name]["parts"]}
    lines, blocks = [], []
    for name in sorted(elements | parts, key=sort_key):
        if name in words["composites"]:
            composite = words["composites"][name]
            inferred = composite.get("inferred", [])
            lines.append(definition(f"{name} C", composite["parts"], composite.get("notes", []), inferred))
            names["elements"].setdefault(name, composite["name"])
            continue
        element = words["elements"].get(name) or envelope[name]
        kind = "AN" if element["type"] == "SEP" else element["type"]
        codes = lists[name].split() if element.get("codes") is True else envelope_codes(name, element, version, facts)
        lines.append(f"{name} {kind} {element['min']} {element['max']}{' *' if codes else ''}")
        names["elements"].setdefault(name, element["name"])
        if codes:
            blocks.append(code_block(name, codes))
    write(folder / "elements.txt", HEADS["elements"].format(version=version), lines)
    write(folder / "codes.txt", HEADS["codes"].format(version=version), blocks)


def envelope_codes(name: str, element: Facts, version: str, facts: Path) -> list[str]:
    """Give the codes of an element of the envelope that are valid in `version`; a range is told by its meanings."""
    codes, since = element.get("codes", "").split(), dict(element.get("since", {}))
    if any("-" in code for code in codes):
        meanings = load(facts / "acks.yaml")[name]
        codes = list(meanings)
        since |= {code: text.partition("(since ")[2].rstrip(")") for code, text in meanings.items()}
    return [code for code in codes if since.get(code, "") <= version]


def write(path: Path, head: str, lines: Iterable[str]) -> None:
    """Write a text with its explanation on top."""
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def from_slug(slug: str) -> str:
    """Make a label out of a machine-made name: `allow_charge_pct_qual` gives `allowance charge percent qualifier`."""
    return " ".join(WORDS.get(word, word) for word in slug.split("_"))


def write_labels(path: Path, what: str, names: dict[str, str]) -> None:
    """Add the labels that `path` does not hold yet; those it holds stay, those nothing uses go."""
    kept: dict[str, str] = {}
    if path.exists():
        kept = dict(line.split(" ", 1) for line in path.read_text("utf-8").splitlines() if line[:1] not in {"#", ""})
    labels = {name: kept.get(name) or from_slug(slug) for name, slug in names.items()}
    lines = [f"{name} {labels[name]}" for name in sorted(labels, key=sort_key)]
    write(path, HEADS["labels"].format(what=what), lines)


def write_meanings(facts: Path, path: Path, elements: Iterable[str]) -> None:
    """Write what codes mean, for the elements we hold."""
    meanings: Facts = load(facts / "codes.yaml")
    acknowledgments = load(facts / "acks.yaml")
    for name in ACKNOWLEDGMENT_CODES:
        table = dict(acknowledgments[name])
        table.pop("same_as", None)
        meanings[name] = {code: text.split(" (since ")[0] for code, text in table.items()}
    meanings["618"] = {**meanings["718"], **meanings["618"]}
    for name, table in acknowledgments["older"].items():  # codes that were given another meaning, or none, later
        for code, text in table.items():
            now = f"{meanings[name][code]}; " if code in meanings[name] else ""
            meanings[name][code] = f"{now}up to 004010: {text}"
    wanted = sorted(set(elements) & set(meanings), key=sort_key)
    lines = [f"{name} {code} {text}" for name in wanted for code, text in sorted(meanings[name].items())]
    write(
        path, "# What codes mean, in short words: element id, code, meaning. A valid code may be absent here.\n", lines
    )


def main(arguments: list[str]) -> None:
    """Build the folder named second (mappings/x12 beside this script's folder) from the facts named first."""
    if not arguments:
        raise SystemExit(__doc__)
    facts = Path(arguments[0])
    out = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).resolve().parent.parent / "mappings" / "x12"
    names: Names = {"sets": {}, "segments": {}, "elements": {}}
    index = load(facts / "index.yaml")
    held = sorted({version for known in index.values() for version in known["versions"]})
    versions = [f"{version} {' '.join(build_version(facts, out, version, names, index))}" for version in held]
    (out / "labels").mkdir(exist_ok=True)
    for what, slugs in names.items():
        write_labels(out / "labels" / f"{what}.txt", what.capitalize(), slugs)
    write_meanings(facts, out / "labels" / "codes.txt", names["elements"])
    write(out / "versions.txt", "# Each version and the sets we hold of it.\n", versions)


if __name__ == "__main__":
    main(sys.argv[1:])
