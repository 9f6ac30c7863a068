"""connections.yaml as values: each mailbox with its host, folders and manners."""

from __future__ import annotations

import posixpath
import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from edi_engine.finding import Finding
from edi_engine.partners.connection import WEAK, Connection, Delivery, Intake, SftpPlace, Weak
from edi_engine.partners.form import Form, whole_file
from edi_engine.partners.measures import read_date, read_duration, read_size, read_whole
from edi_engine.partners.read_expect import read_expected_files
from edi_engine.text.yaml import Listing, Node, Text, problem

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_USUAL: Final = Intake(folder="")
_MOST_BYTES: Final = 1024**3
_HANDOVER: Final = Delivery(folder="")
_ADDED: Final = {"rename": "temporary", "direct": "", "done-file": "done"}
"""The manners of handing over, each with its word for what is added to a name."""
_WIDEST: Final = 32_760
"""Bytes of the longest line that a mainframe's file has."""
_MOST_SESSIONS: Final = 8
_LEAST_PAUSE: Final = timedelta(seconds=1)
_ASK: Final = "in: is the folder that they write to, out: the one that they read; ask them which is which"


def read_connections(node: Node, problems: list[Finding]) -> dict[str, Connection]:
    """Read all connections; what is wrong is added to `problems`, and a wrong connection is left out.

    One without `in:` (an ERP's folder, where we only deliver) has an intake with the folder "".
    """
    file = whole_file(node, "a connections file", problems)
    if file is None:
        return {}
    found: dict[str, Connection] = {}
    for entry in file.entries():
        name = entry.key.value
        before = len(problems)
        if not NAME.fullmatch(name):
            message = f"the connection name {name} may hold only small letters, digits, - and _"
            problems.append(problem("partner.value.name", entry.key.mark, message))
        form = file.inside(entry.value, name)
        connection = _connection(entry.key, form) if form is not None else None
        if connection is not None and len(problems) == before:
            found[name] = connection
    return found


def _connection(name: Text, form: Form) -> Connection | None:
    form.only(("sftp", "folder", "in", "out", "every", "sessions", "expect"), unbuilt=("as2", "ftps", "http"))
    sftp, folder = form.form("sftp"), form.text("folder") or None
    if form.has("sftp") and form.has("folder"):
        message = f"{name.value} has sftp: and folder:, and can have only one of the two: it is one mailbox"
        fix = "keep sftp: for somebody's server, or folder: for a folder on this machine"
        form.complain("partner.value.choice", form.mark_of("folder"), message, fix=fix)
    elif (sftp is None) == (folder is None):
        message = f"{name.value} needs either sftp: (somebody's server) or folder: (a folder on this machine)"
        form.complain("partner.value.missing", form.mark, message)
    intake, delivery = form.form("in"), form.form("out", needed=True)
    sessions = read_whole(form, "sessions", 1, least=1, most=_MOST_SESSIONS)
    if delivery is None:
        return None
    expected = read_expected_files(form)
    if expected and intake is None:
        message = f"{name.value} expects files and has no in: to read them from"
        form.complain("partner.value.missing", form.mark_of("expect"), message)
    pickup = _intake(intake) if intake is not None else _USUAL
    handover = _delivery(delivery)
    if intake is not None:
        _keep_apart(intake, pickup, delivery, handover, local=folder is not None)
    return Connection(
        name=name.value,
        sftp=_sftp(sftp) if sftp is not None else None,
        folder=folder,
        intake=pickup,
        delivery=handover,
        every=_pause(form),
        sessions=sessions,
        expect=expected,
        source=f"{name.mark.file}:{name.mark.line}",
    )


def _pause(form: Form) -> timedelta:
    every = read_duration(form, "every", timedelta(minutes=5))
    if every < _LEAST_PAUSE:
        message = f"{form.named('every')} is the pause between two looks, at least 1 s, not {form.text('every')}"
        form.complain("partner.value.duration", form.mark_of("every"), message)
    return every


def _keep_apart(intake: Form, pickup: Intake, delivery: Form, handover: Delivery, *, local: bool) -> None:
    """Refuse folders that are the same one: what we put or move there would be picked up again, for ever."""
    reads = [_plain(folder, local=local) for folder in pickup.folders]
    done, given = (_plain(name, local=local) for name in (pickup.done_folder, handover.folder))
    if len(set(reads)) < len(reads):
        message = f"{intake.named('folder')} names a folder twice"
        intake.complain("partner.value.folder", intake.mark_of("folder"), message, fix="name each folder once")
    if done and done in reads:
        message = f"{intake.named('after')} moves files to the folder that they are read from, so each comes for ever"
        fix = "name another folder, such as one called done inside it"
        intake.complain("partner.value.folder", intake.mark_of("after"), message, fix=fix)
    if given and given in reads:
        message = f"{delivery.named('folder')} is the folder that we read, so we would pick up what we send"
        delivery.complain("partner.value.folder", delivery.mark_of("folder"), message, fix=_ASK)
    if given and given == done:
        message = f"{intake.named('after')} moves their files to the folder of {delivery.named('folder')}: to them"
        intake.complain("partner.value.folder", intake.mark_of("after"), message, fix="name another folder")


def _plain(name: str | None, *, local: bool) -> str:
    """Write a folder's name so that the same folder reads the same; below a local one, a slash in front says nothing.

    "" where there is none.
    """
    if not name:
        return ""
    plain = posixpath.normpath(name).replace("//", "/")
    return plain.lstrip("/") or "." if local else plain


def _folder(form: Form, word: str, name: str) -> None:
    """Refuse a name that climbs out of where it begins."""
    if ".." in name.split("/"):
        message = f"{form.named(word)} climbs out of its place with ..: {name}"
        fix = "write the folder's name from the top, without .."
        form.complain("partner.value.folder", form.mark_of(word), message, fix=fix)


