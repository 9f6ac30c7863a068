"""The wiring: one store, one clock, the current edition, and offices made of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edi_engine.app.doors import Doors
from edi_engine.app.hand import Hand
from edi_engine.app.restoring import notice, remember
from edi_engine.app.settings import Settings, SystemClock, os_user
from edi_engine.app.shelf import BaseMaps, current_edition, dictionary
from edi_engine.errors import ConfigurationError, Taken, TransportError
from edi_engine.flow.documents import OUT
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Clock, Ledger, Mailbox, Rows, Unit
from edi_engine.flow.records import EditionRecord
from edi_engine.partners.connection import Connection, Delivery, Intake
from edi_engine.partners.edition import Edition, load_edition, unpack

if TYPE_CHECKING:
    from edi_engine.store.ledger import Store

ERP = "erp"
OWN = "settings"
"""The source of connections to folders of ours, which are made where they are missing; a partner's never are."""


class Workplace:
    """Everything a command or the daemon works with. Editions may be swapped while drains run: each pins its own."""

    def __init__(self, settings: Settings, store: Store, edition: Edition, clock: Clock) -> None:
        """Take over an opened store and a loaded edition."""
        self.settings = settings
        self.store = store
        self.clock = clock
        self.dictionary = dictionary(settings.home)
        self.edition = edition
        self.out: Path | None = None
        self._who = os_user()
        self.stopping: Callable[[], bool] = lambda: False
        self.doors = Doors()
        self.hand = Hand(settings.working, self._stored() if settings.working is not None else None)
        self._cache: dict[str, bytes] = {}
        self._swap = threading.Lock()
        self._older: dict[str, Edition] = {}

    def _stored(self) -> dict[str, int]:
        """Give the highest number of each kind of thing that is taken in hand, as it is when this process begins."""
        with self.store.ledger().reading() as unit:
            kinds: dict[str, Rows[Any]] = {
                "file": unit.files,
                "group": unit.groups,
                "set": unit.sets,
                "order": unit.orders,
            }
            return {kind: found.id for kind, rows in kinds.items() for found in rows.select(descending=True, limit=1)}

    def office(self, ledger: Ledger | None = None, edition: Edition | None = None) -> Office:
        """Give the surroundings of one drain or command; `ledger` is a fenced one for a drain."""
        pinned = edition or self.edition
        return Office(
            clock=self.clock,
            edition=pinned,
            dictionary=self.dictionary,
            cache=self._cache,
            base_map=BaseMaps(self.settings, pinned),
            ledger=ledger or self.store.ledger(),
            who=self._who,
            erp_connection=ERP,
            stopping=self.stopping,
            in_hand=self.hand.on,
            left_in_hand=self.hand.left,
        )

    def named_edition(self, name: str | None) -> Edition:
        """Give the edition that an interchange was opened with; the current one where it is not stored any more."""
        if name is None or name == self.edition.name:
            return self.edition
        if name not in self._older:
            with self.store.ledger().reading() as unit:
                record = unit.editions.one(sha256=name)
                try:
                    packed = unit.blobs.get(name) if record is not None else None
                except KeyError:
                    packed = None
            if packed is None:
                return self.edition
            try:
                self._older[name] = load_edition(unpack(packed), self.dictionary)
            except ConfigurationError:  # it was written for an older language than this program speaks
                return self.edition
        return self._older[name]

    def keep(self, edition: Edition) -> None:
        """Store an edition, so that what is done by it can be read by it later."""
        with self.store.ledger().reading() as unit:
            if unit.editions.one(sha256=edition.name) is not None:
                return
        with self.store.ledger().unit("edition.kept") as unit:
            self._add(unit, edition)

    def publish(self, edition: Edition) -> None:
        """Store an edition and put it in force, for every drain that starts from now on."""
        with self._swap:
            with self.store.ledger().unit("edition.published") as unit:
                known = self._add(unit, edition)
                for other in unit.editions.select(current=True):
                    if other.sha256 != edition.name:
                        unit.editions.change(other, current=False)
                if not known.current:
                    unit.editions.change(known, current=True)
            self.edition = edition

    def _add(self, unit: Unit, edition: Edition) -> EditionRecord:
        known = unit.editions.one(sha256=edition.name)
        if known is not None:
            return known
        unit.blobs.put(edition.pack())
        try:
            return unit.editions.add(EditionRecord(sha256=edition.name, at=self.clock.now(), os_user=os_user()))
        except Taken:  # by another process, a moment ago
            return self._add(unit, edition)

    def connection(self, name: str) -> Connection | None:
        """Give a connection by name; the ERP's folder and a command's --out folder are connections too."""
        if name.partition(":")[0] == OUT:
            return local(name, self.out) if self.out is not None else None
        found = self.edition.connections.get(name)
        if found is None and name == ERP:
            return local(ERP, self.settings.erp)
        return found

    @contextmanager
    def mailbox(self, connection: Connection, sessions: int = 1) -> Iterator[Mailbox]:
        """Connect, with up to so many sessions, and leave at the end. Raises TransportError."""
        opened = self._connect(connection, sessions)
        try:
            yield opened
        finally:
            opened.close()

    def _connect(self, connection: Connection, sessions: int) -> Mailbox:
        if connection.sftp is not None:
            from edi_engine.transport import sftp

            return sftp.connect_all(connection, lambda name: self.settings.keys / name, sessions)
        if connection.folder is None:
            message = f"the connection {connection.name} names neither an SFTP account nor a folder"
            raise TransportError(message, retry=False)
        from edi_engine.transport import folder

        root = self.root(connection)
        if connection.source == OWN:
            folder.make_folder(root)
        return folder.connect(replace(connection, folder=str(root)), ours=connection.source == OWN)

    def root(self, connection: Connection) -> Path:
        """Give the folder of a connection to a folder of this machine: in the home, where it is not named whole."""
        return self.settings.home / (connection.folder or "")

    def close(self) -> None:
        """Give everything back."""
        self.store.close()


def local(name: str, folder: Path) -> Connection:
    """Make a connection to a folder of this machine, for delivery only."""
    return Connection(name, None, str(folder), Intake(folder=""), Delivery(folder=""), source=OWN)


def last_edition(settings: Settings) -> Edition | None:
    """Give the edition that the store holds as the one in force; None where there is none that loads."""
    from edi_engine.store.ledger import open_store

    if settings.store_file is not None and not settings.store_file.exists():
        return None
    store = open_store(settings.db)
    try:
        with store.ledger().reading() as unit:
            record = unit.editions.one(current=True)
            packed = unit.blobs.get(record.sha256) if record is not None else None
        return None if packed is None else load_edition(unpack(packed), dictionary(settings.home))
    except (ConfigurationError, KeyError):
        return None
    finally:
        store.close()


def edition_in_force(settings: Settings) -> Edition:
    """Give the edition of the folders; while those are broken, the last good one, by which the daemon goes on too.

    Raises ConfigurationError where there is neither.
    """
    try:
        return current_edition(settings)
    except ConfigurationError:
        standing = last_edition(settings)
        if standing is None:
            raise
        return standing


@contextmanager
def opened(settings: Settings, edition: Edition | None = None, clock: Clock | None = None) -> Iterator[Workplace]:
    """Open the store (creating or upgrading it) and load the edition. Raises ConfigurationError, TransportError."""
    from edi_engine.store.ledger import open_store

    loaded = edition or current_edition(settings)
    place = Workplace(settings, open_store(settings.db), loaded, clock or SystemClock())
    try:
        notice(settings, place.store)
        place.keep(loaded)
        yield place
        remember(settings, place.store)
    finally:
        place.close()
