"""What people are told of a connection that does not work: whose it is, what waits, when it is tried, what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.deliver import UNSENT, queue
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.wording import counted
from edi_engine.partners.connection import Connection

_AT_ONCE: Final = (
    "a daemon tries it again by itself; `edi exceptions retry` with the case's number lets it do so at once"
)


def told_of(
    office: Office,
    unit: Unit,
    connection: Connection,
    step: str,
    error: TransportError,
    *,
    failures: int = 1,
    again: datetime | None = None,
) -> Finding:
    """Make the finding of a connection that failed at `step`; `again` is when its lane tries it next.

    A delivery waits for the first document of its queue too, a poll for nothing else.
    """
    times = f" ({failures} times in a row)" if failures > 1 else ""
    whose = partners_of(office, connection)
    of = f" of {' and '.join(whose)}" if whose else ""
    waiting = _waiting(unit, connection)
    first = next(queue(unit, connection.name), None) if step == "deliver" else None
    if again is not None and first is not None and first.next_at is not None:
        again = max(again, first.next_at)
    at = f" It is tried next at {again:%Y-%m-%d %H:%M:%S} UTC." if again is not None else ""
    return Finding(
        error.code,
        Severity.HOLD,
        f"The connection {connection.name}{of} does not work{times}: {error}. {waiting}{at}",
        fix=f"{_remedy(connection, error, ' and '.join(whose) or 'the partner')}; {_AT_ONCE}",
        source=connection.source or None,
    )


def partners_of(office: Office, connection: Connection) -> list[str]:
    """Name the partners whose mailbox this is."""
    partners = office.edition.partners.values()
    return sorted(partner.name for partner in partners if partner.connection == connection.name)


def _waiting(unit: Unit, connection: Connection) -> str:
    """Say how many documents wait for the connection, and since when."""
    count = unit.documents.count(connection=connection.name, state=UNSENT, held_at=None)
    if not count:
        return "No document of ours waits for it."
    (oldest,) = unit.documents.select(connection=connection.name, state=UNSENT, held_at=None, limit=1)
    verb = "waits" if count == 1 else "wait"
    return f"{counted(count, 'document')} of ours {verb} for it, since {oldest.at:%Y-%m-%d %H:%M} UTC."


def _remedy(connection: Connection, error: TransportError, partner: str) -> str:
    """Say who must do what, by the kind of trouble."""
    at, file = connection.sftp, connection.source or "connections.yaml"
    if at is None:
        return f"see that the folder is there, named as in {file} (`folder`), and that the daemon's user may use it"
    key = f"the private key “{at.key}” of keys/"
    match error.code:
        case "transport.hostkey":
            return (
                f"ask {partner}, by another way than this connection, whether their server has a new key; only if so "
                f"pin it in {file} (`host_key`). Nothing is sent to a server that shows another one"
            )
        case "transport.auth" if "private key" in str(error):
            return f"put {key} in order: readable by the daemon's user alone, and not locked by a passphrase"
        case "transport.auth":
            return (
                f"ask {partner} whether our public key is installed for the user {at.user} (`ssh-keygen -y -f "
                f"keys/{at.key}` shows it), and whether the account is locked; `user` and `key` are in {file}"
            )
        case "transport.connect" if "no safe algorithm" in str(error):
            return f"ask {partner} for newer algorithms; until then one may be allowed up to a day (`weak` in {file})"
        case "transport.connect" if "Name or service not known" in str(error) or "name resolution" in str(error):
            return (
                f"see whether `host` in {file} is spelled as {partner} spells it, and whether this machine finds names"
            )
        case "transport.connect" | "transport.timeout":
            return (
                f"ask {partner} whether the server {at.host}:{at.port} is up, and see that this machine's network and "
                f"firewall let us reach it; only if they have moved, change `host` and `port` in {file}"
            )
        case "transport.listing" | "transport.postaction" | "document.deliver":
            return (
                f"ask {partner} whether the folder that the message names is there and what we may do in it; the names "
                f"of the folders are in {file} (`in`, `out`)"
            )
    return f"see what the message names, and the connection in {file}"
