import { randomBytes, randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { keepHidden, withoutSecrets } from '../domain/channel-config.ts';
import { refuseIf, schemaErrors } from '../domain/input.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import type { ChannelRecord, OutboxFilter, OutboxRow, QueueDepth, RuleRecord } from '../domain/notification-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, type Language, text } from '../messages/index.ts';
import type { Channel, SendResult } from './channel.ts';
import type { ChannelStore, OutboxStore, Secrets } from './ports.ts';

export interface ChannelInput {
  readonly name: string;
  readonly kind: string;
  readonly config: unknown;
  readonly enabled?: boolean;
  /** Absent = made by the gateway and shown once. */
  readonly secret?: string;
}

export type RuleInput = Partial<Omit<RuleRecord, 'id' | 'channelId'>> & { readonly channelId: string };

/** Channels, rules and the dead letters, as an administrator works with them. */
export interface Notifications {
  channels(): Promise<ChannelRecord[]>;
  /** The secret is in the answer once and never again. */
  createChannel(actor: Actor, input: ChannelInput): Promise<{ channel: ChannelRecord; secret: string }>;
  changeChannel(actor: Actor, id: string, input: Partial<ChannelInput>): Promise<ChannelRecord>;
  removeChannel(actor: Actor, id: string): Promise<void>;
  rules(): Promise<RuleRecord[]>;
  createRule(actor: Actor, input: RuleInput): Promise<RuleRecord>;
  changeRule(actor: Actor, id: string, input: Partial<RuleInput>): Promise<RuleRecord>;
  removeRule(actor: Actor, id: string): Promise<void>;
  /** Newest first; `before` is the id of the last row of the page before. */
  messages(filter: OutboxFilter, scope?: Scope): Promise<OutboxRow[]>;
  /** Sends dead letters again; answers how many. */
  resend(actor: Actor, ids: readonly number[]): Promise<number>;
  /** Sends a test message now and answers what the receiver said; nothing is repeated. */
  testChannel(actor: Actor, id: string, language?: Language): Promise<SendResult>;
  depth(): Promise<QueueDepth[]>;
}

