"""The exception for a server that has only old algorithms: named, dated, explained."""

from __future__ import annotations

from datetime import date

import pytest

from edi_engine.finding import Finding
from edi_engine.partners.connection import Connection
from edi_engine.partners.read_connections import read_connections
from edi_engine.text.yaml import read_yaml

PIN = "SHA256:uC9QhV5YbXw1n7m0sJ4kT2rE8pLzA6dGfHoI3yNqKtM"


def load(weak: str, more: str = "") -> tuple[dict[str, Connection], list[Finding]]:
    text = f"""acme:
  sftp: {{host: h, user: u, key: k, host_key: "{PIN}", weak: {weak}}}
  out: {{folder: /in}}
{more}"""
    problems: list[Finding] = []
    return read_connections(read_yaml(text, "connections.yaml"), problems), problems


@pytest.mark.fault("A16")
def test_it_has_a_name_a_day_and_a_reason() -> None:
    found, problems = load('{allow: [hmac-sha1, aes256-cbc], until: 2027-03-31, because: "their gateway is old"}')
    assert problems == []
    weak = found["acme"].sftp.weak
    assert (weak.allow, weak.until, weak.because) == (
        ("hmac-sha1", "aes256-cbc"),
        date(2027, 3, 31),
        "their gateway is old",
    )


@pytest.mark.fault("A16")
@pytest.mark.parametrize(
    ("weak", "says"),
    [
        ("{allow: hmac-sha1, because: x}", "until is missing"),
        ("{allow: hmac-sha1, until: 2027-03-31}", "because is missing"),
        ("{until: 2027-03-31, because: x}", "allow is missing"),
        ("{allow: hmac-md5, until: 2027-03-31, because: x}", "cannot be hmac-md5"),
        ("{allow: ssh-rsa, until: 2027-03-31, because: x}", "cannot be ssh-rsa"),
        ("{allow: hmac-sha1, until: soon, because: x}", "wants a day"),
    ],
)
def test_what_is_not_named_dated_and_explained_is_refused(weak: str, says: str) -> None:
    found, problems = load(weak)
    assert found == {}
    assert says in problems[0].message


@pytest.mark.fault("A13")
def test_sessions() -> None:
    found, problems = load('{allow: hmac-sha1, until: 2027-03-31, because: "x"}', "  sessions: 4\n")
    assert problems == []
    assert found["acme"].sessions == 4
