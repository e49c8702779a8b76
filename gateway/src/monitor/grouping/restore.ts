import type { SettleContext } from '../context.ts';
import { OWN_PATH_BROKEN } from './own-path.ts';

/** A path of ours that broke for good is not frozen anew at every start: for so long it is known that it was. */
const FROZEN_BEFORE_MS = 3_600_000;

/** What a process that was killed knew of outages: paths that were frozen, vendors' links that were lost, what is out. */
export async function restoreGrouping(context: SettleContext): Promise<void> {
  const { store, groups, transactor } = context;
  const tx = transactor.autocommit;
  const at = context.wall();
  context.ownPaths.restore(await store.blindFor(tx, OWN_PATH_BROKEN, at - FROZEN_BEFORE_MS));
  const live = await groups.live(tx);
  context.vendorLinks.restore(live);
  await context.outages.note(tx, live, at);
}
