import { Button } from 'antd';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { SettingInput } from './setting-input.tsx';
import { saidOf } from './setting-words.ts';
import { type SettingName, type Spec, same } from './settings-spec.ts';

interface SettingRowProps {
  readonly name: SettingName;
  readonly spec: Spec;
  readonly value: unknown;
  /** As it is in force. */
  readonly saved: unknown;
  readonly problem: readonly string[];
  /** Absent = it may only be looked at. */
  readonly change?: ((value: unknown) => void) | undefined;
}

/** One setting: what it is called, what it does, its value, what it was made as, and between what it may be. */
export function SettingRow({ name, spec, value, saved, problem, change }: SettingRowProps) {
  const label = tCode('setting', name);
  const touched = !same(value, saved);
  const standard = same(value, spec.fallback);
  return (
    <div className={touched ? 'setting touched' : 'setting'} id={`setting-${name}`}>
      <div className="setting-name">
        <b>{label}</b>
        <p className="quiet">{tCode('settingHint', name)}</p>
      </div>
      <div className="setting-value">
        {change ? (
          <SettingInput spec={spec} value={value} label={label} onChange={change} />
        ) : (
          <span>{saidOf(spec, value)}</span>
        )}
        {problem.map((one) => (
          <p key={one} className="setting-problem" role="alert">
            {one}
          </p>
        ))}
      </div>
      <div className="setting-facts">
        {touched ? (
          <Mark tone="warning" shape="triangle" label={t('settings.touched')} />
        ) : standard ? (
          <Mark tone="none" shape="ring" label={t('settings.standard')} />
        ) : (
          <Mark tone="odd" shape="diamond" label={t('settings.changed')} />
        )}
        <span className="quiet">{t('settings.fallback', { value: saidOf(spec, spec.fallback) })}</span>
        {rangeOf(spec) && <span className="quiet">{rangeOf(spec)}</span>}
        {change && !standard && (
          <Button
            size="small"
            type="link"
            onClick={() => change(spec.fallback)}
            aria-label={t('settings.toFallback.of', { name: label })}
          >
            {t('settings.toFallback')}
          </Button>
        )}
      </div>
    </div>
  );
}

function rangeOf(spec: Spec): string | null {
  if (spec.kind === 'number') return t('settings.range', { min: spec.min, max: spec.max });
  if (spec.kind !== 'duration' || spec.least === '0s') return null;
  const least = saidOf({ kind: 'duration', fallback: '', least: '0s' }, spec.least);
  return spec.orNever ? t('settings.leastOrNever', { least }) : t('settings.least', { least });
}
