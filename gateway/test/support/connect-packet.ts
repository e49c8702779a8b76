import mqtt from 'mqtt-packet';

/** What a device sends first: MQTT 3.1.1, a clean session, its id as user name too. */
export function connectPacket(login: { readonly id: string; readonly password: string }, keepaliveS: number): Buffer {
  return mqtt.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: keepaliveS,
    clientId: login.id,
    username: login.id,
    password: Buffer.from(login.password),
  });
}
