import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Notice } from '../domain/notice.ts';
import type { StuckRow } from '../domain/notification-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import type { WorkingTime } from '../domain/working-time.ts';
import { createAcknowledgements } from './acknowledge.ts';
import { type AcknowledgedStore, createAcknowledged } from './acknowledged.ts';
import { createAnalyser } from './analyse.ts';
import { createAuditor } from './auditor.ts';
import type { Channel } from './channel.ts';
import { createInsistence } from './life-safety.ts';
import { createNotifications } from './notifications.ts';
import { createOutbox } from './outbox.ts';
import type { NotifyStore, Secrets, Signer } from './ports.ts';
import { createSender } from './sender.ts';

/** Notices on their way out: written with the change they tell of, sent until somebody has them. */
export function createNotify(deps: {
  readonly store: NotifyStore & AcknowledgedStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly channels: readonly Channel[];
  readonly secrets: Secrets & Signer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeZone: string;
  /** Durations in milliseconds; asked whenever they are needed. */
  readonly settings: () => {
    readonly repeatEvery: number;
    /** Repetitions before the next level is told. */
    readonly raiseAfterRepeats: number;
    /** How phones reach the gateway; empty = not known. */
    readonly publicUrl: string;
  };
  readonly working?: () => WorkingTime;
  readonly readiness?: { set(part: string, state: 'ready' | 'degraded', reason: string, detail?: string): void };
  readonly onFound?: (found: readonly StuckRow[]) => void;
  readonly onTried?: (channelKind: string, outcome: 'sent' | 'retry' | 'permanent') => void;
  /** What the type of these devices calls an alarm or event. */
  readonly titleOf?: (code: string, deviceIds: readonly string[]) => Title | undefined;
}) {
  const { settings, ...parts } = deps;
  const titleOf = deps.titleOf ?? (() => undefined);
  const outbox = createOutbox({ ...deps, repeatEvery: () => settings().repeatEvery });
  const acknowledgements = createAcknowledgements({
    ...deps,
    titleOf,
    signer: deps.secrets,
    publicUrl: () => settings().publicUrl,
  });
  const ticketUrl = ({ ticketId }: Notice) => {
    const base = settings().publicUrl.replace(/\/+$/, '');
    return base === '' || ticketId === null ? undefined : `${base}/tickets/${encodeURIComponent(ticketId)}`;
  };
  const sender = createSender({ ...parts, ticketUrl, linkFor: acknowledgements.linkFor });
  const acknowledged = createAcknowledged({ ...deps, outbox });
  const insistence = createInsistence({
    ...deps,
    tellAgain: acknowledged.tellAgain,
    outbox,
    raiseAfter: () => settings().repeatEvery * settings().raiseAfterRepeats,
    kick: sender.kick,
  });
  const auditor = createAuditor({ ...deps, outbox });
  return {
    outbox,
    sender,
    insistence,
    auditor,
    acknowledgements,
    notifications: {
      ...createNotifications({ ...deps, kinds: deps.channels }),
      ...createAnalyser(deps),
      ...acknowledgements,
      acknowledgeIncident: acknowledged.acknowledgeIncident,
    },
  };
}
