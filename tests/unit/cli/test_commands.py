"""The commands against the real engine: a store in a folder, the shipped partner, the shipped samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edi_engine.cli import main
from edi_engine.resources import shipped
from tests.fixtures.trading import interchange

SAMPLES = shipped("samples") / "bluebird"


def edi(*words: object, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words], input=stdin)
    assert result.exit_code != 70, result.stderr
    return result


def told(*words: object) -> dict[str, object]:
    return json.loads(edi(*words, "--json").stdout)


def sample(name: str) -> Path:
    return SAMPLES / name / "in.edi"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def held(home: Path) -> tuple[str, ...]:
    """Process an order with a price that must wait; give the options that name its store."""
    result = edi("--home", home, "process", sample("price-over-tolerance"), "--out", home / "out")
    assert result.exit_code == 1, result.stderr
    return ("--home", str(home), "--db", f"sqlite:///{home / 'out' / 'edi.db'}")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("clean-order", 0, "1 order (4500012001), no fault found."),
        ("bad-unit-code", 3, "1 error in 1 of 1 order (4500012010). No order would pass."),
        ("price-over-tolerance", 1, "1 hold in 1 of 1 order (4500012003). No order would pass."),
        ("one-bad-of-three", 3, "1 of 3 orders. 2 orders would pass."),
    ],
)
def test_validate_sums_up_and_ends_with_its_code(name: str, code: int, said: str, home: Path) -> None:
    result = edi("--home", home, "validate", sample(name))
    assert result.exit_code == code
    assert result.stdout.splitlines()[-1].endswith(said)
    assert not (home / "edi.db").exists()


def test_validate_tells_only_the_most_frequent_faults_of_a_big_file(home: Path, tmp_path: Path) -> None:
    isa, gs, *body, ge, iea = sample("bad-unit-code").read_text("ascii").replace("\n", "").split("~")[:-1]
    sets = [
        segment.replace("0001", f"{n:04d}") if segment[:2] in {"ST", "SE"} else segment
        for n in range(1, 31)
        for segment in body
    ]
    big = tmp_path / "big.edi"
    big.write_text("~".join([isa, gs, *sets, f"GE*30*{ge.split('*')[2]}", iea, ""]), "ascii")
    result = edi("--home", home, "validate", big)
    first, *rest = result.stdout.splitlines()
    assert first.split() == ["count", "finding", "first", "at", *["what", "the", "first", "one", "says"]]
    assert rest[0].split()[:2] == ["30", "error[x12.element.length]"]
    assert rest[-1] == "30 errors in 30 of 30 orders. No order would pass."
    assert "shows all 30" in result.stderr
    assert edi("--home", home, "validate", "--jobs", "2", big).stdout == result.stdout
    assert edi("--home", home, "validate", "--all", big).stdout.count("PO103") == 60


def test_validate_tells_a_fault_in_the_words_of_the_answer(home: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.edi"
    late.write_text(sample("bad-unit-code").read_text("ascii").replace("*20261120*0830*", "*20261399*0830*"), "ascii")
    text = edi("--home", home, "validate", late, "--ack").stdout
    assert "GS04" in text
    assert "AK9*E" not in text  # AK905 30 came with 005030, and nothing of it stands in this 997
    text = edi("--home", home, "validate", shipped("samples/dunlin/one-refused-by-999") / "in.edi", "--ack").stdout
    assert "= ack: IK3*PO1*8**8  IK4*2*380*2  the 999 would refuse this order" in text


def test_validate_says_why_nothing_would_be_sent(home: Path, tmp_path: Path) -> None:
    text = sample("bad-unit-code").read_text("ascii")
    *_, isa13, _, _, _ = text.split("~")[0].split("*")
    wrong, asking, strange = (tmp_path / name for name in ("wrong.edi", "asking.edi", "strange.edi"))
    wrong.write_text(text.replace(f"IEA*1*{isa13}", "IEA*1*000000999"), "ascii")
    asking.write_text(wrong.read_text("ascii").replace(f"{isa13}*0*P", f"{isa13}*1*P"), "ascii")
    strange.write_text(text.replace("6119290001", "9999990001"), "ascii")
    said = edi("--home", home, "validate", "--ack", wrong).stdout
    assert "TA1 with note 001 refuses this, but none would be sent here" in said
    assert "and no TA1 is due (`policy: {ta1: when_asked}`; its ISA14 asks for none). Tell the partner" in said
    said = edi("--home", home, "validate", "--ack", asking).stdout
    assert "the TA1 would refuse this interchange" in said
    assert "No acknowledgment" not in said
    said = edi("--home", home, "validate", "--ack", strange).stdout
    assert "No acknowledgment would be sent: nobody is answered whom no partner file claims" in said
    assert "A partner's file would get:" in said
    answer = interchange(["AK1*PR*77", "AK9*A*1*1*1"], kind="FA", set_id="997").decode()
    strange.write_text(answer, "ascii")
    said = edi("--home", home, "validate", "--ack", strange).stdout
    assert "acknowledgments are not acknowledged" in said


def test_validate_knows_who_is_told_that_the_receiver_is_not_us(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.edi"
    text = interchange(["BEG*00*SA*1**20261120"], receiver="01/999999").decode().replace("*0*P*>", "*1*P*>", 1)
    path.write_text(text, "ascii")
    said = edi("--home", home, "validate", "--ack", path).stdout
    assert "The acknowledgment would be:\nTA1*" in said
    assert "*R*009~" in said
    assert "No acknowledgment" not in said
    path.write_text(text.replace("*1*P*>", "*0*P*>", 1), "ascii")
    said = edi("--home", home, "validate", "--ack", path).stdout
    assert "no TA1 is due" in said
    assert "claims (interchange" not in said


def test_validate_reads_what_answers_us(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "answer.edi"
    body = ["AK1*PR*77", "AK2*855*0001", "AK5*A", "AK9*R*1*1*0"]
    path.write_bytes(interchange(body, kind="FA", set_id="997"))
    result = edi("--home", home, "validate", path)
    assert result.exit_code == 1
    assert "hold[ack.invalid]: AK9 refuses the whole group, but an AK5 accepts a set of it." in result.stdout
    assert "AK9*R*1*1*0~" in result.stdout
    path.write_bytes(interchange([*body, "XX*1"], kind="FA", set_id="997"))
    result = edi("--home", home, "validate", path)
    assert "error[x12.segment.unknown]" in result.stdout
    assert "= ack:" not in result.stdout  # nobody will be told: it is never answered
    head, *_ = interchange(["X"]).decode().split("GS*")
    path.write_text(f"{head}TA1*xx~IEA*0*000000900~", "ascii")
    result = edi("--home", home, "validate", path)
    assert "hold[ack.invalid]: TA101" in result.stdout
    path.write_text(f"{head}IEA*0*000000900~", "ascii")
    said = edi("--home", home, "validate", "--ack", path).stdout
    assert "there is nothing in interchange 000000900 that could be answered" in said


def test_validate_leads_on(home: Path, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown.edi"
    unknown.write_text(sample("bad-unit-code").read_text("ascii").replace("*CASE*", "*XX*"), "ascii")
    assert "edi --home" in (said := edi("--home", home, "validate", unknown).stderr)
    assert "explain x12.element.code" in said
    assert "validate --ack" in said
    assert "validate --ack" not in edi("--home", home, "validate", "--ack", unknown).stderr
    assert "explain" not in edi("--home", home, "validate", sample("bad-unit-code")).stderr  # its fix is told already


def test_validate_marks_the_element_in_its_segment(home: Path) -> None:
    lines = edi("--home", home, "validate", sample("bad-unit-code")).stdout.splitlines()
    drawn = next(n for n, line in enumerate(lines) if "*CASE*" in line)
    assert lines[drawn][lines[drawn + 1].index("^") : lines[drawn + 1].rindex("^") + 1] == "CASE"


def test_validate_marks_the_price_that_a_rule_holds(home: Path) -> None:
    lines = edi("--home", home, "validate", sample("price-over-tolerance")).stdout.splitlines()
    drawn = next(n for n, line in enumerate(lines) if "PO1*" in line and "|  " in line)
    assert lines[drawn][lines[drawn + 1].index("^") : lines[drawn + 1].rindex("^") + 1] == "10.5"


def test_validate_as_json_has_all_of_the_text(home: Path) -> None:
    answer = told("--home", home, "validate", sample("bad-unit-code"))
    assert answer["schema"] == "edi-engine.validate/1"
    assert answer["exit"] == 3
    (finding,) = answer["findings"]
    assert finding["code"] == "x12.element.length"
    assert finding["where"]["byte"] == sample("bad-unit-code").read_bytes().index(b"CASE")
    assert answer["acknowledgments"][-1].startswith("AK9*R")
    assert edi("--home", home, "validate", "--format", "json", sample("bad-unit-code")).exit_code == 3


def test_validate_reads_stdin_and_shows_the_acknowledgment(home: Path) -> None:
    result = edi("--home", home, "validate", "--ack", "-", stdin=sample("clean-order").read_bytes())
    assert result.exit_code == 0
    assert "AK9*A*1*1*1~" in result.stdout.splitlines()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \r\n",
        b"Dear supplier, please send us 12 cases.",
        b"%PDF-1.7\n\x00\xff",
        sample("clean-order").read_bytes()[:80],
        bytes(range(256)) * 8,
    ],
)
def test_what_is_no_x12_ends_with_3_and_one_drawing(data: bytes, home: Path) -> None:
    file = home / "bestellung für übermorgen.edi"
    file.write_bytes(data)
    for command in ("validate", "show"):
        assert edi("--home", home, command, file).exit_code == 3
    assert edi("--home", home, "validate", file).stdout.startswith("error[envelope.")


def test_an_unterminated_segment_is_refused(home: Path) -> None:
    file = home / "cut.edi"
    file.write_bytes(sample("clean-order").read_bytes()[:-30])
    assert edi("--home", home, "validate", file).exit_code == 3


def test_many_findings_are_counted_unless_all_are_asked_for(home: Path) -> None:
    file = home / "many.edi"
    text = sample("bad-unit-code").read_bytes()
    line = text[text.index(b"PO1*") : text.index(b"~", text.index(b"PO1*")) + 1]
    file.write_bytes(text.replace(line, line * 30))
    brief = edi("--home", home, "validate", file)
    assert brief.exit_code == 3
    assert "count  finding" in brief.stdout
    assert "-->" not in brief.stdout
    assert edi("--home", home, "validate", "--all", file).stdout.count("-->") > 20


def test_a_partner_that_is_not_there_is_usage(home: Path) -> None:
    result = edi("--home", home, "validate", "--partner", "nobody", sample("clean-order"))
    assert result.exit_code == 2
    assert "bluebird" in result.stderr


def test_a_stranger_ends_with_4(home: Path) -> None:
    file = home / "stranger.edi"
    file.write_bytes(sample("clean-order").read_bytes().replace(b"*08*6119290001 ", b"*08*6119290009 "))
    for checked in (edi("--home", home, "validate", file), edi("--home", home, "validate", "--ack", file)):
        assert checked.exit_code == 4
        assert "1 order would be put aside: nobody knows the sender.\n" in checked.stdout
        assert "would pass" not in checked.stdout
    assert edi("--home", home, "validate", file, "--partner", "bluebird").exit_code == 0
    assert edi("--home", home, "process", file, "--out", home / "out").exit_code == 4


def test_where_there_are_no_partners_a_file_is_held_against_x12_alone(home: Path) -> None:
    (home / "partners").mkdir()
    checked = edi("--home", home, "validate", sample("clean-order"))
    assert checked.exit_code == 0
    assert "1 order would be put aside: nobody knows the sender.\n" in checked.stdout
    assert edi("--home", home, "validate", sample("bad-unit-code")).exit_code == 3


def test_wrong_partner_files_end_with_4_by_line(home: Path) -> None:
    (home / "partners" / "acme").mkdir(parents=True)
    (home / "partners" / "acme" / "partner.yaml").write_text("statsu: live\n", encoding="utf-8")
    checked = edi("--home", home, "partner", "check")
    assert checked.exit_code == 4
    assert "partners/acme/partner.yaml:1:1: hold[partner.word.unknown]" in checked.stdout
    stopped = edi("--home", home, "process", sample("clean-order"), "--out", home / "out")
    assert stopped.exit_code == 4
    assert "partners/acme/partner.yaml:1:1: " in stopped.stderr


def test_show_names_segments_and_raw_leaves_them_as_they_are(home: Path) -> None:
    shown = edi("--home", home, "show", sample("clean-order"))
    assert shown.exit_code == 0
    assert "BEG03  purchase order number" in shown.stdout
    raw = edi("--home", home, "show", "--raw", sample("clean-order")).stdout
    assert raw.replace("\n", "") == sample("clean-order").read_text(encoding="utf-8").replace("\n", "")
    answer = told("--home", home, "show", sample("clean-order"))
    assert [one["id"] for one in answer["segments"]][:3] == ["ISA", "GS", "ST"]


def test_process_writes_answers_and_the_same_bytes_again_are_no_fault(home: Path) -> None:
    first = edi("--home", home, "process", sample("clean-order"), "--out", home / "out")
    assert first.exit_code == 0
    kinds = sorted(path.name.split("_")[1] for path in (home / "out").glob("BB_*.edi"))
    assert kinds[:2] == ["810", "855"]
    assert list((home / "out" / "erp").iterdir())
    again = edi("--home", home, "process", sample("clean-order"), "--out", home / "out")
    assert again.exit_code == 0
    assert "the same bytes came before" in again.stdout
    assert sorted(path.name.split("_")[1] for path in (home / "out").glob("BB_*.edi")) == kinds


def test_a_case_is_listed_shown_previewed_and_decided(home: Path, held: tuple[str, ...]) -> None:
    listed = edi(*held, "exceptions", "list")
    assert "order.price" in listed.stdout
    assert "1 case" in listed.stdout
    case = told(*held, "exceptions", "list")["cases"][0]["record"]["id"]
    shown = edi(*held, "exceptions", "show", case).stdout
    assert "^^^^ wanted 9.95" in shown
    assert f"exceptions resolve {case} keep-ours" in shown
    preview = edi(*held, "exceptions", "resolve", case, "keep-ours")
    assert "387.60 USD instead of 400.80 as ordered" in preview.stdout
    assert "ACK*IP*" not in preview.stdout
    assert "ACK*IP*" in edi(*held, "exceptions", "resolve", case, "keep-ours", "--verbose").stdout
    assert "--commit" in preview.stderr
    assert told(*held, "exceptions", "list")["cases"]
    assert edi(*held, "exceptions", "resolve", case, "keep-ours", "--commit").exit_code == 0
    assert edi(*held, "exceptions", "list").stdout == "Nothing waits for a person.\n"
    assert edi(*held, "exceptions", "resolve", case, "keep-ours").exit_code == 2
    assert edi(*held, "exceptions", "retry", case).exit_code == 2
    assert told(*held, "exceptions", "list", "--state", "resolved")["cases"][0]["record"]["resolution"]


def test_a_retry_that_changes_nothing_still_waits(held: tuple[str, ...]) -> None:
    case = told(*held, "exceptions", "list")["cases"][0]["record"]["id"]
    result = edi(*held, "exceptions", "retry", case)
    assert result.exit_code == 1
    assert "still waits" in result.stdout


def test_no_such_case_and_no_such_choice_are_usage(held: tuple[str, ...]) -> None:
    assert edi(*held, "exceptions", "show", 999).exit_code == 2
    case = told(*held, "exceptions", "list")["cases"][0]["record"]["id"]
    refused = edi(*held, "exceptions", "resolve", case, "shrug")
    assert refused.exit_code == 2
    assert "accept-theirs" in refused.stderr


def test_orders_are_listed_shown_and_told(held: tuple[str, ...]) -> None:
    (order,) = told(*held, "orders", "list")["orders"]
    number, po = order["record"]["id"], order["record"]["po_number"]
    assert po in edi(*held, "orders", "list").stdout
    assert edi(*held, "orders", "show", po).stdout == edi(*held, "orders", "show", number).stdout
    assert "order booked" in edi(*held, "orders", "timeline", po).stdout
    assert told(*held, "orders", "show", po)["order"]["record"]["body"]["po_number"] == po
    assert edi(*held, "orders", "show", "none").exit_code == 2


def test_what_is_stored_and_what_was_sent_can_be_seen(held: tuple[str, ...]) -> None:
    came = edi(*held, "show", "--raw", 1)
    assert (came.exit_code, came.stdout[:4]) == (0, "ISA*")
    assert came.stdout == edi(*held, "show", "--raw", "file:1").stdout
    assert "AK1" in edi(*held, "show", "--raw", "document:1").stdout
    assert edi(*held, "show", "document:99").exit_code == 2
    assert edi(*held, "show", "nothing-here").exit_code == 2


def test_orders_show_their_worth_and_what_they_wait_for(held: tuple[str, ...]) -> None:
    listed = edi(*held, "orders", "list").stdout
    assert "400.80 USD" in listed
    assert "1 order.price" in listed
    shown = edi(*held, "orders", "show", "1").stdout
    for said in ("ship to BLUEBIRD DC", "ship by 2026-12", "unit price", "252.00", "held"):
        assert said in shown
    assert edi(*held, "exceptions", "resolve", 1, "reject-line", "--commit").exit_code == 0
    assert "rejected" not in edi(*held, "orders", "list").stdout  # one line of it only
    assert state_of_line(2, *held) == "rejected"


def test_an_order_shows_our_price_where_it_is_another(held: tuple[str, ...]) -> None:
    assert "our price" not in edi(*held, "orders", "show", 1).stdout
    edi(*held, "exceptions", "resolve", 1, "keep-ours", "--commit")
    (line,) = (one for one in edi(*held, "orders", "show", 1).stdout.splitlines() if one.startswith("   2  "))
    assert line.split()[4:8] == ["10.50", "252.00", "9.95", "24"]


def state_of_line(at: int, *options: str) -> str:
    (line,) = (one for one in edi(*options, "orders", "show", 1).stdout.splitlines() if one.startswith(f"{at:4}  "))
    return line.split()[-1]


def test_a_wrapped_file_is_taken_up_when_its_width_is_given(home: Path) -> None:
    flat = sample("clean-order").read_bytes().replace(b"\r", b"").replace(b"\n", b"")
    file = home / "cut.edi"
    file.write_bytes(b"\n".join(flat[at : at + 80] for at in range(0, len(flat), 80)))
    first = edi("--home", home, "validate", file)
    assert "= fix: The file is cut into lines of 80 characters. Read it with --wrap 80;" in first.stdout
    checked = edi("--home", home, "validate", "--wrap", 80, file)
    assert f"process {file} --wrap 80 --out answers" in checked.stderr
    edi("--home", home, "process", file, "--out", home / "out")
    again = edi("--home", home, "process", file, "--wrap", 80, "--out", home / "out").stdout
    assert "the same bytes came before as file 1, what was left to do of it was done." in again
    assert "written:" in again
    once_more = edi("--home", home, "process", file, "--wrap", 80, "--out", home / "out").stdout
    assert "nothing was done again" in once_more


def test_an_order_that_was_rejected_whole_reads_so(home: Path) -> None:
    out = home / "out"
    edi("--home", home, "process", sample("unknown-ship-to"), "--out", out)
    held = ("--home", home, "--db", f"sqlite:///{out / 'edi.db'}")
    edi(*held, "exceptions", "resolve", 1, "reject-line", "--commit")
    listed = edi(*held, "orders", "list").stdout
    assert " rejected " in listed
    assert "cancelled" not in listed
    assert "rejected whole" in edi(*held, "orders", "timeline", 1).stdout


def test_replay_previews_and_says_what_is_new(home: Path, held: tuple[str, ...]) -> None:
    preview = edi(*held, "replay", 1)
    assert preview.exit_code == 1  # as `edi process` ended: something waits
    assert "No difference." in preview.stdout
    by_path = told(*held, "replay", sample("clean-order"))
    assert by_path["schema"] == "edi-engine.replay/1"
    assert by_path["committed"] is False
    data = sample("clean-order").read_bytes()
    assert edi(*held, "replay", "-", stdin=data).stdout.splitlines()[1:] == [
        *edi(*held, "replay", sample("clean-order")).stdout.splitlines()[1:]
    ]
    assert edi(*held, "replay", "no-such-file").exit_code == 2


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("exceptions", "list"), "exceptions-list"),
        (("orders", "list"), "orders-list"),
        (("orders", "timeline", "1"), "orders-timeline"),
        (("partner", "list"), "partner-list"),
        (("partner", "check"), "partner-check"),
        (("doctor",), "doctor"),
        (("audit",), "audit"),
        (("db", "seal"), "db-seal"),
        (("db", "upgrade"), "db-upgrade"),
        (("db", "check"), "db-check"),
    ],
)
def test_every_command_answers_as_json_and_as_text(words: tuple[str, ...], schema: str, held: tuple[str, ...]) -> None:
    answer = told(*held, *words)
    assert answer["schema"] == f"edi-engine.{schema}/1"
    assert edi(*held, *words).exit_code == 0
    assert edi(*held, *words).stdout


def test_a_backup_is_a_store(home: Path, held: tuple[str, ...]) -> None:
    copy = home / "copy.db"
    assert edi(*held, "db", "backup", copy).exit_code == 0
    assert told("--home", home, "--db", f"sqlite:///{copy}", "orders", "list")["orders"]


def test_the_demo_takes_no_other_home_or_store(home: Path) -> None:
    for option in (("--home", home), ("--db", "sqlite://")):
        refused = edi(*option, "demo", "--folder", home / "demo")
        assert refused.exit_code == 2
        assert "--folder" in refused.stderr
    assert not (home / "demo").exists()


def test_a_rejected_line_is_promised_nothing(held: tuple[str, ...]) -> None:
    shown = edi(*held, "exceptions", "resolve", 1, "reject-line", "--verbose").stdout
    (rejected,) = (line for line in shown.splitlines() if " rejected " in line)
    assert " none " in rejected


def test_a_closed_case_counts_down_no_more(held: tuple[str, ...]) -> None:
    edi(*held, "exceptions", "resolve", 1, "keep-ours", "--commit")
    (due,) = (line for line in edi(*held, "exceptions", "show", 1).stdout.splitlines() if line.startswith("  due"))
    assert due.endswith(" UTC")


def test_nothing_is_suggested_that_would_read_stdin_again(home: Path) -> None:
    result = edi("--home", home, "validate", "-", stdin=sample("bad-unit-code").read_bytes())
    assert (result.exit_code, result.stderr) == (3, "")
