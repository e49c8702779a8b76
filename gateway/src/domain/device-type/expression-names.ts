import { coversMetric, type Expression } from './expression.ts';

/** What a rule of a device type may name; a component's metric stands under its wildcard, `ports.*.current`. */
export interface RuleNames {
  readonly metrics: readonly string[];
  readonly events: readonly string[];
}

/** What an expression names that is not there, in both languages; empty = nothing. */
export function nameFaults({ metrics, temporal }: Expression, names: RuleNames): string[] {
  const known = (name: string) => names.metrics.some((one) => one === name || coversMetric(one, name));
  const faults = metrics
    .filter((name) => !known(name))
    .map((name) => `没有指标 ${name} / no metric ${name}; known: ${names.metrics.join(', ')}`);
  for (const { kind, name } of temporal) {
    const isEvent = names.events.includes(name);
    if (kind === 'count' ? isEvent : known(name) || (kind === 'absent' && isEvent)) continue;
    const [zh, en, list] = kind === 'count' ? ['事件', 'event', names.events] : ['指标', 'metric', names.metrics];
    faults.push(`${kind}: 没有${zh} ${name} / no ${en} ${name}; known: ${list.join(', ')}`);
  }
  return faults;
}
