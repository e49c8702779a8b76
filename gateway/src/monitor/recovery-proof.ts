import { toldCondition, toldValues } from '../domain/device-type/told.ts';
import type { IncidentRow } from '../domain/health-rows.ts';
import type { Case } from './case.ts';
import type { Judgement } from './judge.ts';

type Evidence = Readonly<Record<string, unknown>>;

const MAX_PROOF = 20;

/** What shows that the fault of an incident is over: the facts that turned good, or the values that ended its alarm. */
export function recoveryProof(row: IncidentRow, device: Case, judgement: Judgement): readonly Evidence[] {
  const { memory, type } = device;
  const ending = memory.endings?.get(row.fault);
  if (ending) return [{ reason: 'conditionEnded', ...ending }];
  const rule = type?.alarms.find(({ code }) => code === row.fault);
  if (type && rule) {
    const values = toldValues(type, rule.when.evidence(memory.values ?? new Map()));
    const told = toldCondition(type, rule.when.text);
    return [{ reason: 'alarmEnded', when: rule.when.text, told, clear: rule.clear.text, values }];
  }
  const concerns = (name: string) => (row.fault === 'stale' ? name.startsWith('data:') : !name.startsWith('data:'));
  const turned = judgement.facts
    .filter(({ name, state }) => state === 'good' && concerns(name))
    .slice(0, MAX_PROOF)
    .map(({ name, reason, evidence }) => ({ fact: name, ...evidence, state: 'good', reason }));
  if (turned.length > 0) return turned;
  const { state, reason } = judgement.health ?? device.health;
  return [{ state, reason, lastSeenAt: new Date(memory.seenAt).toISOString() }];
}
