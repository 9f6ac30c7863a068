"""What is fuzzed: a way in, inputs to begin with, a way to change them, and shapes that can be made of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

Shape = Callable[[int], bytes]
"""Makes an input of about so many bytes."""


@dataclass(frozen=True, slots=True)
class Target:
    """A way into the program.

    `run` takes any bytes and raises nothing but what is a find. `mutate` gives a changed input; it is also given other
    inputs, to take pieces of. `known` are shapes that are slower than they may be, each with the reason.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    mutate: Callable[[Random, bytes, Sequence[bytes]], bytes]
    shapes: Mapping[str, Shape]
    known: Mapping[str, str] = field(default_factory=dict)
