"""Whatever a server sends, the client gives an answer or one of its plain outcomes, and waits for nothing else."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_engine.transport.wire import BLOCK, Malformed, Refused, Wire

VERSION = struct.pack(">IBI", 5, 2, 3)


class Recorded:
    """A channel that plays back `answers`, some bytes at a time, and then ends."""

    def __init__(self, answers: bytes, step: int = 1 << 20) -> None:
        self.answers, self.step, self.sent = answers, step, b""

    def recv(self, nbytes: int) -> bytes:
        piece = self.answers[: min(nbytes, self.step)]
        self.answers = self.answers[len(piece) :]
        return piece

    def sendall(self, s: bytes) -> None:
        self.sent += s


def packet(kind: int, number: int, body: bytes = b"") -> bytes:
    return struct.pack(">IBI", len(body) + 5, kind, number) + body


def string(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def status(number: int, code: int, text: bytes = b"") -> bytes:
    return packet(101, number, struct.pack(">I", code) + string(text) + string(b""))


numbers = st.integers(min_value=0, max_value=6)
bodies = st.one_of(
    st.binary(max_size=40),
    st.binary(max_size=10).map(string),
    st.integers(min_value=0, max_value=2**32 - 1).map(lambda number: struct.pack(">I", number)),
    st.tuples(st.binary(max_size=6), st.integers(min_value=0, max_value=15)).map(
        lambda entry: struct.pack(">I", 1) + string(entry[0]) + string(b"") + struct.pack(">I", entry[1]) + bytes(24)
    ),
)
packets = st.builds(packet, st.sampled_from([101, 102, 103, 104, 105, 2, 200]), numbers, bodies)
streams = st.one_of(st.binary(max_size=200), st.lists(packets, max_size=8).map(b"".join))

ACTS: dict[str, Callable[[Wire], object]] = {
    "entries": lambda wire: list(wire.entries(b"/out")),
    "look": lambda wire: wire.look(b"/out/x"),
    "read": lambda wire: wire.read(b"/out/x", 1000, lambda _: None),
    "write": lambda wire: wire.write(b"/out/x", b"ISA" * 20_000, lambda _: None),
    "rename": lambda wire: wire.rename(b"/out/x", b"/out/y"),
    "remove": lambda wire: wire.remove(b"/out/x"),
}


@pytest.mark.property
@pytest.mark.parametrize("act", ACTS)
@given(stream=streams, step=st.sampled_from([1, 3, 1 << 20]))
def test_any_answer_ends_in_a_plain_outcome(act: str, stream: bytes, step: int) -> None:
    wire = Wire(Recorded(VERSION + stream, step))
    with contextlib.suppress(Refused, Malformed, EOFError):
        ACTS[act](wire)


@pytest.mark.property
@given(stream=st.binary(max_size=60).filter(lambda stream: stream[4:5] != VERSION[4:5]))
def test_a_server_that_does_not_speak_sftp_is_told_apart(stream: bytes) -> None:
    with pytest.raises((Malformed, EOFError)):
        Wire(Recorded(stream))


@pytest.mark.property
@given(length=st.integers(min_value=0, max_value=5 * BLOCK), step=st.sampled_from([1000, 1 << 20]), turn=st.booleans())
def test_answers_in_any_order_and_any_cut_give_the_same_bytes(length: int, step: int, turn: bool) -> None:
    data = bytes(length)
    served = Serving(data, turn=turn, step=step)
    assert Wire(served).read(b"/x", 6 * BLOCK, lambda _: None) == (data, length)


class Serving(Recorded):
    """Serves one file to read; answers what came in one piece in the order asked, or in the opposite one."""

    def __init__(self, data: bytes, *, turn: bool, step: int) -> None:
        super().__init__(b"", step)
        self.data, self.turn = data, turn

    def sendall(self, s: bytes) -> None:
        answers = []
        while s:
            length, kind, number = struct.unpack(">IBI", s[:9])
            body, s = s[9 : 4 + length], s[4 + length :]
            answers.append(self.answer(kind, number, body))
        self.answers += b"".join(reversed(answers) if self.turn else answers)

    def answer(self, kind: int, number: int, body: bytes) -> bytes:
        if kind == 1:
            return VERSION
        if kind == 3:
            return packet(102, number, string(b"h"))
        if kind == 8:
            return packet(105, number, struct.pack(">IQ", 1, len(self.data)))
        start, count = struct.unpack(">QI", body[5:])
        block = self.data[start : start + count]
        return packet(103, number, string(block)) if block else status(number, 1)


def test_an_answer_that_nobody_asked_for_is_no_sftp() -> None:
    wire = Wire(Recorded(VERSION + status(77, 0)))
    with pytest.raises(Malformed, match="77"):
        wire.remove(b"/out/x")


def test_a_claimed_length_beyond_the_packet_is_no_sftp() -> None:
    listing = packet(104, 2, struct.pack(">I", 2**31) + string(b"name") + string(b"long"))
    wire = Wire(Recorded(VERSION + packet(102, 1, string(b"h")) + listing))
    with pytest.raises(Malformed):
        list(wire.entries(b"/out"))


def test_a_giant_packet_is_not_awaited() -> None:
    wire = Wire(Recorded(VERSION + struct.pack(">I", 2**31)))
    with pytest.raises(Malformed):
        wire.remove(b"/out/x")


def test_the_words_of_a_refusal_need_not_be_utf8() -> None:
    wire = Wire(Recorded(VERSION + status(1, 4, b"Zugriff verweigert f\xfcr Sie")))
    with pytest.raises(Refused, match=r"verweigert f\\xfcr Sie") as caught:
        wire.remove(b"/out/x")
    assert caught.value.status == 4


def test_a_refusal_without_words_is_put_into_words() -> None:
    wire = Wire(Recorded(VERSION + packet(101, 1, struct.pack(">I", 3))))
    with pytest.raises(Refused, match="permission denied"):
        wire.remove(b"/out/x")
