import type { Actor } from '../../domain/actor.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual, type MessageKey } from '../../messages/index.ts';
import type { Feed } from './feed.ts';
import { hashToken, isViewId, newToken, newViewId, sameToken } from './token.ts';

/** Why a view is over. */
export type EndReason =
  | 'closed'
  | 'idle'
  | 'expired'
  | 'tooLong'
  | 'masksChanged'
  | 'deviceChanged'
  | 'connectionChanged'
  | 'rightLost'
  | 'noPicture'
  | 'shutdown';

/** One person looking at one camera. Times in milliseconds of the monotonic clock. */
export interface View {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly userId: string;
  readonly deviceId: string;
  readonly feed: Feed;
  readonly viewing: string;
  readonly masksRevision: number;
  readonly begunAt: number;
  expiresAt: number;
  usedAt: number;
  bytes: number;
  /** Bytes and time written to the log last. */
  loggedBytes: number;
  loggedAt: number;
  ended: EndReason | null;
  endedAt: number;
}

/** How long the holder of an ended view is told why. */
const TOLD_MS = 120_000;

/** Every view there is. A wrong name, a wrong token and another person's view answer alike. */
export function createViews(now: () => number, node?: string) {
  const views = new Map<string, View>();
  return {
    all: () => [...views.values()],
    live: () => [...views.values()].filter((view) => view.ended === null),

    add(
      actor: Actor,
      view: Pick<View, 'deviceId' | 'feed' | 'viewing' | 'masksRevision'>,
      tokenMs: number,
    ): { view: View; token: string } {
      const token = newToken();
      const at = now();
      const added: View = {
        ...view,
        id: newViewId(node),
        tokenHash: hashToken(token),
        userId: actor.id,
        begunAt: at,
        expiresAt: at + tokenMs,
        usedAt: at,
        bytes: 0,
        loggedBytes: 0,
        loggedAt: at,
        ended: null,
        endedAt: 0,
      };
      views.set(added.id, added);
      return { view: added, token };
    },

    /** The view this address names, for its owner alone. Throws NOT_FOUND, with `ended` for an owner whose view is over. */
    find(actor: Actor, id: string, token: string): View {
      const view = isViewId(id) ? views.get(id) : undefined;
      const fits = view !== undefined && sameToken(token, view.tokenHash) && view.userId === actor.id;
      if (!view || !fits) throw new GatewayError('NOT_FOUND');
      const ended = view.ended ?? (now() >= view.expiresAt ? 'expired' : null);
      if (ended === null) return view;
      throw new GatewayError('NOT_FOUND', bilingual(`live.ended.${ended}` as MessageKey), { extra: { ended } });
    },

    /** Forgets what ended long ago. */
    forget(): void {
      const before = now() - TOLD_MS;
      for (const view of views.values()) if (view.ended !== null && view.endedAt < before) views.delete(view.id);
    },
  };
}
