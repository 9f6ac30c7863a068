"""The daemon seals the history, says each seal, and a person proves by one that was kept that nothing was changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from edi_engine.app import care
from edi_engine.app.health import doctor
from edi_engine.app.processing import walk
from edi_engine.app.sealing import AGAIN, EVERY, Sealer, standing
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import opened
from edi_engine.cli.main import main
from edi_engine.errors import UsageError
from edi_engine.store.ledger import open_store
from tests.fixtures.exchange import ORDER, Exchange, order
from tests.fixtures.homes import make_home, run_once

pytestmark = pytest.mark.fault("S14")


class Log:
    """Takes down what is logged."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def info(self, event: str, **words: Any) -> None:
        self.lines.append({"event": event, **words})


@pytest.fixture
def traded(tmp_path: Path) -> Settings:
    """A home whose daemon has taken an order and ended."""
    home, url = make_home(tmp_path / "home"), f"sqlite:///{tmp_path / 'store.db'}"
    (home / "mailbox" / "out" / "in.edi").write_bytes(ORDER)
    run_once(home, url)
    return Settings(home, url)


def tampered(settings: Settings, statement: str) -> None:
    store = open_store(settings.db)
    with store.writing("tampered") as connection:
        connection.execute(text(statement))
    store.close()


def edi(settings: Settings, *words: str) -> Any:
    return CliRunner().invoke(main, ["--home", str(settings.home), "--db", settings.db, *words])


def test_a_run_leaves_nothing_unsealed(traded: Settings) -> None:
    store = open_store(traded.db)
    seal, newer = standing(store)
    store.close()
    assert newer == 0
    assert seal is not None
    assert seal.through > 5
    look = doctor(traded)
    assert look.facts["seal"] == seal
    assert any(seal.sha256 in line for line in look.well)
    answer = edi(traded, "audit")
    assert answer.exit_code == 0
    assert answer.output.endswith(f", 0 events since: seal {seal.id} is {seal.sha256}.\n")


def test_a_person_proves_the_history_by_a_seal_that_was_kept(traded: Settings) -> None:
    kept = json.loads(edi(traded, "db", "seal", "--json").stdout)["seal"]["sha256"]
    assert edi(traded, "audit", "--seal", kept).exit_code == 0
    tampered(traded, "UPDATE event SET who = 'nobody' WHERE id = 2")
    refused = edi(traded, "audit", "--seal", kept)
    assert refused.exit_code == 70
    assert "system.audit.v9" in refused.output
    assert "seal 1 " in refused.output
    tampered(traded, "DELETE FROM seal")
    assert edi(traded, "db", "seal").exit_code == 0
    assert edi(traded, "audit").exit_code == 0
    assert edi(traded, "audit", "--seal", kept).exit_code == 70


def test_what_is_no_seal_is_refused(traded: Settings) -> None:
    for words in ("", "abc", "x" * 64, "A" * 64):
        with pytest.raises(UsageError, match="is no seal"):
            care.audit(traded, words)


def test_it_seals_now_and_then_and_says_so(either: Exchange) -> None:
    log = Log()
    sealer = Sealer(either.place, log)
    walk(either.place, order(1), "1.edi")
    assert sealer() == sealer()
    (line,) = log.lines
    seal, newer = standing(either.place.store)
    assert newer == 0
    assert seal is not None
    assert line == {"event": "history sealed", "seal": 1, "through": seal.through, "sha256": seal.sha256}
    walk(either.place, order(2), "2.edi")
    sealer()
    assert len(log.lines) == 1, "it is not time yet"
    either.clock.move(EVERY)
    sealer()
    assert [one["seal"] for one in log.lines] == [1, 2]
    assert sealer.last() == log.lines[-1]["sha256"]
    assert AGAIN < EVERY


def test_a_purge_leaves_the_history_and_its_seals(either: Exchange) -> None:
    from datetime import timedelta

    from edi_engine.app.keeping import purge_before

    either.drop("po.edi", ORDER)
    either.take()
    either.work()
    either.send()
    sealer = Sealer(either.place, Log())
    sealer.last()
    either.clock.move(timedelta(days=500))
    purge_before(either.place, timedelta(days=400), commit=True)
    sealer.last()
    assert standing(either.place.store)[1] == 0
    assert either.audit() == ()


def test_without_a_store_or_seals_it_is_said(tmp_path: Path) -> None:
    settings = Settings(make_home(tmp_path / "home"), f"sqlite:///{tmp_path / 'store.db'}")
    with opened(settings):
        pass
    assert "the history is not sealed yet (0 events)" in doctor(settings).well
