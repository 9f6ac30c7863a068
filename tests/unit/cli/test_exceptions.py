"""The queue at the terminal: forty cases in the morning, by somebody who knows orders and not this program."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edi_engine.cli import main
from tests.fixtures.trading import BY_HAND, DEAR_SHEARS, HOSE, desk, interchange, order
from tests.unit.desk.test_offered import unsayable_price

UNKNOWN = "PO1*2*6*EA*5*PE*IN*100999"
DEAR_CANS = "PO1*3*12*EA*9.99*PE*IN*100103"
ODD = "PO1*3*13*EA*7.2*PE*IN*100103"


@pytest.fixture
def queue(tmp_path: Path) -> tuple[str, ...]:
    """Give the options of a store with cases 1 and 2 (an unknown item), 3 (two prices), 4 and 5 (of one order)."""
    file = tmp_path / "in.edi"
    file.write_bytes(
        interchange(
            order("4500000001", HOSE, UNKNOWN),
            order("4500000002", HOSE, UNKNOWN),
            order("4500000003", HOSE, DEAR_SHEARS, DEAR_CANS),
            order("4500000004", HOSE, DEAR_SHEARS, ODD),
        )
    )
    options = ("--home", str(tmp_path), "--db", f"sqlite:///{tmp_path / 'edi.db'}")
    edi(*options, "process", file, "--out", tmp_path / "out")
    return options


def edi(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code != 70, result.stderr
    return result


def told(*words: object) -> dict[str, object]:
    return json.loads(edi(*words, "--json").stdout)


def ids(*words: object) -> list[int]:
    return [one["record"]["id"] for one in told(*words)["cases"]]


def test_what_is_closed_holds_no_money(queue: tuple[str, ...]) -> None:
    edi(*queue, "exceptions", "resolve", 1, "dismiss", "--commit")
    assert edi(*queue, "exceptions", "list", "--state", "dismissed").stdout.endswith("\n1 case.\n")


def test_the_list_says_that_a_case_has_more_than_one_reason(queue: tuple[str, ...]) -> None:
    shown = edi(*queue, "exceptions", "list", "--kind", "order.price").stdout
    assert " (and 1 more)\n" in shown
    assert shown.count("more)") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("exceptions", "list", "--partner", "blubird"), "there is no partner blubird; nearest: bluebird"),
        (("exceptions", "export", "--partner", "blubird"), "there is no partner blubird; nearest: bluebird"),
        (
            ("exceptions", "list", "--kind", "order.shipto"),
            "there is no kind of case order.shipto; nearest: order.ship-to",
        ),
        (("exceptions", "list", "--group", "--kind", "ordr"), "there is no kind of case ordr; nearest: order"),
        (("orders", "list", "--partner", "blubird"), "there is no partner blubird; nearest: bluebird"),
        (("outbox", "list", "--partner", "blubird"), "there is no partner blubird; nearest: bluebird"),
        (("outbox", "list", "--kind", "erp"), "there is no kind of document erp; nearest: erp-"),
        (
            ("outbox", "list", "--connection", "bluebird-stfp"),
            "there is no connection bluebird-stfp; nearest: bluebird-",
        ),
    ],
)
def test_a_filter_by_a_name_that_nothing_has_is_a_slip(
    queue: tuple[str, ...], words: tuple[str, ...], says: str
) -> None:
    slip = edi(*queue, *words)
    assert (slip.exit_code, slip.stdout) == (2, "")
    assert says in slip.stderr


@pytest.mark.parametrize(
    "words",
    [("exceptions", "list", "--kind", "transport.partial"), ("exceptions", "list", "--kind", "ack"),
     ("exceptions", "list", "--partner", "bluebird"), ("outbox", "list", "--kind", "810"),
     ("outbox", "list", "--connection", "bluebird-sftp"), ("outbox", "list", "--connection", "erp")],
)  # fmt: skip
def test_a_filter_that_nothing_fits_today_is_none(queue: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert edi(*queue, *words).exit_code == 0


def test_orders_are_listed_by_the_state_that_the_list_shows(queue: tuple[str, ...]) -> None:
    edi(*queue, "exceptions", "resolve", 3, "reject-line", "--commit")
    edi(*queue, "exceptions", "resolve", 1, "dismiss", "--commit")
    listed = {one["record"]["po_number"]: one for one in told(*queue, "orders", "list")["orders"]}
    shown = {line.split()[2]: line.split()[3] for line in edi(*queue, "orders", "list").stdout.splitlines()[1:5]}
    assert set(shown) == set(listed)
    for state in set(shown.values()):
        found = told(*queue, "orders", "list", "--state", state)["orders"]
        assert [one["record"]["po_number"] for one in found] == [po for po in shown if shown[po] == state]
    for state in ("rejected", "part shipped", "part_shipped", "part-shipped"):
        assert edi(*queue, "orders", "list", "--state", state).exit_code == 0
    assert edi(*queue, "orders", "list", "--state", "rejcted").exit_code == 2


def test_what_was_decided_offers_no_other_choice(queue: tuple[str, ...]) -> None:
    assert "undecided" in edi(*queue, "exceptions", "resolve", 3, "keep-ours").stdout
    assert "undecided" not in edi(*queue, "exceptions", "resolve", 3, "keep-ours", "--commit").stdout


def test_the_list_of_causes_leads_to_the_largest(queue: tuple[str, ...]) -> None:
    shown = edi(*queue, "exceptions", "list", "--group")
    assert shlex.split(shown.stderr.splitlines()[-2])[-9:-7] == ["show", "1"]
    assert "   the first case of the largest group\n" in shown.stderr
    for case in (1, 2):
        edi(*queue, "exceptions", "resolve", case, "dismiss", "--commit")
    assert "largest" not in edi(*queue, "exceptions", "list", "--group").output


def test_a_file_that_is_no_x12_is_not_shown_as_segments(queue: tuple[str, ...], tmp_path: Path) -> None:
    pdf = tmp_path / "order.pdf"
    pdf.write_bytes(b"%PDF-1.7 an order")
    edi(*queue, "process", pdf, "--out", tmp_path / "out")
    assert "edi show" not in edi(*queue, "exceptions", "show", 6).output
    assert " show " in edi(*queue, "exceptions", "show", 1).output


def test_the_list_is_filtered_and_summed_up(queue: tuple[str, ...]) -> None:
    assert sorted(ids(*queue, "exceptions", "list")) == [1, 2, 3, 4, 5]
    assert ids(*queue, "exceptions", "list", "--kind", "order.quantity") == [5]
    assert edi(*queue, "exceptions", "assign", 1, 5, "anna").exit_code == 0
    edi(*queue, "exceptions", "assign", 2, "me")
    assert sorted(ids(*queue, "exceptions", "list", "--assignee", "anna")) == [1, 5]
    assert ids(*queue, "exceptions", "list", "--mine") == [2]
    assert sorted(ids(*queue, "exceptions", "list", "--nobody")) == [3, 4]
    assert ids(*queue, "exceptions", "list", "--overdue") == []
    shown = edi(*queue, "exceptions", "list", "--mine").stdout
    assert shown.splitlines()[-1] == "1 of 5 cases, 30.00 USD held."
    none = edi(*queue, "exceptions", "list", "--kind", "order.date")
    assert none.stdout == "No such case; without the filters there are 5 cases.\n"
    assert edi(*queue, "exceptions", "list", "--mine", "--nobody").exit_code == 2


def test_one_cause_is_one_row_and_fits_a_terminal(queue: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi_engine.cli.terminal.table_width", lambda: 100)
    shown = edi(*queue, "exceptions", "list", "--group")
    assert all(len(line) <= 100 for line in shown.stdout.splitlines())
    assert "No item of ours is known by IN 100999." in shown.stdout
    assert "5 cases of 4 causes." in shown.stdout
    assert "retry --all-like 1" in shown.stderr
    answer = told(*queue, "exceptions", "list", "--group")
    assert answer["schema"] == "edi-engine.exceptions-groups/1"
    (item,) = (one for one in answer["groups"] if one["kind"] == "order.item")
    assert (sorted(item["cases"]), item["orders"], item["money"]) == ([1, 2], 2, [["USD", "60.00"]])


def test_the_preview_tells_what_changes_in_four_lines(queue: tuple[str, ...]) -> None:
    shown = edi(*queue, "exceptions", "resolve", 3, "--line", "2=keep-ours", "--line", "3=reject-line")
    assert shown.exit_code == 0
    _, lines = shown.stdout.split("What changes for the partner:\n")
    said = [line.split(maxsplit=1) for line in lines.splitlines()]
    assert [word for word, _ in said] == ["855", "856", "810", "or"]
    assert said[0][1] == "accepted with changes: line 2 price changed, 24 EA at 9.95 instead of 10.50; line 3 rejected"
    assert said[1][1] == "36 EA in 4 cartons"
    assert said[2][1] == "387.60 USD instead of 520.68 as ordered"
    assert said[3][1].startswith("accept-theirs 520.68 USD, keep-ours 474.00 USD, reject-line 148.80 USD; undecided: ")
    detail = edi(*queue, "exceptions", "resolve", 3, "keep-ours", "--verbose").stdout
    assert "ACK*IP*24*EA~" in detail
    assert "The order goes to the ERP folder." in detail


def test_the_command_that_is_shown_does_what_was_shown(queue: tuple[str, ...]) -> None:
    for words in (
        ["3", "keep-ours", "--line", "2"],
        ["3", "--line", "3", "--choose", "reject-line", "--why", "agreed with the buyer"],
        ["1", "2", "reject-line"],
        ["--all-like", "4", "keep-ours"],
        ["5", "keep-ours"],
    ):
        shown = edi(*queue, "exceptions", "resolve", *words)
        pasted = next(line for line in shown.stderr.splitlines() if "--commit" in line).partition("   do")[0].split()
        assert "--seen" in pasted
        done = edi(*shlex.split(" ".join(pasted[1:])))
        assert done.exit_code == shown.exit_code, done.stderr
        would = [line for line in shown.stdout.splitlines() if not line.startswith("  or ")]
        did = done.stdout.rsplit("\nDone", 1)[0].splitlines()
        assert [line.replace(" would be", "") for line in did] == [line.replace(" would be", "") for line in would]
    assert ids(*queue, "exceptions", "list") == []
    history = edi(*queue, "exceptions", "show", 3).stdout
    assert "Why: agreed with the buyer" in history


def test_what_was_not_shown_is_not_done(queue: tuple[str, ...]) -> None:
    seen = told(*queue, "exceptions", "resolve", 3, "keep-ours")["seen"]
    edi(*queue, "exceptions", "resolve", 3, "reject-line", "--line", 2, "--commit")
    late = edi(*queue, "exceptions", "resolve", 3, "keep-ours", "--seen", seen, "--commit")
    assert late.exit_code == 2
    assert "no longer what you were shown" in late.stderr
    assert edi(*queue, "exceptions", "resolve", 3, "keep-ours", "--seen", "00000000", "--commit").exit_code == 2
    assert 3 in ids(*queue, "exceptions", "list")


def test_what_still_holds_the_order_is_said_with_its_command(queue: tuple[str, ...]) -> None:
    done = edi(*queue, "exceptions", "resolve", 4, "keep-ours", "--commit")
    assert done.exit_code == 1
    assert (
        "Order 4500000004 is not answered yet; it still waits for:\n  case 5, order.quantity, line 3: " in done.stdout
    )
    assert "exceptions show 5" in done.stderr
    last = edi(*queue, "exceptions", "resolve", 5, "keep-ours", "--commit")
    assert last.exit_code == 0
    assert "855  accepted with changes" in last.stdout
    assert "the next of 3 cases that wait" in last.stderr


def test_several_are_told_in_a_table(queue: tuple[str, ...]) -> None:
    shown = edi(*queue, "exceptions", "resolve", 1, 3, 4, 99, "reject-line")
    assert shown.exit_code == 1
    rows = {line.split()[0]: line for line in shown.stdout.splitlines() if line[:4].strip().isdigit()}
    assert "855 accepted with changes" in rows["1"]
    assert "the order waits for case 5" in rows["4"]
    assert "there is no case 99" in rows["99"]
    assert "4 cases; 2 orders would be answered; 1 order still waits for something else; 1 cannot be done." in (
        shown.stdout
    )
    assert "Invoices over 297.60 USD instead of 699.48 as ordered." in shown.stdout
    assert len(ids(*queue, "exceptions", "list")) == 5


def test_a_case_rests_and_comes_back(queue: tuple[str, ...]) -> None:
    shown = edi(*queue, "exceptions", "snooze", 1, 2, "--until", "2d", "--why", "the item comes on Tuesday")
    assert shown.stdout.count("is shown as overdue meanwhile") == 2
    listed = edi(*queue, "exceptions", "list")
    assert "(rests: the item comes on Tuesday) No item of ours" in listed.stdout
    assert listed.stdout.splitlines()[-1].endswith("2 rest.")
    assert "rests" in edi(*queue, "exceptions", "show", 1).stdout
    assert edi(*queue, "exceptions", "snooze", 1, "--end").stdout == "1 case is back.\n"
    assert ids(*queue, "exceptions", "list")[-1] == 2
    for words in (
        ["1", "--until", "2d"],
        ["1"],
        ["1", "--until", "2d", "--end"],
        ["1", "--until", "soon", "--why", "x"],
    ):
        assert edi(*queue, "exceptions", "snooze", *words).exit_code == 2


def test_show_leads_on_and_back(queue: tuple[str, ...]) -> None:
    shown = edi(*queue, "exceptions", "show", 4).stdout
    assert "The same order waits for:" in shown
    assert "exceptions assign 4 me" in shown
    assert "--line" in edi(*queue, "exceptions", "show", 3).stdout
    assert "1 other case of the same cause" in edi(*queue, "exceptions", "show", 1).stdout
    edi(*queue, "exceptions", "resolve", 4, "dismiss", "--commit")
    assert "exceptions reopen 4" in edi(*queue, "exceptions", "show", 4).stdout
    back = edi(*queue, "exceptions", "reopen", 4, "--why", "wrong button")
    assert back.stdout.startswith("Case 4 is open again: ")
    assert sorted(ids(*queue, "exceptions", "list")) == [1, 2, 3, 4, 5]
    edi(*queue, "exceptions", "resolve", 1, "reject-line", "--commit")
    late = edi(*queue, "exceptions", "reopen", 1)
    assert late.exit_code == 2
    assert "too late" in late.stderr
    assert "It is too late" in edi(*queue, "exceptions", "show", 1).stdout


def test_a_cause_is_tried_again_as_a_whole(queue: tuple[str, ...]) -> None:
    tried = edi(*queue, "exceptions", "retry", "--all-like", 2)
    assert tried.exit_code == 1
    assert "0 of 2 cases settled." in tried.stdout
    assert [one["case"] for one in told(*queue, "exceptions", "retry", 1, 2)["cases"]] == [1, 2]
    assert edi(*queue, "exceptions", "retry").exit_code == 2


def test_the_sheet_is_written(queue: tuple[str, ...], tmp_path: Path) -> None:
    edi(*queue, "exceptions", "assign", 3, "=1+1")
    out = tmp_path / "queue.csv"
    said = edi(*queue, "exceptions", "export", "--out", out)
    assert said.stdout == ""
    assert "5 cases written" in said.stderr
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
    assert {row["case"]: row["assignee"] for row in rows}["3"] == "'=1+1"
    assert {row["file"] for row in rows} == {"in.edi"}
    assert edi(*queue, "exceptions", "export", "--assignee", "=1+1").stdout.count("\n") == 2
    for words in (("--format", "json"), ("--json",)):
        plain = json.loads(edi(*queue, "exceptions", "export", *words).stdout)
        assert plain["schema"] == "edi-engine.exceptions-export/1"
        assert {row["case"]: row["assignee"] for row in plain["cases"]}["3"] == "=1+1"
    assert edi(*queue, "exceptions", "export", "--out", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("resolve",),
        ("resolve", "3"),
        ("resolve", "keep-ours"),
        ("resolve", "3", "keep-ours", "dismiss"),
        ("resolve", "3", "keep-ours", "--line", "two"),
        ("resolve", "3", "--line", "2"),
        ("resolve", "3", "--line", "2=keep-ours", "--line", "2=reject-line"),
        ("resolve", "3", "dismiss", "--line", "2"),
        ("resolve", "3", "keep-ours", "--line", "9"),
        ("resolve", "99999999999", "keep-ours"),
        ("show", "0"),
        ("show", "x"),
        ("assign", "3"),
        ("assign", "anna"),
        ("assign", "3", "Anna", "Berg"),
        ("assign", "3", "anna", "--nobody"),
        ("reopen", "3"),
    ],
)
def test_a_slip_is_told_and_changes_nothing(queue: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused = edi(*queue, "exceptions", *words)
    assert refused.exit_code == 2
    assert refused.stderr.strip()
    assert len(ids(*queue, "exceptions", "list", "--nobody")) == 5


def test_the_list_and_the_sheet_name_the_choices_that_show_offers(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'edi.db'}"
    with desk(tmp_path, BY_HAND, db=db) as trade:
        unsayable_price(trade)
        trade.walk(interchange(order("1", HOSE, DEAR_SHEARS)))
    options = ("--home", str(tmp_path), "--db", db)
    shown = told(*options, "exceptions", "show", 1)
    assert [one["name"] for one in shown["barred"]] == ["keep-ours"]
    (listed,) = told(*options, "exceptions", "list")["cases"]
    assert listed["choices"] == shown["case"]["choices"]
    (row,) = told(*options, "exceptions", "export")["cases"]
    assert row["choices"].split() == [one["name"] for one in shown["case"]["choices"]]
    edi(*options, "exceptions", "resolve", 1, "accept-theirs", "--commit")
    (listed,) = told(*options, "exceptions", "list", "--state", "resolved")["cases"]
    assert listed["choices"] == told(*options, "exceptions", "show", 1)["case"]["choices"]
