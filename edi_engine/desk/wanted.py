"""Which cases somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ME: Final = "me"
"""The name of whoever asks, in the place of a person's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to list; what is None or False asks for nothing.

    `kind` is a kind such as order.price, or the beginning of one such as order. `nobody`: those without an assignee.
    """

    state: str | None = "OPEN"
    partner: str | None = None
    kind: str | None = None
    assignee: str | None = None
    nobody: bool = False
    overdue: bool = False


EVERY_OPEN: Final = Wanted()
