from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from edi_engine.finding import Severity
from edi_engine.orders.decision import Answer, AnswerLine, LineAnswer
from edi_engine.orders.facts import EarlierOrder
from edi_engine.orders.policy import PURPOSES, Policy
from edi_engine.orders.purpose import called_off, consider

CAME = date(2026, 1, 3)


def earlier(order, state="ANSWERED", **changes):
    return EarlierOrder(order, CAME, state, **changes)


def action(order, known=None, policy=None):
    considered = consider(order, known, policy or Policy())
    return considered.action, *(finding.code for finding in considered.findings)


IDENTICAL, DIFFERS = "order.duplicate.identical", "order.duplicate.differs"


@pytest.mark.parametrize(
    ("purpose", "new", "same", "other"),
    [
        (None, ("book",), ("link", IDENTICAL), ("hold", DIFFERS)),
        ("original", ("book",), ("link", IDENTICAL), ("hold", DIFFERS)),
        ("confirm", ("book",), ("link", IDENTICAL), ("hold", DIFFERS)),
        ("resubmission", ("book",), ("link", IDENTICAL), ("hold", DIFFERS)),
        ("reissue", ("book",), ("link", IDENTICAL), ("hold", DIFFERS)),
        ("duplicate", ("book", "order.purpose.unseen"), ("link", IDENTICAL), ("hold", DIFFERS)),
        ("replace", ("book", "order.purpose.unseen"), ("link", IDENTICAL), ("replace",)),
        ("cancel", ("hold", "order.purpose.nothing-to-cancel"), ("cancel",), ("cancel",)),
        ("no_charge", ("book",), ("hold", DIFFERS), ("hold", DIFFERS)),
        ("information", ("file", "order.purpose.information")) + (("file", "order.purpose.information"),) * 2,
        ("change", ("book", "order.purpose.unsupported")) + (("hold", "order.purpose.unsupported"),) * 2,
        ("53", ("book", "order.purpose.unsupported")) + (("hold", "order.purpose.unsupported"),) * 2,
    ],
)
def test_the_table_of_purposes(order, line, purpose, new, same, other):
    asked = order(purpose=purpose)
    assert action(asked) == new
    assert action(asked, earlier(order())) == same
    assert action(asked, earlier(order(line(quantity=Decimal(4))))) == other


@pytest.mark.parametrize("state", ["PART_SHIPPED", "SHIPPED", "INVOICED", "CLOSED"])
@pytest.mark.parametrize("purpose", ["cancel", "replace"])
def test_once_goods_have_left_a_person_looks(order, line, purpose, state):
    known = earlier(order(line(quantity=Decimal(4))), state)
    considered = consider(order(purpose=purpose), known, Policy())
    assert considered.action == "hold"
    (finding,) = considered.findings
    assert finding.code == "order.purpose.too-late"
    assert state.lower().replace("_", " ") in finding.message


def test_a_held_order_may_have_shipped_in_part(order):
    asked = order(purpose="cancel")
    assert action(asked, earlier(order(), "HELD")) == ("cancel",)
    assert action(asked, earlier(order(), "HELD", shipped=True)) == ("hold", "order.purpose.too-late")


def test_what_is_cancelled_is_not_cancelled_again_and_not_replaced(order, line):
    gone = earlier(order(line(quantity=Decimal(4))), "CANCELLED")
    assert action(order(purpose="cancel"), gone) == ("link", "order.purpose.cancelled")
    assert action(order(purpose="replace"), gone) == ("hold", "order.purpose.too-late")
    assert action(order(), earlier(order(), "CANCELLED")) == ("hold", "order.duplicate.cancelled")


def test_a_replacement_says_whose_place_it_takes_and_may_repeat(order, line):
    first = earlier(order(line(quantity=Decimal(4))))
    second = consider(order(purpose="replace"), first, Policy()).order
    assert second == replace(order(purpose="replace"), replaces=CAME)
    assert action(order(purpose="replace"), earlier(second)) == ("link", IDENTICAL)


def test_a_blanket_is_an_agreement_and_its_releases_are_orders(order):
    assert action(order(type="blanket")) == ("file", "order.purpose.agreement")
    assert action(order(type="release", release="7")) == ("book",)
    assert action(order(type="release")) == ("book", "order.type.release")
    assert action(order(type="release"), earlier(order())) == ("hold", "order.type.release")
    assert action(order(type="warranty")) == ("book", "order.type.unsupported")


@pytest.mark.parametrize("kind", ["standard", "rush", "reorder", "drop_ship", None])
def test_the_usual_kinds_are_booked(order, kind):
    assert action(order(type=kind)) == ("book",)


def test_a_kind_may_say_that_it_is_a_copy(order):
    assert action(order(type="information")) == ("file", "order.purpose.information")
    assert action(order(type="information"), earlier(order())) == ("file", "order.purpose.information")


@pytest.mark.parametrize("kind", ["warranty", "change", "blanket", "release"])
def test_a_cancel_is_about_a_number_whatever_its_kind(order, kind):
    assert action(order(purpose="cancel", type=kind), earlier(order(type=kind))) == ("cancel",)


def test_an_order_that_we_rejected_may_be_replaced_and_a_copy_of_it_is_looked_at(order, line):
    refused = earlier(order(), "REJECTED")
    assert action(order(line(quantity=Decimal(4)), purpose="replace"), refused) == ("replace",)
    assert action(order(purpose="cancel"), refused) == ("link", "order.purpose.cancelled")
    assert action(order(), refused) == ("hold", "order.duplicate.cancelled")


def test_nothing_is_left_of_an_answer_that_is_called_off(order, line):
    ordered = order(line(), line(2))
    given = tuple(
        AnswerLine(one, "accepted", (LineAnswer("accepted", one.quantity, one.unit),), one.unit_price)
        for one in ordered.lines
    )
    gone = called_off(Answer(ordered, "accepted", given, number="7"))
    assert (gone.answer, gone.order.purpose, gone.number) == ("cancelled", "cancel", "7")
    assert [one.line for one in gone.lines] == list(ordered.lines)
    assert {one.quantity_accepted for one in gone.lines} == {Decimal(0)}
    assert {one.status for one in gone.lines} == {"cancelled"}


def test_a_policy_may_treat_a_purpose_in_another_way(order):
    table = MappingProxyType({**PURPOSES, "no_charge": "hold", "confirm": "file", "53": "book"})
    policy = Policy(purposes=table)
    assert action(order(purpose="no_charge"), policy=policy) == ("book", "order.purpose.unsupported")
    assert action(order(purpose="confirm"), policy=policy) == ("file", "order.purpose.information")
    assert action(order(purpose="53"), policy=policy) == ("book",)


def test_an_order_of_no_financial_value_is_not_billed(order):
    assert Policy().bills(order())
    assert not Policy().bills(order(purpose="no_charge"))


def test_filing_needs_nobody(order):
    (finding,) = consider(order(purpose="information"), None, Policy()).findings
    assert finding.severity is Severity.NOTE
