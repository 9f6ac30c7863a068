"""The check of any set by any grammar of the dictionary, alone and with a guide, and the 997 that says what it found.

The first line of an input says what to check by, such as `850 004010 3`: a set, a version and the number of a guide
(0: none), which is drawn from the grammar. What follows is a file of X12, of which every set is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from functools import lru_cache
from random import Random
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.check import checker
from edi_engine.x12.grammar import LoopUse, SegmentUse
from edi_engine.x12.guide import ALLOWABLE, Guide, GuideRule
from edi_engine.x12.path import PathError, parse
from edi_engine.x12.reader import outline
from fuzz.inputs import standard, x12_files
from fuzz.mutate_x12 import change_x12
from fuzz.shapes_x12 import SETS
from fuzz.target import Shape, Target

_GUIDES: Final = 8
_SEEDS: Final = 120
"""The smallest of the files at hand: each grammar that they name is compiled first."""
_COMPILED: Final[MutableMapping[str, bytes]] = {}


def run(data: bytes) -> None:
    """Check all sets of a file by what its first line names."""
    first, _, file = data.partition(b"\n")
    words = first.decode("latin-1").split(" ")
    if len(words) != 3 or words[1] not in standard().versions() or words[0] not in standard().sets(words[1]):
        return
    set_id, version, number = words
    guide = (
        _guide(version, set_id, int(number) % _GUIDES)
        if number.isascii() and number.isdigit() and len(number) < 9
        else None
    )
    check = checker(standard(), version, set_id, guide, None if len(file) % 2 else frozenset({"PO1/PO103"}), _COMPILED)
    if check is None:
        message = f"there is no check of {set_id} in {version}"
        raise AssertionError(message)
    answers = "999" if version >= "005010" and len(file) % 3 == 0 else "997"
    for interchange in outline(file).interchanges:
        for group in interchange.groups:
            verdicts = []
            for found in group.sets:
                text = file[found.start : found.end].decode("latin-1")
                where = Position(set_id=found.set_id, set_control=found.control)
                findings = check.check(text, found, interchange.delimiters, where, len(file))
                _sound(findings, file)
                verdicts.append(SetVerdict(found, findings))
            if group.kind != "FA":
                acknowledge(group, verdicts, version, set_id=answers, delimiters=interchange.delimiters)


def _sound(findings: Sequence[Finding], file: bytes) -> None:
    for one in findings:
        if one.where.byte is not None and not 0 <= one.where.byte <= len(file):
            message = f"{one.code} stands outside the file"
            raise AssertionError(message)


@lru_cache(maxsize=128)
def _guide(version: str, set_id: str, number: int) -> Guide | None:
    """Draw a guide from a grammar; None for number 0."""
    grammar = standard().set(version, set_id)
    if number == 0 or grammar is None:
        return None
    random = Random(number)
    paths = [path for _, area in grammar.areas() for path in _paths(area, "")]
    rules: list[GuideRule] = []
    for text in random.sample(paths, min(len(paths), 4 * number)):
        try:
            path = parse(text)
        except PathError:
            continue
        match random.randrange(4):
            case 0:
                rules.append(GuideRule(path, required=True))
            case 1:
                rules.append(GuideRule(path, not_used=True))
            case 2:
                rules.append(GuideRule(path, codes=frozenset({"A", "ST"}), minimum=1, maximum=2))
            case _:
                rules.append(GuideRule(path, allow=frozenset(random.sample(sorted(ALLOWABLE), 4))))
    return Guide(set_id, tuple(rules))


def _paths(children: Sequence[SegmentUse | LoopUse], within: str) -> Iterator[str]:
    for child in children:
        segment = child.head if isinstance(child, LoopUse) else child.segment
        yield f"{within}{segment.id}"
        for at in range(1, len(segment.elements) + 1):
            yield f"{within}{segment.id}{at:02d}"
        if segment.pairs:
            yield f"{within}{segment.id}(ST)"
        if isinstance(child, LoopUse):
            yield from _paths(child.children[1:], f"{within}{segment.id}/")


def seeds() -> Iterator[bytes]:
    """Give each file with what its first set names, and now and then with something else."""
    random = Random(1)
    for file in sorted(x12_files(), key=len)[:_SEEDS]:
        at = file.find(b"ST" + file[file.find(b"ISA") + 3 :][:1])
        named = file[at + 3 : at + 6].decode("latin-1")
        versions = [one for one in standard().versions() if named in standard().sets(one)]
        if versions:
            yield f"{named} {random.choice(versions)} {random.randrange(_GUIDES)}\n".encode() + file


def change(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:
    """Change the file; now and then what it is checked by."""
    first, _, file = data.partition(b"\n")
    if random.random() < 0.1:
        version = random.choice(standard().versions())
        first = f"{random.choice(standard().sets(version))} {version} {random.randrange(_GUIDES)}".encode()
    return first + b"\n" + change_x12(random, file, donors)


def _checked(shape: Shape, by: str) -> Shape:
    return lambda size: by.encode() + b"\n" + shape(size)


def _shapes() -> Iterator[tuple[str, Shape]]:
    for name, shape in SETS.items():
        small = shape(1000)
        at = small.find(b"ST*") + 3
        set_id, version = small[at : at + 3].decode(), "005010" if b"*005010~" in small else "004010"
        yield name, _checked(shape, f"{set_id} {version} 0")
        yield f"{name}-guided", _checked(shape, f"{set_id} {version} 5")


TARGET: Final = Target("checker", run, seeds, change, dict(_shapes()))
