"""The block `guide:` of a partner file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.partners.edition import load_edition
from edi_engine.partners.form import whole_file
from edi_engine.partners.partner import EnvelopePolicy
from edi_engine.partners.read_guides import read_guides
from edi_engine.partners.write_guide import guide_yaml
from edi_engine.text.yaml import read_yaml
from edi_engine.x12.guide import Guide
from fuzz.inputs import ROOT, standard
from fuzz.mutate_text import text_changes
from fuzz.shapes_yaml import SHAPES, WORDS
from fuzz.target import Shape, Target


@cache
def shipped_files() -> dict[str, bytes]:
    """Give the files of the partners and maps that ship."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for folder in ("partners", "mappings")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".yaml", ".csv", ".edi", ".json"} and "x12" not in path.parts
    }


@cache
def _envelope() -> EnvelopePolicy:
    partner = next(iter(load_edition(shipped_files(), standard()).partners.values()))
    return replace(partner.envelope, sets={})


def run(data: bytes) -> None:
    """Read a guide; refusing it is fine."""
    problems: list[Finding] = []
    try:
        node = read_yaml(data.decode("utf-8", "replace"), "partner.yaml")
        form = whole_file(node, "a partner file", problems)
        guides = read_guides(form, _envelope(), standard()) if form is not None else {}
    except ConfigurationError:
        return
    if not problems:
        for guide in guides.values():
            guide_yaml(guide)


def seeds() -> Iterator[bytes]:
    """Give the guides that ship, and one with all words."""
    yield _ALL
    for partner in load_edition(shipped_files(), standard()).partners.values():
        for guide in partner.guides.values():
            yield guide_yaml(guide).encode()
    yield guide_yaml(Guide("850")).encode()


_ALL: Final = b"""\
guide:
  850:
    BEG07: {codes: [01, 02], use: required}
    REF(DP): required
    REF(IA)02: {length: 6}
    PO1/PID: not_used
    N1(ST)/N4: {allow: [missing, extra]}
    PO1(VN): {min: 2, max: 9}
    PO1/SDQ02: {codes: ["92"]}
    PO104 a price: {allow: [missing]}
  856: {BSN05: {codes: ["0001"]}, HL(P)/MAN02: {length: 20}}
  810:
"""
_PLACES: Final = tuple(
    (
        b"BEG",
        b"BEG07",
        b"BEG99",
        b"BEG00",
        b"PO1/PO1/PO1",
        b"PO1(VN)",
        b"PO1(VN)(UP)",
        b"REF(DP)03-1",
        b"REF04-1",
        b"N1(ST)/",
    )
    + (
        b"ST",
        b"SE",
        b"ISA",
        b"HL(S)/HL(O)/HL(I)",
        b"LS/LE",
        b"use",
        b"codes",
        b"length",
        b"min",
        b"max",
        b"allow",
        b"required",
    )
    + (b"not_used", b"850", b"855", b"856", b"810", b"860", b"guide", b"missing", b"code")
)


def _rules(unit: bytes) -> Shape:
    def make(size: int) -> bytes:
        room = len(unit) + 6
        return b"guide:\n  850:\n" + b"".join(unit % n for n in range(min(size, 490_000) // room))

    return make


_SHAPES: Final[dict[str, Shape]] = {
    **SHAPES,
    "rules": _rules(b"    REF02 n%d: {codes: [A]}\n"),
    "rules-of-no-place": _rules(b"    ZZZ%d: required\n"),
    "rules-of-wrong-words": _rules(b"    REF02 n%d: {coeds: [A], lenght: x}\n"),
    "rules-of-wrong-values": _rules(b"    REF02 n%d: requird\n"),
    "rules-of-no-path": _rules(b"    '((%d/': required\n"),
    "one-long-path": lambda size: (
        b"guide:\n  850:\n    ? " + b"PO1/" * (min(size, 490_000) // 4) + b"PO1\n    : required\n"
    ),
    "codes": lambda size: b"guide:\n  850:\n    BEG07: {codes: [" + b"AC, " * (min(size, 490_000) // 4) + b"]}\n",
    "codes-unknown": lambda size: (
        b"guide:\n  850:\n    BEG07: {codes: ["
        + b",".join(b"Z%d" % n for n in range(min(size, 490_000) // 7))
        + b"]}\n"
    ),
    "allow-unknown": lambda size: (
        b"guide:\n  850:\n    BEG07: {allow: ["
        + b",".join(b"Z%d" % n for n in range(min(size, 490_000) // 7))
        + b"]}\n"
    ),
    "sets-unknown": lambda size: b"guide:\n" + b"".join(b"  '8%d': {}\n" % n for n in range(min(size, 490_000) // 16)),
}

TARGET: Final = Target("guide", run, seeds, text_changes((*WORDS, *_PLACES)), _SHAPES)
