import { randomBytes, randomUUID } from 'node:crypto';
import Value from 'typebox/value';
import type { Clock } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { withoutSecrets } from '../domain/channel-config.ts';
import type { ChannelRecord, OutboxRow, QueueDepth, RuleRecord } from '../domain/notification-rows.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { Channel } from './channel.ts';
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
  messages(filter: {
    state?: OutboxRow['state'];
    channelId?: string;
    before?: number;
    limit: number;
  }): Promise<OutboxRow[]>;
  /** Sends dead letters again; answers how many. */
  resend(ids: readonly number[]): Promise<number>;
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

  const checked = (kind: string, config: unknown): unknown => {
    const channel = options.kinds.find((one) => one.name === kind);
    if (!channel) {
      const allowed = options.kinds.map((one) => one.name).join(', ');
      throw invalid('kind', 'enum', bilingual('input.enum', { field: 'kind', allowed }));
    }
    const [first] = Value.Errors(channel.config, config);
    if (first) {
      const path = `config${first.instancePath.replaceAll('/', '.')}`;
      throw invalid(path, first.keyword, bilingual('input.invalid', { field: path }));
    }
    return config;
  };

  const existing = async (tx: Tx, id: string): Promise<ChannelRecord> => {
    const found = await store.channel(tx, id);
    if (!found) throw new GatewayError('NOT_FOUND');
    const { secret: _secret, ...channel } = found;
    return channel;
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
        const secret = input.secret ?? randomBytes(32).toString('base64url');
        const { name, kind, enabled = true } = input;
        await store.putChannel(tx, { id, name, kind, config: checked(kind, input.config), enabled }, seal(id, secret));
        const channel = await existing(tx, id);
        await prove(tx, actor, 'createChannel', id, { after: withoutSecrets(channel) });
        return { channel, secret };
      }),
    changeChannel: (actor, id, input) =>
      transactor.transaction(async (tx) => {
        const before = await existing(tx, id);
        const { secret, ...changes } = input;
        const next = { ...before, ...changes };
        checked(next.kind, next.config);
        await store.putChannel(tx, next, secret === undefined ? undefined : seal(id, secret));
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
        await existing(tx, input.channelId);
        const rule: RuleRecord = {
          id: `nr_${randomUUID().replaceAll('-', '')}`,
          enabled: true,
          faults: null,
          minSeverity: 'info',
          stages: null,
          modules: null,
          orgIds: null,
          lifeSafety: null,
          ...input,
        };
        await store.putRule(tx, rule);
        await prove(tx, actor, 'createRule', rule.id, { after: rule });
        return rule;
      }),
    changeRule: (actor, id, input) =>
      transactor.transaction(async (tx) => {
        const before = await existingRule(tx, id);
        const next = { ...before, ...input, id };
        await existing(tx, next.channelId);
        await store.putRule(tx, next);
        await prove(tx, actor, 'updateRule', id, { before, after: next });
        return next;
      }),
    removeRule: (actor, id) =>
      transactor.transaction(async (tx) => {
        const before = await existingRule(tx, id);
        await store.removeRule(tx, id);
        await prove(tx, actor, 'removeRule', id, { before });
      }),
    messages: (filter) => store.list(db, filter),
    resend: (ids) => store.resend(db, ids, clock.now()),
    depth: () => store.depth(db),
  };
}

function invalid(path: string, code: string, message: string): GatewayError {
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path, code, message }] });
}
