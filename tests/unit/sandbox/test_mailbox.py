"""A mailbox that two retailers share: each sends in its own tongue, and reads only what is for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_engine.sandbox.check_received import check_manners
from edi_engine.sandbox.judge import Judge
from edi_engine.sandbox.mailbox import Folders, Mailbox
from edi_engine.sandbox.retailer import DUNLIN, SISKIN, Retailer
from edi_engine.x12.reader import outline
from edi_engine.x12.values import Spoken

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def shared(tmp_path: Path) -> Mailbox:
    """A mailbox of two retailers, whose files come under their final names."""
    retailers = [Retailer(tmp_path / kind.profile.name, kind, now=lambda: NOON) for kind in (SISKIN, DUNLIN)]
    return Mailbox(tmp_path, retailers, Folders("from", "from/taken", "to", direct=True))


def reply_to(data: bytes) -> bytes:
    """Turn a sent file around: the 997 that a supplier without fault answers it with."""
    found = outline(data).interchanges[0]
    judge = Judge()
    judged = judge.judge(data, found, found.groups[0])
    end, element = found.delimiters.segment + found.delimiters.suffix, found.delimiters.element
    isa, gs = (line.split(element) for line in data.decode("latin-1").split(end)[:2])
    isa[5:9], gs[1:4], gs[6], isa[13] = (
        isa[7:9] + isa[5:7],
        ["FA", gs[3], gs[2]],
        found.control.lstrip("0"),
        found.control,
    )
    body = [["ST", "997", "0001"], *(list(one) for one in judge.acknowledge(judged).segments)]
    body.append(["SE", str(len(body) + 1), "0001"])
    written = [isa, gs, *body, ["GE", "1", gs[6]], ["IEA", "1", isa[13]]]
    return "".join(element.join(segment) + end for segment in written).encode("latin-1")


class TestSharedMailbox:
    def test_both_send_in_their_own_tongue(self, shared: Mailbox) -> None:
        shared.step()
        sent = {path.name: path.read_bytes() for path in (shared.root / "from").iterdir() if path.is_file()}
        marketplace = [data for name, data in sent.items() if name.startswith("SL_850_20260304120000_")]
        distributor = [data for name, data in sent.items() if name.startswith("po_")]
        assert (len(marketplace), len(distributor)) == (12, 11)
        assert all(data.startswith(b"ISA*") and b"~\nGS*PO*SISKINLANE*" in data for data in marketplace)
        assert all(data.startswith(b"ISA|") and b"\nGS|PO|7005550142|" in data for data in distributor)
        assert all(data == data.upper() for data in marketplace)
        assert any("Québec".encode("latin-1") in data or "Cañon".encode("latin-1") in data for data in distributor)

    def test_the_standard_finds_fault_with_one_file_alone(self, shared: Mailbox) -> None:
        shared.step()
        judge, verdicts = Judge(), []
        for path in (shared.root / "from").glob("*.*"):
            data = path.read_bytes()
            for found in outline(data).interchanges:
                assert not found.findings
                verdicts += [judge.acknowledge(judge.judge(data, found, group)).verdict for group in found.groups]
        assert verdicts.count("P") == 1
        assert set(verdicts) == {"A", "P"}

    def test_each_reads_what_is_for_it_once_it_rests(self, shared: Mailbox) -> None:
        shared.step()
        for path in list((shared.root / "from").glob("*.*")):
            (shared.root / "to" / f"re-{path.name}").write_bytes(reply_to(path.read_bytes()))
        shared.step()
        assert shared.report().acknowledged == {}
        shared.step()
        marketplace, distributor = shared.reports()
        assert marketplace.problems == distributor.problems == ()
        assert marketplace.acknowledged == {"A": marketplace.files_sent}
        assert distributor.acknowledged == {"A": distributor.files_sent - 1, "P": 1}
        assert shared.unread() == 0

    def test_a_file_that_grows_is_left_until_it_rests(self, shared: Mailbox) -> None:
        shared.step(1)
        sent = next(path for path in (shared.root / "from").iterdir() if path.name.startswith("po_"))
        whole, there = reply_to(sent.read_bytes()), shared.root / "to" / "growing.edi"
        there.write_bytes(whole[:50])
        shared.step(0)
        there.write_bytes(whole)
        shared.step(0)
        assert shared.unread() == 1
        shared.step(0)
        assert (shared.unread(), shared.report().problems) == (0, ())

    def test_what_is_for_nobody_here_is_told(self, shared: Mailbox) -> None:
        (shared.root / "to" / "stray.edi").write_bytes(b"no X12")
        for _ in range(2):
            shared.step(0)
        assert shared.lost() == ("stray.edi is for nobody in this mailbox",)

    def test_small_letters_and_a_consumers_name_are_found(self, shared: Mailbox) -> None:
        marketplace = shared.retailers[0]
        shared.step()
        consumer = next(iter(marketplace._book.orders.values())).consumer
        segments = [Spoken(["N1", "ST", consumer], 1), Spoken(["PID", "F", "", "", "", "Rake"], 2)]
        found = list(check_manners(segments, marketplace.profile, marketplace._book))
        assert found == ['"Rake" has small letters', f'the consumer "{consumer}" is named']
