"""The retailer of the sandbox: what it sends, and that it finds what is wrong in what it receives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_engine.sandbox.judge import Judge
from edi_engine.sandbox.mailbox import Mailbox
from edi_engine.sandbox.retailer import BLUEBIRD, Retailer
from edi_engine.x12.reader import outline
from tests.fixtures.supplier import Segments, Supplier

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def retailer_in(folder: Path, **more: int) -> Mailbox:
    return Mailbox(folder, [Retailer(folder, BLUEBIRD, now=lambda: NOON, **more)])


@pytest.fixture
def retailer(tmp_path: Path) -> Mailbox:
    return retailer_in(tmp_path)


@pytest.fixture
def supplier(retailer: Mailbox) -> Supplier:
    retailer.step()
    supplier = Supplier(retailer.root)
    supplier.take()
    return supplier


def sent_files(retailer: Mailbox) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (retailer.root / "out").iterdir() if path.is_file()}


def replies(retailer: Mailbox) -> list[bytes]:
    return [data for name, data in sent_files(retailer).items() if name.startswith("FA_")]


def segments_of(data: bytes, segment_id: str) -> list[list[str]]:
    """Give the segments of this kind, of a file with stars and tildes."""
    cut = [segment.split("*") for segment in data.decode("latin-1").split("~")]
    return [segment for segment in cut if segment[0] == segment_id]


class TestProgram:
    def test_the_same_seed_and_day_give_the_same_files(self, tmp_path: Path) -> None:
        one, two, other = (retailer_in(tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
        for each in (one, two, other):
            each.step()
        assert sent_files(one) == sent_files(two) != sent_files(other)

    def test_the_standard_finds_fault_with_exactly_the_two_spoiled_files(self, retailer: Mailbox) -> None:
        retailer.step()
        judge, faulty = Judge(), {}
        for name, data in sent_files(retailer).items():
            read = outline(data)
            for found in read.interchanges:
                assert not found.findings
                for group in found.groups:
                    verdict = judge.acknowledge(judge.judge(data, found, group)).verdict
                    if verdict != "A":
                        faulty[name] = verdict
        assert sorted(faulty.values()) == ["P", "R"]

    def test_it_has_every_kind_of_trouble_once(self, retailer: Mailbox) -> None:
        retailer.step()
        stories = [order.story for order in retailer.retailers[0]._book.orders.values()]
        assert sum(story.startswith("clean") for story in stories) == 8
        troubles = [story for story in stories if not story.startswith("clean")]
        assert len(troubles) == len(set(troubles)) == 9
        assert retailer.report().files_sent == 23

    def test_one_file_is_no_x12_and_one_is_a_change(self, retailer: Mailbox) -> None:
        retailer.step()
        files = sent_files(retailer)
        assert [name for name, data in files.items() if data.startswith(b"%PDF")] == ["Price list 000023.pdf"]
        assert [name for name, data in files.items() if b"~ST*860*" in data] == ["PC_000022.edi"]

    def test_three_orders_come_again_under_their_number(self, retailer: Mailbox) -> None:
        """The cancellation, the duplicate, and the one with another quantity."""
        retailer.step()
        found = [segment[1:4] for data in sent_files(retailer).values() for segment in segments_of(data, "BEG")]
        numbers = [number for _, _, number in found]
        assert len(numbers) - len(set(numbers)) == 3
        assert sorted({purpose for purpose, _, _ in found}) == ["00", "01", "07", "22"]

    def test_the_test_order_says_so(self, retailer: Mailbox) -> None:
        retailer.step()
        tests = [data for data in sent_files(retailer).values() if data[102:103] == b"T"]
        assert len(tests) == 1
        assert b"BEG*00*SA*45900" in tests[0]

    def test_it_sends_by_and_by(self, retailer: Mailbox) -> None:
        retailer.step(3)
        assert len(sent_files(retailer)) == 3
        assert retailer.left == 20

    def test_nothing_half_written_lies_there(self, retailer: Mailbox) -> None:
        retailer.step()
        assert not [name for name in sent_files(retailer) if name.endswith(".part")]

    def test_a_second_run_sends_new_orders_and_keeps_the_books(self, tmp_path: Path, retailer: Mailbox) -> None:
        retailer.step()
        first = set(retailer.retailers[0]._book.orders)
        again = retailer_in(tmp_path)
        again.step()
        assert first < set(again.retailers[0]._book.orders)
        assert len(again.retailers[0]._book.orders) == 2 * len(first)
        assert again.report().files_sent == 46


class TestRightAnswers:
    def test_a_supplier_without_fault_gives_no_problem(self, retailer: Mailbox, supplier: Supplier) -> None:
        for kind, group, usage, sets in supplier.groups:
            wanted = retailer.retailers[0]._book.groups[group].wanted
            accepted = {"A": sets, "P": sets - 1, "R": 0}[wanted]
            supplier.write("FA", "997", supplier.acknowledgment(kind, group, wanted, sets, accepted), usage)
        answered = set()
        for order in supplier.orders:
            good = order.po in retailer.retailers[0]._book.orders and all(line[7] != "100999" for line in order.lines)
            if not good or order.po in answered:
                continue
            answered.add(order.po)
            supplier.write("PR", "855", supplier.answer(order), order.usage)
            supplier.write("SH", "856", supplier.shipment(order, f"S{order.po}"), order.usage)
            supplier.write("IN", "810", supplier.invoice(order, f"I{order.po}"), order.usage)
        retailer.step()
        report = retailer.report()
        assert report.problems == ()
        assert report.acknowledged == {"A": 20, "P": 1, "R": 1}
        assert report.answers == {"AD": len(answered)}
        assert report.ship_notices == report.invoices == len(answered) == 16
        assert report.silent == ()
        assert len(report.unanswered) == 1

    def test_each_document_gets_its_997_and_no_997_gets_one(self, retailer: Mailbox, supplier: Supplier) -> None:
        order = supplier.order()
        supplier.write("PR", "855", supplier.answer(order))
        supplier.write("FA", "997", supplier.acknowledgment("PO", order.group))
        retailer.step()
        (reply,) = replies(retailer)
        assert b"~ST*997*0001~AK1*PR*1~AK2*855*0001~AK5*A~AK9*A*1*1*1~SE*" in reply
        assert retailer.report().acknowledgments_sent == 1

    def test_a_document_with_a_fault_is_refused(self, retailer: Mailbox, supplier: Supplier) -> None:
        body = supplier.answer(supplier.order())
        body[0][2] = "ADX"
        supplier.write("PR", "855", body)
        retailer.step()
        (reply,) = replies(retailer)
        assert b"~AK5*R*5~AK9*R*1*1*0~" in reply
        assert any("BAK02" in problem for problem in retailer.report().problems)

    def test_an_unfinished_file_is_left_alone(self, retailer: Mailbox, supplier: Supplier) -> None:
        path = supplier.write("PR", "855", supplier.answer(supplier.order()), name="855.edi.part")
        retailer.step()
        assert path.exists()
        assert retailer.report().answers == {}

    def test_what_was_read_is_taken_away_and_kept(self, retailer: Mailbox, supplier: Supplier, tmp_path: Path) -> None:
        path = supplier.write("PR", "855", supplier.answer(supplier.order()))
        data = path.read_bytes()
        retailer.step()
        assert not path.exists()
        assert [kept.read_bytes() for kept in (tmp_path / "received").iterdir()] == [data]

    def test_an_allowance_off_the_invoice_counts_and_others_do_not(self, retailer: Mailbox, supplier: Supplier) -> None:
        order = supplier.order()
        supplier.write("SH", "856", supplier.shipment(order))
        body = supplier.invoice(order)
        total = next(segment for segment in body if segment[0] == "TDS")
        total[1] = str(int(total[1]) - 500 + 250)
        off = ["SAC", "A", "C310", "", "", "500", "", "", "", "", "", "", "02"]
        charged = ["SAC", "C", "D240", "", "", "250", "", "", "", "", "", "", "06"]
        told = ["SAC", "A", "C310", "", "", "900", "", "", "", "", "", "", "05"]
        body[body.index(total) + 1 : body.index(total) + 1] = [off, charged, told]
        supplier.write("IN", "810", body)
        retailer.step()
        assert retailer.report().problems == ()


def element(body: Segments, segment_id: str, position: int, text: str) -> None:
    next(segment for segment in body if segment[0] == segment_id)[position] = text


def changed(segment_id: str, position: int, text: str) -> Callable[[Segments], None]:
    return lambda body: element(body, segment_id, position, text)


def without(segment_id: str) -> Callable[[Segments], None]:
    return lambda body: body.remove(next(segment for segment in body if segment[0] == segment_id))


def one_cent_more(body: Segments) -> None:
    total = next(segment for segment in body if segment[0] == "TDS")
    total[1] = str(int(total[1]) + 1)


def more(segment_id: str, position: int) -> Callable[[Segments], None]:
    def change(body: Segments) -> None:
        segment = next(segment for segment in body if segment[0] == segment_id)
        segment[position] = str(int(segment[position]) + 1)

    return change


WRONG = {
    "an order that was never sent": ("answer", changed("BAK", 3, "47110815"), 'there is no order "47110815"'),
    "more promised than ordered": ("answer", more("ACK", 2), "pieces promised"),
    "accepted as it is, but a line is refused": ("answer", changed("ACK", 1, "IR"), "not every line is promised"),
    "refused, but promised": ("answer", changed("BAK", 2, "RD"), "a line is promised"),
    "an article of another line": ("answer", changed("PO1", 7, "100107"), "has no line"),
    "a verdict that means nothing": ("answer", changed("BAK", 2, "AK"), "instead of AD, AC or RD"),
    "more shipped than promised": ("shipment", more("SN1", 2), "pieces shipped"),
    "a wrong check digit": ("shipment", changed("MAN", 2, "00006141410000000019"), "check digit"),
    "a carton number that is too short": ("shipment", changed("MAN", 2, "0061414100000000"), "not 00 and 18 digits"),
    "a carton without number": ("shipment", without("MAN"), "no serial number"),
    "levels that do not count up": ("shipment", changed("HL", 1, "5"), "level was to come"),
    "a wrong count of levels": ("shipment", changed("CTT", 1, "99"), "CTT01 says 99"),
    "a wrong count of cartons": ("shipment", changed("TD1", 2, "99"), "TD102 says 99"),
    "a shipment for nobody": ("shipment", changed("PRF", 1, "47110815"), 'there is no order "47110815"'),
    "a total one cent too high": ("invoice", one_cent_more, "TDS01 says"),
    "another price": ("invoice", changed("IT1", 4, "0.01"), "billed for a piece"),
    "more billed than shipped": ("invoice", more("IT1", 2), "pieces billed"),
    "a basis of a case": ("invoice", changed("IT1", 5, "CA"), "billed for a piece"),
    "a wrong count of lines": ("invoice", changed("CTT", 1, "99"), "CTT01 says 99"),
}


@pytest.mark.parametrize("case", WRONG)
def test_it_finds(case: str, retailer: Mailbox, supplier: Supplier) -> None:
    document, change, problem = WRONG[case]
    order = next(order for order in supplier.orders if order.lines[0][3] == "CA")
    bodies = {
        "answer": supplier.answer(order),
        "shipment": supplier.shipment(order),
        "invoice": supplier.invoice(order),
    }
    change(bodies[document])
    supplier.write("PR", "855", bodies["answer"])
    supplier.write("SH", "856", bodies["shipment"])
    supplier.write("IN", "810", bodies["invoice"])
    retailer.step()
    assert any(problem in found for found in retailer.report().problems), retailer.report().problems


class TestTwice:
    def test_an_order_answered_twice(self, retailer: Mailbox, supplier: Supplier) -> None:
        for _ in range(2):
            supplier.write("PR", "855", supplier.answer(supplier.order()))
        retailer.step()
        assert [problem for problem in retailer.report().problems if "was answered before" in problem]

    def test_numbers_used_twice(self, retailer: Mailbox, supplier: Supplier) -> None:
        order = supplier.order()
        for name in ("a.edi", "b.edi"):
            supplier.control, supplier.serial = 0, 0
            supplier.write("SH", "856", supplier.shipment(order), name=name)
        retailer.step()
        problems = " ".join(retailer.report().problems)
        for what in ("interchange number", "group number", "shipment number", "carton number"):
            assert f"the {what}" in problems
        assert "pieces shipped" in problems

    def test_an_invoice_sent_twice(self, retailer: Mailbox, supplier: Supplier) -> None:
        order = supplier.order()
        supplier.write("SH", "856", supplier.shipment(order))
        for _ in range(2):
            supplier.write("IN", "810", supplier.invoice(order))
        retailer.step()
        problems = " ".join(retailer.report().problems)
        assert "the invoice number I1 was used before" in problems
        assert "pieces billed" in problems

    def test_numbers_are_remembered_over_a_restart(self, tmp_path: Path, retailer: Mailbox, supplier: Supplier) -> None:
        order = supplier.order()
        supplier.write("PR", "855", supplier.answer(order))
        retailer.step()
        supplier.control = 0
        supplier.write("PR", "855", supplier.answer(order))
        again = retailer_in(tmp_path)
        again.step()
        assert any("was answered before" in problem for problem in again.report().problems)
        assert any("interchange number" in problem for problem in again.report().problems)


class TestAcknowledgments:
    def test_a_verdict_that_the_order_did_not_deserve(self, retailer: Mailbox, supplier: Supplier) -> None:
        supplier.write("FA", "997", supplier.acknowledgment("PO", supplier.order().group, "R", 1, 0))
        retailer.step()
        assert any("got R instead of A" in problem for problem in retailer.report().problems)

    def test_a_group_that_was_never_sent(self, retailer: Mailbox, supplier: Supplier) -> None:
        supplier.write("FA", "997", supplier.acknowledgment("PO", "4711"))
        retailer.step()
        assert any("no group PO 4711 was sent" in problem for problem in retailer.report().problems)

    def test_a_group_acknowledged_twice(self, retailer: Mailbox, supplier: Supplier) -> None:
        for _ in range(2):
            supplier.write("FA", "997", supplier.acknowledgment("PO", supplier.order().group))
        retailer.step()
        assert any("acknowledged before" in problem for problem in retailer.report().problems)

    def test_a_live_answer_to_a_test_order(self, retailer: Mailbox, supplier: Supplier) -> None:
        order = next(order for order in supplier.orders if order.usage == "T")
        supplier.write("PR", "855", supplier.answer(order), "P")
        retailer.step()
        assert any("is a test, the document says the contrary" in problem for problem in retailer.report().problems)

    def test_bytes_that_are_no_x12(self, retailer: Mailbox, supplier: Supplier) -> None:
        (retailer.root / "in" / "x.edi").write_bytes(b"hello\xff")
        retailer.step()
        assert any("not an X12 file" in problem for problem in retailer.report().problems)

    def test_an_interchange_from_somebody_else(self, retailer: Mailbox, supplier: Supplier) -> None:
        path = supplier.write("PR", "855", supplier.answer(supplier.order()))
        path.write_bytes(path.read_bytes().replace(b"01*004455667   ", b"ZZ*SOMEBODY    "))
        retailer.step()
        assert any("from ZZ/SOMEBODY" in problem for problem in retailer.report().problems)
