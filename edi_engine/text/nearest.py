"""The nearest valid word: what a person probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Final

_TIE: Final = 0.05
"""Choices whose likeness differs by no more are equally near."""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Give the one of `choices` that looks most like `word`, None where nothing comes close. Case does not count."""
    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), choice)
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def nearest_or_all(word: str, choices: Iterable[str]) -> str:
    """Write the end of a complaint: `nearest: that`, or where nothing comes close `one of: these` (at most twelve)."""
    known = list(dict.fromkeys(choices))
    close = nearest(word, known)
    if close is not None:
        return f"nearest: {close}"
    if not known:
        return "nothing may stand here"
    shown = ", ".join(known[:12])
    return f"one of: {shown}, ..." if len(known) > 12 else f"one of: {shown}"


def nearest_choices(word: str, choices: Iterable[str]) -> str:
    """Write the same of a few choices that people confuse: all that are as near, as `nearest: hold_group, whole_group`.

    Which one was meant cannot be told then: `by_group` is as near to both.
    """
    known = list(dict.fromkeys(choices))
    close = nearest(word, known)
    if close is None:
        return nearest_or_all(word, known)
    least = _likeness(word, close) - _TIE
    return f"nearest: {', '.join([close, *(one for one in known if one != close and _likeness(word, one) >= least)])}"


def _likeness(word: str, choice: str) -> float:
    return SequenceMatcher(a=choice.casefold(), b=word.casefold()).ratio()
