import type { Answer } from '../api/client.ts';

type Proven = Pick<Answer<'Ticket'>, 'kind' | 'history' | 'evidence'>;

const PROOFS: readonly string[] = ['photo', 'statement', 'recheck', 'freshData'];

/** Where no machine speaks and nobody showed a picture since work began, the verifier's own words are the proof. */
export function needsWords({ kind, history, evidence }: Proven): boolean {
  if (kind !== 'manual' && kind !== 'inspection') return false;
  const since = history.findLast(({ to, from }) => to === 'handling' && from !== 'suspended')?.at ?? '';
  return !evidence.some(({ kind: of, at, ok }) => PROOFS.includes(of) && ok !== false && at >= since);
}
