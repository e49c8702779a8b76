"""Sends one reading and waits for PUBACK. Run again after a failure: with the same msgId it is stored once."""
import json
import os
import sys
import threading
import time
import uuid

import paho.mqtt.client as mqtt

host = os.environ.get("GATEWAY", "127.0.0.1")
port = int(os.environ.get("PORT", "1883"))
device = os.environ["DEVICE"]
username = os.environ.get("USERNAME", device)

# Version 2 of the library asks which callbacks are meant; version 1 does not know the question.
if hasattr(mqtt, "CallbackAPIVersion"):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
else:
    client = mqtt.Client(protocol=mqtt.MQTTv311)

client.username_pw_set(username, os.environ["SECRET"])
client.will_set(f"cgw/v1/{device}/state", "offline", qos=1)
answered = threading.Event()
answers = []


def on_connect(connected, _data, _flags, code, *_properties):
    answers.append(code)
    if code == 0:
        # Why a message was refused; full topics only, no wildcards. Subscribed anew after every connect.
        connected.subscribe(f"cgw/v1/{device}/error", qos=1)
    answered.set()


client.on_connect = on_connect
client.on_message = lambda _client, _data, message: print(message.topic, message.payload.decode(), file=sys.stderr)
client.connect(host, port, keepalive=60)
client.loop_start()
answered.wait(timeout=20)
if answers[:1] != [0]:
    client.loop_stop()
    sys.exit(f"not connected: {answers[:1]}")

report = {
    "ts": int(time.time() * 1000),
    "msgId": str(uuid.uuid4()),
    "metrics": {"totalPower": 850, "ports": [{"no": 3, "current": 2.2}]},
}
sent = client.publish(f"cgw/v1/{device}/telemetry", json.dumps(report), qos=1)
sent.wait_for_publish(timeout=20)
acknowledged = sent.is_published()
client.disconnect()
client.loop_stop()
if not acknowledged:
    sys.exit("not acknowledged: send again with the same msgId")
print("acknowledged")
