import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mqttConfig } from './config.ts';

interface Property {
  readonly type?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
}

function rows(properties: Readonly<Record<string, Property>>, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const range = property.minimum === undefined ? '' : `${property.minimum}–${property.maximum}`;
    const value = property.default === undefined ? '–' : `\`${property.default}\``;
    const row = `| \`${prefix}${name}\` | ${property.type} | ${value} | ${range} | ${property.description} |`;
    return [row, ...(property.properties ? rows(property.properties, `${prefix}${name}.`) : [])];
  });
}

test('the README has the sections an adapter must have, and its table is the schema', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  for (const heading of ['## Configuration', '## Limits', '## Tested']) expect(readme).toContain(heading);
  const table = [
    '| key | type | default | range | |',
    '|---|---|---|---|---|',
    ...rows(mqttConfig.properties as unknown as Record<string, Property>),
  ];
  expect(readme).toContain(`\n${table.join('\n')}\n`);
});
