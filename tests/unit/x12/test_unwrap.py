"""Wrapped files: joined where every line has the width, left alone where one has not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.x12.unwrap import unwrap


def wrapped(data: bytes, width: int, end: bytes) -> bytes:
    return end.join(data[start : start + width] for start in range(0, len(data), width))


@pytest.mark.fault("C7")
@given(
    st.binary(min_size=1).map(lambda data: data.replace(b"\r", b"x").replace(b"\n", b"x")),
    st.integers(1, 100),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_wrapping_is_undone(data: bytes, width: int, end: bytes) -> None:
    assert unwrap(wrapped(data, width, end), width) == data
    if len(data) > width:
        assert unwrap(wrapped(data, width, end) + end, width) == data


@pytest.mark.fault("C7")
@pytest.mark.parametrize(
    "data",
    [
        b"ISA*00~\nGS*PO~\nST*850~\n",  # a segment a line: no width
        b"A" * 80 + b"\n" + b"B" * 79 + b"\n" + b"C" * 80,  # one line is short
        b"A" * 80 + b"\n" + b"B" * 40 + b"\n" + b"B" * 39 + b"\n",  # a line end of its own
        b"",
        b"A" * 200,
    ],
)
def test_anything_else_is_left_alone(data: bytes) -> None:
    assert unwrap(data, 80) == data
