import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createSecrets } from '../../src/access/secrets.ts';
import { createManualClock, type ManualClock } from '../../src/clock.ts';
import { SYSTEM } from '../../src/domain/actor.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { createLogger } from '../../src/log.ts';
import type { Channel, OutgoingMessage, SendResult } from '../../src/notify/channel.ts';
import { createDeadMan } from '../../src/notify/dead-man/channel.ts';
import { createNotify } from '../../src/notify/notify.ts';
import { exampleNotice, type Receiver, startReceiver } from '../../src/notify/testing.ts';
import { WebhookConfig } from '../../src/notify/webhook/config.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { createIncidentAcknowledgements } from '../../src/store/incident-acknowledgements.ts';
import { createNotificationAuditStore } from '../../src/store/notification-audit.ts';
import { createNotificationCareStore } from '../../src/store/notification-care.ts';
import { createNotificationChannelStore } from '../../src/store/notification-channels.ts';
import { createNotificationPaceStore } from '../../src/store/notification-pace.ts';
import { createOutboxStore } from '../../src/store/outbox.ts';
import { createTestDatabase, type Engine, type TestDatabase } from './databases.ts';
import { emptyTables } from './empty-tables.ts';

export const MINUTE = 60_000;
const secrets = createSecrets('a-master-key-of-at-least-32-characters');
/** Notices with a robot as strict as the platforms are, on an engine of its own; registers its hooks with the suite that calls it. */
export function createCareBench(engine: Engine) {
  let database: TestDatabase;
  let clock: ManualClock;
  let receiver: Receiver;
  /** What the robot was handed, with the time by the clock of the test. */
  let said: (OutgoingMessage & { at: number; channel: string })[];
  let answer: (message: OutgoingMessage) => SendResult;
  let notify: ReturnType<typeof createNotify>;
  let started: ReturnType<typeof createNotify>[];
  let ready: Map<string, string>;
  const store = {
    ...createOutboxStore(),
    ...createNotificationChannelStore(),
    ...createNotificationPaceStore(),
    ...createNotificationCareStore(),
    ...createIncidentAcknowledgements(),
    ...createNotificationAuditStore(),
  };

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(
      database.db,
      'outbox',
      'notification_rule',
      'notification_channel',
      'notice_trace',
      'ticket',
      'org',
    );
    clock = createManualClock(Date.UTC(2026, 10, 23, 1));
    receiver = await startReceiver();
    said = [];
    ready = new Map();
    answer = () => ({ outcome: 'sent', detail: 'ok' });
    started = [];
    notify = begin();
  });
  afterEach(async () => {
    for (const one of started) await one.sender.stop();
    await receiver.stop();
  });

  function begin() {
    /** A robot as strict as the platforms are. */
    const robot: Channel<typeof WebhookConfig> = {
      name: 'robot',
      config: WebhookConfig,
      limits: { perMinute: 18, reserved: 4, spacing: 0, textBytes: 1_500 },
      async send(message, config) {
        const result = answer(message);
        if (result.outcome === 'sent') said.push({ ...message, at: clock.now(), channel: config.url });
        return result;
      },
    };
    const checkTarget = async () => [{ address: '127.0.0.1', family: 4 }] as const;
    const made = createNotify({
      store,
      transactor: database.db,
      audit: createAuditStore(),
      channels: [robot, createDeadMan({ clock, checkTarget })],
      secrets,
      clock,
      log: createLogger('silent'),
      timeZone: 'Asia/Shanghai',
      readiness: { set: (_part, state, reason) => void ready.set(state, reason) },
      settings: () => ({ repeatEvery: 5 * MINUTE, raiseAfterRepeats: 1, publicUrl: 'https://cgw.example.cn' }),
    });
    started.push(made);
    return made;
  }
  async function addChannel(name: string, rule: object | null = {}, kind = 'robot', url = `http://${name}.cn/`) {
    const { channel } = await notify.notifications.createChannel(SYSTEM, { name, kind, config: { url } });
    if (rule) await notify.notifications.createRule(SYSTEM, { channelId: channel.id, ...rule });
    return channel.id;
  }
  const add = (...notices: Notice[]) => database.db.transaction((tx) => notify.outbox.add(tx, notices));
  const notice = (n: number, more: Partial<Notice> = {}) =>
    exampleNotice({ key: `tk_${n}:1`, subject: `tk_${n}`, ticketId: null, assigneeId: null, ...more });
  const smoke = (n: number, more: Partial<Notice> = {}) =>
    notice(n, {
      key: `fire_${n}:1`,
      subject: `fire_${n}`,
      fault: 'smoke',
      lifeSafety: true,
      severity: 'critical',
      ...more,
    });
  const pending = async () => {
    const depth = await notify.notifications.depth();
    return depth.reduce((sum, queue) => sum + queue.pending, 0);
  };
  /** Lets the sender work until what could go has gone. */
  const settle = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (let before = -1, now = said.length; before !== now; now = said.length) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  };
  const start = (one = notify) => {
    one.sender.start();
    return one;
  };
  /** Most messages in any 60 seconds. */
  const densest = () =>
    Math.max(0, ...said.map(({ at }) => said.filter((other) => other.at > at - MINUTE && other.at <= at).length));
  return {
    get database() {
      return database;
    },
    get clock() {
      return clock;
    },
    get receiver() {
      return receiver;
    },
    /** What the robot was handed, with the time by the clock of the test. */
    get said() {
      return said;
    },
    get notify() {
      return notify;
    },
    get ready() {
      return ready;
    },
    /** Replaces what the robot answers. */
    set answer(next: typeof answer) {
      answer = next;
    },
    begin,
    addChannel,
    add,
    notice,
    smoke,
    pending,
    settle,
    start,
    densest,
  };
}
