"""An edition as a value: all partners and connections of one set of files; the files packed into bytes and back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edi_engine.finding import Finding
from edi_engine.partners.address import Address

if TYPE_CHECKING:  # who only looks at a file needs neither
    from edi_engine.partners.connection import Connection
    from edi_engine.partners.partner import Partner


@dataclass(frozen=True, slots=True)
class Edition:
    """All partners and connections of one set of files. `name` is the SHA-256 over the files' paths and contents.

    `findings` are warnings only: what stops is raised by `load_edition`. `files` holds what the edition was read from.
    """

    name: str
    partners: Mapping[str, Partner]
    connections: Mapping[str, Connection]
    findings: tuple[Finding, ...]
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def used(self) -> frozenset[str]:
        """Give the names of the connections that some partner uses."""
        return frozenset(one.connection for one in self.partners.values() if one.connection is not None)

    @property
    def polled(self) -> tuple[Connection, ...]:
        """Give the connections at which files are looked for: some partner uses them, and they have an `in`."""
        return tuple(self.connections[name] for name in sorted(self.used) if self.connections[name].intake.folder)

    def partner_for(
        self, sender_qualifier: str, sender: str, receiver_qualifier: str, receiver: str
    ) -> tuple[Partner, bool] | None:
        """Give the partner whose interchange this is, and whether it came from a test address of theirs.

        None for a sender that no partner file names, and for a receiver that is not us with that partner.
        """
        found = self.sender(sender_qualifier, sender)
        if found is None or found[0].identity.ours != Address(receiver_qualifier, receiver):
            return None
        return found

    def knows(self, id: str) -> bool:  # noqa: A002 - X12's own word
        """Say whether some partner has an address with this id, under whatever qualifier."""
        identities = (partner.identity for partner in self.partners.values())
        return any(address.id == id for one in identities for address in (*one.theirs, *one.test))

    def sender(self, qualifier: str, id: str) -> tuple[Partner, bool] | None:  # noqa: A002 - X12's own word
        """Give the partner with this address whoever the message is for, and whether it is a test address."""
        address = Address(qualifier, id)
        for partner in self.partners.values():
            if address in partner.identity.theirs:
                return partner, False
            if address in partner.identity.test:
                return partner, True
        return None

    def pack(self) -> bytes:
        """Write the files as one piece of JSON; equal files give equal bytes."""
        return pack(self.files)


def name_of(files: Mapping[str, bytes]) -> str:
    """Give the SHA-256 of the packed `files`, in lower-case hexadecimal: an edition is stored under its own name."""
    return hashlib.sha256(pack(files)).hexdigest()


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write `files` as JSON: path to text, or to {"base64": ...} where a file is no UTF-8."""
    document: dict[str, str | dict[str, str]] = {}
    for path, data in files.items():
        try:
            document[path] = data.decode("utf-8")
        except UnicodeDecodeError:
            document[path] = {"base64": base64.b64encode(data).decode("ascii")}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unpack(packed: bytes) -> dict[str, bytes]:
    """Give back the files that `pack` wrote. Raises ValueError for anything else."""
    document = json.loads(packed)
    if not isinstance(document, dict):
        message = "a packed edition is one JSON object"
        raise ValueError(message)  # noqa: TRY004 - damaged bytes, not a caller's wrong type
    files: dict[str, bytes] = {}
    for path, content in document.items():
        if isinstance(content, str):
            files[path] = content.encode()
        elif isinstance(content, dict) and isinstance(content.get("base64"), str):
            files[path] = _bytes(content["base64"], path)
        else:
            message = f"{path} holds neither text nor base64"
            raise ValueError(message)  # noqa: TRY004 - damaged bytes, not a caller's wrong type
    return files


def _bytes(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = f"{path} is not base64"
        raise ValueError(message) from error
