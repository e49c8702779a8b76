import type { DeviceBrief } from '../domain/device.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import type { DeviceEvent, Reading, ReadingFlag } from '../domain/reading.ts';
import { identify, type Refused } from './identify.ts';
import type { DecodedItem, DirectoryPort, KeyClaim, QuarantineEntry, SpoolRecord, TypesPort } from './ports.ts';
import { createSpacing, type TimeWindow, timeOf } from './timing.ts';

/** One decoded item on its way into the store. */
export interface PlannedItem {
  readonly device: DeviceBrief;
  readonly item: DecodedItem;
  /** May become the first time of the same key (docs/decisions/003). */
  time: number;
  readonly skew: boolean;
  /** Message key, absent when nothing identifies the message. */
  readonly key?: string;
  /** Keyless and DUP-flagged: looked up among what was stored lately. */
  readonly suspectRepeat: boolean;
  /** The key was seen before; `time` is its first one. */
  redelivered: boolean;
  /** A keyless repetition; nothing of it is written. */
  repeat: boolean;
  readonly evidence: MessageEvidence;
  readings?: { readonly time: number; readonly list: readonly Reading[] };
}

export interface PlannedMessage {
  readonly record: SpoolRecord;
  readonly items: readonly PlannedItem[];
  readonly refused: readonly Refused[];
  /** Set for messages refused before decoding. */
  readonly rejected?: string;
}

export interface Planner {
  /** Until `settled` is called, the same records are planned the same way again. */
  (records: readonly SpoolRecord[]): PlannedMessage[];
  /** The last plan is stored. */
  settled(): void;
}

export function createPlanner(options: {
  directory: DirectoryPort;
  types: TypesPort;
  window: () => TimeWindow;
  isLate: (device: number, lagMs: number, receivedAt: number, lateAfterMs: number) => boolean;
  /** A vendor's login spoke of another's device. */
  foreign?: (vendorId: string, deviceId: string) => void;
}): Planner {
  const { directory, types, isLate } = options;
  const spaced = createSpacing();

  const planItem = (record: SpoolRecord, device: DeviceBrief, item: DecodedItem, window: TimeWindow): PlannedItem => {
    const receivedAt = record.receivedAt;
    const timing = timeOf(item.deviceTime, receivedAt, window);
    const { skew } = timing;
    // Only what stands under its receive time can collide with its neighbours.
    const time = item.deviceTime === undefined || skew ? spaced(device.key, receivedAt) : timing.time;
    const key = item.msgId !== undefined ? `m:${item.msgId}` : skew ? `t:${item.deviceTime}` : undefined;
    const lag = item.deviceTime === undefined || skew ? 0 : receivedAt - item.deviceTime;
    const events = item.events.map((event): DeviceEvent => {
      const at = event.time === undefined ? time : timeOf(event.time, receivedAt, window).time;
      return {
        device: device.key,
        code: event.code,
        ...(event.component === undefined ? {} : { component: event.component }),
        time: at,
        receivedAt,
        severity: event.severity,
        lifeSafety: event.lifeSafety,
        ...(event.data === undefined ? {} : { data: event.data }),
      };
    });
    return {
      device,
      item,
      time,
      skew,
      ...(key === undefined ? {} : { key }),
      suspectRepeat:
        key === undefined && item.deviceTime === undefined && record.dup && item.values.size + item.events.length > 0,
      redelivered: false,
      repeat: false,
      evidence: {
        device: device.key,
        path: record.via,
        receivedAt: record.receivedAt,
        late: record.retained || isLate(device.key, lag, record.receivedAt, types.lateAfter(device.type)),
        values: item.values,
        events,
        ...(item.claim === undefined ? {} : { claim: item.claim }),
        ...(item.deviceTime === undefined ? {} : { skewMs: item.deviceTime - receivedAt }),
      },
    };
  };

  const plan = (records: readonly SpoolRecord[]) => {
    const window = options.window();
    spaced.drop();
    return records.map((record): PlannedMessage => {
      if (record.refused !== undefined) return { record, items: [], refused: [], rejected: record.refused };
      const found = identify(record, directory, types, options.foreign);
      if (!found.ok) return { record, items: [], refused: [found.refused] };
      const items = found.items.map(({ device, item }) => planItem(record, device, item, window));
      return { record, items, refused: found.refused };
    });
  };
  return Object.assign(plan, { settled: spaced.keep });
}

const SKEW: readonly ReadingFlag[] = ['skew'];

/** Readings of one item; made once, and again only when its time changed. */
export function readingsOf(planned: PlannedItem): readonly Reading[] {
  const { device, item, time, skew, evidence } = planned;
  if (planned.readings?.time === time) return planned.readings.list;
  const list: Reading[] = [];
  for (const [metric, value] of item.values) {
    const base = { device: device.key, metric, time, value, receivedAt: evidence.receivedAt };
    list.push(skew ? { ...base, flags: SKEW } : base);
  }
  planned.readings = { time, list };
  return list;
}

export function claimOf(planned: PlannedItem): KeyClaim | undefined {
  if (planned.key === undefined) return undefined;
  return { device: planned.device.key, key: planned.key, time: planned.time, receivedAt: planned.evidence.receivedAt };
}

export function quarantineOf(record: SpoolRecord, refused: Refused): QuarantineEntry {
  return {
    receivedAt: record.receivedAt,
    via: record.via,
    principal: record.principal,
    device: refused.device?.key ?? null,
    topic: record.topic,
    payload: record.payload,
    code: refused.code,
    detail: refused.detail,
  };
}
