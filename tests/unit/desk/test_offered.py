"""What a case offers can be done, what it advises is offered, and what cannot be done says why and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edi_engine.app.processing import walk
from edi_engine.desk.instead import instead_of_retry
from edi_engine.desk.resolve import preview, resolve
from edi_engine.desk.retry import retry
from edi_engine.desk.sayable import offered
from edi_engine.errors import UsageError
from edi_engine.flow.records import CaseRecord
from edi_engine.flow.wording import findings_from_json
from tests.fixtures.trading import DEAR_SHEARS, HOSE, SHEARS, Desk, desk, interchange, order, pick
from tests.fixtures.walks import Shop, noon, shop
from tests.stories.story import stories
from tests.stories.teller import go_on

ADVICE = {
    "accept-theirs": re.compile(r"\b[Aa]ccept\b"),
    "keep-ours": re.compile(
        r"\b(answer with our|answer with ours|promise what there is|round (it|each share) down|go by the lines)\b",
        re.IGNORECASE,
    ),
    "reject-line": re.compile(r"\breject\b", re.IGNORECASE),
    "dismiss": re.compile(r"\bdismiss\b", re.IGNORECASE),
}
"""How the sentences that say what to do name the choices."""
PRICE_CODES = "            codes: {accepted: IA, quantity_changed: IQ, rejected: IR}\n"


def unsayable_price(desk_: Desk) -> None:
    """Let Bluebird's 855 have no code for a changed price."""
    narrowed = "    detail:\n      PO1:\n        ACK:\n          ACK01:\n            from: status\n" + PRICE_CODES
    desk_.edit(
        "partner.yaml", "  856:\n    extends: shipment-to-856", f"{narrowed}  856:\n    extends: shipment-to-856"
    )


def open_cases(at: Shop) -> list[CaseRecord]:
    with at.place.office().ledger.reading() as unit:
        return list(unit.cases.select(state="OPEN"))


def must_be_doable(at: Shop, case: CaseRecord) -> int:
    """Take every choice of a case in a dry run, and hold its advice beside what it offers; give how many were taken."""
    office = at.place.office()
    doable, barred = offered(office, case)
    standing = {one.kind for one in open_cases(at) if one.subject == case.subject}
    for choice in doable:
        effect = preview(office, case.id, dict.fromkeys(choice.lines or (None,), choice.name))
        opened = [left for left in effect.left if left.kind not in standing and not left.kind.startswith("order.")]
        assert opened == [], f"{case.kind}: {choice.name} would only open another case"
    for choice in barred:
        with pytest.raises(UsageError, match="cannot be carried out"):
            preview(office, case.id, choice.name)
        assert "What to do: " in choice.reason
    known = {one.name for one in (*doable, *barred)}
    for finding in findings_from_json(case.findings_json):
        named = {name for name, spoken in ADVICE.items() if spoken.search(finding.fix or "")}
        assert named <= known, f"{finding.code}: {finding.fix}; offered: {known}"
    return len(doable)


def must_be_told_of_a_retry(at: Shop, case: CaseRecord) -> None:
    """Take the retry of a case where one is offered; see that it is refused, with the reason, where none is."""
    office = at.place.office()
    with office.ledger.reading() as unit:
        instead = instead_of_retry(unit, case)
    if instead is None:
        assert retry(office, case.id).case.id == case.id
    else:
        with pytest.raises(UsageError, match=re.escape(instead)):
            retry(office, case.id)


def test_every_choice_of_every_sample_can_be_taken(tmp_path: Path) -> None:
    """All stories in one store: nobody decides anything, so that every case that they open stands."""
    told = stories()
    with shop(tmp_path, told[0].files[0].day) as at:
        for file in (file for story in told for file in story.files):
            at.clock.moment = noon(file.day).moment
            walk(at.place, file.data, file.name)
        go_on(at)
        found = open_cases(at)
        assert len({case.kind for case in found}) > 10
        taken = sum(must_be_doable(at, case) for case in found)
        assert taken > len(found)
        for case in found:
            if case.id in {one.id for one in open_cases(at)}:
                must_be_told_of_a_retry(at, case)


