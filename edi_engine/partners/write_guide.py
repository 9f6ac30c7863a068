"""A guide written as people write it into a partner file: the way back from `read_guides`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from edi_engine.x12.guide import Guide, GuideRule

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MEANS_MORE: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that other readers of YAML take for something else than text."""
_PLAIN_KEY: Final = re.compile(r"[A-Z][A-Z0-9()/\-]*")


def guide_yaml(guide: Guide, remarks: Sequence[str] = ()) -> str:
    """Write a guide as the block `guide:` of a partner file; `remarks` stand below it, each as a comment."""
    lines = ["guide:", f"  {guide.set_id}:", *(f"    {line}" for line in map(_rule, guide.rules))]
    if not guide.rules:
        lines[-1] += " {}"
    lines.extend(f"    # {remark}" for remark in remarks)
    return "\n".join(lines) + "\n"


def _rule(rule: GuideRule) -> str:
    key = str(rule.path)
    key = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
    facts = list(_facts(rule))
    if len(facts) == 1 and facts[0].startswith("use: "):
        return f"{key}: {facts[0].removeprefix('use: ')}"
    return f"{key}: {{{', '.join(facts)}}}"


def _facts(rule: GuideRule) -> Iterator[str]:
    if rule.required or rule.not_used:
        yield f"use: {'required' if rule.required else 'not_used'}"
    if rule.codes is not None:
        yield f"codes: {_list(rule.codes)}"
    if rule.minimum is not None and rule.minimum == rule.maximum:
        yield f"length: {rule.minimum}"
    else:
        if rule.minimum is not None:
            yield f"min: {rule.minimum}"
        if rule.maximum is not None:
            yield f"max: {rule.maximum}"
    if rule.allow:
        yield f"allow: {_list(rule.allow)}"


def _list(words: frozenset[str]) -> str:
    return f"[{', '.join(_word(word) for word in sorted(words))}]"


def _word(word: str) -> str:
    return word if _PLAIN.fullmatch(word) and word.lower() not in _MEANS_MORE else json.dumps(word)
