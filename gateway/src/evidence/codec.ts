import type { DeviceKey } from '../domain/device.ts';
import type {
  ConditionEvidence,
  LinkEvidence,
  MessageEvidence,
  ProbeEvidence,
  SignEvidence,
  VendorLinkEvidence,
} from '../domain/evidence.ts';
import type { DeviceEvent, Value } from '../domain/reading.ts';
import type { Hearer } from './ports.ts';

/** Anything heard that is no message, with the name of the call that takes it. */
export type Fact =
  | readonly ['link', LinkEvidence]
  | readonly ['probe', ProbeEvidence]
  | readonly ['sign', SignEvidence]
  | readonly ['condition', ConditionEvidence]
  | readonly ['vendorLink', VendorLinkEvidence]
  | readonly ['lifecycleChanged', DeviceKey]
  | readonly ['decideAgain', readonly DeviceKey[]];

/** A message takes its place in an array: names would be half of a batch's bytes. */
type Line = readonly [
  device: DeviceKey,
  path: number,
  receivedAt: number,
  late: 0 | 1,
  values: Readonly<Record<string, Value>>,
  rest?: { readonly events?: readonly DeviceEvent[]; readonly claim?: 'online' | 'offline'; readonly skewMs?: number },
];

interface Body {
  readonly paths?: readonly string[];
  readonly messages?: readonly Line[];
  readonly facts?: readonly Fact[];
}

export function encodeMessages(evidence: readonly MessageEvidence[]): string {
  const paths: string[] = [];
  const messages = evidence.map(({ device, path, receivedAt, late, values, events, claim, skewMs }): Line => {
    let index = paths.indexOf(path);
    if (index < 0) index = paths.push(path) - 1;
    const plain = values instanceof Map ? (Object.fromEntries(values) as Record<string, Value>) : values;
    const line = [device, index, receivedAt, late ? 1 : 0, plain as Readonly<Record<string, Value>>] as const;
    if (events.length === 0 && claim === undefined && skewMs === undefined) return line;
    const rest = {
      ...(events.length > 0 && { events }),
      ...(claim !== undefined && { claim }),
      ...(skewMs !== undefined && { skewMs }),
    };
    return [...line, rest];
  });
  return JSON.stringify({ paths, messages } satisfies Body);
}

export function encodeFacts(facts: readonly Fact[]): string {
  return JSON.stringify({ facts } satisfies Body);
}

/** Hands what was written on to whoever judges, in its order. Our own processes wrote it, so its shape is trusted. */
export function hand(body: string, to: Hearer): void {
  const { paths = [], messages = [], facts = [] } = JSON.parse(body) as Body;
  if (messages.length > 0)
    to.observe(
      messages.map(([device, path, receivedAt, late, values, rest]) => ({
        device,
        path: paths[path] ?? 'mqtt',
        receivedAt,
        late: late === 1,
        values,
        events: [],
        ...rest,
      })),
    );
  // The name of a fact is the name of the call that takes it.
  for (const [call, heard] of facts) (to[call] as (heard: unknown) => void)(heard);
}
