"""XML: an answered order as the ERP gets it, the same content and names as in its JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree

from edi_engine.finding import Finding, Position, Severity

_ONE: Final = {
    "answers": "answer",
    "charges": "charge",
    "components": "component",
    "contacts": "contact",
    "destinations": "destination",
    "ids": "product",
    "lines": "line",
    "notes": "note",
    "parties": "party",
    "prices": "price",
    "references": "reference",
    "routes": "route",
    "schedules": "schedule",
    "stores": "store",
    "substitute": "product",
    "terms": "term",
}
"""What one entry of a list is called."""
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def order_xml(plain: Mapping[str, Any]) -> bytes | tuple[Finding, ...]:
    """Write what `erp_order` gave as an XML document, UTF-8; findings where a text holds what XML cannot.

    The root `order` carries the schema's name as its attribute. A list is an element with one child for each entry.
    """
    findings = tuple(_forbidden(plain, "order"))
    if findings:
        return findings
    root = etree.Element("order", schema=str(plain["schema"]))
    for name, value in plain.items():
        if name != "schema":
            _put(root, name, value)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _put(parent: etree._Element, name: str, value: object) -> None:
    element = etree.SubElement(parent, name)
    if isinstance(value, Mapping):
        for inner, item in value.items():
            _put(element, inner, item)
    elif isinstance(value, list):
        for item in value:
            _put(element, _ONE.get(name, "entry"), item)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    else:
        element.text = str(value)


def _forbidden(value: object, path: str) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _forbidden(item, f"{path}/{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _forbidden(item, f"{path}[{number}]")
    elif isinstance(value, str) and (found := _FORBIDDEN.search(value)) is not None:
        shown = value.encode("unicode_escape").decode("ascii")
        yield Finding(
            code="order.text.control",
            severity=Severity.HOLD,
            message=f"The text {shown} holds the character U+{ord(found[0]):04X}, which XML cannot carry to the ERP.",
            where=Position(path=path),
            seen=shown,
            wanted="text without control characters",
            fix="Ask the partner to send the order without it, or enter the order by hand and dismiss the case.",
        )
