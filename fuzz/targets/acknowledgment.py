"""What partners say of what we sent: 997, 999 and TA1."""

from __future__ import annotations

from typing import Final

from edi_engine.x12.reader import outline, split
from edi_engine.x12.response import read_response, read_ta1
from fuzz.inputs import x12_files
from fuzz.mutate_x12 import change_x12
from fuzz.shapes_x12 import ANSWERS
from fuzz.target import Target


def run(data: bytes) -> None:
    """Read each set of a file as an acknowledgment, whatever it is, and each TA1."""
    for interchange in outline(data).interchanges:
        for one in interchange.acknowledgments:
            read_ta1(one[1:] if len(one) % 5 == 0 else one)
        for group in interchange.groups:
            for found in group.sets:
                read_response(split(data[found.start : found.end].decode("latin-1"), interchange.delimiters))


def _seeds() -> list[bytes]:
    answers = [data for data in x12_files() if b"AK1" in data or b"TA1" in data]
    return [*answers, *(shape(400) for shape in ANSWERS.values())]


TARGET: Final = Target("acknowledgment", run, lambda: iter(_seeds()), change_x12, ANSWERS)
