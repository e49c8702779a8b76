import type { Clock } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { FileTickets, TicketRequest } from '../domain/ticket-request.ts';
import type { Transactor, Tx } from '../domain/tx.ts';

const LIMIT = 200;
/** Somebody has been asked; a device that goes on sending for so long is asked about again. */
const ASK_AGAIN_MS = 7 * 86_400_000;

export interface StrayStore {
  strays(
    tx: Tx,
    askAgainMs: number,
    limit: number,
  ): Promise<
    readonly {
      readonly key: DeviceKey;
      readonly id: string;
      readonly vendor: string | null;
      readonly count: number;
      readonly at: number;
    }[]
  >;
  saveStrayTickets(
    tx: Tx,
    rows: readonly { readonly device: DeviceKey; readonly ticketId: string }[],
    at: number,
  ): Promise<void>;
}

/**
 * Retired devices that still send (zombies): one ticket asks who powers them and whether their key is still valid. What
 * they send is refused elsewhere. Answers how many tickets were asked for; run it every minute.
 */
export function createStrays(deps: {
  readonly db: Transactor;
  readonly store: StrayStore;
  readonly file: FileTickets;
  readonly clock: Clock;
}): { sweep(): Promise<number> } {
  return {
    sweep: () =>
      deps.db.transaction(async (tx) => {
        const found = await deps.store.strays(tx, ASK_AGAIN_MS, LIMIT);
        if (found.length === 0) return 0;
        const now = deps.clock.now();
        const ids = await deps.file(
          tx,
          found.map(({ key, id, vendor, count, at }): TicketRequest => {
            return {
              kind: 'inspection',
              fault: 'zombie',
              subject: `device:${key}`,
              severity: 'minor',
              devices: [key],
              title: null,
              code: 'zombie',
              values: { vendor: vendor ?? '–', count },
              evidence: [
                { kind: 'decision', at: now, by: 'system', deviceId: id, detail: { count, lastAt: new Date(at) } },
              ],
            };
          }),
        );
        const rows = found.map(({ key }, index) => ({ device: key, ticketId: ids[index] ?? '' }));
        await deps.store.saveStrayTickets(tx, rows, now);
        return found.length;
      }),
  };
}
