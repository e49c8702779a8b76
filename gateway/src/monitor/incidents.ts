import { randomBytes } from 'node:crypto';
import { type DeviceBrief, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Decision } from '../domain/health.ts';
import type { IncidentRow } from '../domain/health-rows.ts';
import type { QuietReasons } from '../domain/quiet.ts';
import type { Severity } from '../domain/reading.ts';
import type { Memory } from './memory.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 26 characters of Crockford base 32, sorted by time. */
export function incidentId(now: number): string {
  let time = '';
  for (let rest = Math.max(0, Math.floor(now)), i = 0; i < 10; i++) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let chance = '';
  for (const byte of randomBytes(16)) chance += ALPHABET.charAt(byte % 32);
  return time + chance;
}

/** A fault seen on a device that should be an incident. */
export interface Fault {
  readonly fault: string;
  readonly component: string;
  readonly reason: string;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly late: boolean;
  readonly advice: Title | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly path: string;
  /** Epoch milliseconds of what was seen last. */
  readonly lastAt: number;
  /** It goes on where there is an incident of it, and begins none. */
  readonly calm?: boolean;
  /** Another fault of the device says the same and more: it goes on only where somebody was told of it. */
  readonly covered?: boolean;
}

/** What a fault is kept quiet by beside its device's lifecycle. */
export interface Quiet {
  readonly memory: Pick<Memory, 'get'>;
  /** Whether the vendor's login was closed by us: then the silence of what spoke through it is no fault of the devices. */
  readonly vendorMuted: (vendorId: string) => boolean;
  /** Maintenance, silences and the like. */
  readonly quiet: QuietReasons;
  readonly wall: () => number;
}

/** An incident that came back began when it was seen last. */
type Told = Pick<IncidentRow, 'fault' | 'reason' | 'openedAt' | 'lifeSafety'> &
  Partial<Pick<IncidentRow, 'occurrences' | 'lastAt'>>;

/** Why an incident of this device makes no ticket; the incident itself is kept all the same. */
export function suppressions(
  brief: DeviceBrief,
  { fault, reason, openedAt, lifeSafety, occurrences = 1, lastAt = openedAt }: Told,
  quiet: Quiet,
): readonly string[] {
  const lifecycle = LIFECYCLE_RIGHTS[brief.lifecycle].tickets ? [] : ['lifecycle'];
  // Nothing but the lifecycle keeps a ticket about life and limb from being filed.
  if (lifeSafety) return lifecycle;
  const seenAt = fault === 'offline' || fault === 'stale' ? quiet.memory.get(brief.key)?.seenAt : undefined;
  const since = { openedAt: occurrences > 1 ? lastAt : openedAt, ...(seenAt ? { seenAt } : {}) };
  const reasons = [...lifecycle, ...quiet.quiet({ device: brief, fault, ...since }, quiet.wall())];
  // Coming and going is shown, not told, until it has lasted too long to be left alone.
  if (reason === 'flapping' || reason === 'unsteady') return [...reasons, 'flapping'];
  const silent = (fault === 'offline' && reason === 'silent') || fault === 'stale';
  if (!silent || brief.vendorId === null || !quiet.vendorMuted(brief.vendorId)) return reasons;
  // A device with a login of its own was not cut with its vendor's.
  return quiet.memory.get(brief.key)?.session === 'none' ? [...reasons, 'vendorAccessEnded'] : reasons;
}

/** A life-safety fault is open and told at once, whatever suppresses its ticket; any other is held until `decideAt`. */
export function newIncident(brief: DeviceBrief, fault: Fault, at: number, decideAt: number): IncidentRow {
  const suppressed = LIFECYCLE_RIGHTS[brief.lifecycle].tickets ? [] : ['lifecycle'];
  return {
    id: incidentId(at),
    kind: 'device',
    key: brief.id,
    device: brief.key,
    fault: fault.fault,
    component: fault.component,
    reason: fault.reason,
    severity: fault.severity,
    lifeSafety: fault.lifeSafety,
    late: fault.late,
    state: fault.lifeSafety ? 'open' : 'held',
    openedAt: at,
    path: fault.path,
    decideAt: fault.lifeSafety ? null : decideAt,
    resolvedAt: null,
    notified: fault.lifeSafety,
    suppressed,
    advice: fault.advice,
    evidence: [fault.evidence],
    occurrences: 1,
    lastAt: fault.lastAt,
  };
}

/** The fault is back soon after it was resolved: the same incident goes on. */
export function relapse(row: IncidentRow, fault: Fault, decideAt: number): IncidentRow {
  return {
    ...row,
    reason: fault.reason,
    state: fault.lifeSafety ? 'open' : 'held',
    decideAt: fault.lifeSafety ? null : decideAt,
    resolvedAt: null,
    evidence: addEvidence(row.evidence, fault.evidence),
    occurrences: row.occurrences + 1,
    lastAt: Math.max(row.lastAt, fault.lastAt),
  };
}

/** A recovery. Whoever was told that it began is told that it ended; nobody else. */
export function resolve(row: IncidentRow, at: number): { row: IncidentRow; announce: boolean } {
  const silent = row.state === 'held' && !row.notified;
  return {
    row: { ...row, state: silent ? 'dismissed' : 'resolved', decideAt: null, resolvedAt: at },
    announce: row.state === 'open' && row.notified,
  };
}

const MAX_EVIDENCE = 20;

/** Keeps the first piece and the newest ones. */
export function addEvidence(
  before: readonly Readonly<Record<string, unknown>>[],
  piece: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  const all = [...before, piece];
  return all.length <= MAX_EVIDENCE ? all : [...all.slice(0, 1), ...all.slice(-(MAX_EVIDENCE - 1))];
}

/** Other devices a rule of two found at fault together with this one. */
function companions({ evidence, device }: IncidentRow): readonly number[] {
  const found = evidence.at(-1)?.with;
  if (!Array.isArray(found)) return [];
  return found.filter((key): key is number => typeof key === 'number' && key !== device);
}

/** `evidence` replaces what the incident gathered: a recovery rests on other facts than its fault. */
export function decision(
  row: IncidentRow,
  action: Decision['action'],
  at: number,
  evidence: Decision['evidence'] = row.evidence,
): Decision {
  return {
    incidentId: row.id,
    action,
    kind: row.kind,
    fault: row.fault,
    severity: row.severity,
    lifeSafety: row.lifeSafety,
    late: row.late,
    devices: [row.device, ...companions(row)],
    component: row.component === '' ? null : row.component,
    reason: row.reason,
    evidence,
    advice: row.advice ? { ...row.advice } : null,
    at,
  };
}
