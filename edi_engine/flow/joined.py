"""Several steps in one commit: each is written as if its commits were its own, and all of them land together.

A commit waits for the disk, and that takes longer than the work on an order. Joining commits splits none: what belongs
into one is in one. Where a step cannot be done, nothing of the others is left either, and each is to be done alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from edi_engine.errors import EngineError, Fenced, TransportError
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit

GROUP = 10
"""Steps that share one commit at most."""


class Apart(EngineError):
    """A step broke off its commit, which is that of others, too: they are to be done one by one."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """A ledger all of whose commits are one that stands open."""

    open: Unit

    @contextmanager
    def unit(self, name: str) -> Iterator[Unit]:  # noqa: ARG002 - the commit has its name already
        try:
            yield self.open
        except (Apart, Fenced, TransportError):
            raise
        except Exception as error:
            message = f"a step could not be done together with others: {error}"
            raise Apart(message) from error

    def reading(self) -> AbstractContextManager[Unit]:
        return nullcontext(self.open)

    def crashpoint(self, name: str) -> None:
        """Mark nothing: there is no point between two commits here."""


@contextmanager
def joined(office: Office, name: str) -> Iterator[Office]:
    """Give an office whose commits all land as one, named `name`, when the block ends; none of them if it raises.

    Raises Apart.
    """
    with office.ledger.unit(name) as unit:
        yield replace(office, ledger=_Joined(unit))
