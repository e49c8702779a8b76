import { t, tCode } from '../../language.ts';
import { lengthFrom } from './duration.ts';
import type { Spec } from './settings-spec.ts';

/** A value of a setting in words. */
export function saidOf(spec: Spec, value: unknown): string {
  switch (spec.kind) {
    case 'duration':
      return durationSaid(String(value), spec.orNever);
    case 'number':
      return `${Number(value).toLocaleString('en-US')}${spec.unit === '%' ? '%' : ` ${tCode('settingUnit', spec.unit)}`}`;
    case 'switch':
      return t(value === true ? 'settings.on' : 'settings.off');
    case 'weekday':
      return value === 0 ? t('settings.never') : tCode('weekday', String(value));
    case 'inspecting':
      return tCode('inspecting', String(value));
    case 'modules':
      return tCode('module', String(value));
    default:
      return plain(value);
  }
}

function plain(value: unknown): string {
  if (value === 'off') return t('settings.never');
  if (value === '' || value === null || value === undefined) return t('settings.none');
  if (Array.isArray(value)) {
    if (value.length === 0) return t('settings.none');
    return value.every((one) => typeof one === 'string')
      ? value.join(t('rules.and'))
      : t('settings.entries', { n: value.length });
  }
  if (typeof value !== 'object') return String(value);
  if ('days' in value && Array.isArray(value.days) && 'from' in value && 'to' in value)
    return `${value.days.map((day) => tCode('weekday', String(day))).join(t('rules.and'))} ${String(value.from)}–${String(value.to)}`;
  if ('source' in value) return tCode('tiles', String(value.source));
  if ('top' in value && 'bottom' in value)
    return t('settings.bands', { top: Number(value.top) * 100, bottom: Number(value.bottom) * 100 });
  if ('orgId' in value) return t('settings.centre');
  const n = Object.keys(value).length;
  return n === 0 ? t('settings.asShipped') : t('settings.entries', { n });
}

/** `5m` as "5 分钟". */
export function durationSaid(text: string, orNever = false): string {
  const length = lengthFrom(text);
  if (!length) return text;
  if (orNever && length.n === 0) return t('settings.never');
  return `${length.n} ${tCode('unit', length.unit)}`;
}
