"""While a partner file is broken, people still see their work and decide it, by the last good edition."""

from __future__ import annotations

from pathlib import Path

import pytest

from edi_engine.app.care import audit
from edi_engine.app.cases import listed, resolve_cases, retry_cases
from edi_engine.app.settings import Settings
from edi_engine.app.views import orders
from edi_engine.errors import ConfigurationError
from edi_engine.resources import shipped
from tests.fixtures.homes import make_home, run_once

HELD = (shipped("samples") / "bluebird" / "price-over-tolerance" / "in.edi").read_bytes()


def test_a_typo_hides_nothing_and_lets_people_decide(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    settings = Settings(home, f"sqlite:///{tmp_path / 'store.db'}")
    (home / "mailbox" / "out" / "po.edi").write_bytes(HELD)
    run_once(home, settings.db)
    file = home / "partners" / "bluebird" / "partner.yaml"
    file.write_text(file.read_text().replace("policy:", "polcy:"))
    (held,) = listed(settings).entries
    assert held.record.kind == "order.price"
    assert [one.record.state for one in orders(settings)] == ["HELD"]
    with pytest.raises(ConfigurationError, match="polcy"):
        retry_cases(settings, [held.record.id])  # a retry is about the repaired files
    resolve_cases(settings, {held.record.id: {None: "keep-ours"}}, "", "")
    assert [one.record.state for one in orders(settings)] == ["ANSWERED"]
    assert audit(settings) == ()
