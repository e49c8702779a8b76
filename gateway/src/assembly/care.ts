import { join } from 'node:path';
import type { ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { createMonitor } from '../monitor/monitor.ts';
import { createDeadMan } from '../notify/dead-man/channel.ts';
import { createDingtalk } from '../notify/dingtalk/channel.ts';
import { createFeishu } from '../notify/feishu/channel.ts';
import { createNotify } from '../notify/notify.ts';
import { createSmtp } from '../notify/smtp/channel.ts';
import { createWebhook } from '../notify/webhook/channel.ts';
import { createWecom } from '../notify/wecom/channel.ts';
import { createRecheck } from '../probing/recheck.ts';
import { createStrays } from '../registry/strays.ts';
import { createAttachmentFiles } from '../tickets/attachments/files.ts';
import { createTickets, type TicketsOptions } from '../tickets/tickets.ts';
import { createAlarmRulePart } from './alarm-rules.ts';
import type { DataPath } from './data-path.ts';
import { createDutySettings } from './duty.ts';
import { createExchangePart } from './exchange.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import { createQuietPart } from './quiet.ts';
import type { Roles } from './roles.ts';

/** A standstill of the whole process (a paused machine) longer than this is our blindness, not the devices' silence. */
const STALL_MS = 15_000;

export type Care = ReturnType<typeof createCare>;

/** What cameras can show about a fault and its repair. */
interface Witness {
  probeNow(device: DeviceKey): Promise<ProbeResult>;
  inspect(device: DeviceKey, fault: string): Promise<{ ok: boolean; detail: unknown } | undefined>;
  readonly picturesBefore: NonNullable<TicketsOptions['picturesBefore']>;
}

/** monitor → tickets → notify: what is wrong, who mends it, who hears of it. */
export function createCare(
  base: Foundation,
  identity: Identity,
  path: DataPath,
  { judge, oldestUndrainedAt }: Pick<Roles, 'judge' | 'oldestUndrainedAt'>,
  witness: Witness,
) {
  const { registry, settings } = identity;
  const { config, log, clock, metrics, guard, secrets, store, db } = base;
  const { ownPath } = path;
  const { directory } = registry;
  const alarmRules = createAlarmRulePart(base, identity, path, () => monitor);
  const { titleOf } = alarmRules;
  const { conditions } = store.health;
  const reach = { clock, checkTarget: guard.resolveUrl };
  const duty = createDutySettings({ settings, calendar: registry.calendar, timeZone: config.timeZone });
  const notify = createNotify({
    log,
    clock,
    store: store.notices,
    transactor: db,
    audit: store.audit,
    channels: [
      createWecom(reach),
      createDingtalk(reach),
      createFeishu(reach),
      createSmtp({ clock, resolve: guard.resolve }),
      createWebhook(reach),
      createDeadMan(reach),
    ],
    secrets,
    timeZone: config.timeZone,
    working: duty.workingTime,
    readiness: base.readiness,
    onFound: metrics.stuck,
    settings: () => ({
      repeatEvery: settings.ms('lifeSafetyRepeatEvery'),
      raiseAfterRepeats: settings.current().lifeSafetyRaiseAfter,
      publicUrl: settings.current().publicUrl,
    }),
    titleOf,
    onTried: metrics.outbox.delivered,
  });
  const recheck = createRecheck({ db, probeNow: witness.probeNow, conditions, inspect: witness.inspect });
  const tickets = createTickets({
    log,
    clock,
    timeZone: config.timeZone,
    store: store.tickets,
    transactor: db,
    audit: store.audit,
    directory: store.rosters,
    outbox: notify.outbox,
    conditions,
    titleOf,
    secured: (keys) => quiet.securityOf(keys) !== undefined,
    judgeAgain: (keys) => {
      for (const key of keys) judge.lifecycleChanged(key);
    },
    recheck,
    picturesBefore: witness.picturesBefore,
    files: createAttachmentFiles(join(config.dataDir, 'attachments')),
    settings: duty.ticketSettings,
  });
  const quiet = createQuietPart(base, identity, {
    outbox: notify.outbox,
    tickets: () => tickets,
    decideAgain: judge.decideAgain,
  });
  const strays = createStrays({ db, store: store.findings, file: tickets.file, clock });
  const monitor = createMonitor({
    log,
    clock,
    store: store.health,
    incidents: store.incidents,
    groups: store.incidents.groups,
    audit: store.audit,
    transactor: db,
    types: alarmRules.types,
    directory: { get: directory.byKey },
    onDecision: tickets.onDecision,
    oldestUndrainedAt,
    onChange: (changes) => {
      for (const { state } of changes) metrics.monitor.judged(state);
    },
    onSweep: metrics.monitor.sweep,
    vendorMuted: registry.vendorPart.muted,
    quiet: quiet.reasons,
    pace: quiet.pace,
    ownPath,
    settings: () => ({
      groupHoldMs: settings.ms('groupHold'),
      massShare: settings.current().massShare / 100,
      freezeMs: settings.ms('freezeAtMost'),
      leftoverAfterMs: settings.ms('leftoverAfter'),
      stallMs: STALL_MS,
    }),
  });
  directory.onChange((changes) => {
    for (const { before, after } of changes) {
      if (before) monitor.lifecycleChanged(after.key);
      else monitor.deviceAdded(after.key);
    }
  });
  // Back at work and still silent: now it is a fault of theirs.
  registry.vendorPart.onUnmuted((vendorId) => {
    for (const { key, vendorId: owner } of directory.all()) if (owner === vendorId) monitor.lifecycleChanged(key);
  });
  const watchdog = async () => {
    await tickets.watch();
    await tickets.hazards();
    await tickets.sweepFiles();
  };
  /** What is judged by and what keeps it quiet is in memory before the first message is. */
  const startRules = async () => {
    await alarmRules.refresh(true);
    await quiet.start();
  };
  const tendRules = async () => {
    await alarmRules.refresh();
    await quiet.refresh();
  };
  const exchanging = createExchangePart(base, notify.outbox);
  const { exchange } = exchanging;
  return {
    ...notify,
    exchange,
    exchanging,
    duty,
    watchdog,
    tickets,
    recheck,
    strays,
    monitor,
    quiet,
    alarmRules,
    startRules,
    tendRules,
  };
}
