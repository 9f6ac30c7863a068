"""Floors are compared the right way round, and the tables say what came out."""

from __future__ import annotations

import pytest

from bench.__main__ import main
from bench.clock import Command, Cost, Failed, interleaved
from bench.files import Files
from bench.rows import CLOCKED, ROWS, Result, Row, commands
from bench.table import PeerResult, markdown_table, number, peer_rows, result_rows, text_table
from bench.together import TOGETHER

LEAST = Row("least", "as fast", 0.5, lambda best: best("a").rate / best("b").rate, ("a", "b"), aim=0.8)
MOST = Row("most", "as big", 40, lambda best: best("a").peak, ("a",), most=True, unit=" MB")


@pytest.mark.parametrize(
    ("row", "value", "verdict", "fails"),
    [
        (LEAST, 0.49, "UNDER FLOOR", True),
        (LEAST, 0.5, "holds", False),
        (LEAST, 0.8, "aim reached", False),
        (LEAST, None, "not measured", False),
        (MOST, 40.1, "OVER LIMIT", True),
        (MOST, 40, "holds", False),
        (MOST, 1, "holds", False),
    ],
)
def test_a_value_is_held_against_its_floor(row, value, verdict, fails):
    result = Result(row, value)
    assert (result.verdict, result.fails) == (verdict, fails)


def test_every_row_asks_for_commands_that_there_are(tmp_path):
    known = {*commands(Files(tmp_path)), *(name for one in TOGETHER for name in one.names)}
    asked = []

    def cost(name):
        asked.append(name)
        return Cost(2.0, 2.0, peak=3_000_000 if name == "bare" else 9_000_000, size=10, sets=5)

    for row in ROWS:
        asked.clear()
        row.value(cost)
        assert set(asked) == set(row.needs) <= known
    assert CLOCKED.key == "jobs"


def test_memory_is_told_over_a_bare_interpreter():
    memory, growth = (next(row for row in ROWS if row.key == key) for key in ("memory", "growth"))
    peaks = {"bare": 10_000_000, "check": 30_000_000, "check tenth": 20_000_000}
    assert memory.value(lambda name: Cost(1, peak=peaks[name])) == 20
    assert growth.value(lambda name: Cost(1, peak=peaks[name])) == 2


def test_a_line_costs_the_same_in_an_order_of_ten_times_the_lines():
    lines = next(row for row in ROWS if row.key == "lines")
    assert lines.value(lambda name: Cost(10.0 if name == "check long" else 1.0)) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234x"), (152.4, "152x"), (29.74, "29.7x"), (1.25, "1.25x"), (40.0, "40x"), (0.1724, "0.172x")],
)
def test_a_value_has_three_figures(value, text):
    assert number(value, "x") == text


def test_tables():
    rows = result_rows([Result(LEAST, 0.6), Result(MOST, None, "no two idle cores seen")])
    assert text_table(("", "floor", "aim", "measured", ""), rows) == [
        "         floor     aim   measured",
        "as fast  >= 0.5x   0.8x  0.6x                    holds",
        "as big   <= 40 MB        no two idle cores seen  not measured",
    ]
    assert markdown_table(("a", "b"), [("1|2", "3")]) == ["| a | b |", "| --- | --- |", "| 1\\|2 | 3 |"]


def test_a_peer_that_does_not_install_says_so():
    ours = Cost(1.0, size=20_000_000, peak=18_000_000)
    rows = peer_rows([PeerResult("p", "all", ours), PeerResult("q", "none", None, "does not install here")], ours)
    assert rows == [("p", "all", "20", "1x", "18 MB"), ("q", "none", "does not install here", "", "")]


def test_a_command_that_fails_is_left_out_of_later_rounds(tmp_path):
    fails = Command(("false",))
    costs, failed = interleaved({"good": Command(("true",)), "bad": fails}, 2)
    assert len(costs["good"]) == 2
    assert failed == {"bad": "exit code 1"}
    with pytest.raises(Failed):
        fails.run()


def test_a_failure_tells_no_place_on_this_machine():
    command = Command(("sh", "-c", "echo \"ImportError: no name 'a' from 'b' (/some/place/b.py)\" >&2; exit 1"))
    with pytest.raises(Failed, match=r"^ImportError: no name 'a' from 'b'$"):
        command.run()


def test_an_unknown_row_is_no_row(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--rows", "parse,speed"])
    assert end.value.code == 2
    assert "there is no row speed" in capsys.readouterr().err
