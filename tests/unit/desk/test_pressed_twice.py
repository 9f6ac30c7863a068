"""Who presses Resend twice sends once, and the history says who asked (G9)."""

from __future__ import annotations

import pytest

from edi_engine.desk.resend import Way, resend
from edi_engine.errors import UsageError
from tests.fixtures.exchange import Exchange
from tests.unit.flow.test_respond import one, traded


@pytest.mark.fault("G9")
@pytest.mark.parametrize("way", list(Way))
def test_who_presses_twice_sends_once(either: Exchange, way: Way) -> None:
    first = one(traded(either))
    resend(either.office(), first.id, way)
    with pytest.raises(UsageError, match="has not gone out yet"):
        resend(either.office(), first.id, way)
    assert len(either.documents(kind="855")) == 2
    with either.office().ledger.reading() as unit:
        said = [one.detail for one in unit.events.select(what="855 sent again")]
    assert len(said) == 2, "each of the two says so in its history"
    assert either.sound()
