"""Values as plain JSON: what the text view of a command shows, for programs. Every answer names its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Final

from edi_engine.finding import Finding

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

VERSION: Final = 1
_JSON: Final = "_json"


def document(command: str, content: Mapping[str, object]) -> str:
    """Write `content` as the JSON answer of a command such as `exceptions-list`."""
    shaped = {key: shape(value) for key, value in content.items()}
    return json.dumps({"schema": f"edi-engine.{command}/{VERSION}", **shaped}, indent=2)


def shape(value: object) -> JsonValue:
    """Give `value` as JSON can hold it: dataclasses by field, Decimal and moments as text, bytes one character each.

    Fields named `*_json` hold JSON themselves; it is put in their place, under the name without the ending.
    Findings leave out what they do not know.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): shape(each) for key, each in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [shape(each) for each in (sorted(value) if isinstance(value, set | frozenset) else value)]
    message = f"{type(value).__name__} has no shape in JSON"
    raise TypeError(message)


def _fields(value: object) -> JsonValue:
    shaped: dict[str, JsonValue] = {}
    brief = isinstance(value, Finding)
    for field in fields(value):  # type: ignore[arg-type]
        content = getattr(value, field.name)
        if brief and content is None:
            continue
        if field.name.endswith(_JSON) and isinstance(content, str | None):
            shaped[field.name.removesuffix(_JSON)] = json.loads(content) if content else None
        elif brief and is_dataclass(content):
            known = ((part.name, getattr(content, part.name)) for part in fields(content))
            shaped[field.name] = {name: shape(part) for name, part in known if part is not None}
        else:
            shaped[field.name] = shape(content)
    return shaped
