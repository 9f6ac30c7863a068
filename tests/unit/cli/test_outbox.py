"""`edi outbox` against the real engine: a home, a store, documents that went into a local mailbox."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edi_engine.cli import main
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home, run_once

ORDER = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose daemon has answered, shipped and billed one order."""
    home = make_home(tmp_path / "home")
    (home / "mailbox" / "out" / "order.edi").write_bytes(ORDER)
    run_once(home, f"sqlite:///{home / 'edi.db'}")
    return home


def edi(home: Path, *words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["--home", str(home), "outbox", *(str(word) for word in words)])
    assert result.exit_code == code, result.output
    return result


def told(home: Path, *words: object, code: int = 0) -> dict:
    return json.loads(edi(home, *words, "--json", code=code).stdout)


def ids(home: Path, *words: object) -> dict[str, int]:
    return {one["record"]["kind"]: one["record"]["id"] for one in told(home, "list", *words)["documents"]}


def test_the_list_says_what_is_still_to_come(home: Path) -> None:
    lines = edi(home, "list").stdout.splitlines()
    assert lines[0].split() == ["document", "kind", "partner", "PO", "number", "state", "due", "connection", "file"]
    assert [line.split()[1] for line in lines[1:4]] == ["855", "856", "810"]
    assert lines[-1] == "3 documents: 3 not answered yet."
    assert set(ids(home, "--all")) == {"997", "855", "856", "810", "erp-json", "erp-xml"}
    assert edi(home, "list", "--state", "held").stdout == "No such document.\n"
    assert edi(home, "list", "--kind", "997").stdout == "Nothing waits, and every answer is in.\n"


def test_show_tells_the_story_and_the_segments(home: Path) -> None:
    number = ids(home)["855"]
    shown = edi(home, "show", number).stdout
    assert shown.startswith(f"Document {number}, 855: not answered yet\n")
    assert "  made from    the answer to order 4500012001 (ours: 1)\n" in shown
    assert "  numbers      interchange 000000002, group 2, set 0001\n" in shown
    assert "855 delivered" in shown
    assert "beginning of purchase order answer" in shown
    answer = told(home, "show", number)
    assert answer["schema"] == "edi-engine.outbox-show/1"
    assert answer["data"].startswith("ISA*")
    assert edi(home, "show", 99, code=2).stdout == ""


def test_a_file_for_the_erp_is_shown_without_segments(home: Path) -> None:
    shown = edi(home, "show", ids(home, "--all")["erp-json"]).stdout
    assert "  made from    order 4500012001 (ours: 1)\n" in shown


def test_sending_again_is_shown_first_and_done_once(home: Path) -> None:
    number = ids(home)["855"]
    before = sorted(path.name for path in (home / "mailbox" / "in").iterdir())
    shown = edi(home, "resend", number)
    assert "the same bytes, under the same numbers" in shown.stdout
    assert f"edi --home {home} outbox resend {number} --commit" in shown.stderr
    assert len(ids(home, "--all")) == 6
    edi(home, "resend", number, "--commit")
    run_once(home, f"sqlite:///{home / 'edi.db'}")
    new = sorted({path.name for path in (home / "mailbox" / "in").iterdir()} - set(before))
    assert len(new) == 1
    assert new[0].endswith("-2.edi")
    old = home / "mailbox" / "in" / new[0].replace("-2.edi", ".edi")
    assert (home / "mailbox" / "in" / new[0]).read_bytes() == old.read_bytes()


def test_new_numbers_and_a_new_text_show_what_differs(home: Path) -> None:
    number = ids(home)["855"]
    assert "Its text is as it was." in edi(home, "resend", number, "--new-number").stdout
    partner = home / "partners" / "bluebird" / "partner.yaml"
    text = partner.read_text(encoding="utf-8")
    assert text.count("REF(IA)") >= 1 or "  855:" in text
    done = told(home, "resend", number, "--rewrite", "--commit")
    assert done["committed"] is True
    (again,) = done["documents"]
    assert again["record"]["resend_of"] == number
    assert edi(home, "resend", number, "--rewrite", "--new-number", code=2).stdout == ""
    assert "has not gone out yet" in edi(home, "resend", number, code=2).stderr


def test_new_numbers_for_what_was_accepted_are_warned_of(home: Path) -> None:
    number = ids(home)["810"]
    warning = "The partner has accepted it already: under new numbers it may be paid twice.\n"
    assert warning not in edi(home, "resend", number, "--new-number").stdout
    with closing(sqlite3.connect(home / "edi.db")) as store, store:
        store.execute("UPDATE document SET state = 'ACCEPTED' WHERE id = ?", (number,))
    for way in ("--new-number", "--rewrite"):
        assert warning in edi(home, "resend", number, way).stdout
    assert warning not in edi(home, "resend", number).stdout  # the same bytes do no harm


def test_held_is_held_until_it_is_released(home: Path) -> None:
    number = ids(home)["855"]
    edi(home, "resend", number, "--commit")
    again = max(one["record"]["id"] for one in told(home, "list", "--kind", "855", "--all")["documents"])
    assert "held by" in edi(home, "hold", again, "--why", "the buyer asked").stdout
    run_once(home, f"sqlite:///{home / 'edi.db'}")
    assert ids(home, "--state", "held") == {"855": again}
    edi(home, "release", again)
    run_once(home, f"sqlite:///{home / 'edi.db'}")
    assert ids(home, "--state", "held") == {}
    assert "it was sent" in edi(home, "hold", again, "--why", "too late", code=2).stderr
    assert edi(home, "hold", again, code=2).stdout == ""
    assert "--why needs a reason" in edi(home, "hold", again, "--why", " ", code=2).stderr


def test_the_doctor_names_what_is_held(home: Path) -> None:
    edi(home, "resend", ids(home)["855"], "--commit")
    again = ids(home, "--state", "waiting")["855"]
    edi(home, "hold", again, "--why", "the buyer asked")
    doctor = CliRunner().invoke(main, ["--home", str(home), "doctor", "--json"])
    answer = json.loads(doctor.stdout)
    assert answer["facts"]["documents_held"] == 1
    (held,) = [one for one in answer["findings"] if one["code"] == "document.held"]
    assert held["message"].startswith("1 document is held back, the first by ")
    assert f"`edi outbox release {again}` lets it go" in held["fix"]
