import type { FieldError } from '../../errors.ts';
import { decodeMessage } from './decode.ts';
import type { Decoded, DecodedItem } from './decoded.ts';
import type { ExampleDefinition } from './grammar.ts';
import type { DeviceType } from './types.ts';

/** The bytes of an example's payload: a text as it is, everything else as JSON. */
export function examplePayload(example: ExampleDefinition): Uint8Array {
  const { payload, payloadEncoding } = example;
  if (typeof payload !== 'string') return Buffer.from(JSON.stringify(payload ?? null));
  return Buffer.from(payload, payloadEncoding ?? 'utf8');
}

/** Runs every example of a type; the faults name the example and what was found instead. Empty = all as promised. */
export function runExamples(type: DeviceType): FieldError[] {
  const { examples } = type.definition;
  const errors: FieldError[] = [];
  const missing = (what: string) =>
    errors.push({
      path: '/examples',
      code: 'example',
      message: `至少要有一个${what} / at least one usual and one broken example`,
    });
  if (type.contract || type.plan.topics.length > 0) {
    if (!examples.some(({ refused }) => refused === undefined)) missing('正常样例');
    if (!examples.some(({ refused }) => refused !== undefined)) missing('错误样例（refused）');
  }
  for (const [index, example] of examples.entries()) {
    const found = decodeMessage(type, { topic: example.topic, payload: examplePayload(example), receivedAt: 0 });
    for (const fault of compare(example, found)) {
      errors.push({
        path: `/examples/${index}`,
        code: 'example',
        message: `样例“${example.name}”不符 / example '${example.name}': ${fault}`,
      });
    }
  }
  return errors;
}

function compare(example: ExampleDefinition, found: Decoded): string[] {
  const partly = example.readings !== undefined;
  if (!found.ok) {
    if (example.refused === found.code && !partly) return [];
    return [`refused as ${found.code} (${found.detail}), expected ${example.refused ?? 'to be taken'}`];
  }
  const { items } = found;
  const faults: string[] = [];
  const expect = (what: string, wanted: unknown, actual: unknown) => {
    if (wanted === undefined) return;
    const [left, right] = [canonical(wanted), canonical(actual)];
    if (left !== right) faults.push(`${what} is ${right}, expected ${left}`);
  };
  const notes = items.flatMap((item) => item.notes);
  if (example.refused !== undefined) {
    if (!partly) return [`was taken, expected to be refused as ${example.refused}`];
    if (!notes.some((note) => note.code === example.refused)) faults.push(`nothing was refused as ${example.refused}`);
  } else if (notes[0]) faults.push(`'${notes[0].path}' was refused as ${notes[0].code} (${notes[0].detail})`);
  const [last] = items.slice(-1);
  expect('readings', example.readings, Object.assign({}, ...items.map((item) => Object.fromEntries(item.values))));
  expect(
    'events',
    example.events,
    items.flatMap((item) => item.events.map(eventName)),
  );
  expect('unknown', example.unknown, [...new Set(items.flatMap((item) => item.unknown))]);
  expect('claim', example.claim, last?.claim ?? null);
  expect('identity', example.identity, last?.identity?.value ?? null);
  if (example.time !== undefined) expect('time', Date.parse(example.time), last?.deviceTime ?? null);
  return faults;
}

function eventName(event: DecodedItem['events'][number]): string {
  return event.component === undefined ? event.code : `${event.code}@${event.component}`;
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}
