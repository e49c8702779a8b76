import type { Value } from '../reading.ts';
import { metricInfo } from './compile.ts';
import { decodeMessage } from './decode.ts';
import type { DecodedItem, DecodeInput, Identity, Title } from './decoded.ts';
import { REFUSALS, type RefusalCode } from './refusals.ts';
import { REMEDIES } from './remedies.ts';
import { metricTitle } from './told.ts';
import { toldDetail } from './told-detail.ts';
import type { AlarmRule, DeviceType } from './types.ts';

export interface ExplainedRefusal {
  readonly code: RefusalCode;
  readonly path?: string;
  readonly detail: string;
  /** Path and detail for people, with the metric's title. */
  readonly told: Title;
  readonly title: Title;
  /** What to do about it. */
  readonly remedy: Title;
}

export interface ExplainedTime {
  /** As it stands in the message; null when it holds none. */
  readonly given: unknown;
  /** Zone a time without offset was read in. */
  readonly zone: string | null;
  /** Epoch milliseconds the device meant; null when there is none. */
  readonly device: number | null;
  /** Epoch milliseconds the values would be stored under. */
  readonly stored: number;
  /** The device's clock is beyond belief: its time is kept beside the values and not used. */
  readonly skew: boolean;
}

export interface ExplainedItem {
  readonly identity: Identity | null;
  readonly msgId: string | null;
  readonly time: ExplainedTime;
  readonly readings: readonly {
    readonly metric: string;
    readonly value: Value;
    readonly unit: string | null;
    readonly title: Title | null;
  }[];
  readonly events: DecodedItem['events'];
  readonly claim: 'online' | 'offline' | null;
  readonly refused: readonly ExplainedRefusal[];
  /** Names the type does not know; ignored and counted. */
  readonly unknown: readonly string[];
  /** Alarms whose condition these values alone fulfil; forMs is how long they must stay so. */
  readonly alarms: readonly Pick<AlarmRule, 'code' | 'title' | 'severity' | 'lifeSafety' | 'forMs'>[];
}

export interface Explained {
  /** Whether anything of the message would be stored. */
  readonly accepted: boolean;
  readonly items: readonly ExplainedItem[];
  /** Why the message as a whole would be refused; empty when it would not. */
  readonly refused: readonly ExplainedRefusal[];
}

/** What a message would become and why anything of it is refused; nothing is stored. `window` as at ingest, milliseconds. */
export function explainMessage(
  type: DeviceType,
  input: DecodeInput,
  window: { readonly pastMs: number; readonly futureMs: number },
): Explained {
  const decoded = decodeMessage(type, input);
  if (!decoded.ok) {
    return { accepted: false, items: [], refused: [explainRefusal(type, decoded.code, decoded.detail)] };
  }
  const items = decoded.items.map((item): ExplainedItem => {
    const { deviceTime, values } = item;
    const wild =
      deviceTime !== undefined &&
      (deviceTime < input.receivedAt - window.pastMs || deviceTime > input.receivedAt + window.futureMs);
    return {
      identity: item.identity ?? null,
      msgId: item.msgId ?? null,
      time: {
        given: item.givenTime ?? null,
        zone: type.definition.time?.format === 'local' ? (type.definition.time.zone ?? null) : null,
        device: deviceTime ?? null,
        stored: deviceTime === undefined || wild ? input.receivedAt : deviceTime,
        skew: wild,
      },
      readings: [...values].map(([metric, value]) => {
        const info = metricInfo(type, metric);
        return { metric, value, unit: info?.unit ?? null, title: info?.title ?? null };
      }),
      events: item.events,
      claim: item.claim ?? null,
      refused: item.notes.map(({ code, path, detail }) => explainRefusal(type, code, detail, path)),
      unknown: item.unknown,
      alarms: type.alarms
        .filter(({ when }) => when.evaluate(values) === true)
        .map(({ code, title, severity, lifeSafety, forMs }) => ({ code, title, severity, lifeSafety, forMs })),
    };
  });
  return { accepted: true, items, refused: [] };
}

function explainRefusal(type: DeviceType, code: RefusalCode, detail: string, path = ''): ExplainedRefusal {
  const told = toldDetail(path === '' ? detail : `${path}: ${detail}`, (metric) => metricTitle(type, metric));
  const texts = { title: REFUSALS[code].title, remedy: REMEDIES[code], told };
  return path === '' ? { code, detail, ...texts } : { code, path, detail, ...texts };
}