TWICE = "PO1*1*6*EA*12.4*PE*IN*100101"
BACK = "PO1*3*12*EA*-9.95*PE*IN*100105"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
RESPONSE = interchange(["AK1*PR*31", "AK9*A*1*1*1"], kind="FA", set_id="997", control=71, version="004010VICS")
CHANGE = interchange(
    ["BCH*04*SA*1***20261120", "POC*1*QD*6*6*EA*12.4*PE*IN*100101", "CTT*1"], kind="PC", set_id="860", control=72
)
FILES = {
    "a line twice": interchange(order("1", HOSE, TWICE)),
    "prices of two sorts": interchange(order("1", HOSE, DEAR_SHEARS, BACK)),
    "a type that is not served": interchange(order("1", HOSE)).replace(b"BEG*00*SA", b"BEG*00*ZZ"),
    "a purpose that is not served": interchange(order("1", HOSE)).replace(b"BEG*00", b"BEG*54"),
    "no lines of ours": interchange(order("1", "PO1*1*6*EA*5*PE*IN*100999", "PO1*2*0*EA*12.4*PE*IN*100101")),
    "a PDF": PDF,
    "half an ISA": interchange(order("1"))[:60],
    "a cut file": interchange(order("1"))[:-40],
    "a stranger's": interchange(order("1"), sender="ZZ/NOBODY"),
    "a count that is wrong": interchange(order("1")).replace(b"GE*1*", b"GE*2*"),
    "a refused set": interchange(order("1", HOSE.replace("*EA*", "*CASE*"))),
    "an answer to nothing": RESPONSE,
    "an answer that cannot be read": RESPONSE.replace(b"AK9*A*1*1*1", b"AK9*A*1*X*1"),
    "a change": CHANGE,
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_every_choice_of_other_cases_can_be_taken(trade: Desk, data: bytes) -> None:
    trade.walk(data)
    cases = trade.cases()
    assert cases
    for case in cases:
        must_be_doable(trade.shop, case)
    for case in cases:
        if case.id in {one.id for one in trade.cases()}:
            must_be_told_of_a_retry(trade.shop, case)


@pytest.mark.parametrize("again", [b"BEG*00*SA", b"BEG*04*SA", b"BEG*07*SA"])
def test_what_comes_after_a_booked_order_advises_what_it_offers(trade: Desk, again: bytes) -> None:
    trade.walk(interchange(order("1", HOSE, SHEARS)))
    trade.walk(interchange(order("1", HOSE), control=901).replace(b"BEG*00*SA", again))
    assert trade.cases()
    for case in trade.cases():
        must_be_doable(trade.shop, case)
        must_be_told_of_a_retry(trade.shop, case)


def test_a_line_that_came_twice_may_stand(trade: Desk) -> None:
    trade.walk(interchange(order("1", HOSE, TWICE)))
    assert [one.name for one in offered(trade.office(), trade.case())[0]] == ["accept-theirs", "reject-line", "dismiss"]
    resolve(trade.office(), trade.case().id, "accept-theirs")
    (sent,) = trade.bodies("855")
    assert [one[1:3] for one in pick(sent, "ACK")] == [["IA", "12"], ["IA", "6"]]


def test_a_choice_that_fits_some_lines_is_offered_for_them(trade: Desk) -> None:
    """Their price may be accepted on the line where it is too high; a negative price may not."""
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, BACK)))
    case = trade.case()
    doable = {one.name: one.lines for one in offered(trade.office(), case)[0]}
    assert doable == {"accept-theirs": (2,), "keep-ours": (2,), "reject-line": None, "dismiss": None}
    with pytest.raises(UsageError, match="--line"):
        resolve(trade.office(), case.id, "accept-theirs")
    resolve(trade.office(), case.id, {2: "accept-theirs", 3: "reject-line"})
    (sent,) = trade.bodies("855")
    assert [one[1] for one in pick(sent, "ACK")] == ["IA", "IA", "IR"]


