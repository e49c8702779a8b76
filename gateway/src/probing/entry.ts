import type { ProbeResult } from '../../../adapters/adapter.ts';
import type { GateKey } from './gates.ts';
import type { ScheduledTarget } from './ports.ts';
import type { ProbingLimits } from './probing.ts';

/** What the scheduler knows of one target. Times are in the scheduler's own clock. */
export interface Entry {
  target: ScheduledTarget;
  readonly phase: number;
  keys: readonly GateKey[];
  due: number;
  /** `gone`: removed or replaced; whatever still refers to it is dropped. */
  state: 'idle' | 'queued' | 'running' | 'gone';
  /** Grows each time the entry is queued: an older place in a queue is stale. */
  ticket: number;
  /** Last verdict; undefined before the first. */
  ok: boolean | undefined;
  /** Start of the probe that changed the verdict; undefined while it never did. */
  changedAt: number | undefined;
  /** Answered well within the deadline last time, whatever it said. */
  quick: boolean;
  /** Looked at anew soon, and thoroughly: something else says that it has changed. */
  soon: boolean;
  readonly ending: AbortController;
  waiters: Waiter[];
}

export interface Waiter {
  readonly resolve: (result: ProbeResult) => void;
  readonly reject: (error: unknown) => void;
}

export function newEntry(target: ScheduledTarget, phase: number, limits: ProbingLimits): Entry {
  return {
    target,
    phase,
    keys: gateKeys(target, limits),
    due: 0,
    state: 'idle',
    ticket: 0,
    ok: undefined,
    changedAt: undefined,
    quick: false,
    soon: false,
    ending: new AbortController(),
    waiters: [],
  };
}

/** Takes a verdict over. A first good one is no change: only what needs confirming is probed faster. */
export function settle(entry: Entry, result: ProbeResult, startedAt: number, limits: ProbingLimits): void {
  const before = entry.ok ?? true;
  if (result.ok !== before) entry.changedAt = startedAt;
  entry.ok = result.ok;
  entry.quick = result.rttMs < limits.deadlineMs / 2;
}

export function gateKeys(target: ScheduledTarget, limits: ProbingLimits): GateKey[] {
  return [
    { name: endpointName(target), cap: limits.perHost },
    ...(target.parentKey === null ? [] : [{ name: `parent ${target.parentKey}`, cap: limits.perParent }]),
  ];
}

/** Name of the gate of a target's host and port. */
export function endpointName(target: ScheduledTarget): string {
  return `host ${endpointOf(target)}`;
}

/**
 * Host and port: behind one public address each port is another camera, and one that hangs must not hold up its
 * neighbours. What cannot be parsed shares one gate: the adapter refuses it at once anyway.
 */
function endpointOf({ connection, host }: ScheduledTarget): string {
  if (connection.protocol === 'onvif') {
    const port = connection.port ?? (connection.tls ? 443 : 80);
    return `${host ?? connection.host}:${port}`.toLowerCase();
  }
  const url = URL.parse(connection.url);
  const port = url?.port || (url?.protocol === 'rtsps:' ? 322 : 554);
  return `${host ?? url?.hostname ?? ''}:${port}`.toLowerCase();
}
