"""Where interchanges come from and go to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """An interchange address: ISA qualifier and id, without padding (`01/012345678` in partner files)."""

    qualifier: str
    id: str
