import type { Answer } from '../../api/client.ts';
import { tCode } from '../../language.ts';

/** The problem in words: what several devices share, else the fault and why. */
export function incidentTitle({ cause, fault, reason, component }: Answer<'Incident'>): string {
  if (cause !== null) return cause;
  const what = tCode('fault', fault);
  const why = tCode('reason', reason);
  return [what, ...(reason === fault || why === what ? [] : [why]), ...(component === null ? [] : [component])].join(
    ' · ',
  );
}
