"""Who a partner is on the outside of a file: identity: and envelope:."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import Final

from edi_engine.partners.form import Form
from edi_engine.partners.partner import Address, EnvelopePolicy, Identity, SetEnvelope
from edi_engine.partners.read_style import BASIC, WORDS, read_style, sign_of
from edi_engine.text.nearest import nearest
from edi_engine.text.yaml import Mapping as Block
from edi_engine.text.yaml import Text
from edi_engine.x12.letters import CHARSETS
from edi_engine.x12.values import Delimiters

OURS: Final = ("997", "999", "855", "856", "810")
"""The sets that we send."""
ACKNOWLEDGMENTS: Final = ("997", "999")
EXCEPTIONS: Final = ("855", "856", "810")
"""Those that may have a GS of their own; an acknowledgment always speaks as the group that it answers."""
FILE_NAME: Final = "{set}_{date}_{number}.edi"
PLACEHOLDERS: Final = ("set", "date", "time", "number", "po")

_QUALIFIER: Final = re.compile(r"[0-9A-Z]{2}")
_ID: Final = re.compile(r"[!-~](?:[ -~]{0,13}[!-~])?")
_GS: Final = re.compile(r"[!-~][ -~]{0,13}[!-~]")
_VERSION: Final = re.compile(r"[0-9]{6}[A-Z0-9]{0,6}")
_RELEASE: Final = re.compile(r"[0-9]{6}")
_INTERCHANGE: Final = re.compile(r"00[2-8][0-9]{2}")
_REPEATS_SINCE: Final = "00402"
_GROUP: Final = re.compile(r"[A-Z]{2}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]*")
_SUFFIXES: Final = {"none": "", "cr lf": "\r\n", "lf": "\n", "cr": "\r"}


def read_identity(file: Form) -> Identity | None:
    """Read `identity:`; None where it is too wrong to make one."""
    form = file.form("identity", needed=True)
    if form is None:
        return None
    form.only(("theirs", "ours", "test"))
    theirs, ours, test = form.form("theirs", needed=True), form.form("ours", needed=True), form.form("test")
    for party in (theirs, ours):
        if party is not None:
            party.only(("isa", "gs"))
    if test is not None:
        test.only(("isa",))
    if theirs is None or ours is None:
        return None
    our_addresses, our_groups = _addresses(ours, needed=True), _groups(ours)
    if len(our_addresses) > 1:
        message = f"{ours.named('isa')} is the one address that we sign with; keep one of the {len(our_addresses)}"
        ours.complain("partner.value.kind", ours.mark_of("isa"), message)
    senders = _addresses(theirs, needed=True)
    if not our_addresses or not senders or not our_groups:
        return None
    return Identity(
        theirs=senders,
        theirs_gs=_groups(theirs),
        ours=our_addresses[0],
        ours_gs=our_groups[0],
        test=_addresses(test, needed=False) if test is not None else (),
    )


def _addresses(form: Form, *, needed: bool) -> tuple[Address, ...]:
    found = (_address(form, text, form.named("isa")) for text in form.texts("isa", needed=needed))
    return tuple(address for address in found if address is not None)


def _address(form: Form, text: Text, place: str) -> Address | None:
    """Read an interchange address: qualifier, slash, id, as in `08/6119290001`."""
    qualifier, slash, id_ = text.value.partition("/")
    if slash and _QUALIFIER.fullmatch(qualifier) and _ID.fullmatch(id_):
        return Address(qualifier, id_)
    message = f"{place} wants an interchange address such as 08/6119290001 or ZZ/ACME, not {text.value}"
    fix = "write ISA05 (two characters), a slash, and ISA06 (1 to 15 characters)"
    form.complain("partner.value.address", text.mark, message, fix=fix)
    return None


def _groups(form: Form) -> tuple[str, ...]:
    texts = form.texts("gs", needed=True)
    for text in texts:
        if not _GS.fullmatch(text.value):
            message = f"{form.named('gs')} wants an id of 2 to 15 characters, not {text.value}"
            form.complain("partner.value.address", text.mark, message)
    if len(texts) > 1:
        message = f"{form.named('gs')} is the one id that we write into the GS; keep one of the {len(texts)}"
        form.complain("partner.value.kind", form.mark_of("gs"), message)
    return tuple(text.value for text in texts)


def read_envelope(
    file: Form, group_of: Callable[[str, str], str | None], known: Sequence[str] = ()
) -> EnvelopePolicy | None:
    """Read `envelope:`. `group_of(version, set)` gives the dictionary's GS01 of a set, None where it lacks the set."""
    form = file.form("envelope", needed=True)
    if form is None:
        return None
    form.only(("version", "versions", "isa", "delimiters", "charset", *WORDS, "sets", "file", "acknowledge"))
    version = _version(form, "", needed=True)
    isa = form.form("isa")
    interchange, wants_ta1 = "00401", False
    if isa is not None:
        isa.only(("version", "want_ta1"), unbuilt=("authorization", "security"))
        interchange = isa.text("version", interchange)
        if not _INTERCHANGE.fullmatch(interchange):
            message = f"{isa.named('version')} wants ISA12, five digits such as 00401, not {interchange}"
            isa.complain("partner.value.version", isa.mark_of("version"), message)
            interchange = "00401"
        wants_ta1 = isa.yes_no("want_ta1", default=False)
    ours = tuple(one for one in known if _held(one, group_of))
    delimiters, said = _delimiters(form, interchange), form.choice("charset", (BASIC, *CHARSETS), CHARSETS[0])
    charset = CHARSETS[0] if said == BASIC else said
    return EnvelopePolicy(
        version=version,
        interchange_version=interchange,
        wants_ta1=wants_ta1,
        delimiters=delimiters,
        sets=_sets(form, version, group_of, ours) if version else {},
        file_name=_file_name(form),
        charset=charset,
        versions=_versions(form, group_of, ours),
        acknowledge=_acknowledge(form, version, group_of),
        style=read_style(form, delimiters, charset, basic=said == BASIC),
    )


