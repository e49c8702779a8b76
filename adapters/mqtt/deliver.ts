import { type AdapterContext, AdapterError } from '../adapter.ts';
import { type Session, sameDevice } from './session.ts';

/**
 * Sends to a device's live sessions with QoS 1, or to the vendor login that speaks for it; resolves when the bytes are written.
 * Whether the device acts on it is told by its own answer (`command/ack`).
 * @throws AdapterError NOT_CONNECTED or NOT_SUBSCRIBED, both worth a retry.
 */
export async function deliver(
  sessions: Iterable<Session>,
  ctx: AdapterContext,
  message: { deviceId: string; topic: string; payload: Uint8Array },
): Promise<void> {
  const { deviceId, topic } = message;
  const mayReceive = ({ principal }: Session) => principal !== undefined && ctx.authorize(principal, 'receive', topic);
  const live = [...sessions].filter((session) => session.up);
  let targets = live.filter((session) => sameDevice(session.principal, deviceId));
  if (targets.length === 0) {
    targets = live.filter((session) => session.principal?.kind === 'vendor' && mayReceive(session));
  }
  if (targets.length === 0) throw new AdapterError('NOT_CONNECTED', `${deviceId} is not connected`, { retry: true });
  const open = targets.filter((session) => mayReceive(session) && isSubscribed(session, topic));
  if (open.length === 0) {
    throw new AdapterError('NOT_SUBSCRIBED', `${deviceId} has not subscribed to ${topic}`, { retry: true });
  }
  await Promise.all(open.map((session) => write(session, message)));
}

function isSubscribed(session: Session, topic: string): boolean {
  return session.client !== undefined && Object.hasOwn(session.client.subscriptions, topic);
}

function write({ client }: Session, message: { deviceId: string; topic: string; payload: Uint8Array }): Promise<void> {
  const packet = {
    cmd: 'publish',
    topic: message.topic,
    payload: Buffer.from(message.payload),
    qos: 1,
    retain: false,
    dup: false,
  } as const;
  return new Promise((resolve, reject) => {
    const gone = () => reject(new AdapterError('NOT_CONNECTED', `${message.deviceId} went away`, { retry: true }));
    if (!client || client.closed) gone();
    else client.publish(packet, (error) => (error || client.closed ? gone() : resolve()));
  });
}
