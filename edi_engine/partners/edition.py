"""An edition: one immutable set of all partner files, maps and tables, checked as a whole and named by its hash."""

from __future__ import annotations

from collections.abc import Mapping

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Severity, stops
from edi_engine.partners.connection import Connection
from edi_engine.partners.edition_value import Edition, name_of, pack, unpack
from edi_engine.partners.partner import Address, Partner
from edi_engine.partners.read_connections import read_connections
from edi_engine.partners.read_partner import read_partner
from edi_engine.partners.shelf import CONNECTIONS, Shelf
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Mapping as Block
from edi_engine.text.yaml import Mark, Text, problem
from edi_engine.x12.dictionary import Dictionary

__all__ = ["Edition", "load_edition", "name_of", "pack", "unpack"]


def load_edition(files: Mapping[str, str | bytes], dictionary: Dictionary) -> Edition:
    """Check and read all `files`, by paths such as `partners/bluebird/partner.yaml` and `mappings/850-to-order.yaml`.

    Raises ConfigurationError with every problem of every file at once.
    """
    plain = {path: data.encode() if isinstance(data, str) else data for path, data in sorted(files.items())}
    shelf = Shelf(plain, [])
    connections = _connections(shelf)
    partners: dict[str, Partner] = {}
    for name, path in shelf.partners():
        partner = read_partner(name, path, shelf, dictionary)
        if partner is not None:
            partners[name] = partner
    _check_connections(shelf, connections)
    _check_addresses(partners, shelf)
    shelf.search_for_secrets()
    problems = tuple(dict.fromkeys(shelf.problems))
    if stops(problems):
        raise ConfigurationError(tuple(found for found in problems if found.severity >= Severity.HOLD))
    return Edition(name_of(plain), partners, connections, problems, plain)


def _connections(shelf: Shelf) -> dict[str, Connection]:
    if CONNECTIONS not in shelf.files:
        return {}
    node = shelf.yaml(CONNECTIONS)
    return {} if node is None else read_connections(node, shelf.problems)


def _check_connections(shelf: Shelf, connections: Mapping[str, Connection]) -> None:
    """Refuse a connection that connections.yaml does not name (a wrong one counts as named: it is refused there)."""
    node = shelf.yaml(CONNECTIONS) if CONNECTIONS in shelf.files else None
    named = node.keys() if isinstance(node, Block) else tuple(connections)
    for _, path in shelf.partners():
        file = shelf.yaml(path)
        wanted = file.get("connection") if isinstance(file, Block) else None
        if not isinstance(wanted, Text) or not wanted.value:
            continue
        if wanted.value not in named:
            hint = nearest_or_all(wanted.value, named) if named else f"there is no {CONNECTIONS}"
            message = f"there is no connection {wanted.value}; {hint}"
            shelf.problems.append(problem("partner.value.connection", wanted.mark, message))
        elif wanted.value in connections and not connections[wanted.value].intake.folder:
            message = f"the connection {wanted.value} has no in:, so nothing of this partner would be picked up"
            shelf.problems.append(problem("partner.value.connection", wanted.mark, message))


def _check_addresses(partners: Mapping[str, Partner], shelf: Shelf) -> None:
    """Refuse an interchange address that two partners claim, or one partner both as live and as test."""
    owners: dict[Address, tuple[str, str]] = {}
    for partner in partners.values():
        kinds = (("theirs", partner.identity.theirs), ("test", partner.identity.test))
        for kind, address in ((kind, address) for kind, addresses in kinds for address in addresses):
            owner = owners.setdefault(address, (partner.name, kind))
            if owner != (partner.name, kind):
                who = "this partner's other list" if owner[0] == partner.name else f"the partner {owner[0]}"
                message = f"the address {address.qualifier}/{address.id} belongs to {who} already"
                mark = _mark_of(shelf, partner.source, address)
                shelf.problems.append(problem("partner.value.taken", mark, message))


def _mark_of(shelf: Shelf, path: str, address: Address) -> Mark:
    """Find where a partner file writes an address; the top of `identity` where it stands twice."""
    wanted = f"{address.qualifier}/{address.id}"
    node = shelf.yaml(path)
    identity = node.get("identity") if isinstance(node, Block) else None
    stack = [] if identity is None else [identity]
    found: list[Mark] = []
    while stack:
        here = stack.pop()
        if isinstance(here, Text) and here.value == wanted:
            found.append(here.mark)
        elif isinstance(here, Block):
            stack.extend(entry.value for entry in here.entries if entry.key.value != "ours")
        elif not isinstance(here, Text):
            stack.extend(here.items)
    return max(found, key=lambda mark: (mark.line, mark.column), default=Mark(path, 1, 1))
