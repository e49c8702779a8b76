import type { Answer } from '../../api/client.ts';
import { tCode } from '../../language.ts';

/** The problem in words: what several devices share, else the fault and why. */
export const incidentTitle = (incident: Answer<'Incident'>): string => incident.cause ?? problemWords(incident);

/** The fault and why, once when they say the same. */
export function problemWords({ fault, reason, component }: Answer<'Incident'>): string {
  const what = tCode('fault', fault);
  const why = tCode('reason', reason);
  return [what, ...(reason === fault || why === what ? [] : [why]), ...(component === null ? [] : [component])].join(
    ' · ',
  );
}
