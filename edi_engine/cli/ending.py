"""How a command that failed says why: one plain sentence, its findings, and the place of the traceback of a bug."""

from __future__ import annotations

import errno
import tempfile
import traceback
from typing import TYPE_CHECKING

from edi_engine.cli import terminal
from edi_engine.cli.codes import BUG
from edi_engine.cli.diagnostic import remarked
from edi_engine.cli.exits import exit_code_of_error
from edi_engine.cli.plain import counted, safe
from edi_engine.cli.shape import document
from edi_engine.errors import ConfigurationError, EngineError, TransportError

if TYPE_CHECKING:
    from edi_engine.cli.door import Call


def report(error: Exception, call: Call) -> int:
    """Tell people (or, with --json, programs) why a command stopped. Gives its exit code."""
    code = exit_code_of_error(error)
    findings = error.findings if isinstance(error, ConfigurationError) else ()
    message = f"{counted(len(findings), 'problem')} in the partner files" if findings else sentence(error)
    if code == BUG:
        message = f"{message} {_kept(error)}"
    if call.as_json:
        terminal.put(document("error", {"exit": code, "message": message, "findings": findings}))
    for finding in findings:
        terminal.say(remarked(finding))
    terminal.say(f"edi: {safe(message)}")
    if call.traceback:
        terminal.say("".join(traceback.format_exception(error)))
    return code


def sentence(error: Exception) -> str:
    """Say in one sentence what happened."""
    if isinstance(error, TransportError):
        return f"{error} ({error.code})"
    if isinstance(error, EngineError):
        return str(error) or f"the work was stopped ({type(error).__name__})"
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        if error.errno == errno.ENOSPC:
            reason = "the disk is full"
        return f"{error.filename}: {reason}" if error.filename is not None else reason
    return f"this is a bug of ours, not of your file: {type(error).__name__}: {error}."


def _kept(error: Exception) -> str:
    """Keep the traceback of a bug in a file, and say where."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="backslashreplace", prefix="edi-engine-bug-", suffix=".txt", delete=False
        ) as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return "Call it again as `edi --traceback ...` to see where it happened."
    return f"The traceback is in {file.name}; please report it. `edi --traceback ...` shows it."
