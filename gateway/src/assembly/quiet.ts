import { createZone } from '../domain/working-time.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Outbox } from '../notify/outbox.ts';
import { createQuiet } from '../quiet/quiet.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** Maintenance windows, silences, 重保 and drills: what they keep quiet and what becomes of it afterwards. */
export function createQuietPart(
  { config, log, clock, types, store, db }: Foundation,
  { registry, settings }: Identity,
  care: { readonly outbox: Outbox; readonly tickets: () => Tickets; readonly decideAgain: Monitor['decideAgain'] },
) {
  return createQuiet({
    store: store.quiet,
    db,
    audit: store.audit,
    clock,
    log,
    zone: createZone(config.timeZone),
    directory: registry.directory,
    types,
    outbox: care.outbox,
    file: (tx, requests) => care.tickets().file(tx, requests),
    endDrillTickets: (tx, ids) => care.tickets().endDrill(tx, ids),
    decideAgain: care.decideAgain,
    securityPace: () => settings.current().securityPace,
    graceMs: () => settings.ms('maintenanceGrace'),
  });
}
