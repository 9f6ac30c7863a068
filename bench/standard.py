"""The shipped standard and the compiled checks, as the engine finds them when it has run before."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Final

from edi_engine.resources import shipped
from edi_engine.x12.dictionary import Dictionary

CACHE: Final = Path(__file__).parent / ".cache"


def dictionary() -> Dictionary:
    """Give the standard, read file by file when it is needed."""
    root = shipped("mappings") / "x12"

    def read(name: str) -> str | None:
        path = root / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Dictionary(read)


class CompiledCode(MutableMapping[str, bytes]):
    """Compiled checks, each a file."""

    def __init__(self, folder: Path = CACHE / "code") -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, code: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(code)

    def __delitem__(self, name: str) -> None:
        (self._folder / name).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.iterdir())

    def __len__(self) -> int:
        return sum(1 for _ in self)
