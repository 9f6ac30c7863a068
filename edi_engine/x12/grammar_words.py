"""The grammar in plain words: what an element may hold, what belongs together, and in which versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from edi_engine.x12.grammar import UNBOUNDED, Condition, ElementDef

_KINDS: Final = {
    "AN": "text",
    "B": "binary",
    "C": "parts",
    "DT": "date",
    "ID": "code",
    "N0": "whole number",
    "R": "number",
    "TM": "time",
}


def kind_of(element: ElementDef) -> str:
    """Say what an element holds: `text`, `code`, `date`, `number`, `number, 2 decimals without a point`."""
    implied = f"number, {element.kind[1:]} decimals without a point"
    return _KINDS.get(element.kind, implied)


def length_of(element: ElementDef) -> str:
    """Give how long an element may be: `2`, `1-30`, "" for a composite."""
    if element.kind == "C":
        return ""
    least, most = element.minimum, element.maximum
    return str(most) if least == most else f"{least}-{most}"


def often(maximum: int) -> str:
    """Say how often something may stand: `once`, `up to 25`, `any number`."""
    return "once" if maximum == 1 else "any number" if maximum >= UNBOUNDED else f"up to {maximum:,}"


def rules_of(conditions: Sequence[Condition], name: Callable[[int], str]) -> Iterator[str]:
    """Give conditions in words, in their order; a row of pairs that come together is one of them."""
    couples = [one for one in conditions if one.kind == "P" and len(one.positions) == 2 and not one.inferred]
    row = couples if len(couples) > 2 else []
    for condition in conditions:
        if condition not in row:
            yield rule_of(condition, [name(at) for at in condition.positions])
        elif condition is row[0]:
            others = [listed([name(at) for at in one.positions], "and") for one in row[1:]]
            yield f"{rule_of(condition, [name(at) for at in condition.positions])}; so do {', '.join(others)}"


def rule_of(condition: Condition, names: Sequence[str]) -> str:
    """Say what a condition among elements asks for; `names` are those of its positions."""
    first, others = names[0], list(names[1:])
    match condition.kind:
        case "P":
            rule = f"{listed(names, 'and')} come together or not at all"
        case "R":
            rule = f"{listed(names, 'or')} must be there, or several of them"
        case "E":
            rule = f"only one of {listed(names, 'and')} may be there"
        case "C":
            rule = f"where {first} is there, {listed(others, 'and')} must be there too"
        case _:
            rule = f"where {first} is there, {listed(others, 'or')} must be there too"
    return f"{rule} (we infer this; breaking it is only a warning)" if condition.inferred else rule


def listed(names: Sequence[str], word: str) -> str:
    """Give `a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def spans(some: Sequence[str], versions: Sequence[str]) -> str:
    """Name some of all versions by their runs: `all 13 versions`, `003040 to 004010, and 004050 and later`."""
    if len(some) == len(versions):
        return f"all {len(versions)} versions"
    runs: list[list[str]] = []
    for version in versions:
        if version not in some:
            runs.append([])
        elif runs and runs[-1]:
            runs[-1].append(version)
        else:
            runs.append([version])
    told = [_run(run, versions) for run in runs if run]
    return ", and ".join(told) if told else "no version"


def _run(run: Sequence[str], versions: Sequence[str]) -> str:
    if len(run) == 1:
        return run[0]
    return f"{run[0]} and later" if run[-1] == versions[-1] else f"{run[0]} to {run[-1]}"
