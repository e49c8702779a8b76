import type { DeviceBrief } from '../domain/device.ts';
import type { QuietReasons } from '../domain/quiet.ts';
import type { QuietTime } from '../domain/quiet-rows.ts';
import { occurrences, type Span, spanOfFault } from '../domain/quiet-times.ts';
import { createMatcher, type Matcher } from './matcher.ts';
import type { QuietDeps } from './ports.ts';

/** More are not kept in memory; the newest go first. */
const MOST = 20_000;
/** Devices move and clocks go on: what is in memory is made anew after this, changed or not. */
const OLDEST_MS = 60_000;
const AHEAD_MS = 86_400_000;
/** Reasons told of one fault; a device under more windows than this needs no further. */
const MOST_REASONS = 5;

interface Entry extends Pick<QuietTime, 'id' | 'kind' | 'name' | 'scope' | 'reach' | 'startsAt' | 'endsAt'> {
  readonly spans: readonly Span[];
}

/** What holds now, in memory: asked for every fault, it costs no query. */
export interface QuietMemory {
  readonly reasons: QuietReasons;
  /** Whether a window holds for this device at this moment. */
  inside(id: string, now: number): boolean;
  /** 重保 that goes on for this device. */
  securityOf(device: DeviceBrief, now: number): Pick<QuietTime, 'id' | 'name' | 'endsAt'> | undefined;
  /** Reads what changed; `true` = whether or not something did. */
  refresh(anew?: boolean): Promise<void>;
}

export function createQuietMemory(deps: Pick<QuietDeps, 'store' | 'db' | 'clock' | 'zone' | 'log'>): QuietMemory {
  const { store, db, clock, zone } = deps;
  let matcher: Matcher<Entry> = { of: () => [] };
  let windows = new Map<string, Entry>();
  let mark: string | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let turn: Promise<void> = Promise.resolve();

  const read = async (anew: boolean) => {
    const now = clock.now();
    const fresh = await store.mark(db.autocommit);
    if (!anew && fresh === mark && now - readAt < OLDEST_MS) return;
    const rows = (await store.going(db.autocommit, MOST)).filter(({ state }) => state === 'approved');
    if (rows.length === MOST) deps.log.error({ most: MOST }, 'more maintenance windows and silences than are heeded');
    const entries = rows.map((row) => ({ ...row, spans: spansOf(row, now) })).filter(({ spans }) => spans.length > 0);
    matcher = createMatcher(entries, await store.places(db.autocommit, entries));
    windows = new Map(entries.map((entry) => [entry.id, entry]));
    mark = fresh;
    readAt = now;
  };

  /** What is over stays until the sweep has dealt with what still stands. */
  const spansOf = (row: QuietTime, now: number): Span[] => {
    const since = row.settled ?? row.startsAt;
    const spans = occurrences(row, Math.min(since, now), now + AHEAD_MS, zone);
    if (row.kind !== 'maintenance') return spans;
    // A window holds from its approval on: what fell silent before has its ticket.
    const approved = row.decidedAt ?? row.startsAt;
    return spans.flatMap(({ from, to }) =>
      to > approved && to > since ? [{ from: Math.max(from, approved), to }] : [],
    );
  };

  return {
    reasons(fault, now) {
      const found: string[] = [];
      for (const { id, kind, scope, spans } of matcher.of(fault.device)) {
        if (kind === 'maintenance' ? spanOfFault(spans, fault) === undefined : kind !== 'silence') continue;
        if (kind === 'silence') {
          if (scope.faults && !scope.faults.includes(fault.fault)) continue;
          if (!spans.some(({ from, to }) => now >= from && now < to)) continue;
        }
        found.push(`${kind}:${id}`);
        if (found.length === MOST_REASONS) break;
      }
      return found;
    },
    inside: (id, now) => windows.get(id)?.spans.some(({ from, to }) => now >= from && now < to) ?? false,
    securityOf(device, now) {
      return matcher.of(device).find(({ kind, startsAt, spans }) => {
        return kind === 'security' && startsAt <= now && spans.some(({ to }) => now < to);
      });
    },
    refresh(anew = false) {
      turn = turn.then(
        () => read(anew),
        () => read(anew),
      );
      return turn;
    },
  };
}