def _versions(envelope: Form, group_of: Callable[[str, str], str | None], known: Sequence[str]) -> Mapping[str, str]:
    """Read which version of ours stands in for each of theirs that the dictionary lacks."""
    form, found = envelope.form("versions"), dict[str, str]()
    for entry in form.entries() if form is not None else ():
        theirs, place, fix = entry.key.value, f"{envelope.named('versions')}.{entry.key.value}", None
        ours = entry.value.value if isinstance(entry.value, Text) else ""
        if not _RELEASE.fullmatch(theirs) or not _RELEASE.fullmatch(ours):
            message = f"{place} wants two versions of six digits, as in 007040: 006030"
        elif _held(theirs, group_of):
            message = f"{place}: the dictionary has version {theirs}, so it needs no other in its place"
        elif not _held(ours, group_of):
            message, fix = f"{place}: the dictionary has no version {ours}", _one_of(known)
        else:
            found[theirs] = ours
            continue
        envelope.complain("partner.value.version", entry.key.mark, message, fix=fix)
    return found


def _held(version: str, group_of: Callable[[str, str], str | None]) -> bool:
    return any(group_of(version, set_id) for set_id in OURS)


def _acknowledge(form: Form, version: str, group_of: Callable[[str, str], str | None]) -> str:
    """Read what their groups are answered with."""
    said = form.choice("acknowledge", ACKNOWLEDGMENTS, ACKNOWLEDGMENTS[0])
    if version and said != ACKNOWLEDGMENTS[0] and group_of(version[:6], said) is None:
        message = f"{form.named('acknowledge')}: there is no {said} in version {version[:6]}"
        form.complain("partner.value.version", form.mark_of("acknowledge"), message)
        return ACKNOWLEDGMENTS[0]
    return said


def _version(form: Form, default: str, *, needed: bool = False) -> str:
    version = form.text("version", default, needed=needed)
    if version and not _VERSION.fullmatch(version):
        message = (
            f"{form.named('version')} wants GS08: six digits such as 004010, perhaps with letters as in 004010VICS"
        )
        form.complain("partner.value.version", form.mark_of("version"), f"{message}, not {version}")
        return ""
    return version


def _one_of(known: Sequence[str]) -> str | None:
    return f"write one that it has: {', '.join(known)}" if known else None


def _sets(
    form: Form, version: str, group_of: Callable[[str, str], str | None], known: Sequence[str]
) -> Mapping[str, SetEnvelope]:
    """Give GS01 and GS08 of every set that we send: the rule, and the exceptions under `sets:`."""
    if not _held(version[:6], group_of):
        message = f"{form.named('version')} {version}: the dictionary has no version {version[:6]}"
        form.complain("partner.value.version", form.mark_of("version"), message, fix=_one_of(known))
        return {}
    found = {set_id: SetEnvelope(group_of(version[:6], set_id) or "", version) for set_id in OURS}
    exceptions = form.form("sets")
    if exceptions is not None:
        exceptions.only(EXCEPTIONS, unbuilt=("997", "999", "850", "860", "865", "820", "846", "830", "862", "870"))
        for set_id in EXCEPTIONS:
            one = exceptions.form(set_id)
            if one is not None:
                found[set_id] = _set(one, set_id, found[set_id], group_of)
    return {set_id: envelope for set_id, envelope in found.items() if envelope.group}


