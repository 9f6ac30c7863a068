"""YAML of one hostile kind, of any size, and words that a reader of YAML may trip over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fuzz.target import Shape


def _levels(size: int) -> bytes:
    """Blocks in blocks, until the blanks before them fill the size."""
    deep = int((2 * size) ** 0.5)
    return b"".join(b" " * n + b"a:\n" for n in range(deep))


def _bomb(size: int) -> bytes:
    """Aliases that double with each line, and then as many of them as fit."""
    lines = [b"a0: &a0 [x, x]\n"]
    lines += [b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60)]
    return b"".join(lines) + b"b: [" + b"*a59, " * (size // 6) + b"]\n"


SHAPES: Final[Mapping[str, Shape]] = {
    "blocks-in-blocks": _levels,
    "lists-in-lists": lambda size: b"a: " + b"[" * size,
    "braces-in-braces": lambda size: b"{a: " * (size // 4),
    "dashes": lambda size: b"- " * (size // 2),
    "keys": lambda size: b"".join(b"key%d: value\n" % n for n in range(size // 16)),
    "keys-of-one-name": lambda size: b"key: value\n" * (size // 11),
    "keys-that-are-lists": lambda size: b"? [a]\n: b\n" * (size // 10),
    "items": lambda size: b"maps: [" + b"a, " * (size // 3) + b"]\n",
    "aliases": _bomb,
    "anchors": lambda size: b"".join(b"k%d: &a b\n" % n for n in range(size // 12)),
    "merges": lambda size: b"a: &a {b: c}\n" + b"<<: *a\n" * (size // 7),
    "tags": lambda size: b"".join(b"k%d: !!python/name:os.system x\n" % n for n in range(size // 32)),
    "documents": lambda size: b"---\na: b\n" * (size // 9),
    "one-long-value": lambda size: b"name: " + b"9" * size + b"\n",
    "one-long-key": lambda size: b"k" * size + b": 1\n",
    "one-long-line": lambda size: b"name: " + b"a: " * (size // 3) + b"\n",
    "quoted-without-end": lambda size: b'name: "' + b"a\\n\n" * (size // 4),
    "quoted-escapes": lambda size: b'name: "' + b"\\U0001F600" * (size // 10) + b'"\n',
    "text-of-lines": lambda size: b"name: |\n" + b"  a\n" * (size // 4),
    "tabs": lambda size: b"\t" * size,
    "comments": lambda size: b"# a\n" * (size // 4),
    "line-separators": lambda size: b"a: " + "\u2028".encode() * (size // 3),
    "nothing-but-colons": lambda size: b":" * size,
    "nothing-but-question-marks": lambda size: b"? " * (size // 2),
    "not-utf-8": lambda size: b"a: b\n" * (size // 5) + b"\xff",
}

WORDS: Final = (
    (
        b"&a",
        b"*a",
        b"<<: *a",
        b"!!python/object:os.system",
        b"!!int",
        b"!!binary",
        b"!!set",
        b"? ",
        b": ",
        b"- ",
        b"[",
        b"]",
    )
    + (
        b"{",
        b"}",
        b"[]",
        b"{}",
        b"''",
        b'""',
        b'"',
        b"'",
        b"|",
        b">",
        b"---",
        b"...",
        b"%YAML 1.1",
        b"%TAG",
        b"#",
        b"null",
        b"~",
    )
    + (
        b"1e999",
        b"-1",
        b"0",
        b".nan",
        b".inf",
        b"0x7f",
        b"0o17",
        b"1_000",
        b"9" * 30,
        b"9" * 6000,
        b"2026-01-01",
        b"2026-02-30",
    )
    + (
        b"12:30:45",
        b"yes",
        b"no",
        b"true",
        b"1.5",
        b"1.",
        b"-0",
        b"\x00",
        b"\x85",
        "\u0663".encode(),
        "\u2028".encode(),
        b"\t",
    )
    + (
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xed\xa0\x80",
        b'"\\ud800"',
        b'"\\x00"',
        b'"\\U0010FFFF"',
        b"*",
        b"(",
        b")",
        b"/",
        b"\\",
        b"..",
    )
)
