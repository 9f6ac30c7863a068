"""What repeats, copies, cancels and replacements of orders come to, read from policy: by their code in BEG01."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edi_engine.orders.policy import CANCEL, COMPARE, FILE, HOLD, LINK, PURPOSES, REPLACE, UNBILLED
from edi_engine.partners.form import Form

MANNERS: Final[Mapping[str, str]] = MappingProxyType({
    "compare": COMPARE,
    "link": LINK,
    "file_only": FILE,
    "cancel": CANCEL,
    "replace": REPLACE,
    "unbilled": UNBILLED,
    "hold": HOLD,
})  # fmt: skip
"""The manners as partner files say them, and as the rules know them."""
_REPEATS: Final = ("compare", "link", "file_only", "hold")
DUPLICATE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "06": _REPEATS,
    "07": _REPEATS,
    "15": _REPEATS,
    "18": _REPEATS,
    "22": _REPEATS,
    "same_number": ("hold",),
})  # fmt: skip
"""The words of policy.duplicate, each with the manners that it may have."""
CHANGE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "01": ("cancel", "hold"),
    "04": ("hold",),
    "05": ("replace", "hold"),
})  # fmt: skip
"""The words of policy.change, each with the manners that it may have."""
NO_CHARGE: Final = ("unbilled", "hold")
_TO_COME: Final = {"04": ("apply_lines",), "same_number": ("replace", "change")}
MEANT: Final = {
    "01": "cancel",
    "04": "change",
    "05": "replace",
    "06": "confirm",
    "07": "duplicate",
    "15": "resubmission",
    "18": "reissue",
    "22": "information",
}
"""BEG01 by the neutral names that the 850 map gives it."""


def read_purposes(policy: Form) -> Mapping[str, str]:
    """Read `duplicate`, `change` and `no_charge` of policy:; what is absent keeps its usual manner."""
    found = dict(PURPOSES)
    for word, table in (("duplicate", DUPLICATE), ("change", CHANGE)):
        form = policy.form(word)
        if form is None:
            continue
        form.only(tuple(table))
        for code, manners in table.items():
            said = form.choice(code, manners, "", unbuilt=_TO_COME.get(code, ()))
            if said and code in MEANT:  # same_number has only its usual manner
                found[MEANT[code]] = MANNERS[said]
    said = policy.choice("no_charge", NO_CHARGE, "")
    if said:
        found["no_charge"] = MANNERS[said]
    return found