def _set(form: Form, set_id: str, usual: SetEnvelope, group_of: Callable[[str, str], str | None]) -> SetEnvelope:
    form.only(("group", "version"))
    version = _version(form, usual.version)
    group = group_of(version[:6], set_id) if version else usual.group
    if group is None:
        message = f"{form.named('version')} {version}: the dictionary has no {set_id} in {version[:6]}"
        form.complain("partner.value.version", form.mark_of("version"), message)
    group = form.text("group", group or usual.group)
    if not _GROUP.fullmatch(group):
        message = f"{form.named('group')} wants GS01, two capitals such as PR, not {group}"
        form.complain("partner.value.code", form.mark_of("group"), message)
    return SetEnvelope(group, version)


def _delimiters(envelope: Form, interchange: str) -> Delimiters:
    """Read the delimiters; ISA11 is the repetition separator from 00402 on, and something else before."""
    form, usual = envelope.form("delimiters"), Delimiters()
    if form is None:
        form = Form(Block((), envelope.mark), envelope.named("delimiters"), envelope.problems)
    form.only(("element", "component", "segment", "repetition", "after_segment"))
    suffix = form.choice("after_segment", tuple(_SUFFIXES), "none")
    element, component = _delimiter(form, "element", usual.element), _delimiter(form, "component", usual.component)
    segment = _delimiter(form, "segment", usual.segment)
    repetition = _delimiter(form, "repetition", "") or None
    signs = [sign for sign in (element, component, segment, repetition) if sign]
    if len(set(signs)) != len(signs):
        message = f"{form.place}: two delimiters are the same character, so nobody could tell them apart"
        form.complain("partner.value.delimiter", form.mark, message)
    if any(sign in _SUFFIXES[suffix] for sign in signs):
        message = f"{form.named('after_segment')}: a delimiter cannot follow each segment terminator"
        form.complain("partner.value.delimiter", form.mark_of("after_segment"), message)
    if (repetition is None) == (interchange >= _REPEATS_SINCE):
        wants = "needs a" if repetition is None else "has no"
        message = f"{form.named('repetition')}: an ISA of version {interchange} {wants} repetition separator"
        form.complain("partner.value.delimiter", form.mark_of("repetition"), message)
    return Delimiters(element, component, segment, repetition, _SUFFIXES[suffix])


def _delimiter(form: Form, word: str, default: str) -> str:
    """Give one character: itself, its name (lf, cr, fs, gs, rs, us), or its code as in 0x15."""
    said = form.text(word, default)
    if not said:
        return default
    sign = sign_of(said)
    if len(sign) == 1 and (sign in "\n\r" or 0 < ord(sign) < 0x7F) and not sign.isalnum() and sign != " ":
        return sign
    message = f"{form.named(word)} wants one character that is no letter, digit or blank, or lf, cr, fs, gs, 0x1D"
    form.complain("partner.value.delimiter", form.mark_of(word), f"{message}; not {said}")
    return default


def _file_name(envelope: Form) -> str:
    form = envelope.form("file")
    if form is None:
        return FILE_NAME
    form.only(("sets", "name"))
    form.choice("sets", ("one",), "one", unbuilt=("many", "all", "group"))
    name = form.text("name", FILE_NAME)
    try:
        parts = tuple(Formatter().parse(name))
    except ValueError:
        parts = ((name, "", "", ""),)
    named = {field for _, field, _, _ in parts if field is not None}
    odd = [part for part in parts if part[2] or part[3] or not _PLAIN.fullmatch(part[0])]
    if odd or "number" not in named or not named <= set(PLACEHOLDERS):
        words = ", ".join(f"{{{word}}}" for word in PLACEHOLDERS)
        close = ((word, nearest(word, PLACEHOLDERS)) for word in sorted(named - set(PLACEHOLDERS)))
        hint = "".join(f"; there is no {{{word}}}, nearest: {{{other}}}" for word, other in close if other)
        message = f"{form.named('name')} is made of letters, digits, . _ - and of {words}, with {{number}} among them"
        form.complain("partner.value.file-name", form.mark_of("name"), f"{message}; not {name}{hint}")
        return FILE_NAME
    return name
