"""How a partner wants values and numbers to be written: the words replace:, trim: and pad: of the envelope."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Final

from edi_engine.partners.form import Form
from edi_engine.text.yaml import Entry, Text
from edi_engine.x12.sheet import COMPONENT, REPETITION
from edi_engine.x12.style import Style, roles, unsendable
from edi_engine.x12.values import Delimiters
from edi_engine.x12.wording import named

WORDS: Final = ("replace", "trim", "pad")
BASIC: Final = "basic"
"""The charset of partners who read X12's basic set only."""

_CONTROLS: Final = {"lf": "\n", "cr": "\r", "fs": "\x1c", "gs": "\x1d", "rs": "\x1e", "us": "\x1f"}
_CODE: Final = re.compile(r"0x[01][0-9A-Fa-f]")
_SMALL: Final = "a-z"
_CAPITALS: Final = "A-Z"
_SAID_BY_CODES: Final = frozenset(string.ascii_uppercase + string.digits + " .-")
"""What codes, numbers, dates and amounts are made of: a table of letters must never say another one of these."""
_PADDED: Final = {"GS06": 1, "ST02": 4}
"""The control numbers that a partner may want longer, each with the digits that it has at least."""


def sign_of(said: str) -> str:
    """Give the character that a word of the partner file stands for: lf, cr, fs, gs, rs, us, a code such as 0x15."""
    return chr(int(said, 16)) if _CODE.fullmatch(said) else _CONTROLS.get(said, said)


def read_style(envelope: Form, delimiters: Delimiters, charset: str, *, basic: bool) -> Style:
    """Read how values are written for a partner with these delimiters and this character set."""
    digits = _digits(envelope)
    return Style(
        replace=_replace(envelope, delimiters, charset, basic=basic),
        basic=basic,
        trim=envelope.yes_no("trim", default=True),
        group_digits=digits["GS06"],
        set_digits=digits["ST02"],
    )


def _digits(envelope: Form) -> Mapping[str, int]:
    form, found = envelope.form("pad"), dict(_PADDED)
    if form is not None:
        form.only(_PADDED)
        for name, least in _PADDED.items():
            digits = form.text(name, str(least))
            if re.fullmatch(r"[0-9]", digits) and least <= int(digits):
                found[name] = int(digits)
            else:
                message = f"{form.named(name)} wants a number of digits from {least} to 9, not {digits}"
                form.complain("partner.value.number", form.mark_of(name), message)
    return found


def _replace(envelope: Form, delimiters: Delimiters, charset: str, *, basic: bool) -> Mapping[str, str]:
    """Read the table of characters. Nothing that it writes may be wrong itself, or be replaced in its turn."""
    form, found = envelope.form("replace"), dict[str, str]()
    if form is None:
        return found
    rows: list[tuple[Entry, str]] = []
    for entry in form.entries():
        written = entry.value.value if isinstance(entry.value, Text) else ""
        if not isinstance(entry.value, Text):
            form.wrong_kind(entry.value, form.named(entry.key.value), "one value")
        elif entry.key.value == _SMALL:
            if written != _CAPITALS:
                message = f"{form.named(_SMALL)} can only be {_CAPITALS}, not {written}"
                form.complain("partner.value.replace", entry.value.mark, message)
            found |= zip(string.ascii_lowercase, string.ascii_uppercase, strict=True)
        elif (fault := _bad_key(sign_of(entry.key.value))) is not None:
            message = f"{form.place} has {entry.key.value} on the left, {fault}"
            form.complain("partner.value.replace", entry.key.mark, message)
        elif sign_of(entry.key.value) in found:
            message = f"{form.place} says twice what stands in the place of {named(sign_of(entry.key.value))}"
            form.complain("partner.value.replace", entry.key.mark, message)
        else:
            found[sign_of(entry.key.value)] = written
            rows.append((entry, written))
    for entry, written in rows:
        fault = _bad_result(written, found, delimiters, charset, basic=basic)
        if fault is not None:
            message = f"{form.named(entry.key.value)} {fault}"
            form.complain("partner.value.replace", entry.value.mark, message)
    return found


def _bad_key(sign: str) -> str | None:
    """Say why a character cannot be replaced, None where it can."""
    if len(sign) != 1:
        return f"which is not one character, nor {_SMALL}"
    if sign in _SAID_BY_CODES:
        return "of which codes and numbers are made; to replace it would make others of them"
    if sign in (COMPONENT, REPETITION):
        return "which no value holds"
    return None


def _bad_result(
    written: str, table: Mapping[str, str], delimiters: Delimiters, charset: str, *, basic: bool
) -> str | None:
    """Say why a text cannot stand in the place of a character, None where it can."""
    if not written:
        return "wants at least one character; a blank in quotes where nothing is to be read there"
    bad = unsendable(written, delimiters, charset, basic=basic)
    if bad is not None and bad in roles(delimiters):
        return f"would write {named(bad)}, which is the {roles(delimiters)[bad]}"
    if bad is not None:
        return f"would write {named(bad)}, which the character set {BASIC if basic else charset} does not have"
    again = next((letter for letter in written if letter in table), None)
    return f"would write {named(again)}, which is to be replaced itself" if again is not None else None
