"""linuxforhealth-x12: segments only; it has no rules for an 850."""

from linuxforhealth.x12.io import X12SegmentReader
from meter import measure


def read(text: str) -> int:
    with X12SegmentReader(text) as reader:
        return sum(1 for _ in reader.segments())


measure(read)
