"""The targets, one a file. Each is loaded alone, so that only what it uses is traced."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from fuzz.target import Target

NAMES: Final = ("reader", "checker", "acknowledgment", "dictionary", "guide", "pyx12_map", "partner", "mapping")


def load(name: str) -> Target:
    """Give the target of this name."""
    found = import_module(f"fuzz.targets.{name}").TARGET
    if not isinstance(found, Target):
        raise TypeError(name)
    return found
