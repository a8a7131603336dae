"""gst-rtsp-server as a peer, run under the system's Python: `gst_server.py HOST FOLDER [digest|basic]`.

Serves every FOLDER/*.h264 and *.h265 (Annex B) at /NAME, once more at /udp/NAME over UDP alone, and a red picture at
/jpeg, with a login where one is named (the environment variables PEER_USER and PEER_PASSWORD). HOST is one address or
FIRST+COUNT: as many servers in this process, each on an address and the same port. Prints the port, runs until standard
input closes.
"""

import os
import sys
import threading
from ipaddress import ip_address
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

LAUNCH = (
    "( multifilesrc location={file} loop=true ! {codec}parse ! video/x-{codec},stream-format=byte-stream,alignment=au "
    "! identity sync=true ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )"
)
RED = "videotestsrc is-live=true pattern=red ! video/x-raw,format=I420,width=320,height=240,framerate=10/1"
JPEG = f"( {RED} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"


def factory(launch: str, role: str | None, udp: bool = False) -> GstRtspServer.RTSPMediaFactory:
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(launch)
    made.set_shared(True)
    if udp:
        made.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    if role:
        structure = f"{role}, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
        made.add_role_from_structure(Gst.Structure.from_string(structure)[0])
    return made


def main() -> None:
    Gst.init(None)
    method = sys.argv[3] if len(sys.argv) > 3 else ""
    first, _, count = sys.argv[1].partition("+")
    servers = [served(first, "0", Path(sys.argv[2]), method)]
    port = str(servers[0].get_bound_port())
    for number in range(1, int(count or 1)):
        servers.append(served(str(ip_address(first) + number), port, Path(sys.argv[2]), method))
    print(port, flush=True)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


def served(host: str, port: str, folder: Path, method: str) -> GstRtspServer.RTSPServer:
    server = GstRtspServer.RTSPServer()
    server.set_address(host)
    server.set_service(port)
    role = None
    if method:
        role = "viewer"
        auth = GstRtspServer.RTSPAuth()
        user, password = os.environ["PEER_USER"], os.environ["PEER_PASSWORD"]
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", role)
        if method == "digest":
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(user, password, token)
        else:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        server.set_auth(auth)
    for file in folder.glob("*.h26?"):
        launch = LAUNCH.format(file=file, codec=file.suffix[1:])
        server.get_mount_points().add_factory(f"/{file.stem}", factory(launch, role))
        server.get_mount_points().add_factory(f"/udp/{file.stem}", factory(launch, role, udp=True))
    server.get_mount_points().add_factory("/jpeg", factory(JPEG, role))
    server.attach(None)
    return server


if __name__ == "__main__":
    main()
