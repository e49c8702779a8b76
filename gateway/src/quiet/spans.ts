import type { Actor } from '../domain/actor.ts';
import type { DeviceKey } from '../domain/device.ts';
import { may } from '../domain/permission.ts';
import { occurrences, type Span } from '../domain/quiet-times.ts';
import { createMatcher } from './matcher.ts';
import type { QuietDeps } from './ports.ts';

export interface QuietSpans {
  /** Approved maintenance and silences of one device within `[from, to)`, as far as the actor may see them. */
  spansOf(
    actor: Actor,
    device: DeviceKey,
    span: Span,
  ): Promise<
    readonly (Span & { readonly id: string; readonly kind: 'maintenance' | 'silence'; readonly name: string })[]
  >;
}

const KINDS = ['maintenance', 'silence'] as const;
const MOST = 2_000;

export function createQuietSpans({
  db,
  store,
  zone,
  directory,
}: Pick<QuietDeps, 'db' | 'store' | 'zone' | 'directory'>): QuietSpans {
  return {
    async spansOf(actor, device, { from, to }) {
      const brief = directory.byKey(device);
      if (!brief || !may(actor, 'maintenanceWindows', 'read')) return [];
      const tx = db.autocommit;
      const rows = (await store.within(tx, KINDS, { from, to }, actor.scope, actor.id, MOST)).filter(
        ({ state }) => state === 'approved',
      );
      if (rows.length === 0) return [];
      const matcher = createMatcher(rows, await store.places(tx, rows));
      return matcher.of(brief).flatMap((row) => {
        const kind = row.kind === 'silence' ? 'silence' : 'maintenance';
        return occurrences(row, from, to, zone).map((span) => ({ ...span, id: row.id, kind, name: row.name }) as const);
      });
    },
  };
}
