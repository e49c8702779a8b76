#!/bin/sh
# Sends one reading and waits for PUBACK (-q 1). Run again after a failure: with the same msgId it is stored once.
set -eu
mosquitto_pub -h "${GATEWAY:-127.0.0.1}" -p "${PORT:-1883}" -u "${USERNAME:-$DEVICE}" -P "$SECRET" -k 60 \
  --will-topic "cgw/v1/$DEVICE/state" --will-payload offline --will-qos 1 \
  -q 1 -t "cgw/v1/$DEVICE/telemetry" \
  -m "{\"msgId\":\"$(date +%s)-$$\",\"metrics\":{\"totalPower\":860,\"ports\":[{\"no\":3,\"current\":2.3}]}}"
echo acknowledged
