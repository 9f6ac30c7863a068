"""The commands that people type. Importing this loads click and nothing heavy."""

import gc

# Loading the program makes many objects that all stay, so that looking for lost ones among them is a waste of time.
gc.set_threshold(20_000, 20, 50)

from edi_engine.cli.main import main  # noqa: E402 - what is loaded here is the first of it

__all__ = ["main"]
