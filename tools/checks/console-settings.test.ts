import { expect, it } from 'vitest';
import { settings as en } from '../../dashboards/console/src/messages/en/settings.ts';
import { settings as zh } from '../../dashboards/console/src/messages/zh-CN/settings.ts';
import { lengthMs } from '../../dashboards/console/src/pages/rules/duration.ts';
import { GROUPS, QUOTAS, type Spec, THRESHOLDS } from '../../dashboards/console/src/pages/rules/settings-spec.ts';
import { PICTURE_THRESHOLDS } from '../../gateway/src/domain/picture-thresholds.ts';
import { SETTINGS } from '../../gateway/src/domain/settings.ts';
import { DEFAULT_VENDOR_QUOTAS } from '../../gateway/src/domain/vendor-quota.ts';

const specs = new Map<string, Spec>(Object.values(GROUPS).flatMap((group) => Object.entries(group)));

it('shows every setting of the gateway, once', () => {
  expect([...specs.keys()].sort()).toEqual(Object.keys(SETTINGS).sort());
  expect(Object.values(GROUPS).flatMap((group) => Object.keys(group)).length).toBe(specs.size);
});

it.each(Object.keys(SETTINGS))('says in both languages what %s is and does', (name) => {
  for (const words of [zh, en]) {
    expect(words).toHaveProperty([`setting.${name}`]);
    expect(words).toHaveProperty([`settingHint.${name}`]);
  }
});

it.each(Object.entries(SETTINGS))('knows the default and the range of %s', (name, setting) => {
  const spec = specs.get(name);
  expect(spec?.fallback).toEqual(setting.fallback);
  const schema: Readonly<Record<string, unknown>> = { ...setting.schema };
  if (spec?.kind === 'number') expect([spec.min, spec.max]).toEqual([schema.minimum, schema.maximum]);
  if (spec?.kind === 'duration') expect(lengthMs(spec.least)).toBe(setting.least);
});

it('knows the defaults behind thresholds and quotas', () => {
  expect(THRESHOLDS).toEqual(PICTURE_THRESHOLDS);
  expect(Object.fromEntries(Object.entries(QUOTAS).map(([name, [usual]]) => [name, usual]))).toEqual(
    DEFAULT_VENDOR_QUOTAS,
  );
});
