"""The faults that a test can order from the mailbox in memory."""

from __future__ import annotations

import pytest

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.transport.memory import MemoryMailbox


def test_a_fault_before_the_effect() -> None:
    box = MemoryMailbox()
    box.fail("put", TransportError("full", code="document.deliver"))
    with pytest.raises(TransportError, match="full"):
        box.put("/in", "a", b"x")
    assert box.files("/in") == {}
    box.put("/in", "a", b"x")
    assert box.files("/in") == {b"a": b"x"}


def test_a_fault_after_the_effect() -> None:
    box = MemoryMailbox()
    box.put("/in", "a.part", b"x")
    box.fail("rename", UnknownOutcome("no answer"), after=True)
    with pytest.raises(UnknownOutcome):
        box.rename("/in", b"a.part", "/in", b"a")
    assert box.files("/in") == {b"a": b"x"}


def test_a_fault_that_comes_back() -> None:
    box = MemoryMailbox()
    box.fail("listing", TransportError("away"), times=2)
    for _ in range(2):
        with pytest.raises(TransportError):
            list(box.listing("/out"))
    assert list(box.listing("/out")) == []


def test_a_server_that_lies_about_a_size() -> None:
    box = MemoryMailbox()
    box.drop("/out", "a", b"x" * 10, stated=1000)
    assert next(box.listing("/out")).size == 1000
    with pytest.raises(TransportError, match="10 bytes came, the server says it has 1000") as caught:
        box.fetch("/out", b"a", 5000)
    assert caught.value.code == "transport.partial"


def test_a_size_over_the_limit_is_not_fetched_even_if_it_is_a_lie() -> None:
    box = MemoryMailbox()
    box.drop("/out", "a", b"x" * 10, stated=1000)
    with pytest.raises(TransportError) as caught:
        box.fetch("/out", b"a", 500)
    assert caught.value.code == "transport.size"


def test_what_was_called_is_kept() -> None:
    box = MemoryMailbox()
    box.drop("/out", "a", b"x", modified=1_700_000_000)
    box.fetch("/out", b"a", 5)
    box.rename("/out", b"a", "/out/done", b"a")
    box.close()
    assert box.calls == [("fetch", "/out", b"a"), ("rename", "/out", b"a")]
    assert box.closed == 1
    assert next(box.listing("/out/done")).modified == 1_700_000_000
