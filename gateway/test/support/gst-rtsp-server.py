"""A real RTSP peer that is not ours: GStreamer's server. Run with /usr/bin/python3 (Debian's gi).

Prints one JSON line {"port": n} when it listens. Mounts: /cam (H.264), /hevc (H.265), /ball (H.264, a ball that moves).
Usage: gst-rtsp-server.py [none|basic|digest] [user] [password] [port]
"""

import ctypes
import json
import signal
import sys

# SIGKILL with the parent, also while stopped: a paused peer must not outlive a killed test run.
ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)

import gi  # noqa: E402

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

mode, user, password, port = (sys.argv[1:] + ["none", "", "", "0"][len(sys.argv) - 1 :])[:4]
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)

if mode != "none":
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    if mode == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)

PICTURE = "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=10/1 ! "
MOUNTS = {
    "/cam": PICTURE + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96",
    "/ball": PICTURE.replace("is-live=true", "is-live=true pattern=ball") + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96",
    "/hevc": PICTURE + "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph265pay name=pay0 pt=97",
}


def grant(factory):
    """Without access a factory answers 404; without construct it answers 401, which is what a login needs."""
    permissions = GstRtspServer.RTSPPermissions()
    for role, construct in (("viewer", True), ("anonymous", False)):
        permissions.add_role(role)
        structure = Gst.Structure.new_from_string(
            f"{role},media.factory.access=(boolean)true,media.factory.construct=(boolean){str(construct).lower()}"
        )
        permissions.add_role_from_structure(structure)
    factory.set_permissions(permissions)


for path, launch in MOUNTS.items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {launch} )")
    factory.set_shared(True)
    if mode != "none":
        grant(factory)
    server.get_mount_points().add_factory(path, factory)

if server.attach(None) == 0:
    sys.exit("cannot listen")
print(json.dumps({"port": server.get_bound_port()}), flush=True)
GLib.MainLoop().run()
