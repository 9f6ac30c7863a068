"""What a partner is told of an interchange of theirs, and what of it stands together: words of policy:."""

from __future__ import annotations

from typing import Final

from edi_engine.partners.form import Form
from edi_engine.partners.partner import Reception

WORDS: Final = ("ta1", "acceptance", "repeated", "iea02_differs")
TA1: Final = ("never", "when_asked", "on_error", "always")
ACCEPTANCE: Final = ("by_set", "whole_group", "whole_interchange", "hold_group", "hold_interchange")
REPEATED: Final = ("silent", "answer")
IEA02_DIFFERS: Final = ("refuse", "note")


def read_reception(file: Form) -> Reception:
    """Read these words of `policy:`; what is absent has its usual value."""
    form = file.form("policy")
    usual = Reception()
    if form is None:
        return usual
    return Reception(
        ta1=form.choice("ta1", TA1, usual.ta1),
        acceptance=form.choice("acceptance", ACCEPTANCE, usual.acceptance),
        repeated=form.choice("repeated", REPEATED, usual.repeated),
        iea02_differs=form.choice("iea02_differs", IEA02_DIFFERS, usual.iea02_differs),
    )
