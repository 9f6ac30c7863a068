"""The clock of a driver, which runs in the environment of a peer and knows nothing of the engine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

sys.path.append(str(Path(__file__).parents[1]))
from memory import peak


def measure(work: Callable[[str], int], prepare: Callable[[str], str] = str) -> None:
    """Have a peer work once on the text of the file that was named; it gives how many sets or segments it saw."""
    path = Path(sys.argv[1])
    whole = path.read_text(encoding="latin-1")
    text = prepare(whole)
    begun = process_time()
    seen = work(text)
    seconds = process_time() - begun
    if not seen:
        raise AssertionError(path)
    json.dump({"size": len(whole), "seconds": seconds, "peak": peak()}, sys.stdout)
