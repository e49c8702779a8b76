import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz, nastyText } from '../../../test/support/fuzz.ts';
import { OwnArchive } from '../../domain/camera-archive.ts';
import { DeviceInput } from '../../domain/device-input.ts';
import { schemaErrors } from '../../domain/input.ts';
import { readRow } from './cells.ts';
import { COLUMNS } from './columns.ts';
import { readHeader } from './header.ts';
import { createLocator } from './locate.ts';

/** What an import does with a table before it asks the database. */
function readTable([header, cells]: readonly [readonly string[], readonly string[]]): void {
  const { columns, errors } = readHeader(header);
  expect(columns.length).toBe(header.length);
  const { row, errors: faults } = readRow(columns, { cells }, { row: 1, sheetRow: 2 }, { idsOf: () => [] });
  const all = [
    ...errors,
    ...faults,
    ...schemaErrors(DeviceInput, row.input),
    ...(row.archive ? schemaErrors(OwnArchive, row.archive) : []),
  ];
  const located = all.map(createLocator(header, columns, [row]));
  for (const { message } of located) expect(message.length).toBeLessThan(20_000);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
}

const known = COLUMNS.flatMap(({ path, zh, en }) => [path, zh, en]);
const CELL = 4_096;
const LONG: readonly string[] = [
  `x=1;${' '.repeat(CELL - 5)}b`,
  `a=${' '.repeat(CELL - 3)}b`,
  `a${' '.repeat(CELL - 2)}b`,
  '='.repeat(CELL),
  ';'.repeat(CELL),
  '\\'.repeat(CELL),
  `${'a=b;'.repeat(CELL / 4)}`,
  '__proto__=x;constructor=y;polluted=1',
  '('.repeat(CELL),
  '⑴'.repeat(CELL - 1).concat('x'),
  'ﷺ'.repeat(CELL),
  '9'.repeat(CELL),
  `2026-1-1 ${' '.repeat(CELL - 10)}`,
  `onvif://${'a'.repeat(CELL - 8)}`,
  `onvif://[${':'.repeat(CELL - 9)}`,
  `rtsp://${'@'.repeat(CELL - 7)}`,
  `rtsp://${'a:'.repeat(CELL / 2 - 4)}`,
  ','.repeat(CELL),
];

describe('a table of a stranger', () => {
  it('with any header and any cells is read or refused', async () => {
    const header = fc.array(fc.oneof(fc.constantFrom(...known), nastyText()), { maxLength: 8 });
    const cell = fc.oneof(
      { weight: 3, arbitrary: nastyText() },
      fc.constantFrom('1', '球机', 'a=b', '2026-1-1', 'onvif://h'),
    );
    await fuzz(fc.tuple(header, fc.array(cell, { maxLength: 10 })), readTable);
  });

  it('with the longest cells there may be is read in time', async () => {
    const paths = COLUMNS.map(({ path }) => path);
    const headers = ['('.repeat(CELL), '⑴'.repeat(CELL - 1).concat('x'), 'ﷺ'.repeat(CELL), ' '.repeat(CELL)];
    const examples = [
      ...LONG.map((text): [string[], string[]] => [paths, paths.map(() => text)]),
      ...headers.map((text): [string[], string[]] => [
        Array.from({ length: 200 }, (_, i) => `${text.slice(0, CELL - 3)}${i}`),
        [],
      ]),
    ];
    await fuzz(fc.constantFrom(...examples), readTable, { count: 0, examples });
  });
});
