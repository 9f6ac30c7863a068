"""The few exceptions of the engine. Bad input is never one of them: it becomes Findings.

EngineError
├── ConfigurationError      a partner file, map, table or setting is wrong; carries Findings with file:line:column
├── TransportError          the world outside: a connection, a folder, a disk; `retry` says if trying again can help
│   ├── UnknownOutcome      the effect may or may not have happened: probe, never repeat blindly
│   ├── StoreBusy           the store does not answer now (`store.faults`)
│   └── StoreUnusable       the store must be seen to by a person first (`store.faults`)
├── Taken                   a record with this identity is stored already; nothing was added
├── Outrun                  a compare-and-set found another state: somebody else was faster; nothing was changed
├── Fenced                  this lane belongs to somebody else by now; nothing was changed
├── Apart                   a step broke off a commit that others share: each is done alone (`flow.joined`)
└── UsageError              a command was asked for something that makes no sense here
    └── Purged              the bytes were let go long ago; what is known of them is kept

Outside this tree stand `flow.office.Poisoned`, which is told as a bug of ours, and what one room raises and catches.
"""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding

UNKNOWN: Final = "document.unknown-outcome"
"""The code, and the kind of case, of a document of which nobody knows whether the partner has it."""


class EngineError(Exception):
    """Root of the engine's own exceptions."""


class ConfigurationError(EngineError):
    """Partner files, maps, tables or settings are wrong; all their problems at once."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep `findings`; the text of the exception is one line for each."""
        self.findings = findings
        super().__init__("\n".join(describe(finding) for finding in findings))


class TransportError(EngineError):
    """A partner's folder could not be reached or used; `code` is the finding code that tells it to people."""

    def __init__(self, message: str, *, code: str = "transport.connect", retry: bool = True) -> None:
        """Keep the stable `code` and whether a later attempt may succeed."""
        self.code = code
        self.retry = retry
        super().__init__(message)


class UnknownOutcome(TransportError):
    """The other side may or may not have done it: the caller must look before it acts again."""

    def __init__(self, message: str) -> None:
        """Carry the code UNKNOWN."""
        super().__init__(message, code=UNKNOWN)


class Taken(EngineError):
    """A unique identity exists already."""


class Outrun(EngineError):
    """A row was no longer in the state that the change started from."""


class Fenced(EngineError):
    """The lane's fence was raised by somebody else: this drain must stop without writing."""


class UsageError(EngineError):
    """What was asked cannot be done; the text says why and what can."""


class Purged(UsageError, KeyError):
    """The bytes were let go by `edi db purge`; their hash, numbers and history are there still."""

    def __init__(self, sha256: str, day: str) -> None:
        """Say which, and on which day."""
        self.message = f"the bytes {sha256} were purged on {day}; only their hash, numbers and history are kept"
        super().__init__(self.message)

    def __str__(self) -> str:
        """Give the sentence, where a KeyError would give its quoted key."""
        return self.message


def describe(finding: Finding) -> str:
    """Write a configuration finding as `file:line:column: message`."""
    where = finding.where
    place = ":".join(str(part) for part in (where.file, where.line_no, where.column) if part is not None)
    return f"{place}: {finding.message}" if place else finding.message
