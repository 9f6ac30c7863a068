"""Maps in the mapping language: read, extended, and settled against the dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.mapping.load import load
from fuzz.inputs import standard
from fuzz.mutate_text import text_changes
from fuzz.shapes_yaml import SHAPES, WORDS
from fuzz.target import Shape, Target
from fuzz.targets.guide import shipped_files


def run(data: bytes) -> None:
    """Load a map called `mine`, which may extend those that ship; refusing it is fine."""

    def source(name: str) -> tuple[str, str] | None:
        found = data if name == "mine" else shipped_files().get(f"mappings/{name}.yaml")
        return None if found is None else (found.decode("utf-8", "replace"), f"mappings/{name}.yaml")

    try:
        load("mine", source, standard(), ("850-to-order", "order-to-855"))
    except ConfigurationError as error:
        if not error.findings:
            raise AssertionError("refused without a reason") from error  # noqa: EM101, TRY003


def seeds() -> Iterator[bytes]:
    """Give the maps that ship, and small ones that extend them."""
    for name, data in shipped_files().items():
        if name.startswith("mappings/"):
            yield data
    yield b"extends: 850-to-order\norder: {department: REF(DP), note: omit}\n"
    yield b"extends: order-to-855\nmakes: 855 005010\nheading: {BAK09: {always: X}}\n"
    yield b"extends: mine\n"
    yield b"reads: 850 004010\norder: {po_number: BEG03, type: {from: BEG02, codes: {SA: original, else: hold}}}\n"


def _rows(head: bytes, unit: bytes) -> Shape:
    def make(size: int) -> bytes:
        return head + b"".join(unit % n for n in range(min(size, 490_000) // (len(unit) + 4)))

    return make


_SHAPES: Final[dict[str, Shape]] = {
    **SHAPES,
    "rows-unknown": _rows(b"reads: 850 004010\norder:\n", b"  wrd%d: BEG03\n"),
    "rows-of-one-field": _rows(b"reads: 850 004010\norder:\n", b"  po_number n%d: BEG03\n"),
    "rows-of-no-place": _rows(b"reads: 850 004010\norder:\n", b"  po_number n%d: ZZZ99\n"),
    "rows-that-write": _rows(b"makes: 855 004010\nheading:\n", b"  REF(DP)02 n%d: order.po_number\n"),
    "rows-that-write-nowhere": _rows(b"makes: 855 004010\nheading:\n", b"  ZZ%d: order.po_number\n"),
    "rows-that-extend": _rows(b"extends: 850-to-order\norder:\n", b"  wrd%d: omit\n"),
    "rows-of-codes": _rows(b"reads: 850 004010\norder:\n  type:\n    from: BEG02\n    codes:\n", b"      A%d: B\n"),
    "heads-unknown": _rows(b"reads: 850 004010\n", b"wrd%d: {}\n"),
}

_MORE: Final = (
    (
        b"reads",
        b"makes",
        b"extends",
        b"order",
        b"heading",
        b"detail",
        b"summary",
        b"levels",
        b"structure",
        b"omit",
        b"from",
    )
    + (
        b"always",
        b"count",
        b"sum",
        b"codes",
        b"where",
        b"each",
        b"as",
        b"mine",
        b"850-to-order",
        b"order-to-855",
        b"BEG03",
        b"PO1/PO102",
    )
    + (
        b"REF(DP)",
        b"HL(S)",
        b"order.po_number",
        b"line.quantity",
        b"850 004010",
        b"856 005010",
        b"else",
        b"N1(ST)/N104",
        b"ST01",
        b"SE01",
    )
)

TARGET: Final = Target("mapping", run, seeds, text_changes((*WORDS, *_MORE)), _SHAPES)
