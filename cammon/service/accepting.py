"""What people say of the views of cameras: how one should look, and where it stands against the ledger."""

from collections.abc import Callable

from sqlalchemy import Connection

from cammon.clock import Clock
from cammon.sitefiles.model import CameraKind, Site
from cammon.store import pictures, readings, references
from cammon.store.opening import Store
from cammon.turned import Turn, aims, turn_after
from cammon_probes.model import ProbeKind

from .looks import Looker
from .present import Present


class Views:
    """The views of a site's cameras, as people accept and confirm them."""

    def __init__(
        self,
        site: Site,
        store: Store,
        clock: Clock,
        present: Present,
        looker: Looker,
        sooner: Callable[[str, ProbeKind], None],
    ) -> None:
        """`sooner` asks for the next look of a kind at a camera."""
        self._site, self._store, self._clock = site, store, clock
        self._present, self._looker, self._sooner = present, looker, sooner

    def accept(self, camera: str, by: str) -> bool:
        """The camera should look from now on as in its newest picture; False when it has none. The next look clears
        what was only another view."""
        newest = self._present.pictures.get(camera)
        with self._store.reading() as connection:
            shown = None if newest is None else pictures.get(connection, self._site.id, newest[0])
        if shown is None:
            return False
        at = self._clock.now()
        known = self._looker.renewed(camera, shown.jpeg, shown.at)
        with self._store.engine.begin() as connection:
            turn = self._turn(connection, camera)
            references.accept(connection, self._site.id, camera, known, at, by, turn)
            pictures.forget_good(connection, self._site.id, camera)
        self._looker.references.adopt(camera, known, at)
        self._looker.now_turned(camera, turn)
        self._sooner(camera, ProbeKind.PICTURE)
        return True

    def _turn(self, connection: Connection, camera: str) -> Turn | None:
        """How the view of the newest picture is turned against the ledger."""
        looks = readings.newest(connection, self._site.id, camera)
        seen = next((look for look in looks if look.row.kind == ProbeKind.PICTURE), None)
        if seen is None:
            return self._looker.turned(camera)
        return turn_after(self._looker.turned(camera), aims(self._site).get(camera), seen.findings, seen.notes)

    def ledger_is_right(self, camera: str) -> bool:
        """The accepted view is the one that the ledger describes; False when nobody said otherwise. The next picture
        makes the camera count again."""
        if self._looker.turned(camera) is None:
            return False
        with self._store.engine.begin() as connection:
            references.not_turned(connection, self._site.id, camera)
        self._looker.now_turned(camera, None)
        self._sooner(camera, ProbeKind.PICTURE)
        return True

    def unconfirmed(self) -> tuple[str, ...]:
        """Cameras whose good pictures nobody has looked at, in the ledger's order: what was hidden from them when
        cammon first saw them is never told. A mobile camera has no view of its own."""
        known = self._looker.references
        return tuple(
            camera.id
            for camera in self._site.cameras
            if camera.host is not None
            and camera.kind is not CameraKind.MOBILE
            and camera.id in self._present.pictures
            and known.accepted_at(camera.id) is None
        )

    def confirm(self, camera: str, by: str) -> bool:
        """The good pictures of the camera show all that they should; False when there are none, or one has said so."""
        at = self._clock.now()
        with self._store.engine.begin() as connection:
            done = references.confirm(connection, self._site.id, camera, at, by)
        if done:
            self._looker.references.confirm(camera, at)
        return done

    def adopt(self) -> None:
        """Take over views that were accepted from the command line."""
        mine = self._looker.references
        with self._store.reading() as connection:
            turned = references.turned(connection, self._site.id)
            for camera, at in references.accepted(connection, self._site.id).items():
                before = mine.accepted_at(camera)
                known = references.one(connection, self._site.id, camera) if before is None or before < at else None
                if known is not None:
                    mine.adopt(camera, known, at)
                    self._looker.now_turned(camera, turned.get(camera))
