"""Plays an RTSP stream with GStreamer until it has so many pictures, then says what it saw as one line of JSON."""
import json
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

location, codec, protocol, wanted = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
Gst.init(None)
pipeline = Gst.parse_launch(
    f'rtspsrc location="{location}" protocols={protocol} latency=0 ! rtp{codec}depay ! {codec}parse ! '
    f'video/x-{codec},alignment=au ! fakesink name=sink sync=false signal-handoffs=true'
)
loop = GLib.MainLoop()
seen = {'pictures': 0, 'keys': 0}


def picture(_sink, buffer, pad):
    seen['pictures'] += 1
    seen['keys'] += 0 if buffer.has_flags(Gst.BufferFlags.DELTA_UNIT) else 1
    if 'width' not in seen:
        caps = pad.get_current_caps().get_structure(0)
        seen['width'], seen['height'] = caps.get_value('width'), caps.get_value('height')
    if seen['pictures'] >= wanted:
        GLib.idle_add(loop.quit)


def message(_bus, told):
    if told.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
        seen['error'] = str(told.parse_error()) if told.type == Gst.MessageType.ERROR else 'end of stream'
        loop.quit()


pipeline.get_by_name('sink').connect('handoff', picture)
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect('message', message)
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add_seconds(15, loop.quit)
loop.run()
pipeline.set_state(Gst.State.NULL)
print(json.dumps(seen))