def test_what_the_partners_answer_cannot_say_is_not_offered(trade: Desk) -> None:
    unsayable_price(trade)
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    case, before = trade.case(), trade.counts()
    doable, barred = offered(trade.office(), case)
    assert [one.name for one in doable] == ["accept-theirs", "reject-line", "dismiss"]
    assert [one.name for one in barred] == ["keep-ours"]
    assert "price_changed" in barred[0].reason
    with pytest.raises(UsageError, match=r"keep-ours cannot be carried out for case 1 .*price_changed"):
        resolve(trade.office(), case.id, "keep-ours")
    assert trade.counts() == before
    assert "keep-ours" not in {one.choice for one in preview(trade.office(), case.id, "accept-theirs").instead}
    trade.edit("partner.yaml", PRICE_CODES, PRICE_CODES.replace("rejected: IR", "rejected: IR, price_changed: IP"))
    assert offered(trade.office(), case)[1] == ()
    resolve(trade.office(), case.id, "keep-ours")
    (sent,) = trade.bodies("855")
    assert [one[1] for one in pick(sent, "ACK")] == ["IA", "IP"]


def test_it_is_not_offered_either_while_something_else_holds_the_order(trade: Desk) -> None:
    """Else the last choice of the order would be the one that cannot be made."""
    unsayable_price(trade)
    trade.walk(interchange(order("1", HOSE, DEAR_SHEARS, ship_to="0999")))
    by_kind = {case.kind: case for case in trade.cases()}
    assert [one.name for one in offered(trade.office(), by_kind["order.price"])[1]] == ["keep-ours"]
    assert offered(trade.office(), by_kind["order.ship-to"])[1] == ()
    for case in by_kind.values():
        must_be_doable(trade.shop, case)


def test_a_case_of_one_line_with_two_reasons_counts_both(trade: Desk) -> None:
    """The price may be ours once the quantity is decided, whichever way that the 855 can say."""
    trade.walk(interchange(order("1", HOSE, "PO1*3*13*EA*9.99*PE*IN*100103")))
    assert sorted(case.kind for case in trade.cases()) == ["order.price", "order.quantity"]
    for case in trade.cases():
        assert offered(trade.office(), case)[1] == ()


def test_an_item_that_is_no_longer_sold_may_be_accepted(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        table = at.folder / "tables" / "items.csv"
        head, *rows = table.read_text(encoding="utf-8").splitlines()
        rows = [f"{row},{'yes' if row.startswith('100101,') else ''}" for row in rows]
        table.write_text("\n".join([f"{head},discontinued", *rows]) + "\n", encoding="utf-8")
        at.edit("partner.yaml", "case_pack, stock, weight]", "case_pack, stock, weight, discontinued]")
        at.walk(interchange(order("1", HOSE)))
        must_be_doable(at.shop, at.case())
        assert [one.name for one in offered(at.office(), at.case())[0]] == ["accept-theirs", "reject-line", "dismiss"]


def test_a_file_that_only_has_to_be_joined_may_be_tried_again(trade: Desk) -> None:
    """A PDF stays what it is; a file in lines of 40 characters is read once its connection says so."""
    whole = interchange(order("1", HOSE))
    cut = b"".join(whole[at : at + 40] + b"\r\n" for at in range(0, len(whole), 40))
    trade.walk(PDF)
    trade.walk(cut)
    office = trade.office()
    with office.ledger.reading() as unit:
        said = {case.file_id: instead_of_retry(unit, case) for case in unit.cases.select(state="OPEN")}
    assert said[1] is not None
    assert "no retry changes its bytes" in said[1]
    assert said.get(2) is None
