import { expect, it } from 'vitest';
import { entryOf, narrowed, speaksOf } from './definition.ts';

const type = {
  id: 'generic/cabinet',
  title: { zh: 'Kast', en: 'Cabinet' },
  module: 'charging',
  adapter: 'mqtt',
  builtIn: true,
  approved: true,
  definition: {
    metrics: {
      cabinetTemp: { type: 'number', unit: 'Cel', min: -40, max: 127, title: { zh: 'Kasttemperatuur', en: 'Temp' } },
    },
    components: {
      ports: {
        title: { zh: 'Poort', en: 'Port' },
        metrics: { current: { unit: 'A', title: { zh: 'Stroom', en: 'Current' } } },
      },
    },
    alarms: { hot: { when: 'cabinetTemp > 75', title: { zh: 'Heet', en: 'Hot' }, severity: 'critical' } },
    events: { smoke: { title: { zh: 'Rook', en: 'Smoke' } } },
  },
} as unknown as Parameters<typeof entryOf>[0];

it('names a part’s metric under its wildcard, and puts a threshold beside the metric it is of', () => {
  const { metrics, alarms } = entryOf(type);
  expect(metrics.map(({ code, zh, range, unit, alarms: of }) => [code, zh, range, unit, of.length])).toEqual([
    ['cabinetTemp', 'Kasttemperatuur', '-40 – 127', '℃', 1],
    ['ports.*.current', 'Poort · Stroom', '', 'A', 0],
  ]);
  expect(alarms.map(({ code, when }) => [code, when])).toEqual([
    ['hot', 'cabinetTemp > 75'],
    ['smoke', null],
  ]);
});

it('takes a name in a condition only whole, and never inside a text', () => {
  expect(speaksOf('any(ports.*.current) > 12', 'ports.*.current')).toBe(true);
  expect(speaksOf('cabinetTemp2 > 75', 'cabinetTemp')).toBe(false);
  expect(speaksOf('state == "cabinetTemp"', 'cabinetTemp')).toBe(false);
});

it('keeps what fits of a type, or all of it when the type itself fits', () => {
  const all = [entryOf(type)];
  expect(narrowed(all, 'Stroom')[0]?.metrics.length).toBe(1);
  expect(narrowed(all, 'CABINET')[0]?.metrics.length).toBe(2);
  expect(narrowed(all, 'niets')).toEqual([]);
});
