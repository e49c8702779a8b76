import type { ApiClient } from '../simulator/api-client.ts';

/** What a demo has to show beside its counts. */
export interface Outcome {
  /** Devices that went offline and came back, with their tickets. */
  readonly returned: readonly { readonly deviceId: string; readonly no: string; readonly stage: string }[];
  readonly quarantined: readonly { readonly sender: string; readonly code: string; readonly detail: string }[];
}

interface Ticket {
  readonly no: string;
  readonly stage: string;
  readonly stageSince: string;
  readonly firing: boolean;
  readonly deviceIds: readonly string[];
}

interface Quarantined {
  readonly deviceId: string | null;
  readonly principal: string;
  readonly code: string;
  readonly detail: string;
}

/** Asks the gateway; what happened before `since` belongs to an earlier run on the same data directory. */
export async function readOutcome(api: ApiClient, since: number): Promise<Outcome> {
  const tickets = await api.get<{ items: Ticket[] }>('/tickets?fault=offline&stage=verifying,closed&limit=200');
  const quarantined = await api.get<{ items: Quarantined[] }>(`/quarantine?limit=200&from=${since}`);
  return {
    returned: tickets.items
      .filter(({ firing, stageSince }) => !firing && Date.parse(stageSince) >= since)
      .flatMap(({ no, stage, deviceIds }) => deviceIds.map((deviceId) => ({ deviceId, no, stage }))),
    quarantined: quarantined.items.map(({ deviceId, principal, code, detail }) => ({
      sender: deviceId ?? principal,
      code,
      detail,
    })),
  };
}
