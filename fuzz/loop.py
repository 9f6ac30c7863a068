"""One target in a process of its own, driven by atheris: `python -m fuzz.loop TARGET SECONDS FOLDER SEED`.

FOLDER/corpus holds the inputs, which grow. What gets out of the target is written to FOLDER/finds, each kind of error
once, and the loop goes on; what a target takes long over goes to FOLDER/slow, to be measured without the tracing that
makes everything slower here. Lines `known SIGNATURE` on standard input are errors that need not be told again.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from pathlib import Path
from random import Random
from typing import Final

import atheris

from fuzz.measure import MEGABYTE, MEMORY, MEMORY_PER_BYTE, signature
from fuzz.target import Target
from fuzz.targets import load

LONGEST: Final = 1 << 17
"""Bytes of the longest input; what is larger is the business of the shapes."""
_SLOW: Final = 1.0
_SLOW_PER_MEGABYTE: Final = 8.0
"""CPU seconds that an input may take here, where each line is traced."""
_MOST_SLOW: Final = 5


class _Loop:
    """Runs one input after the other."""

    def __init__(self, target: Target, folder: Path, known: frozenset[str]) -> None:
        self._target = target
        self._folder = folder
        self._known = set(known)
        self._slow = 0
        self._donors = [path.read_bytes() for path in sorted((folder / "corpus").iterdir())]

    def one(self, data: bytes) -> None:
        """Run one input."""
        start, peak = time.process_time(), _peak()
        try:
            self._target.run(data)
        except Exception as error:  # noqa: BLE001 - whatever gets out is what we look for
            name = signature(error)
            if name not in self._known:
                self._known.add(name)
                self._keep("finds", data)
        seconds = time.process_time() - start
        size = len(data)
        hungry = _peak() > max(peak, MEMORY + MEMORY_PER_BYTE * size) and _peak() - peak > MEMORY / 2
        if (seconds > _SLOW + _SLOW_PER_MEGABYTE * size / MEGABYTE or hungry) and self._slow < _MOST_SLOW:
            self._slow += 1
            self._keep("slow", data)

    def change(self, data: bytes, most: int, seed: int) -> bytes:
        """Give another input, of at most `most` bytes."""
        random = Random(seed)
        for _ in range(random.choice((1, 1, 2, 3))):
            data = self._target.mutate(random, data, self._donors)
        return data[:most]

    def _keep(self, kind: str, data: bytes) -> None:
        (self._folder / kind / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Run the loop; libFuzzer ends the process."""
    name, seconds, place, seed = sys.argv[1:]
    folder = Path(place)
    known = frozenset(line.strip().removeprefix("known ") for line in sys.stdin)
    with atheris.instrument_imports(include=["edi_engine"]):
        target = load(name)
    loop = _Loop(target, folder, known)
    options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LONGEST}", "-timeout=60"]
    options += ["-rss_limit_mb=3000", f"-artifact_prefix={folder}/finds/", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([sys.argv[0], str(folder / "corpus"), *options], loop.one, custom_mutator=loop.change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