def _sftp(form: Form) -> SftpPlace:
    form.only(("host", "port", "user", "key", "host_key", "weak"), unbuilt=("jump", "prefetch"))
    key = form.text("key", needed=True)
    if key and not _KEY.fullmatch(key):
        message = (
            f"{form.named('key')} is the name of a key in the key store, such as northwind: not a path, not the key"
        )
        form.complain("partner.value.key", form.mark_of("key"), message)
    pins = form.texts("host_key", needed=True)
    for pin in pins:
        if not _FINGERPRINT.fullmatch(pin.value):
            message = f"{form.named('host_key')} wants a fingerprint: SHA256: and 43 characters, not {pin.value}"
            fix = "ask the partner for it, or compare what `ssh-keygen -lf` prints for their host key"
            form.complain("partner.value.host-key", pin.mark, message, fix=fix)
    host = form.text("host", needed=True)
    if _is_of_this_link(host):
        message = f"{form.named('host')} is an address of this link alone: {host}; no partner has one"
        form.complain("partner.value.host", form.mark_of("host"), message, fix="write their server's name or address")
    return SftpPlace(
        host=host,
        user=form.text("user", needed=True),
        key=key,
        host_keys=tuple(pin.value.rstrip("=") for pin in pins),
        port=read_whole(form, "port", 22, least=1, most=65535),
        weak=_weak(form.form("weak")),
    )


def _is_of_this_link(host: str) -> bool:
    """Say whether it is a link-local address: where a cloud keeps what its machines may know, and no partner is."""
    try:
        return ip_address(host.strip("[]")).is_link_local
    except ValueError:  # a name
        return False


def _weak(form: Form | None) -> Weak | None:
    """Read the exception for a server that has only old algorithms: named, dated, and with its reason."""
    if form is None:
        return None
    form.only(("allow", "until", "because"))
    names = form.texts("allow", needed=True)
    for name in names:
        if name.value not in WEAK:
            message = f"{form.named('allow')} cannot be {name.value}"
            form.complain("partner.value.choice", name.mark, message, fix=f"write some of {', '.join(WEAK)}")
    until = read_date(form, "until")
    because = form.text("because", needed=True)
    if until is None:
        if not form.has("until"):
            form.missing("until")
        return None
    return Weak(tuple(name.value for name in names), until, because)


def _intake(form: Form) -> Intake:
    form.only(
        ("folder", "match", "settle", "after", "claim", "ignore", "wait_incomplete", "wait_empty", "max_size", "wrap"),
        unbuilt=("done_file", "charset"),
    )
    form.choice("claim", ("none",), "none", unbuilt=("rename", "move"))
    after, done_folder = _after(form)
    ignore = tuple(text.value for text in form.texts("ignore"))
    folder, *more = _folders(form)
    return Intake(
        folder=folder,
        more=tuple(more),
        match=form.text("match", _USUAL.match),
        settle=read_duration(form, "settle", _USUAL.settle),
        after=after,
        done_folder=done_folder,
        ignore=ignore if form.has("ignore") else _USUAL.ignore,
        wait_incomplete=read_duration(form, "wait_incomplete", _USUAL.wait_incomplete),
        wait_empty=read_duration(form, "wait_empty", _USUAL.wait_empty),
        max_bytes=read_size(form, "max_size", _USUAL.max_bytes, most=_MOST_BYTES),
        wrap=read_whole(form, "wrap", 0, least=1, most=_WIDEST) or None,
    )


def _folders(form: Form) -> tuple[str, ...]:
    """Read the folder that we look into, or a list of them; one "" where it is missing."""
    listed = form.texts("folder") if isinstance(form.node("folder"), Listing) else ()
    folders = tuple(text.value for text in listed) or (form.text("folder", needed=True),)
    for folder in folders:
        _folder(form, "folder", folder)
    return folders


def _after(form: Form) -> tuple[str, str | None]:
    """Read what happens to a file on the server once it is stored here: `delete`, or `move FOLDER`."""
    said = form.text("after", needed=True)
    act, _, folder = said.partition(" ")
    folder = folder.strip()
    if act == "delete" and not folder:
        return "delete", None
    if act == "move" and folder:
        _folder(form, "after", folder)
        return "move", folder
    if said:
        message = f"{form.named('after')} is delete, or move and a folder such as move /out/done, not {said}"
        form.complain("partner.value.choice", form.mark_of("after"), message)
    return "delete", None


def _delivery(form: Form) -> Delivery:
    form.only(("folder", "deliver", "temporary", "done"))
    folder = form.text("folder", needed=True)
    _folder(form, "folder", folder)
    deliver = form.choice("deliver", tuple(_ADDED), "rename")
    for word in ("temporary", "done"):
        if form.has(word) and _ADDED.get(deliver) != word:
            manner = next(manner for manner, added in _ADDED.items() if added == word)
            message = f"{form.named(word)} belongs to deliver: {manner}; with deliver: {deliver} it says nothing"
            form.complain("partner.value.choice", form.mark_of(word), message)
    return Delivery(
        folder=folder,
        deliver=deliver,
        temporary=_suffix(form, "temporary", "is what is added to a name while it is written"),
        done=_suffix(form, "done", "is what is added to a document's name for the file that says it is whole"),
    )


def _suffix(form: Form, word: str, what: str) -> str:
    usual: str = getattr(_HANDOVER, word)
    suffix = form.text(word) if form.has(word) else usual
    if not re.fullmatch(r"\.[A-Za-z0-9._-]{1,20}", suffix):
        message = f"{form.named(word)} {what}, such as {usual}, not {suffix}"
        form.complain("partner.value.name", form.mark_of(word), message)
    return suffix
