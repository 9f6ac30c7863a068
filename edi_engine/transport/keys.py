"""Keys of an SFTP connection: our private key, read with care, and the server's, held against its pins."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import paramiko

from edi_engine.errors import TransportError

Keys = Callable[[str], Path | str]
"""Gives the private key of a name: the path of its file, or its text. Raises KeyError or OSError if there is none."""


class HostKeyRefused(paramiko.SSHException):
    """The server's key is not one of those that were pinned."""


class Pinned(paramiko.MissingHostKeyPolicy):
    """Accepts a server only by the SHA-256 fingerprint of its key. No file of known hosts is ever asked."""

    def __init__(self, fingerprints: tuple[str, ...]) -> None:
        """Keep the pins, written as `ssh-keygen -l` shows them (SHA256:...)."""
        self.fingerprints = fingerprints

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        """Return if `key` is pinned. Raises HostKeyRefused with both fingerprints."""
        if key.fingerprint in {pin.strip().rstrip("=") for pin in self.fingerprints}:
            return
        pins = " or ".join(self.fingerprints) or "nothing"
        message = (
            f"the server {hostname} shows the host key {key.fingerprint} ({key.get_name()}), but {pins} is pinned: "
            "ask the partner whether the key was changed, and pin the new one only then"
        )
        raise HostKeyRefused(message)


def private_key(name: str, keys: Keys) -> paramiko.PKey:
    """Load the private key `name`. Raises TransportError (transport.auth) if it is absent, open to others or no key."""
    try:
        found = keys(name)
        if isinstance(found, Path):
            if found.stat().st_mode & 0o077:
                raise _useless(name, f"its file can be read by others; chmod 600 {found.name} first")
            found = found.read_text("ascii")
    except (KeyError, OSError, UnicodeDecodeError) as error:
        raise _useless(name, f"it cannot be read ({error})") from error
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(found))
        except paramiko.PasswordRequiredException as error:
            raise _useless(name, "it is locked with a passphrase, and nobody is there to type it") from error
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise _useless(name, "it is not an Ed25519, ECDSA or RSA private key")


def _useless(name: str, why: str) -> TransportError:
    return TransportError(f'the private key "{name}" cannot be used: {why}', code="transport.auth", retry=False)
