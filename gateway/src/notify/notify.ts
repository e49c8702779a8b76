import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Transactor } from '../domain/tx.ts';
import type { Channel } from './channel.ts';
import { createNotifications } from './notifications.ts';
import { createOutbox } from './outbox.ts';
import type { ChannelStore, OutboxStore, Secrets } from './ports.ts';
import { createSender } from './sender.ts';

/** Notices on their way out: written with the change they tell of, sent until somebody has them. */
export function createNotify(deps: {
  readonly store: OutboxStore & ChannelStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly channels: readonly Channel[];
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeZone: string;
  readonly onTried?: (channelKind: string, outcome: 'sent' | 'retry' | 'permanent') => void;
  /** What the type of these devices calls an alarm or event. */
  readonly titleOf?: (code: string, deviceIds: readonly string[]) => Title | undefined;
}) {
  return {
    outbox: createOutbox(deps),
    sender: createSender(deps),
    notifications: createNotifications({ ...deps, kinds: deps.channels }),
  };
}
