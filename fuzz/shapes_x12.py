"""X12 of one hostile kind, of any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fuzz.target import Shape

ISA: Final = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*%b*%b*000000001*0*P*>~"


def header(version: bytes = b"004010", kind: bytes = b"PO") -> bytes:
    """Give an ISA and a GS."""
    isa = ISA % ((b"^", b"00501") if version >= b"005" else (b"U", b"00401"))
    return isa + b"GS*%b*SENDER*RECEIVER*20260101*1200*1*X*%b~" % (kind, version)


def interchange(body: bytes, version: bytes = b"004010", kind: bytes = b"PO") -> bytes:
    """Give an interchange with one group of `body`, which holds sets."""
    return header(version, kind) + body + b"GE*%d*1~IEA*1*000000001~" % body.count(b"~SE*")


def repeated(unit: bytes) -> Callable[[int], bytes]:
    """Give what repeats `unit` up to a size."""
    return lambda size: unit * (size // len(unit))


def numbered(unit: bytes) -> Callable[[int], bytes]:
    """Give what repeats `unit`, each `%d` in it (once or twice) the count from 1."""
    many = unit.count(b"%d")
    room = len(unit) + 4 * many

    def make(size: int) -> bytes:
        return b"".join(unit % ((n,) * many) for n in range(1, size // room + 2))

    return make


def in_set(
    body: Shape, *, set_id: bytes = b"850", version: bytes = b"004010", kind: bytes = b"PO", head: bytes = b""
) -> Shape:
    """Give a shape that is one set, with `body` after what begins it."""

    def make(size: int) -> bytes:
        inside = head + body(size)
        count = inside.count(b"~") + 2
        return interchange(b"ST*%b*0001~%bSE*%d*0001~" % (set_id, inside, count), version, kind)

    return make


def many_sets(inside: bytes, *, set_id: bytes = b"850", version: bytes = b"004010", kind: bytes = b"PO") -> Shape:
    """Give a shape that is many small sets."""
    count = inside.count(b"~") + 2
    unit = b"ST*%b*%%d~%bSE*%d*%%d~" % (set_id, inside, count)
    return lambda size: interchange(numbered(unit)(size), version, kind)


_ONE: Final = interchange(b"ST*850*0001~BEG*00*SA*1**20260101~PO1*1*1*EA*1**VN*A~CTT*1~SE*5*0001~")
_TORN: Final = header() + b"ST*850*0001~BEG*00*SA*1**20260101~"


def _other_terminators(size: int) -> bytes:
    """Interchanges without an IEA, each with another terminator than the one before."""
    signs = [bytes([sign]) for sign in range(0x21, 0x7F) if not bytes([sign]).isalnum() and sign not in b"*>"]
    units = [_TORN.replace(b"~", sign) for sign in signs]
    return b"".join(units[n % len(units)] for n in range(size // len(_TORN)))


def _other_elements(size: int) -> bytes:
    """Interchanges without an IEA, each with another element separator than the one before."""
    signs = [bytes([sign]) for sign in range(0x21, 0x7F) if not bytes([sign]).isalnum() and sign not in b"~>"]
    units = [_TORN.replace(b"*", sign) for sign in signs]
    return b"".join(units[n % len(units)] for n in range(size // len(_TORN)))


ENVELOPES: Final[Mapping[str, Shape]] = {
    "nothing-but-A": repeated(b"A"),
    "nothing-but-ISA": repeated(b"ISA"),
    "nothing-but-ISA*": repeated(b"ISA*"),
    "nothing-but-headers": repeated(ISA % (b"U", b"00401")),
    "zeros": repeated(b"\x00"),
    "line-ends": lambda size: ISA % (b"U", b"00401") + b"\r\n" * (size // 2),
    "byte-order-marks": repeated(b"\xef\xbb\xbf"),
    "byte-order-marks-between": lambda size: _ONE + b"\xef\xbb\xbf" * (size // 3) + _ONE,
    "no-terminator": lambda size: header() + b"A" * size,
    "no-terminator-elements": lambda size: header() + b"ST*850*0001~BEG" + b"*A" * (size // 2),
    "terminators": lambda size: header() + b"~" * size,
    "terminators-and-blanks": lambda size: header() + b"~ \r\n" * (size // 4),
    "interchanges": repeated(_ONE),
    "interchanges-torn": repeated(_TORN),
    "interchanges-torn-other-terminators": _other_terminators,
    "interchanges-torn-other-elements": _other_elements,
    "interchanges-cut-in-the-isa": repeated((ISA % (b"U", b"00401"))[:60] + b"\n"),
    "interchanges-with-rubbish-between": repeated(_ONE + b"RUBBISH~"),
    "interchanges-truncated": lambda size: repeated(_ONE)(size)[:-30],
    "an-isa-in-the-end": lambda size: header() + b"ST*850*1~" + b"BEG*00~" * (size // 7) + ISA % (b"U", b"00401"),
    "groups-open": lambda size: header() + numbered(b"GS*PO*A*B*20260101*1200*%d*X*004010~")(size),
    "groups-empty": lambda size: header() + numbered(b"GE*0*1~GS*PO*AA*BB*20260101*1200*%d*X*004010~")(size),
    "groups-wrong": lambda size: header() + repeated(b"GS********~GE*~")(size),
    "sets-open": lambda size: header() + numbered(b"ST*850*%d~")(size),
    "sets-empty": lambda size: header() + numbered(b"ST*850*%d~SE*2*%d~")(size),
    "sets-of-one-number": lambda size: header() + repeated(b"ST*850*0001~SE*2*0001~")(size),
    "sets-wrong": lambda size: header() + repeated(b"ST*?*~SE*x*y~")(size),
    "trailers": lambda size: header() + repeated(b"SE*1*1~")(size),
    "trailers-of-groups": lambda size: header() + repeated(b"GE*1*1~")(size),
    "trailers-of-interchanges": lambda size: header() + repeated(b"IEA*1*1~")(size),
    "ta1s": lambda size: ISA % (b"U", b"00401") + repeated(b"TA1*000000001*260101*1200*A*000~")(size),
    "segments-in-no-set": lambda size: header() + repeated(b"PO1*1~")(size),
    "envelope-of-many-elements": lambda size: header() + b"ST" + b"*1" * (size // 2) + b"~",
    "envelopes-of-many-elements": lambda size: header() + repeated(b"GS" + b"*1" * 20_000 + b"~")(size),
    "utf-16": lambda size: _ONE.decode().encode("utf-16") * (size // len(_ONE) // 2),
}
"""What the reader of envelopes may be given."""

_BEG: Final = b"BEG*00*SA*1**20260101~"
_ASN: Final = b"BSN*00*1*20260101*1200~"

SETS: Final[Mapping[str, Shape]] = {
    "lines": in_set(numbered(b"PO1*%d*1*EA*1**VN*A~"), head=_BEG),
    "lines-wrong": in_set(repeated(b"PO1*x*x*?*x**??*A*VN~"), head=_BEG),
    "lines-of-one-long-element": in_set(repeated(b"PO1*1*1*EA*" + b"9" * 60_000 + b"~"), head=_BEG),
    "lines-not-ascii": in_set(repeated(b"PO1*1*\xb2*EA*1**VN*\xe4\xfc~"), head=_BEG),
    "lines-with-blanks": in_set(repeated(b"PO1* 1 * 1 *EA * 1**VN* A~"), head=_BEG),
    "lines-repeating": in_set(repeated(b"PO1*1^2*1^1*EA^EA*1^1**VN*A^B~"), head=_BEG, version=b"005010"),
    "lines-of-unknown-codes": in_set(numbered(b"PO1*1*1*%d*1**VN*A~"), head=_BEG),
    "unknown-segments": in_set(repeated(b"ZZZ*1~")),
    "unknown-segments-numbered": in_set(numbered(b"Z%d*1~")),
    "misplaced": in_set(repeated(b"BEG*00*SA*1**20260101~"), head=b"CTT*1~"),
    "misplaced-in-turn": in_set(repeated(b"CTT*1~BEG*00*SA*1**20260101~N1*ST*A~PO1*1*1*EA*1~")),
    "parties": in_set(repeated(b"N1*ST*A~N3*A~N4*A~"), head=_BEG),
    "too-many": in_set(repeated(b"REF*DP*1~"), head=_BEG),
    "one-element-of-repetitions": in_set(
        lambda size: b"REF*DP" + b"^1" * (size // 2) + b"~", head=_BEG, version=b"005010"
    ),
    "one-element-of-components": in_set(
        lambda size: b"REF*DP*1**" + b">1" * (size // 2) + b"~", head=_BEG, version=b"005010"
    ),
    "elements-of-components": in_set(repeated(b"REF*DP*1**" + b">1" * 500 + b"~"), head=_BEG, version=b"005010"),
    "elements-of-both": in_set(repeated(b"REF*DP*1**" + b">^" * 500 + b"~"), head=_BEG, version=b"005010"),
    "one-segment-of-elements": in_set(lambda size: b"REF" + b"*1" * (size // 2) + b"~", head=_BEG),
    "one-long-element": in_set(lambda size: b"REF*DP*" + b"A" * size + b"~", head=_BEG),
    "segments-of-elements": in_set(repeated(b"REF" + b"*1" * 500 + b"~"), head=_BEG),
    "empty-elements": in_set(repeated(b"REF" + b"*" * 200 + b"~"), head=_BEG),
    "control-characters": in_set(repeated(b"REF*DP*\x00\x01\x1f\x7f~"), head=_BEG),
    "loops-bounded-open": in_set(repeated(b"LS*1~"), head=_BEG),
    "loops-bounded-closed": in_set(repeated(b"LE*1~"), head=_BEG),
    "levels-in-a-chain": in_set(numbered(b"HL*%d*%d*I~"), set_id=b"856", kind=b"SH", head=_ASN),
    "levels-of-no-parent": in_set(numbered(b"HL*%d**S~"), set_id=b"856", kind=b"SH", head=_ASN),
    "levels-of-one-parent": in_set(numbered(b"HL*%d*1*I~LIN**VN*A~"), set_id=b"856", kind=b"SH", head=_ASN),
    "levels-of-one-number": in_set(repeated(b"HL*1*1*S~"), set_id=b"856", kind=b"SH", head=_ASN),
    "levels-wrong": in_set(repeated(b"HL*x*y*?*z~MAN*GM*1~"), set_id=b"856", kind=b"SH", head=_ASN),
    "invoice-lines": in_set(
        repeated(b"IT1*1*1*EA*1**VN*A~SAC*C*D240***100~TXI*ST*1~"), set_id=b"810", kind=b"IN", head=b"BIG*20260101*1~"
    ),
    "items-of-forecast": in_set(
        repeated(b"LIN**VN*A~FST*1*C*W*20260101~SDP*Y*Y~"),
        set_id=b"830",
        kind=b"PS",
        head=b"BFR*05**1*SH*A*20260101*20260101*20260101~",
    ),
    "sets": many_sets(b"BEG*00*SA*1**20260101~PO1*1*1*EA*1**VN*A~CTT*1~"),
    "sets-with-a-fault": many_sets(b"BEG*00*SA*1**2026~PO1*1*x*EA*1**VN*A~ZZZ~CTT*1~"),
    "sets-of-nothing": many_sets(b""),
    "sets-of-nothing-with-levels": many_sets(b"", set_id=b"856", kind=b"SH"),
    "sets-of-nothing-with-forks": many_sets(b"", set_id=b"832", kind=b"SC"),
    "sets-of-one-unknown": many_sets(b"Z%d~"),
    "sets-of-unknown": many_sets(b"ZZ~" * 100),
    "sets-of-lines-wrong": many_sets(_BEG + b"PO1*x*x*?*x**??*A*VN~" * 20),
    "sets-of-many-lines-wrong": many_sets(_BEG + b"PO1*x*x*?*x**??*A*VN~" * 2000),
    "sets-of-unknown-codes": many_sets(_BEG + b"PO1*1*1*?*1**??*A~" * 3),
    "sets-of-one-wrong-element": many_sets(_BEG + b"PO1**1*?~"),
    "sets-misplaced": many_sets(b"CTT*1~BEG*00*SA*1**20260101~N1*ST*A~PO1*1*1*EA*1~" * 3),
    "sets-not-ascii": many_sets(b"Z\xb2~"),
}
"""What the check of sets may be given."""

_ANSWER: Final = b"AK1*PO*1~"
_ACK: Final = {"set_id": b"997", "kind": b"FA"}

ANSWERS: Final[Mapping[str, Shape]] = {
    "sets-answered": in_set(numbered(b"AK2*850*%d~AK5*A~"), head=_ANSWER, set_id=b"997", kind=b"FA"),
    "sets-left-open": in_set(numbered(b"AK2*850*%d~"), head=_ANSWER, set_id=b"997", kind=b"FA"),
    "segments-refused": in_set(
        numbered(b"AK3*PO1*%d**8~AK4*1*330*7*A~"), head=_ANSWER + b"AK2*850*1~", set_id=b"997", kind=b"FA"
    ),
    "elements-refused": in_set(
        repeated(b"AK4*1*330*7*A~"), head=_ANSWER + b"AK2*850*1~AK3*PO1*1**8~", set_id=b"997", kind=b"FA"
    ),
    "segments-in-no-set": in_set(numbered(b"AK3*PO1*%d**8~"), head=_ANSWER, set_id=b"997", kind=b"FA"),
    "verdicts-in-no-set": in_set(repeated(b"AK5*R~"), head=_ANSWER, set_id=b"997", kind=b"FA"),
    "groups-answered": in_set(repeated(b"AK1*PO*1~AK9*A*1*1*1~"), set_id=b"997", kind=b"FA"),
    "codes": in_set(lambda size: b"AK9*R*1*1*0" + b"*5" * (size // 2) + b"~", head=_ANSWER, set_id=b"997", kind=b"FA"),
    "answers-of-999": in_set(
        numbered(b"IK3*PO1*%d**8~CTX*A>B~IK4*1>1>1*330*7*A~"),
        head=_ANSWER + b"AK2*850*1~",
        set_id=b"999",
        kind=b"FA",
        version=b"005010",
    ),
    "acknowledgments": many_sets(b"AK1*PO*1~AK9*A*1*1*1~", set_id=b"997", kind=b"FA"),
    "ta1s": ENVELOPES["ta1s"],
    "ta1s-wrong": lambda size: ISA % (b"U", b"00401") + repeated(b"TA1*x*y*z*?*" + b"1*" * 50 + b"~")(size),
}
"""What the reader of acknowledgments may be given."""
