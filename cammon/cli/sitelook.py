"""One look at a camera of a site, by hand: its row, its login, and what a person has to know of the login."""

from pathlib import Path

from cammon.byhand import ByHand, look_by_hand
from cammon.clock import SystemClock
from cammon.credentials import logins_of
from cammon.problem import UserError
from cammon.service.looks import endpoint_of
from cammon.sitefiles.model import Site

from .waiting import since_s


def looked_by_hand(found: Site, site: Path, camera: str, database: Path, once_more: bool, frames: int = 1) -> ByHand:
    """One look at a camera of the site in the folder `site`. Raises UserError for one that it has not."""
    try:
        row = found.camera(camera)
        endpoint = endpoint_of(found, row, logins_of(found, database))
    except KeyError:
        known = ", ".join(one.id for one in found.cameras[:30])
        raise UserError(f"{site}: no camera {camera!r}; the site has {known}") from None
    except ValueError as error:
        raise UserError(f"{site}: {error}; put one into cameras.csv") from None
    stream = found.probing(row).picture_stream
    if stream == "snapshot" and not endpoint.snapshot_path:
        stream = "sub"
    return look_by_hand(
        *(endpoint, SystemClock(), database, found.login_pause_s),
        once_more=once_more,
        since_s=since_s(),
        frames=frames,
        stream=stream,
    )


def login_lines(looked: ByHand, language: str) -> list[str]:
    """What a person has to know of the login."""
    lines = []
    if looked.stopped_until is not None:
        until = looked.stopped_until.astimezone().strftime("%Y-%m-%d %H:%M")
        lines.append(
            {
                "en": f"no login was sent: it was refused, and until {until} only a changed one is tried, "
                "so that the account is not locked; --once-more sends it all the same",
                "zh": f"没有发送登录信息：该登录已被拒绝，{until} 之前只会尝试更改后的登录，以免账号被锁；"
                "确需再试一次，请加 --once-more",
            }[language]
        )
    if not looked.noted:
        lines.append(
            {
                "en": "the store could not be written: a running service does not hear of this login",
                "zh": "无法写入数据库：正在运行的服务不会得知这次登录的结果",
            }[language]
        )
    return lines
