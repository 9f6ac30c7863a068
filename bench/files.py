"""The measured files, written once into a folder that is named after what made them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bench import corpus
from bench.standard import CACHE, dictionary


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: orders of the big interchange, files of one order, lines of the longest order."""

    orders: int = 20_000
    files: int = 2_000
    lines: int = 50_000
    peers: int = 200


FULL = Sizes()
QUICK = Sizes(orders=4_000, files=300, lines=50_000, peers=60)


@dataclass(frozen=True, slots=True)
class Files:
    """Where the measured files are."""

    folder: Path

    @property
    def big(self) -> Path:
        """One interchange of many orders."""
        return self.folder / "big.edi"

    @property
    def tenth(self) -> Path:
        """The same with a tenth of the orders."""
        return self.folder / "tenth.edi"

    @property
    def shared(self) -> Path:
        """The same with a fourth of the orders, for processes to share out."""
        return self.folder / "shared.edi"

    @property
    def small(self) -> Path:
        """The same with few orders, for slow peers."""
        return self.folder / "small.edi"

    @property
    def faulty(self) -> Path:
        """As big, each order with a fault."""
        return self.folder / "faulty.edi"

    @property
    def long(self) -> Path:
        """One order of very many lines."""
        return self.folder / "long.edi"

    @property
    def shorter(self) -> Path:
        """The same with a tenth of the lines."""
        return self.folder / "shorter.edi"

    @property
    def alone(self) -> Path:
        """A folder of files of one order."""
        return self.folder / "alone"

    @property
    def one(self) -> Path:
        """A file of one order, alone in the home of an operator without partners."""
        return self.folder / "home" / "one.edi"

    @property
    def maps(self) -> Path:
        """Our 850 as pyx12 reads it."""
        return self.folder / "maps"


def made(sizes: Sizes, cache: Path = CACHE) -> Files:
    """Give the files, and write them if they are not there."""
    source = Path(corpus.__file__).read_bytes() + Path(__file__).read_bytes() + repr(sizes).encode()
    files = Files(cache / f"files-{hashlib.sha256(source).hexdigest()[:12]}")
    whole = files.folder / "whole"
    if not whole.exists():
        write(files, sizes)
        whole.touch()
    write_maps(files.maps)
    return files


def write(files: Files, sizes: Sizes) -> None:
    """Write all files."""
    for folder in (files.alone, files.one.parent / "partners"):
        folder.mkdir(parents=True, exist_ok=True)
    counts = {files.big: 1, files.shared: 4, files.tenth: 10, files.small: sizes.orders // sizes.peers}
    for path, part in counts.items():
        count = sizes.orders // part
        corpus.write(path, corpus.interchange(corpus.orders(count)))
    corpus.write(files.faulty, corpus.interchange(corpus.spoiled(corpus.orders(sizes.orders))))
    for path, lines in ((files.long, sizes.lines), (files.shorter, sizes.lines // 10)):
        corpus.write(path, corpus.interchange(corpus.orders(1, lines=lines)))
    for number, text in enumerate(corpus.alone(corpus.orders(sizes.files)), 1):
        (files.alone / f"{number:05d}.edi").write_bytes(text)
    files.one.write_bytes(next(corpus.alone(corpus.orders(1))))


def write_maps(folder: Path) -> None:
    """Write our 850 as pyx12 reads it; every time, as the standard may have changed."""
    from edi_engine.x12.pyx12.export import export

    folder.mkdir(exist_ok=True)
    for name, content in export(dictionary(), [("004010", "850")]).items():
        (folder / name).write_bytes(content)
