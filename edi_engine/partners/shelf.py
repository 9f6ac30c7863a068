"""The files of an edition as text: found by path, read once, searched for secrets. Nothing here touches a disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding
from edi_engine.text.csv import Sheet, look_at_csv
from edi_engine.text.yaml import Listing, Mark, Node, problem, read_yaml
from edi_engine.text.yaml import Mapping as Block

CONNECTIONS: Final = "partners/connections.yaml"
_PARTNER: Final = re.compile(r"partners/([^/]+)/partner\.yaml")
_PRIVATE: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|PuTTY-User-Key-File")
_SECRETS: Final = frozenset({"password", "passphrase", "passwd", "secret", "private_key", "token", "api_key"})


@dataclass(slots=True)
class Shelf:
    """The files by path, as bytes; `problems` gathers what is wrong with reading them."""

    files: Mapping[str, bytes]
    problems: list[Finding]
    _nodes: dict[str, Node | None] = field(default_factory=dict)

    def partners(self) -> Iterator[tuple[str, str]]:
        """Give the name (its folder) and the file of each partner, sorted."""
        for path in sorted(self.files):
            match = _PARTNER.fullmatch(path)
            if match is not None:
                yield match[1], path

    def beside(self, partner: str, name: str) -> str:
        """Give the path of a file in the partner's folder."""
        return f"partners/{partner}/{name}"

    def yaml(self, path: str) -> Node | None:
        """Read a YAML file, once; None where it is wrong, which is then among the problems."""
        if path not in self._nodes:
            self._nodes[path] = self._read_yaml(path)
        return self._nodes[path]

    def _read_yaml(self, path: str) -> Node | None:
        text = self.text(path)
        if text is None:
            return None
        try:
            return read_yaml(text, path)
        except ConfigurationError as error:
            self.problems.extend(error.findings)
            return None

    def sheet(self, path: str) -> Sheet | None:
        """Read a table; what is wrong with it is then among the problems. Rows that fit their heading are given all
        the same, so that what is wrong inside them is told as well; None where no heading can be told.
        """
        text = self.text(path)
        if text is None:
            return None
        sheet, problems = look_at_csv(text, path)
        self.problems.extend(problems)
        return sheet

    def text(self, path: str) -> str | None:
        """Give a file's text; None where it is no UTF-8, which is then among the problems."""
        data = self.files[path]
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            mark = Mark(path, before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
            message = f"byte {error.start} is not UTF-8 text"
            fix = "save the file as UTF-8 (spreadsheets call it CSV UTF-8)"
            self.problems.append(problem("partner.file.encoding", mark, message, fix=fix))
            return None

    def search_for_secrets(self) -> None:
        """Refuse keys and passwords in any file: an edition is stored, copied and shown to people."""
        for path in sorted(self.files):
            text = self.files[path].decode("utf-8", "replace")
            match = _PRIVATE.search(text)
            if match is not None:
                mark = Mark(path, text.count("\n", 0, match.start()) + 1, 1)
                self._refuse(mark, "a private key stands in this file")
            if path.startswith("partners/") and path.endswith((".yaml", ".yml")) and path in self._nodes:
                for mark, word in _words(self._nodes[path]):
                    if word.casefold() in _SECRETS:
                        self._refuse(mark, f"{word} is a secret, and secrets have no place in partner files")

    def _refuse(self, mark: Mark, message: str) -> None:
        fix = "put it into the key store, name the key in connections.yaml (key: NAME), and change it at the partner's"
        self.problems.append(problem("partner.file.secret", mark, message, fix=fix))


def _words(node: Node | None) -> Iterator[tuple[Mark, str]]:
    """Give every key of a file with its place."""
    stack = [] if node is None else [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Block):
            for entry in here.entries:
                yield entry.key.mark, entry.key.value
                stack.append(entry.value)
        elif isinstance(here, Listing):
            stack.extend(here.items)
