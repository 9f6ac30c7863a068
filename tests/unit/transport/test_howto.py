"""The connections written in docs/howto/connect-a-partner.md are ones that load."""

from __future__ import annotations

import re
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from edi_engine.finding import Finding
from edi_engine.partners.read_connections import read_connections
from edi_engine.text.yaml import read_yaml

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "connect-a-partner.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_shows_a_whole_connection_a_shared_one_and_a_rotation() -> None:
    assert len(BLOCKS) == 3


def load(text: str) -> tuple[dict[str, object], list[Finding]]:
    problems: list[Finding] = []
    return dict(read_connections(read_yaml(text, "connections.yaml"), problems)), problems


def test_the_connection_loads_with_the_manners_that_the_page_tells() -> None:
    found, problems = load(BLOCKS[0])
    assert problems == []
    connection = found["bluebird-sftp"]
    assert connection.intake.wait_incomplete == timedelta(minutes=15)
    assert connection.intake.wait_empty == timedelta(hours=24)
    assert connection.intake.max_bytes == 50 * 1024 * 1024
    assert set(connection.intake.ignore) == {"*.tmp", "*.part", "*.filepart", "*.writing", ".*"}


def test_a_shared_mailbox_loads() -> None:
    found, problems = load(BLOCKS[1])
    assert problems == []
    shared = found["mailhouse-sftp"]
    assert shared.intake.folders == ("/from-partners", "/resent")
    assert shared.delivery.deliver == "direct"


def test_two_pins_load() -> None:
    pin = next(line for line in BLOCKS[0].splitlines() if "host_key:" in line)
    found, problems = load(BLOCKS[0].replace(pin, textwrap.indent(textwrap.dedent(BLOCKS[2]).rstrip(), " " * 4)))
    assert problems == []
    assert len(found["bluebird-sftp"].sftp.host_keys) == 2


@pytest.mark.parametrize("word", ["match", "ignore", "settle", "wait_incomplete", "wait_empty", "max_size", "after"])
def test_each_word_of_the_table_is_explained_and_known(word: str) -> None:
    value = {"match": '"*.edi"', "ignore": '["*.x"]', "after": "delete", "max_size": "5 MB"}.get(word, "5 s")
    text = re.sub(rf"^    {word}: .*\n", "", BLOCKS[0], flags=re.MULTILINE)
    _, problems = load(text.replace("  in:\n", f"  in:\n    {word}: {value}\n"))
    assert problems == []
    assert f"`{word}" in PAGE.read_text("utf-8")
