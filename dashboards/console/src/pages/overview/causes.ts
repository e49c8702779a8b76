import type { Answer } from '../../api/client.ts';

type Incident = Answer<'Incident'>;

export interface Cause {
  readonly key: string;
  /** Of the kind of fault and its reason, or a group with its own words. */
  readonly fault: string;
  readonly reason: string;
  /** A group's cause in words; null = devices that have the same wrong with them, each by itself. */
  readonly words: string | null;
  readonly severity: string;
  readonly lifeSafety: boolean;
  readonly incidents: readonly Incident[];
  /** In the order they were taken; what has no name stands by its id. */
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  /** When the first of them began. */
  readonly since: string;
}

const ORDER = ['critical', 'major', 'minor', 'warning', 'info'];

/** Incidents that have the same cause stand as one; what only follows from a group's cause is left to the group. Worst first. */
export function byCause(incidents: readonly Incident[]): Cause[] {
  const causes = new Map<string, Incident[]>();
  for (const incident of incidents) {
    if (incident.suppressed.some((by) => String(by).startsWith('group:'))) continue;
    const key = incident.kind === 'group' ? incident.id : `${incident.fault}/${incident.reason}/${incident.severity}`;
    causes.set(key, [...(causes.get(key) ?? []), incident]);
  }
  return [...causes]
    .flatMap(([key, same]) => {
      const [first] = same;
      if (first === undefined) return [];
      const devices = new Map(
        same.flatMap(({ members }) =>
          members
            .filter(({ state }) => state === 'bad')
            .map(({ deviceId, name }) => [deviceId, { id: deviceId, name: name ?? deviceId }]),
        ),
      );
      return [
        {
          key,
          fault: first.fault,
          reason: first.reason,
          words: first.kind === 'group' ? first.cause : null,
          severity: first.severity,
          lifeSafety: same.some(({ lifeSafety }) => lifeSafety),
          incidents: same,
          devices: [...devices.values()],
          since: same.map(({ openedAt }) => openedAt).reduce((a, b) => (Date.parse(a) < Date.parse(b) ? a : b)),
        },
      ];
    })
    .sort(
      (a, b) =>
        Number(b.lifeSafety) - Number(a.lifeSafety) ||
        ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
        b.devices.length - a.devices.length ||
        Date.parse(b.since) - Date.parse(a.since),
    );
}
