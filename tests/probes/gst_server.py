"""gst-rtsp-server as a peer, run under the system's Python: `gst_server.py HOST FOLDER [digest|basic]`.

Serves every FOLDER/*.h264 and *.h265 (Annex B) at /NAME and a red picture at /jpeg, with a login where one
is named (the environment variables PEER_USER and PEER_PASSWORD). Prints its port, runs until standard input closes.
"""

import os
import sys
import threading
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

LAUNCH = (
    "( multifilesrc location={file} loop=true ! {codec}parse ! video/x-{codec},stream-format=byte-stream,alignment=au "
    "! identity sync=true ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )"
)
RED = "videotestsrc is-live=true pattern=red ! video/x-raw,format=I420,width=320,height=240,framerate=10/1"
JPEG = f"( {RED} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"


def factory(launch: str, role: str | None) -> GstRtspServer.RTSPMediaFactory:
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(launch)
    made.set_shared(True)
    if role:
        structure = f"{role}, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
        made.add_role_from_structure(Gst.Structure.from_string(structure)[0])
    return made


def main() -> None:
    Gst.init(None)
    method = sys.argv[3] if len(sys.argv) > 3 else ""
    server = GstRtspServer.RTSPServer()
    server.set_address(sys.argv[1])
    server.set_service("0")
    role = None
    if method:
        role = "viewer"
        auth = GstRtspServer.RTSPAuth()
        user, password = os.environ["PEER_USER"], os.environ["PEER_PASSWORD"]
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", role)
        if method == "digest":
            from gi.repository import GstRtsp

            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(user, password, token)
        else:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        server.set_auth(auth)
    for file in Path(sys.argv[2]).glob("*.h26?"):
        launch = LAUNCH.format(file=file, codec=file.suffix[1:])
        server.get_mount_points().add_factory(f"/{file.stem}", factory(launch, role))
    server.get_mount_points().add_factory("/jpeg", factory(JPEG, role))
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
