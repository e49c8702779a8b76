import type { Answer } from '../../api/client.ts';

type Incident = Answer<'Incident'>;

export interface News {
  readonly key: string;
  /** RFC 3339, as the gateway wrote it. */
  readonly at: string;
  readonly what: 'came' | 'over';
  readonly incident: Incident;
}

/** Each incident is told twice: when it came and when it was over. Newest first; one that is given twice counts once. */
export function newsOf(incidents: readonly Incident[]): News[] {
  const one = new Map(incidents.map((incident) => [incident.id, incident]));
  return [...one.values()]
    .flatMap((incident): News[] => [
      { key: `${incident.id} came`, at: incident.openedAt, what: 'came', incident },
      ...(incident.resolvedAt === null
        ? []
        : [{ key: `${incident.id} over`, at: incident.resolvedAt, what: 'over' as const, incident }]),
    ])
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
