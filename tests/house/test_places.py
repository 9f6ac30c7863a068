"""No file in git names a place that exists on one machine only, or the host that a package came from."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written so that this file does not name them either.
MACHINE = re.compile(rb"(?<![\w.~/-])/(?:wor[k]|roo[t])/[\w.]")
HOST = re.compile(
    rb"\bpypi\.(?:org|python|[a-z]+\.)|pythonhoste[d]\.org|^-(?:i\b|-(?:extra-)?index-url|-find-links)", re.MULTILINE
)


def files_in_git() -> list[Path]:
    ran = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if ran.returncode:
        pytest.skip("this is no git checkout")
    return [path for name in ran.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[bytes]) -> list[str]:
    found = []
    for path in files_in_git():
        content = path.read_bytes()
        for match in pattern.finditer(content):
            line = content.count(b"\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}")
    return found


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert lines_with(MACHINE) == []


def test_no_file_names_a_package_host() -> None:
    assert lines_with(HOST) == []


@pytest.mark.parametrize("text", [b"cd /wor" + b"k/main", b"see (/roo" + b"t/x)", b"'/wor" + b"k/a'"])
def test_a_machine_path_is_seen(text: bytes) -> None:
    assert MACHINE.search(text)


@pytest.mark.parametrize("text", [b"--index-" + b"url https://example.test/simple", b"https://py" + b"pi.org/simple"])
def test_a_package_host_is_seen(text: bytes) -> None:
    assert HOST.search(text)
