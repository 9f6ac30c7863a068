"""What the how-to pages tell without showing it on a console is what the engine does."""

from __future__ import annotations

import configparser
import re
from collections import Counter
from datetime import UTC, datetime

from click.testing import CliRunner

from edi_engine.cli import main
from edi_engine.desk.kinds import KINDS
from edi_engine.desk.queue import choices_for
from edi_engine.finding import Severity
from edi_engine.flow.records import CaseRecord
from edi_engine.orders.decision import CHOICES
from edi_engine.orders.rulings import OFFERS
from tests.docs.session import ROOT

DOCS = ROOT / "docs"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


PAGE = read("howto/decide-a-case.md")


def test_the_table_of_choices_is_what_the_rules_offer() -> None:
    head, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("|") and not line.startswith("| ---")
    )
    assert tuple(head[1:]) == CHOICES
    told = [
        (kind, {choice for choice, cell in zip(head[1:], cells, strict=True) if cell})
        for kinds, *cells in rows
        for kind in re.findall(r"`([a-z.-]+)`", kinds)
    ]
    offered: dict[str, set[str]] = {}
    for code, choices in OFFERS.items():
        offered.setdefault(".".join(code.split(".")[:2]), set()).update(choices)
    copy = CaseRecord("order.duplicate", Severity.HOLD, "set:2", "", "", "map", NOON, NOON)  # it comes to no rule
    offered[copy.kind] = {choice.name for choice in choices_for(copy)}
    assert sorted(told) == sorted((kind, choices) for kind, choices in offered.items() if choices)


def test_it_says_which_cases_may_not_be_dismissed() -> None:
    subjects = {
        kind: "set:2" if kind == "order.duplicate" else "order:1" for kind in KINDS if kind.startswith("order.")
    }
    cases = [CaseRecord(kind, Severity.HOLD, on, "", "", "rules", NOON, NOON) for kind, on in subjects.items()]
    kept = [one.kind for one in cases if "dismiss" not in {choice.name for choice in choices_for(one)}]
    (said,) = re.findall(r"Every case of an order but ((?:`[a-z.]+`(?:, | and )?)+) may also be dismissed", PAGE)
    assert re.findall(r"`([a-z.]+)`", said) == kept


def test_the_unit_runs_the_daemon_and_gives_it_time_to_end() -> None:
    (block,) = re.findall(r"```ini\n(.*?)```", read("howto/run-as-a-service.md"), re.DOTALL)
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(block)
    service = unit["Service"]
    program, *words = service["ExecStart"].split()
    assert program.endswith("/edi")
    assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0
    assert int(service["TimeoutStopSec"]) > 30
    name, _, home = service["Environment"].partition("=")
    assert (name, home) == ("EDI_HOME", service["ReadWritePaths"])


def test_each_decision_has_a_number_of_its_own_and_stands_in_the_index() -> None:
    records = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert Counter(name[:4] for name in records).most_common(1)[0][1] == 1
    assert re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", read("decisions/README.md")) == records


def test_the_glossary_explains_each_word_once() -> None:
    words = [word for line in read("glossary.md").splitlines() for word in re.findall(r"^\| \*\*(.+?)\*\*", line)]
    assert len(words) > 50
    assert [word for word, times in Counter(words).items() if times > 1] == []
