"""The numbers that a command may end with. `exits` says which finding and which exception leads to which."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

CLEAN: Final = 0
HELD: Final = 1
DIFFERENT: Final = 1
"""What `edi diff` ends with where two things say not the same, as other programs of its kind do."""
USAGE: Final = 2
REFUSED: Final = 3
CONFIGURATION: Final = 4
WORLD: Final = 5
BUG: Final = 70

INTERRUPTED: Final = 130
"""What a shell shows for a program stopped by Ctrl-C."""
PIPE_CLOSED: Final = 141
"""What a shell shows for a program whose reader went away, as in `edi show big.edi | head`."""

MEANINGS: Final = MappingProxyType({
    CLEAN: "clean",
    HELD: "held for a person (of diff: different)",
    USAGE: "usage (or overtaken by a change)",
    REFUSED: "X12 refused",
    CONFIGURATION: "configuration or mapping wrong",
    WORLD: "connection or disk",
    BUG: "a bug of ours",
})  # fmt: skip
