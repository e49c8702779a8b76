import type { Clock } from '../../../../adapters/adapter.ts';
import type { Tx } from '../../domain/tx.ts';
import {
  DEFAULT_VENDOR_QUOTAS,
  type VendorQuotas,
  type VendorQuotasInput,
  type VendorUsage,
} from '../../domain/vendor-quota.ts';
import type { VendorDirectory } from './directory.ts';
import type { Calendar, VendorStore } from './ports.ts';

/**
 * What vendors use, counted in memory: one small record a vendor, whatever it sends. Daily sums are added to the database every
 * few seconds, so a `kill -9` forgets the last of them and a clean stop nothing.
 */
export interface VendorUsageMeter {
  quotasOf(vendorId: string): VendorQuotas;
  /** Counts one MQTT message; false when the day's allowance is used up. */
  message(vendorId: string): boolean;
  /** Counts one message that a quota refused. */
  refused(vendorId: string): void;
  /** Counts one HTTP request; seconds to wait when there were too many, 0 = welcome. */
  request(vendorId: string): number;
  today(vendorId: string): VendorUsage & { readonly day: string };
  /** Reads today's sums; at start. */
  load(tx: Tx): Promise<void>;
  /** Adds what was counted to the database. A failed write keeps the counts. */
  flush(tx: Tx): Promise<void>;
}

interface Counts {
  messages: number;
  refused: number;
  requests: number;
}

interface Meter {
  day: string;
  /** What the database has of today, and what was counted since. */
  stored: Counts;
  counted: Counts;
  tokens: number;
  filledAt: number;
}

const none = (): Counts => ({ messages: 0, refused: 0, requests: 0 });

export function createVendorUsage(deps: {
  readonly vendors: Pick<VendorStore, 'addUsage' | 'usageOn'>;
  readonly directory: Pick<VendorDirectory, 'byId'>;
  /** The defaults as this installation has them. */
  readonly defaults: () => VendorQuotasInput;
  readonly calendar: Calendar;
  readonly clock: Clock;
}): VendorUsageMeter {
  const meters = new Map<string, Meter>();
  /** Counts of a day that ended before they were written. */
  const late: { vendorId: string; day: string; counted: Counts }[] = [];

  const quotasOf = (vendorId: string): VendorQuotas => ({
    ...DEFAULT_VENDOR_QUOTAS,
    ...deps.defaults(),
    ...deps.directory.byId(vendorId)?.quotas,
  });

  const meterOf = (vendorId: string): Meter => {
    const day = deps.calendar.today();
    let meter = meters.get(vendorId);
    if (!meter) {
      const tokens = quotasOf(vendorId).requestsPerMinute;
      meter = { day, stored: none(), counted: none(), tokens, filledAt: deps.clock.monotonic() };
      meters.set(vendorId, meter);
    } else if (meter.day !== day) {
      late.push({ vendorId, day: meter.day, counted: meter.counted });
      Object.assign(meter, { day, stored: none(), counted: none() });
    }
    return meter;
  };

  return {
    quotasOf,
    message(vendorId) {
      const meter = meterOf(vendorId);
      if (meter.stored.messages + meter.counted.messages >= quotasOf(vendorId).messagesPerDay) return false;
      meter.counted.messages += 1;
      return true;
    },
    refused(vendorId) {
      meterOf(vendorId).counted.refused += 1;
    },
    request(vendorId) {
      const meter = meterOf(vendorId);
      const { requestsPerMinute } = quotasOf(vendorId);
      const now = deps.clock.monotonic();
      const perMs = requestsPerMinute / 60_000;
      meter.tokens = Math.min(requestsPerMinute, meter.tokens + (now - meter.filledAt) * perMs);
      meter.filledAt = now;
      if (meter.tokens < 1) return Math.max(1, Math.ceil((1 - meter.tokens) / perMs / 1_000));
      meter.tokens -= 1;
      meter.counted.requests += 1;
      return 0;
    },
    today(vendorId) {
      const { day, stored, counted } = meterOf(vendorId);
      return {
        day,
        messages: stored.messages + counted.messages,
        refused: stored.refused + counted.refused,
        requests: stored.requests + counted.requests,
      };
    },
    async load(tx) {
      for (const { vendorId, day: _, ...stored } of await deps.vendors.usageOn(tx, deps.calendar.today())) {
        meterOf(vendorId).stored = stored;
      }
    },
    async flush(tx) {
      const ended = late.splice(0);
      const running = [...meters].flatMap(([vendorId, meter]) => {
        const { day, counted } = meter;
        if (counted.messages + counted.refused + counted.requests === 0) return [];
        meter.counted = none();
        return [{ vendorId, day, counted, meter }];
      });
      // Counted on while it is written; the sums of the answer then take their place.
      for (const { meter, counted } of running) add(meter.stored, counted);
      const rows = [...ended, ...running].map(({ vendorId, day, counted }) => ({ vendorId, day, ...counted }));
      if (rows.length === 0) return;
      try {
        for (const { vendorId, day, ...sums } of await deps.vendors.addUsage(tx, rows)) {
          const meter = meters.get(vendorId);
          if (meter?.day === day) meter.stored = sums;
        }
      } catch (error) {
        late.push(...ended);
        for (const { vendorId, day, counted, meter } of running) {
          if (meter.day !== day) late.push({ vendorId, day, counted });
          else {
            add(meter.counted, counted);
            subtract(meter.stored, counted);
          }
        }
        throw error;
      }
    },
  };
}

function add(to: Counts, from: Counts): void {
  to.messages += from.messages;
  to.refused += from.refused;
  to.requests += from.requests;
}

function subtract(to: Counts, from: Counts): void {
  to.messages -= from.messages;
  to.refused -= from.refused;
  to.requests -= from.requests;
}
