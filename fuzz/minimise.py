"""A failing input made smaller for as long as it fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from fuzz.measure import signature

_PATIENCE: Final = 10.0
"""Seconds after which what is reached must do."""


def minimise(run: Callable[[bytes], None], data: bytes) -> bytes:
    """Take pieces out of `data`, large ones first, that the same error can do without."""
    wanted, end = _outcome(run, data), time.monotonic() + _PATIENCE
    size = len(data) // 2
    while wanted and size and time.monotonic() < end:
        at = 0
        while at < len(data) and time.monotonic() < end:
            shorter = data[:at] + data[at + size :]
            if _outcome(run, shorter) == wanted:
                data = shorter
            else:
                at += size
        size //= 2
    return data


def _outcome(run: Callable[[bytes], None], data: bytes) -> str:
    try:
        run(data)
    except Exception as error:  # noqa: BLE001 - whatever gets out is what we look for
        return signature(error)
    return ""
