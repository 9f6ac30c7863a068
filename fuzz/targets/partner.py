"""The file of a partner, read with the other partners and maps that ship around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.partners.edition import load_edition
from fuzz.inputs import standard
from fuzz.mutate_text import text_changes
from fuzz.shapes_yaml import SHAPES, WORDS
from fuzz.target import Shape, Target
from fuzz.targets.guide import shipped_files

_FILE: Final = "partners/bluebird/partner.yaml"


def run(data: bytes) -> None:
    """Read an edition with `data` as the file of its only partner; refusing it is fine."""
    files = {name: kept for name, kept in shipped_files().items() if "siskin" not in name and "dunlin" not in name}
    try:
        load_edition({**files, _FILE: data}, standard())
    except ConfigurationError as error:
        if not error.findings:
            raise AssertionError("refused without a reason") from error  # noqa: EM101, TRY003


def seeds() -> Iterator[bytes]:
    """Give the partner files that ship."""
    for name, data in shipped_files().items():
        if name.endswith("/partner.yaml"):
            yield data


def _in(block: bytes, unit: bytes) -> Shape:
    """Give a shape: the shipped file, with `block` begun once more as another word and filled with `unit`."""

    def make(size: int) -> bytes:
        kept = shipped_files()[_FILE].split(b"\n")
        first = next((n for n, line in enumerate(kept) if line.startswith(block + b":")), len(kept))
        last = next((n for n in range(first + 1, len(kept)) if kept[n][:1].strip()), len(kept))
        size = min(size, 485_000 - len(shipped_files()[_FILE]))
        filled = [block + b":", *(unit % n for n in range(size // (len(unit) + 4)))]
        return b"\n".join((*kept[:first], *filled, *kept[last:], b""))

    return make


_SHAPES: Final[dict[str, Shape]] = {
    **SHAPES,
    "words-unknown": _in(b"policy", b"  wrd%d: 1"),
    "tables-unknown": _in(b"tables", b"  tab%d: {columns: [a]}"),
    "maps-unknown": _in(b"maps", b"  '8%d': none"),
    "addresses": _in(b"identity", b"  theirs %d: {isa: ZZ/A}"),
    "guide-rules": _in(b"guide", b"  '8%d': {BEG: required}"),
    "purposes": _in(b"purposes", b"  p%d: hold"),
    "exceptions": _in(b"exceptions", b"  - {rule: hold%d, when: 1}"),
}

_MORE: Final = (
    b"name",
    b"identity",
    b"envelope",
    b"maps",
    b"extends",
    b"tables",
    b"policy",
    b"theirs",
    b"isa: ZZ/A",
    b"live",
    b"test",
    b"004010",
    b"hold",
)

TARGET: Final = Target("partner", run, seeds, text_changes((*WORDS, *_MORE)), _SHAPES)
