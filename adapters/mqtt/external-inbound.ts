import type { MqttClient } from 'mqtt';
import type { AdapterContext, Message, Principal } from '../adapter.ts';
import type { MqttStats } from './stats.ts';

/** What a subscriber needs of each PUBLISH; `mqtt-packet` gives more. */
interface Publish {
  readonly cmd: 'publish';
  readonly topic: string;
  readonly payload: Buffer | string;
  qos: 0 | 1 | 2;
  readonly dup: boolean;
  readonly retain: boolean;
  readonly messageId?: number;
}

export interface ExternalInbound {
  /** Takes over what this client receives; acknowledges each message when it is durable. */
  hear(client: MqttClient): void;
  /** Takes nothing more; resolves when nothing is on its way to the spool any longer. */
  stop(): Promise<void>;
}

/** Messages without acknowledgement that may be on their way to the spool; more are not read from the socket. */
const UNACKNOWLEDGED_MAX = 2_000;
const RETRY_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * mqtt.js handles one message after the other and acknowledges each before it reads the next, so a spool that commits groups
 * would always commit groups of one. Here a QoS 1 message is taken when its packet comes in, mqtt.js is told it was QoS 0, and
 * PUBACK is sent by us once the message is durable; the broker's receive window bounds what is on its way.
 */
export function createExternalInbound(deps: {
  readonly ctx: AdapterContext;
  readonly stats: MqttStats;
  /** Who speaks on a topic; null = nobody who concerns us. */
  readonly principalOf: (topic: string) => Principal | null;
}): ExternalInbound {
  const { ctx, stats } = deps;
  let stopping = false;
  let pending = 0;
  let unacknowledged = 0;
  let idle: (() => void) | undefined;
  const blocked: (() => void)[] = [];

  const leave = () => {
    pending -= 1;
    if (pending === 0) idle?.();
  };

  /** Until it is durable or we stop: a message that is not kept must not be acknowledged, and the broker has it as long. */
  const keep = async (message: Message): Promise<boolean> => {
    for (let pause = RETRY_MS; !stopping; pause = Math.min(RETRY_MAX_MS, pause * 2)) {
      try {
        await ctx.emit(message);
        return true;
      } catch (error) {
        if (pause === RETRY_MS) {
          stats.held += 1;
          ctx.log.warn({ error, topic: message.topic.slice(0, 200) }, 'a message waits for the spool');
        }
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
    return false;
  };

  const take = (packet: Publish, acknowledge: (() => void) | undefined) => {
    if (stopping) return;
    const principal = deps.principalOf(packet.topic);
    if (!principal) {
      stats.topicsRefused += 1;
      acknowledge?.();
      return;
    }
    const message: Message = {
      via: 'mqtt',
      principal,
      topic: packet.topic,
      payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      receivedAt: ctx.clock.now(),
      dup: packet.dup,
      retained: packet.retain,
    };
    pending += 1;
    if (acknowledge) {
      void keep(message).then((kept) => {
        if (kept) {
          stats.qos1 += 1;
          acknowledge();
        }
        leave();
      });
      return;
    }
    unacknowledged += 1;
    ctx
      .emit(message)
      .then(
        () => {
          stats.qos0 += 1;
        },
        (error: unknown) => {
          // Its sender asked for no promise; that it is gone is counted and said.
          stats.lost += 1;
          ctx.log.warn({ error, topic: packet.topic.slice(0, 200) }, 'a QoS 0 message could not be kept');
        },
      )
      .finally(() => {
        unacknowledged -= 1;
        blocked.shift()?.();
        leave();
      });
  };

  return {
    hear(client) {
      const acknowledge = acknowledger(client);
      client.on('packetreceive', (packet) => {
        if (packet.cmd !== 'publish') return;
        const publish = packet as Publish;
        const { messageId } = publish;
        const answer = publish.qos === 1 && messageId !== undefined ? acknowledge(messageId) : undefined;
        if (answer) publish.qos = 0;
        take(publish, answer);
      });
      client.handleMessage = (_packet, done) => {
        if (unacknowledged < UNACKNOWLEDGED_MAX) done();
        else blocked.push(done);
      };
    },
    async stop() {
      stopping = true;
      for (const done of blocked.splice(0)) done();
      if (pending === 0) return;
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    },
  };
}

/** PUBACKs of one turn leave in one write, on the connection on which their messages came. */
function acknowledger(client: MqttClient): (messageId: number) => () => void {
  let ready: number[] = [];
  let on: MqttClient['stream'] | undefined;
  const flush = () => {
    const ids = ready;
    const stream = on;
    ready = [];
    on = undefined;
    if (!stream || stream.destroyed) return;
    const bytes = Buffer.allocUnsafe(ids.length * 4);
    ids.forEach((id, index) => {
      bytes.writeUInt16BE(0x4002, index * 4);
      bytes.writeUInt16BE(id, index * 4 + 2);
    });
    stream.write(bytes);
  };
  return (messageId) => {
    const stream = client.stream;
    return () => {
      // After a reconnection the number may be another message's; the broker sends this one again.
      if (stream !== client.stream || stream.destroyed) return;
      if (on !== stream) {
        ready = [];
        on = stream;
        setImmediate(flush);
      }
      ready.push(messageId);
    };
  };
}
