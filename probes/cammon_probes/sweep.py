"""A bounded look at a range of addresses: which hosts have a camera's ports open. Nothing is sent but a connect."""

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from .model import Deadline

ONVIF_PORTS = (80, 8000, 8080, 8899, 2020)
RTSP_PORTS = (554, 8554)
MOST_HOSTS = 4096
CONNECT_S = 1.0
_THREADS = 64
_MOST_PORTS = 16


@dataclass(frozen=True, slots=True)
class OpenHost:
    """A host with at least one of the ports open, in the order in which they were asked for."""

    host: str
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found, and how many hosts were not looked at before the time was over."""

    found: tuple[OpenHost, ...]
    not_looked_at: int = 0


def hosts_of(subnets: Sequence[str]) -> tuple[str, ...]:
    """All hosts of the ranges, once each, in order. ValueError for what is no range, or more than `MOST_HOSTS`."""
    found: dict[str, None] = {}
    for text in subnets:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise ValueError(f"{text!r} is no range of addresses; write 192.168.1.0/24 or fd00::/120") from None
        if network.is_multicast or network.is_unspecified:
            raise ValueError(f"{text!r} holds no hosts; write the range that the cameras are in")
        if network.num_addresses > MOST_HOSTS + 2:
            smallest = network.max_prefixlen - (MOST_HOSTS.bit_length() - 1)
            raise ValueError(f"{text!r} has more than {MOST_HOSTS} hosts; give parts of at most a /{smallest}")
        found.update(dict.fromkeys(str(host) for host in network.hosts()))
    if len(found) > MOST_HOSTS:
        raise ValueError(f"the ranges have {len(found)} hosts together, at most {MOST_HOSTS} are looked at in one run")
    return tuple(found)


def sweep(
    hosts: Sequence[str],
    ports: Sequence[int],
    deadline: Deadline,
    *,
    rate_per_s: float = 200.0,
    show: Callable[[int, int], None] = lambda done, of: None,
) -> Swept:
    """Connects to each port of each host, at most so many a second, each waiting `CONNECT_S`; ends by the deadline.

    `show` is called with the hosts done and all hosts.
    """
    pace = _Pace(rate_per_s, deadline)
    done = 0
    found: dict[str, OpenHost] = {}
    missed = 0
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="sweep") as pool:
        asked = {pool.submit(_ports_open, host, tuple(ports)[:_MOST_PORTS], pace): host for host in hosts}
        for future in as_completed(asked):
            opened, host = future.result(), asked[future]
            done += 1
            show(done, len(hosts))
            if opened is None:
                missed += 1
            elif opened:
                found[host] = OpenHost(host, opened)
    return Swept(tuple(found[host] for host in hosts if host in found), missed)


class _Pace:
    """Lets one connection go each so many seconds, whoever asks."""

    def __init__(self, rate_per_s: float, deadline: Deadline) -> None:
        self._deadline = deadline
        self._every_s = 1.0 / rate_per_s
        self._next_s = deadline.monotonic()
        self._lock = threading.Lock()
        self._never = threading.Event()

    def wait(self) -> bool:
        """Waits for its turn; False when the time is over before."""
        with self._lock:
            now_s = self._deadline.monotonic()
            turn_s = max(self._next_s, now_s)
            if turn_s >= self._deadline.at_s:
                return False
            self._next_s = turn_s + self._every_s
        self._never.wait(turn_s - now_s)
        return True


def _ports_open(host: str, ports: Sequence[int], pace: _Pace) -> tuple[int, ...] | None:
    """None when the time was over before every port was tried."""
    found: list[int] = []
    for port in ports:
        if not pace.wait():
            return tuple(found) or None
        if _is_open(host, port):
            found.append(port)
    return tuple(found)


def _is_open(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), CONNECT_S):
        return True
    return False
