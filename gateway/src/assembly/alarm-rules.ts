import type { Monitor } from '../monitor/monitor.ts';
import { createAlarmRules } from '../registry/alarm-rules/alarm-rules.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** Rules people lay over device types, and the types with them as the monitor judges by. */
export function createAlarmRulePart(
  { log, clock, types, store, db }: Foundation,
  { registry }: Identity,
  { readings }: Pick<DataPath, 'readings'>,
  monitor: () => Monitor,
) {
  const { directory } = registry;
  const rules = createAlarmRules({
    db,
    store: store.alarmRules,
    audit: store.audit,
    clock,
    log,
    types,
    directory,
    series: () => readings,
    onChange: () => monitor().rulesChanged(),
  });
  return {
    ...rules,
    /** What an alarm or event of these devices is called: by a rule, else by the type of the first. */
    titleOf: (code: string, devices: readonly string[]) =>
      rules.titleOf(devices, code) ?? registry.titleOf(code, devices),
  };
}
