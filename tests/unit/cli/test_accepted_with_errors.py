"""What a partner took with errors noted (AK5 E) is seen as such: in the outbox and with its order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.cli import main
from tests.fixtures.homes import make_home, run_once
from tests.unit.cli.test_outbox import ORDER
from tests.unit.flow.test_respond import fa

NOTED = ["AK1*PR*2", "AK2*855*0001", "AK3*PO1*5**8", "AK4*6*235*7*IX", "AK5*E*5", "AK9*E*1*1*1"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose 855 the partner took with an error noted, and its 856 without."""
    home = make_home(tmp_path / "home")
    (home / "mailbox" / "out" / "order.edi").write_bytes(ORDER)
    store = f"sqlite:///{home / 'edi.db'}"
    run_once(home, store)
    taken = ["AK1*SH*3", "AK2*856*0001", "AK5*A", "AK9*A*1*1*1"]
    (home / "mailbox" / "out" / "997.edi").write_bytes(fa(NOTED, taken))
    run_once(home, store)
    return home


def edi(home: Path, *words: object) -> str:
    result = CliRunner().invoke(main, ["--home", str(home), *(str(word) for word in words)])
    assert result.exit_code == 0, result.output
    return result.stdout


def listed(home: Path, standing: str) -> dict[str, dict[str, object]]:
    found = json.loads(edi(home, "outbox", "list", "--state", standing, "--json"))["documents"]
    return {one["record"]["kind"]: one for one in found}


def test_the_outbox_tells_it(home: Path) -> None:
    (document,) = listed(home, "accepted-with-errors").values()
    assert document["why"] == "they noted PO106 in segment 5"
    assert {kind: one["standing"] for kind, one in listed(home, "accepted").items()} == {
        "855": "accepted-with-errors",
        "856": "accepted",
    }
    assert "1 accepted, 1 accepted, with errors." in edi(home, "outbox", "list", "--state", "accepted")
    shown = edi(home, "outbox", "show", document["record"]["id"])
    assert shown.splitlines()[0].endswith(", 855: accepted, with errors")
    assert "They noted a fault in PO106 in segment 5 of our 855" in shown


def test_the_order_tells_it(home: Path) -> None:
    assert "855 accepted, with errors, 856 accepted" in edi(home, "orders", "list")
    shown = edi(home, "orders", "show", "4500012001")
    assert re.search(r"855 +accepted, with errors", shown)
    assert "They noted a fault in PO106 in segment 5 of our 855" in shown
    (noted,) = json.loads(edi(home, "orders", "show", "4500012001", "--json"))["order"]["noted"]
    assert noted["code"] == "ack.rejected.element"
