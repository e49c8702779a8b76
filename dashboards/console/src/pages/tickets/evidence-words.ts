import { tCode } from '../../language.ts';
import { proofWords } from '../../parts/proof-words.ts';
import type { Ticket } from './actions.ts';

/** What a proof says, in a line. */
export function evidenceWords({ ok, detail, at }: Ticket['evidence'][number]): string {
  const judged = ok === undefined ? [] : [tCode('recheck', ok ? 'passed' : 'failed')];
  return [...judged, ...proofWords(detail, at)].join(' · ');
}
