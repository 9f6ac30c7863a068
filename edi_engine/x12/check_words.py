"""The words of the check: names of places, articles, counts, and the code that was probably meant."""

from __future__ import annotations

from difflib import get_close_matches

from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import ElementDef


def ordinal(number: int) -> str:
    """Give `1st`, `2nd`, `11th`."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def with_article(noun: str) -> str:
    """Give `a unit price`, `an invoice number`."""
    vowel = noun[:1].lower() in "aeio" or (noun[:1].lower() == "u" and not noun.lower().startswith(("uni", "use")))
    return f"{'an' if vowel else 'a'} {noun}"


def size_of(element: ElementDef) -> str:
    """Say how long an element may be: `exactly 2 characters`, `at most 9 digits`, `2 to 80 characters`."""
    unit = "digit" if element.kind == "R" or element.kind[0] == "N" else "character"
    least, most = element.minimum, element.maximum
    if least == most:
        return f"exactly {most} {unit}{'' if most == 1 else 's'}"
    return f"{least} to {most} {unit}s" if least > 1 else f"at most {most} {unit}{'' if most == 1 else 's'}"


def likely_code(element: ElementDef, seen: str, dictionary: Dictionary) -> str | None:
    """Say which valid code `seen` was probably meant to be, such as `"CA" (case)`; None where nothing is near."""
    codes = element.codes or frozenset()
    code = _same_but_for_writing(codes, seen) or _same_meaning(element, seen, dictionary)
    if code is None and 2 <= len(seen) <= 40:
        near = get_close_matches(seen.upper(), sorted(codes), n=1, cutoff=0.67)
        code = near[0] if near else None
    if code is None:
        return None
    meaning = dictionary.meaning(element.id, code)
    return f'"{code}" ({meaning})' if meaning else f'"{code}"'


def _same_but_for_writing(codes: frozenset[str], seen: str) -> str | None:
    plain = seen.strip()
    for candidate in (plain, plain.upper(), plain.zfill(2), plain.zfill(3), plain.lstrip("0")):
        if candidate and candidate in codes:
            return candidate
    return None


def _same_meaning(element: ElementDef, seen: str, dictionary: Dictionary) -> str | None:
    """Find the code whose meaning is the word that was sent: `CASE` for CA."""
    word = seen.strip().lower()
    if len(word) < 3:
        return None
    meanings = {code: dictionary.meaning(element.id, code) for code in sorted(element.codes or ())}
    exact = [code for code, meaning in meanings.items() if meaning and meaning.lower() == word]
    begun = [
        code for code, meaning in meanings.items() if meaning and meaning.lower().startswith((word, word.rstrip("s")))
    ]
    return next(iter(exact or begun), None)
