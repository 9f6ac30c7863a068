"""Sending again what the partner has refused: what they said of it is told first, and the same text is no repair."""

from __future__ import annotations

import pytest

from edi_engine.desk.resend import Way, preview, resend
from edi_engine.errors import UsageError
from tests.fixtures.exchange import Exchange
from tests.unit.flow.test_respond import arrives, fa, interchange, one, says, ta1, traded


@pytest.mark.fault("E11")
def test_the_same_bytes_are_shown_as_what_they_refused(exchange: Exchange) -> None:
    document = one(traded(exchange))
    assert preview(exchange.office(), document.id, Way.SAME).warnings == ()
    body = [segment.replace("AK5*R", "AK5*R*5") for segment in says(document, "R")]
    arrives(exchange, fa(body))
    (warning,) = preview(exchange.office(), document.id, Way.SAME).warnings
    assert warning.startswith("They refused these very bytes (R, code 5: ")
    (warning,) = preview(exchange.office(), document.id, Way.RENUMBERED).warnings
    assert warning.startswith("They refused this very text (R, code 5: ")


@pytest.mark.fault("E11")
@pytest.mark.parametrize("act", [preview, resend])
def test_written_anew_without_a_change_is_not_sent_and_the_case_stays(exchange: Exchange, act) -> None:
    document = one(traded(exchange))
    arrives(exchange, fa(says(document, "R", "AK3*PO1*5**8", "AK4*6*235*7*IX")))
    with pytest.raises(UsageError, match=r"nothing changed: .* --new-number"):
        act(exchange.office(), document.id, Way.REWRITTEN)
    assert exchange.kinds() == ["ack.rejected"]
    assert len(exchange.documents(kind="855")) == 1


def test_of_a_refused_envelope_the_text_need_not_change(exchange: Exchange) -> None:
    document = one(traded(exchange))
    arrives(exchange, interchange(ta1(document, "R", "024")))
    shown = resend(exchange.office(), document.id, Way.REWRITTEN)
    assert (shown.before == shown.after, shown.warnings) == (True, ())
    assert exchange.kinds() == []
