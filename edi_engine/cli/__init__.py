"""The commands that people type. Importing this loads click and nothing heavy."""

from edi_engine.cli.main import main

__all__ = ["main"]
