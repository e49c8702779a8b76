import type { Logger } from '../../../adapters/adapter.ts';
import { formatDuration } from '../domain/duration.ts';
import type { TicketRequest } from '../domain/ticket-request.ts';
import type { Desk } from './desk.ts';
import { fileTickets } from './file.ts';

/** 隐患 tickets filed at a time. */
const BATCH = 200;
/** Named in the log; the evidence holds all of them. */
const NAMED = 10;
export const HAZARD = 'hazard';

/** A device that failed too often in a short time gets one ticket that asks why, until that one is closed. */
export function createHazards(desk: Desk, log: Logger): () => Promise<number> {
  const { store, transactor, audit } = desk.options;
  return async () => {
    for (let sum = 0; ; ) {
      const filed = await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { faults, within, ignoresShorter } = c.settings.hazard;
        const found = await store.hazards(tx, { since: c.now - within, faults, ignoresShorter }, BATCH);
        const requests = found.map(({ device, count, tickets }): TicketRequest => {
          const nos = [...new Set(tickets.map(({ no }) => no))];
          return {
            kind: 'inspection',
            fault: HAZARD,
            subject: `device:${device}`,
            severity: 'major',
            devices: [device],
            title: null,
            code: HAZARD,
            values: { count, within: formatDuration(within), nos: nos.slice(0, NAMED).join('、') },
            evidence: tickets.map((detail) => ({ kind: 'decision', at: detail.at, by: 'system', detail })),
          };
        });
        return (await fileTickets(tx, requests, { ...c, audit })).length;
      });
      sum += filed;
      if (filed < BATCH) {
        if (sum > 0) log.info({ filed: sum }, 'hazard tickets filed');
        return sum;
      }
    }
  };
}
