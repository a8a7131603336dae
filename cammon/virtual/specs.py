"""Virtual cameras from the ledger of a site: the same addresses and paths, and the identity that the ledger expects."""

import hashlib
from collections.abc import Iterator, Mapping

from cammon.sitefiles.model import LedgerCamera, Site
from cammon.virtual.model import BadFleet, CameraSpec, Identity, Login, Scheme, StreamSpec

DEFAULT_SIZE = (1920, 1080)
SUB_WIDTH_PX = 640
HOSTS_A_BLOCK = 250
CAMERAS_A_SWITCH = 24


def specs_of(
    site: Site, logins: Mapping[str, tuple[str, str]], schemes: tuple[Scheme, ...] = (Scheme.DIGEST_MD5,)
) -> tuple[CameraSpec, ...]:
    """A virtual camera for each row of the ledger that has an address. BadFleet for a credential without a login."""
    return tuple(spec_of(camera, logins, schemes) for camera in site.cameras if camera.host)


def spec_of(
    camera: LedgerCamera, logins: Mapping[str, tuple[str, str]], schemes: tuple[Scheme, ...] = (Scheme.DIGEST_MD5,)
) -> CameraSpec:
    """One camera as its ledger row says it should be. Without a credential it asks for no login."""
    width_px = _even(camera.expected.width_px or DEFAULT_SIZE[0])
    height_px = _even(camera.expected.height_px or DEFAULT_SIZE[1])
    rate_fps = camera.expected.rate_fps or 25.0
    sub = None
    if camera.sub_path is not None:
        narrow = min(SUB_WIDTH_PX, width_px)
        sub = StreamSpec(camera.sub_path, narrow, _even(narrow * height_px / width_px), rate_fps)
    return CameraSpec(
        id=camera.id,
        host=camera.host or "",
        rtsp_port=camera.rtsp_port,
        onvif_port=camera.onvif_port,
        main=StreamSpec(camera.rtsp_path, width_px, height_px, rate_fps),
        sub=sub,
        login=_login(camera, logins, schemes),
        identity=_identity(camera),
        switch=camera.switch,
        recorder=camera.recorder,
        rtsps=camera.rtsp_scheme == "rtsps",
        https=camera.onvif_scheme == "https",
    )


def many(count: int, *, login: Login | None = None, size: tuple[int, int] = (640, 360)) -> Iterator[CameraSpec]:
    """`count` cameras for load tests: the same two ports, each on an address of its own from 127.64.0.1 on."""
    for number in range(count):
        block, rest = divmod(number, HOSTS_A_BLOCK * HOSTS_A_BLOCK)
        yield CameraSpec(
            id=f"M{number + 1:05}",
            host=f"127.{64 + block}.{rest // HOSTS_A_BLOCK}.{rest % HOSTS_A_BLOCK + 1}",
            rtsp_port=8554,
            onvif_port=8080,
            main=StreamSpec("/main", *size),
            sub=None,
            login=login,
            identity=Identity(serial=f"VM{number + 1:07}", mac=_mac(str(number))),
            switch=f"SW{number // CAMERAS_A_SWITCH + 1}",
        )


def _login(camera: LedgerCamera, logins: Mapping[str, tuple[str, str]], schemes: tuple[Scheme, ...]) -> Login | None:
    if camera.credential is None:
        return None
    if camera.credential not in logins:
        raise BadFleet(f"camera {camera.id} names the credential {camera.credential!r}, for which no login was given")
    username, password = logins[camera.credential]
    return Login(username, password, schemes, camera.credential)


def _identity(camera: LedgerCamera) -> Identity:
    maker, _, model = camera.model.partition(" ")
    return Identity(
        manufacturer=maker if model else Identity().manufacturer,
        model=camera.model or Identity().model,
        serial=camera.serial or f"VC{_digest(camera.id)[:8].upper()}",
        mac=camera.mac or _mac(camera.id),
    )


def _mac(name: str) -> str:
    """A locally administered address that belongs to this name."""
    digest = _digest(name)
    return ":".join(["02", *(digest[place : place + 2] for place in range(0, 10, 2))])


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _even(length: float) -> int:
    return max(16, 2 * round(length / 2))
