import pytest

from edi_engine.orders.lifecycle import MOVES, may_move, order_state


def test_every_move_leads_to_a_state_that_is_there():
    assert [
        (kind, to) for kind, table in MOVES.items() for targets in table.values() for to in targets - set(table)
    ] == []


def test_every_state_can_be_reached_from_a_first_one():
    first = {"file": "SEEN", "interchange": "RECEIVED", "group": "RECEIVED", "set": "RECEIVED", "document": "READY"}
    first |= {"line": "OPEN", "order": "OPEN", "case": "OPEN", "timer": "WAITING"}
    assert set(first) == set(MOVES)
    for kind, table in MOVES.items():
        reached, todo = set(), [first[kind]]
        while todo:
            state = todo.pop()
            if state not in reached:
                reached.add(state)
                todo.extend(table[state])
        assert reached == set(table), kind


@pytest.mark.parametrize(
    ("kind", "state", "to"),
    [
        ("set", "REFUSED", "ACCEPTED"),
        ("document", "ACCEPTED", "READY"),
        ("document", "READY", "SENT"),
        ("order", "CLOSED", "OPEN"),
        ("line", "HELD", "ANSWERED"),
        ("file", "SEEN", "DONE"),
        ("interchange", "QUARANTINED", "OPENED"),
    ],
)
def test_moves_that_must_not_happen(kind, state, to):
    assert not may_move(kind, state, to)


@pytest.mark.parametrize(
    ("lines", "order"),
    [
        ("", "OPEN"),
        ("OPEN", "OPEN"),
        ("OPEN HELD", "HELD"),
        ("ANSWERED LOCKED", "HELD"),
        ("ANSWERED OPEN", "OPEN"),
        ("ANSWERED CANCELLED", "ANSWERED"),
        ("CANCELLED CANCELLED", "CANCELLED"),
        ("ANSWERED SHIPPED", "PART_SHIPPED"),
        ("PART_SHIPPED", "PART_SHIPPED"),
        ("ANSWERED INVOICED", "PART_SHIPPED"),
        ("ANSWERED CLOSED", "PART_SHIPPED"),
        ("SHIPPED INVOICED", "SHIPPED"),
        ("SHIPPED CANCELLED", "SHIPPED"),
        ("INVOICED CLOSED", "INVOICED"),
        ("CLOSED CANCELLED", "CLOSED"),
    ],
)
def test_an_orders_state_is_that_of_its_lines(lines, order):
    assert order_state(lines.split()) == order
