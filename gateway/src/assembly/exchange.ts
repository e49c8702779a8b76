import { createCourier } from '../exchange/courier.ts';
import { createExchange } from '../exchange/exchange.ts';
import { createWatch } from '../exchange/watch.ts';
import type { Outbox } from '../notify/outbox.ts';
import type { Foundation } from './foundation.ts';

/** Hand-over to upper platforms: who takes what, the bringing of it, and a look at how that goes. */
export function createExchangePart(
  { log, clock, metrics, guard, secrets, store, db }: Foundation,
  outbox: Pick<Outbox, 'add'>,
) {
  const shared = { store: store.exchange, transactor: db, clock, log, secrets, checkTarget: guard.resolveUrl };
  const courier = createCourier({ ...shared, onTried: metrics.exchange.tried });
  const watch = createWatch({ ...shared, notices: outbox.add, onLooked: metrics.exchange.looked });
  const exchange = createExchange({ ...shared, audit: store.audit, kick: courier.kick });
  return {
    exchange,
    start() {
      courier.start();
      watch.start();
    },
    stop: async () => void (await Promise.all([courier.stop(), watch.stop()])),
  };
}