export function createNotifications(options: {
  readonly store: OutboxStore & ChannelStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly kinds: readonly Channel[];
  readonly secrets: Secrets;
  readonly clock: Clock;
}): Notifications {
  const { store, transactor, secrets, clock, audit } = options;
  const db = transactor.autocommit;
  const seal = (id: string, secret: string) => secrets.seal(secret, `channel:${id}`);

  const kinds = options.kinds.map((kind) => ({ ...kind, body: Type.Object({ config: kind.config }) }));
  const kindOf = (kind: string) => kinds.find((one) => one.name === kind);
  const checked = (kind: string, config: unknown): unknown => {
    const channel = kindOf(kind);
    if (!channel) {
      const allowed = kinds.map((one) => one.name).join(', ');
      throw invalid('/kind', 'enum', bilingual('input.enum', { field: '/kind', allowed }));
    }
    refuseIf(schemaErrors(channel.body, { config }));
    return config;
  };
  const secretGoesTo = ({ kind, config }: { kind: string; config: unknown }) =>
    kindOf(kind)?.secretGoesTo?.(config) ?? null;

  const existing = async (tx: Tx, id: string): Promise<ChannelRecord> => {
    const found = await store.channel(tx, id);
    if (!found) throw new GatewayError('NOT_FOUND');
    const { secret: _secret, restingUntil: _resting, ...channel } = found;
    return channel;
  };
  /** A channel that can carry notices. */
  const receiving = async (tx: Tx, id: string) => {
    const channel = await existing(tx, id);
    if (kindOf(channel.kind)?.signalOnly) throw invalid('/channelId', 'signalOnly', bilingual('notify.signalOnly'));
  };
  const existingRule = async (tx: Tx, id: string): Promise<RuleRecord> => {
    const found = (await store.rules(tx)).find((rule) => rule.id === id);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };
  const prove = (
    tx: Tx,
    actor: Actor,
    action: string,
    resourceId: string,
    change: { before?: unknown; after?: unknown },
  ) => audit.append(tx, [{ at: clock.now(), actor, action, resource: 'notifications', resourceId, ...change }]);

  return {
    channels: () => store.channels(db),
    createChannel: (actor, input) =>
      transactor.transaction(async (tx) => {
        const id = `ch_${randomUUID().replaceAll('-', '')}`;
        const { name, kind, enabled = true } = input;
        const config = checked(kind, input.config);
        if (input.secret === undefined && secretGoesTo({ kind, config }) !== null)
          throw invalid('/secret', 'required', bilingual('notify.secretMissing'));
        const secret = input.secret ?? randomBytes(32).toString('base64url');
        await store.putChannel(tx, { id, name, kind, config, enabled }, clock.now(), seal(id, secret));
        const channel = await existing(tx, id);
        await prove(tx, actor, 'createChannel', id, { after: withoutSecrets(channel) });
        return { channel, secret };
      }),
    changeChannel: (actor, id, input) =>
      transactor.transaction(async (tx) => {
        const before = await existing(tx, id);
        const { secret, ...changes } = input;
        const { config, lost } = keepHidden(before.config, changes.config ?? before.config);
        if (lost) throw invalid(`/config/${lost}`, 'hidden', bilingual('notify.hiddenAgain'));
        const next = { ...before, ...changes, config };
        checked(next.kind, next.config);
        // Whoever may only change addresses must not be able to have the secret sent to a host of his own.
        const to = secretGoesTo(next);
        if (secret === undefined && to !== null && to !== secretGoesTo(before))
          throw invalid('/secret', 'required', bilingual('notify.secretAgain'));
        await store.putChannel(tx, next, clock.now(), secret === undefined ? undefined : seal(id, secret));
        const after = { ...withoutSecrets(next), ...(secret === undefined ? {} : { newSecret: true }) };
        await prove(tx, actor, 'updateChannel', id, { before: withoutSecrets(before), after });
        return existing(tx, id);
      }),
    removeChannel: (actor, id) =>
      transactor.transaction(async (tx) => {
        const before = await existing(tx, id);
        await store.removeChannel(tx, id);
        await prove(tx, actor, 'removeChannel', id, { before: withoutSecrets(before) });
      }),
    rules: () => store.rules(db),
    createRule: (actor, input) =>
      transactor.transaction(async (tx) => {
        await receiving(tx, input.channelId);
        const rule: RuleRecord = {
          id: `nr_${randomUUID().replaceAll('-', '')}`,
          enabled: true,
          faults: null,
          minSeverity: 'info',
          stages: null,
          modules: null,
          orgIds: null,
          lifeSafety: null,
          level: 1,
          events: null,
          times: null,
          language: null,
          ...input,
        };
        await store.putRule(tx, rule, clock.now());
        await prove(tx, actor, 'createRule', rule.id, { after: rule });
        return rule;
      }),
    changeRule: (actor, id, input) =>
      transactor.transaction(async (tx) => {
        const before = await existingRule(tx, id);
        const next = { ...before, ...input, id };
        await receiving(tx, next.channelId);
        await store.putRule(tx, next, clock.now());
        await prove(tx, actor, 'updateRule', id, { before, after: next });
        return next;
      }),
    removeRule: (actor, id) =>
      transactor.transaction(async (tx) => {
        const before = await existingRule(tx, id);
        await store.removeRule(tx, id);
        await prove(tx, actor, 'removeRule', id, { before });
      }),
    messages: (filter, scope = SYSTEM.scope) => store.list(db, filter, scope),
    resend: (actor, ids) =>
      transactor.transaction(async (tx) => {
        const count = await store.resend(tx, ids, clock.now());
        await prove(tx, actor, 'resend', ids.slice(0, 100).join(' '), { after: { count } });
        return count;
      }),
    async testChannel(actor, id, language = 'zh-CN') {
      const found = await store.channel(db, id);
      const channel = found && kindOf(found.kind);
      if (!found || !channel) throw new GatewayError('NOT_FOUND');
      const title = text(language, 'notice.test', { channel: found.name });
      const now = clock.now();
      const key = `test:${randomUUID()}`;
      const result = await channel.send({ key, notice: testNotice(key, now), title, text: title }, found.config, {
        signal: AbortSignal.timeout(TEST_WITHIN_MS),
        deadline: now + TEST_WITHIN_MS,
        secret: found.secret ? secrets.open(found.secret, `channel:${id}`) : null,
      });
      await transactor.transaction((tx) => prove(tx, actor, 'testChannel', id, { after: { outcome: result.outcome } }));
      return result;
    },
    depth: () => store.depth(db),
  };
}

const TEST_WITHIN_MS = 10_000;

function testNotice(key: string, at: number): Notice {
  return {
    ...OF_NO_DEVICE,
    ...{ key, subject: key, at, fault: 'test', severity: 'info', priority: 'normal', reason: null, advice: null },
  };
}

function invalid(path: string, code: string, message: string): GatewayError {
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path, code, message }] });
}
