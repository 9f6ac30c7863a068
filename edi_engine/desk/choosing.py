"""What a person chooses for a case: one choice for all of it, or one by line; and the rulings that this makes."""

from __future__ import annotations

from collections.abc import Mapping

from edi_engine.desk.queue import DISMISS, choices_for, entry
from edi_engine.errors import UsageError
from edi_engine.flow.records import CaseRecord
from edi_engine.orders.decision import REJECT_LINE, Ruling
from edi_engine.orders.rulings import choices

Chosen = Mapping[int | None, str]
"""Choices by line; the one under None is for all the lines that are not named, and for the heading."""


def chosen_of(choice: str | Chosen, line: int | None = None) -> Chosen:
    """Give a choice, for one line or for all, as choices by line."""
    return {line: choice} if isinstance(choice, str) else choice


def named(chosen: Chosen) -> str:
    """Name what is chosen: `keep-ours`; `line 1 keep-ours, line 2 reject-line`; `line 1 keep-ours, else dismiss`."""
    if set(chosen) == {None}:
        return chosen[None]
    lines = [f"line {line} {choice}" for line, choice in chosen.items() if line is not None]
    return ", ".join([*lines, *([f"else {chosen[None]}"] if None in chosen else [])])


def in_short(chosen: Chosen) -> str:
    """Name what is chosen without the lines, where it is the same for all of them."""
    same = set(chosen.values())
    return same.pop() if len(same) == 1 else named(chosen)


def sentence(case: CaseRecord, chosen: Chosen) -> str:
    """Say what the choices do. Raises UsageError for one that the case does not offer."""
    offered = {one.name: one.effect for one in choices_for(case)}
    for choice in chosen.values():
        if choice not in offered:
            possible = ", ".join(offered) or "none; repair the cause and `edi exceptions retry` it"
            message = f"{choice} makes no sense for case {case.id} ({case.kind}); possible: {possible}"
            raise UsageError(message)
    if set(chosen) == {None}:
        return offered[chosen[None]]
    return " ".join(
        f"{'Otherwise' if line is None else f'Line {line}'}: {offered[choice]}" for line, choice in chosen.items()
    )


def must_be_whole(case: CaseRecord, chosen: Chosen) -> None:
    """See that no line is named for a case that has none. Raises UsageError."""
    if set(chosen) != {None}:
        message = f"case {case.id} is not about an order line; leave --line out"
        raise UsageError(message)


def closes_order(chosen: Chosen) -> bool:
    """Say whether the order is closed by hand. Raises UsageError where that is chosen for some lines of it."""
    if DISMISS not in chosen.values():
        return False
    if set(chosen) != {None}:
        message = "an order is closed as a whole; leave --line out"
        raise UsageError(message)
    return True


def rulings(case: CaseRecord, chosen: Chosen) -> tuple[Ruling, ...]:
    """Give the rulings that the choices make: by exact code, because not every choice fits every code of a kind."""
    found = entry(case)
    for line in chosen:
        if line is not None and line not in found.lines:
            has = ", ".join(str(each) for each in found.lines) or "no line, it is about the whole order"
            message = f"case {case.id} is not about line {line}; it is about {has}"
            raise UsageError(message)
    made: list[Ruling] = []
    unfit: dict[str, set[str]] = {}
    for finding in found.findings:
        line = finding.where.line
        choice = chosen.get(line, chosen.get(None))
        if choice is None:
            continue
        if choice not in choices(finding.code):
            unfit.setdefault(choice, set()).add(finding.code)
        made.append(Ruling(finding.code, choice, line))
    for choice, codes in unfit.items():
        message = f"{choice} cannot settle {', '.join(sorted(codes))}; choose for one line with --line, "
        raise UsageError(message + "or repair and retry")
    if chosen == {None: REJECT_LINE} and not found.lines:
        return (Ruling(case.kind, REJECT_LINE, None),)
    return tuple(made)
