"""Files that ship with the engine (mappings, partners, samples, what the reference says of findings), read only."""

from __future__ import annotations

from pathlib import Path


def shipped(name: str) -> Path:
    """Give the folder `name` that ships with the engine: inside the installed package, else beside it in a checkout.

    Raises FileNotFoundError if neither is there, which means a broken installation.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "shipped" / name, package.parent / name):
        if folder.is_dir():
            return folder
    message = f"the folder {name} is missing from this installation; install edi-engine again"
    raise FileNotFoundError(message)
