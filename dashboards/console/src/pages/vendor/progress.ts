import { type Answer, api, body } from '../../api/client.ts';

const LIFECYCLES = ['pending', 'trial', 'active', 'suspended', 'rejected', 'retired'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];
/** Trials looked at for the checklist; a vendor with more sees the rest in the list below it. */
const TRIALS = 10;

export interface Progress {
  readonly types: readonly { readonly id: string; readonly state: Answer<'DeviceTypeVersion'>['state'] }[];
  readonly counts: Readonly<Record<Lifecycle, number>>;
  /** Whether any message of any of its devices was accepted. */
  readonly heard: boolean;
  readonly trials: readonly Answer<'Acceptance'>[];
  /** Trials beyond those looked at. */
  readonly moreTrials: number;
}

/** What the gateway knows about how far a vendor has come. */
export async function readProgress(vendorId: string): Promise<Progress> {
  const devices = (query: { lifecycle?: Lifecycle; limit: number }) =>
    body(api.GET('/api/v1/devices', { params: { query: { vendorId, ...query } } }));
  const [typed, all, trials, ...counted] = await Promise.all([
    body(api.GET('/api/v1/device-types', { params: { query: { q: `${vendorId}/`, limit: 50 } } })),
    devices({ limit: 100 }),
    devices({ lifecycle: 'trial', limit: TRIALS }),
    ...LIFECYCLES.map((lifecycle) => devices({ lifecycle, limit: 1 })),
  ]);
  const own = typed.items.filter(({ id }) => id.startsWith(`${vendorId}/`));
  const [types, acceptances] = await Promise.all([
    Promise.all(own.map(newestState)),
    Promise.all(trials.items.map(({ id }) => acceptanceOf(id))),
  ]);
  return {
    types,
    counts: Object.fromEntries(
      LIFECYCLES.map((lifecycle, index) => [lifecycle, counted[index]?.total ?? 0]),
    ) as Progress['counts'],
    heard: all.items.some(({ lastSeenAt }) => lastSeenAt !== null),
    trials: acceptances,
    moreTrials: Math.max(0, (trials.total ?? 0) - trials.items.length),
  };
}

async function newestState({ id }: { id: string }): Promise<Progress['types'][number]> {
  const { items } = await body(api.GET('/api/v1/device-types/{id}/versions', { params: { path: { id } } }));
  const approved = items.some(({ state }) => state === 'approved');
  return { id, state: approved ? 'approved' : (items[0]?.state ?? 'draft') };
}

export const acceptanceOf = (id: string) =>
  body(api.GET('/api/v1/devices/{id}/acceptance', { params: { path: { id } } }));
