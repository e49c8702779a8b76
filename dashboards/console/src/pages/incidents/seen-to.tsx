import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { exactTime } from '../../parts/time.tsx';

/** Who sees to an incident, until when, and what was said. */
export function SeenTo({ incident: { acknowledged } }: { incident: Answer<'Incident'> }) {
  if (!acknowledged) return null;
  const { byName, at, until, note } = acknowledged;
  const over = Date.parse(until) < Date.now();
  return (
    <div className="quiet seen-to">
      {t(over ? 'incidents.seen.over' : 'incidents.seen', { name: byName, at: short(at), until: short(until) })}
      {note && <div>{note}</div>}
    </div>
  );
}

const short = (at: string) => exactTime(at).slice(5, 16);
