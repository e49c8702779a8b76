import mqtt, { type IConnackPacket, type MqttClient } from 'mqtt';
import { loginOf } from '../../adapters/mqtt/external-link.ts';
import { forgetsShares } from '../../adapters/mqtt/external-version.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import type { Finding } from './doctor-finding.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const VERSION = '$SYS/broker/version';
/** A broker that says what it is does so at once. */
const VERSION_WITHIN_MS = 1_000;

/** The broker of CGW_MQTT_URL; `split` = several processes listen to it. */
export async function externalBroker(url: string | null, split: boolean): Promise<Finding[]> {
  if (url === null) return [];
  const { host, port } = loginOf({ url });
  const server = `${host}:${port}`;
  let client: MqttClient | undefined;
  try {
    client = mqtt.connect({
      ...loginOf({ url }),
      protocolVersion: 5,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    const connack = await connected(client);
    const version = await versionOf(client);
    const old = connack.properties?.sharedSubscriptionAvailable === false;
    return [
      { level: 'ok', text: bilingual('doctor.broker', { server, version }) },
      ...(split && (old || forgetsShares(version))
        ? [{ level: 'info', text: bilingual(old ? 'doctor.brokerOld' : 'doctor.brokerForgets') } as const]
        : []),
    ];
  } catch (error) {
    const { message, code = '' } = error as Error & { code?: string | number };
    // The gateway starts without it and goes on trying.
    return [{ level: 'info', text: bilingual('doctor.brokerDown', { server, reason: message || String(code) }) }];
  } finally {
    await client?.endAsync(true);
  }
}

/** A refused login or port is told by `error`; a peer that hangs up or is silent only by `close`. */
function connected(client: MqttClient): Promise<IConnackPacket> {
  return new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.on('error', reject);
    client.once('close', () => reject(new Error('no answer that is MQTT 5')));
  });
}

/** Empty when it does not say, or does not let us ask. */
async function versionOf(client: MqttClient): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve(''), VERSION_WITHIN_MS);
    client.once('message', (_topic, payload) => {
      clearTimeout(timer);
      resolve(payload.toString());
    });
  });
  await client.subscribeAsync(VERSION, { qos: 0 }).catch(() => undefined);
  return answer;
}
