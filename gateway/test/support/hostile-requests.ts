import fc from 'fast-check';
import { nastyText } from './fuzz.ts';

/** A GET operation of the API's document. */
export interface GetOperation {
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  /** Statuses above 499 that the document promises, such as 503 and a camera's 502. */
  readonly mayFail: readonly number[];
  /** Pages for people answer their refusals as pages, too. */
  readonly page: boolean;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { parameters?: GetOperation['parameters']; responses: Readonly<Record<string, unknown>> }>
      >
    >
  >;
}

export function getOperations({ paths }: Document): GetOperation[] {
  return Object.entries(paths).flatMap(([path, { get }]) =>
    // A stream of events has no end to wait for.
    get && !JSON.stringify(get.responses['200'] ?? '').includes('text/event-stream')
      ? [
          {
            path,
            parameters: get.parameters ?? [],
            mayFail: Object.keys(get.responses)
              .map(Number)
              .filter((status) => status >= 501),
            page: JSON.stringify(get.responses['200'] ?? '').includes('text/html'),
          },
        ]
      : [],
  );
}

const escaped = nastyText().map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 9_000));
const rawValue = fc.oneof(
  { weight: 4, arbitrary: escaped },
  fc.constantFrom(
    '%',
    '%zz',
    '%c0%af',
    '%ed%a0%80',
    '%00',
    '%ff%fe',
    '+',
    '&',
    '=',
    '[]',
    '[a][b]',
    'a;b',
    '%25%32%35',
  ),
);

/**
 * A request line for one operation: its query full of wrong, doubled and unknown parameters, its path likewise, or half the
 * time naming what is there (`own`), so that the query goes all the way.
 */
export const hostileTarget = (
  operations: readonly GetOperation[],
  own: (path: string, parameter: string) => string | undefined = () => undefined,
): fc.Arbitrary<{ operation: GetOperation; url: string }> =>
  fc.constantFrom(...operations).chain((operation) => {
    const known = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    const name = fc.constantFrom('__proto__', 'constructor', 'x', 'limit[]', ...known, ...known);
    const query = fc.array(fc.tuple(name, rawValue), { maxLength: 5 });
    const slots = operation.path.match(/\{\w+\}/g) ?? [];
    const parts = slots.map((slot) => {
      const there = own(operation.path, slot.slice(1, -1));
      const wrong = rawValue.map((part) => part.replaceAll(/[?#&=[\];+]/g, '') || 'x');
      return there === undefined ? wrong : fc.oneof(fc.constant(encodeURIComponent(there)), wrong);
    });
    return fc.tuple(fc.tuple(...parts), query).map(([filled, pairs]) => {
      const left = [...filled];
      const path = operation.path.replace(/\{\w+\}/g, () => left.shift() ?? 'x');
      return { operation, url: `${path}${pairs.length ? '?' : ''}${pairs.map((pair) => pair.join('=')).join('&')}` };
    });
  });
