"""Several cases at once: each in a commit of its own, in the order given, so that one that fails stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edi_engine.desk.choosing import Chosen, closes_order, rulings
from edi_engine.desk.queue import find_case
from edi_engine.desk.resolve import Effect, preview, resolve
from edi_engine.desk.retry import Retried, retry
from edi_engine.errors import Outrun, UsageError
from edi_engine.flow.office import Office
from edi_engine.orders.decision import Ruling


@dataclass(frozen=True, slots=True)
class Came:
    """What comes of one case of several: its `effect`, or the case `settled_with` which it closes, or the `trouble`."""

    case: int
    effect: Effect | None = None
    settled_with: int | None = None
    trouble: str | None = None

    @property
    def waits(self) -> bool:
        """Whether something of its order, or the case itself, still waits for a person."""
        return self.trouble is not None or (self.effect is not None and bool(self.effect.left))


@dataclass(frozen=True, slots=True)
class Tried:
    """What a retry of one case of several came to: what it left, or the `trouble` that kept it from being tried."""

    case: int
    retried: Retried | None = None
    trouble: str | None = None

    @property
    def waits(self) -> bool:
        """Whether it, or something else of the same subject, still waits."""
        return self.retried is None or self.retried.case.state == "OPEN" or bool(self.retried.others)


def preview_all(office: Office, wishes: Mapping[int, Chosen]) -> tuple[Came, ...]:
    """Show what choices for several cases do, one after the other; nothing is changed.

    Raises UsageError for a single case; of several, each tells its own trouble.
    """
    came: list[Came] = []
    assumed: dict[str, tuple[Ruling, ...]] = {}
    closed: dict[int, int] = {}
    for case_id, chosen in wishes.items():
        if case_id in closed:
            came.append(Came(case_id, settled_with=closed[case_id]))
            continue
        try:
            with office.ledger.reading() as unit:
                subject = find_case(unit, case_id).subject
            shown = preview(office, case_id, chosen, assumed=assumed.get(subject, ()))
        except UsageError as error:
            came.append(_told(case_id, error, wishes))
            continue
        decided = {one.case for one in came}  # they are open still, but only as nothing is done yet
        shown = replace(shown, settled=tuple(one for one in shown.settled if one not in decided))
        came.append(Came(case_id, shown))
        closed |= dict.fromkeys(shown.settled, case_id)
        if subject.startswith("order:") and not closes_order(chosen):
            assumed[subject] = (*assumed.get(subject, ()), *rulings(shown.case, chosen))
    return tuple(came)


def resolve_all(office: Office, wishes: Mapping[int, Chosen], *, why: str = "", seen: str = "") -> tuple[Came, ...]:
    """Act on choices for several cases. With `seen`, only if they still do what was shown then (see `fingerprint`).

    Raises UsageError and Outrun for a single case; of several, each tells its own trouble.
    """
    if seen and fingerprint(preview_all(office, wishes)) != seen:
        message = (
            "what this does is no longer what you were shown: a case, its order or a partner file has changed since. "
            "Nothing was done; look at it once more, without --seen and --commit"
        )
        raise Outrun(message)
    came: list[Came] = []
    closed: dict[int, int] = {}
    for case_id, chosen in wishes.items():
        if case_id in closed:
            came.append(Came(case_id, settled_with=closed[case_id]))
            continue
        try:
            shown = preview(office, case_id, chosen)
            resolve(office, case_id, chosen, why=why, epoch=shown.case.epoch)
        except (UsageError, Outrun) as error:
            came.append(_told(case_id, error, wishes))
            continue
        came.append(Came(case_id, shown))
        closed |= dict.fromkeys(shown.settled, case_id)
    return tuple(came)


def fingerprint(came: Sequence[Came]) -> str:
    """Give eight letters that change when anything changes of what was shown."""
    shown = [
        (one.case, one.settled_with, one.trouble)
        if (effect := one.effect) is None
        else (
            (one.case, effect.case.findings_json, effect.choice, effect.sentence, effect.answer, effect.after),
            (effect.settled, [(each.case, each.findings) for each in effect.left]),
            effect.later,
        )
        for one in came
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:8]


def retry_all(office: Office, cases: Sequence[int]) -> tuple[Tried, ...]:
    """Re-enter the steps that several cases stopped. Of one case alone, what makes no sense is raised."""
    tried: list[Tried] = []
    settled: set[int] = set()
    for case_id in cases:
        try:
            with office.ledger.reading() as unit:
                case = find_case(unit, case_id)
                standing = {one.id for one in unit.cases.select(subject=case.subject, state="OPEN")}
            gone = case_id in settled and case_id not in standing
            tried.append(Tried(case_id, Retried(case, ()) if gone else retry(office, case_id)))
            settled |= standing
        except (UsageError, Outrun) as error:
            if len(cases) == 1:
                raise
            tried.append(Tried(case_id, trouble=str(error)))
    return tuple(tried)


def _told(case_id: int, error: UsageError | Outrun, wishes: Mapping[int, Chosen]) -> Came:
    if len(wishes) == 1:
        raise error
    return Came(case_id, trouble=str(error))
