import { randomBytes, randomUUID } from 'node:crypto';
import Value from 'typebox/value';
import type { Clock } from '../../../adapters/adapter.ts';
import type { ChannelRecord, OutboxRow, QueueDepth, RuleRecord } from '../domain/notification-rows.ts';
import type { Transactor } from '../domain/tx.ts';
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
  createChannel(input: ChannelInput): Promise<{ channel: ChannelRecord; secret: string }>;
  changeChannel(id: string, input: Partial<ChannelInput>): Promise<ChannelRecord>;
  removeChannel(id: string): Promise<void>;
  rules(): Promise<RuleRecord[]>;
  createRule(input: RuleInput): Promise<RuleRecord>;
  changeRule(id: string, input: Partial<RuleInput>): Promise<RuleRecord>;
  removeRule(id: string): Promise<void>;
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
  readonly kinds: readonly Channel[];
  readonly secrets: Secrets;
  readonly clock: Clock;
}): Notifications {
  const { store, transactor, secrets, clock } = options;
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

  const existing = async (id: string): Promise<ChannelRecord> => {
    const found = await store.channel(db, id);
    if (!found) throw new GatewayError('NOT_FOUND');
    const { secret: _secret, ...channel } = found;
    return channel;
  };

  return {
    channels: () => store.channels(db),
    async createChannel(input) {
      const id = `ch_${randomUUID().replaceAll('-', '')}`;
      const secret = input.secret ?? randomBytes(32).toString('base64url');
      const { name, kind, enabled = true } = input;
      await store.putChannel(db, { id, name, kind, config: checked(kind, input.config), enabled }, seal(id, secret));
      return { channel: await existing(id), secret };
    },
    async changeChannel(id, input) {
      const before = await existing(id);
      const { secret, ...changes } = input;
      const next = { ...before, ...changes };
      checked(next.kind, next.config);
      await store.putChannel(db, next, secret === undefined ? undefined : seal(id, secret));
      return existing(id);
    },
    async removeChannel(id) {
      if (!(await store.removeChannel(db, id))) throw new GatewayError('NOT_FOUND');
    },
    rules: () => store.rules(db),
    async createRule(input) {
      await existing(input.channelId);
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
      await store.putRule(db, rule);
      return rule;
    },
    async changeRule(id, input) {
      const before = (await store.rules(db)).find((rule) => rule.id === id);
      if (!before) throw new GatewayError('NOT_FOUND');
      const next = { ...before, ...input, id };
      await existing(next.channelId);
      await store.putRule(db, next);
      return next;
    },
    async removeRule(id) {
      if (!(await store.removeRule(db, id))) throw new GatewayError('NOT_FOUND');
    },
    messages: (filter) => store.list(db, filter),
    resend: (ids) => store.resend(db, ids, clock.now()),
    depth: () => store.depth(db),
  };
}

function invalid(path: string, code: string, message: string): GatewayError {
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path, code, message }] });
}
