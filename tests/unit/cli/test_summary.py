"""The last line of a check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edi_engine.cli.summary import FEW, Tally, by_order, most_frequent, said, summary
from edi_engine.finding import Finding, Position, Severity

ERROR = Finding("x12.element.code", Severity.REFUSE, "No such code.", Position(byte=7, segment=2))
HOLD = Finding("order.price.over", Severity.HOLD, "Too low.")
NOTE = Finding("order.total.unchecked", Severity.NOTE, "Not checked.")


def tally(sets: Iterable[tuple[str, Sequence[Finding]]], numbers: Sequence[str | None] = ()) -> Tally:
    counts = Tally()
    for n, (set_id, findings) in enumerate(sets):
        counts.add(set_id, findings, f"{n + 1:04}", numbers[n] if numbers else None)
    return counts


def test_it_says_how_many_faults_in_how_many_orders() -> None:
    sets = [("850", [ERROR, HOLD]), ("850", []), ("850", [NOTE])]
    assert summary([ERROR, HOLD, NOTE], tally(sets)) == "1 error, 1 hold, 1 note in 1 of 3 orders. 2 orders would pass."


def test_it_says_how_many_are_refused_where_others_wait() -> None:
    sets = [("850", [ERROR]), *[("850", [HOLD])] * 1_999, ("850", [])]
    told = "1 error, 1,999 holds in 2,000 of 2,001 orders, 1 of them refused. 1 order would pass."
    assert summary([ERROR, *[HOLD] * 1_999], tally(sets)) == told


def test_notes_alone_let_all_pass() -> None:
    assert summary([NOTE], tally([("850", [NOTE])])) == "1 note in 1 of 1 order. 1 order would pass."


def test_other_sets_are_sets() -> None:
    assert summary([ERROR], tally([("850", [ERROR]), ("860", [ERROR])])) == "1 error in 2 of 2 sets. No set would pass."


def test_no_fault() -> None:
    assert summary([], tally([("850", []), ("850", [])])) == "2 orders, no fault found."
    assert summary([], tally([])) == "Nothing found to check."
    assert summary([ERROR], tally([])) == "1 error."


def test_counts_come_worst_first() -> None:
    assert said([NOTE, HOLD, HOLD, ERROR]) == "1 error, 2 holds, 1 note"


def test_of_many_the_ten_most_frequent_kinds_are_named() -> None:
    findings = [
        Finding(f"order.kind{kind}", Severity.HOLD, f"Kind {kind}.", Position(byte=kind, segment=1))
        for kind in range(13)
        for _ in range(kind + 1)
    ]
    lines = most_frequent([NOTE, *findings, ERROR], 100).splitlines()
    assert lines[1].split()[:2] == ["1", "error[x12.element.code]"]
    assert lines[2].split()[:2] == ["13", "hold[order.kind12]"]
    assert len(lines) == 12
    assert lines[-1] == "... and 11 findings of 5 other kinds."


def test_a_few_orders_are_named_with_what_becomes_of_each() -> None:
    found = [("850", [ERROR, HOLD]), ("850", []), ("850", [HOLD])]
    assert by_order(tally(found, ["45-A", "45-B", "45-C\x1b"]), 0).splitlines() == [
        "set       order     it would           found",
        "850 0001  45-A      be refused         1 error, 1 hold",
        "850 0002  45-B      pass",
        "850 0003  45-C\\x1B  wait for a person  1 hold",
    ]


def test_the_orders_of_a_stranger_are_put_aside() -> None:
    stranger = Finding("envelope.stranger", Severity.HOLD, "Who is that?")
    own, theirs = ("850", []), ("850", [stranger])
    one = tally([theirs], ["45-A"])
    put_aside = "would be put aside: nobody knows the sender."
    assert summary([stranger], one) == f"1 hold in 1 of 1 order (45-A). 1 order {put_aside}"
    mixed = tally([own, theirs, ("850", [stranger, ERROR])], ["45-A", "45-B", "45-C"])
    assert summary([stranger, ERROR], mixed) == f"1 error, 1 hold in 2 of 3 orders. 1 order would pass, 2 {put_aside}"
    assert [line.split("  ")[2].strip() for line in by_order(mixed, 0).splitlines()[1:]] == [
        "pass",
        *["be put aside"] * 2,
    ]
    some = tally([theirs, ("850", [HOLD])])
    assert summary([stranger, HOLD], some) == f"2 holds in 2 of 2 orders. No order would pass, 1 {put_aside}"


def test_many_orders_and_sets_without_numbers_are_only_counted() -> None:
    many = FEW + 1
    assert by_order(tally([("850", [])] * many, ["45"] * many), 0) == ""
    assert by_order(tally([("850", [])] * FEW, ["45"] * FEW), 0).count("\n") == FEW
    assert by_order(tally([("860", []), ("860", [])]), 0) == ""


def test_one_order_is_named_where_it_is_summed_up() -> None:
    one = tally([("850", [ERROR])], ["45-A"])
    assert by_order(one, 0) == ""
    assert summary([ERROR], one) == "1 error in 1 of 1 order (45-A). No order would pass."
    assert summary([], tally([("850", [])], ["45-A"])) == "1 order (45-A), no fault found."
