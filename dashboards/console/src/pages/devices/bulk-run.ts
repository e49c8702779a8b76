import { type Answer, api, body } from '../../api/client.ts';
import { queryOf } from './filters.ts';

type Result = Answer<'BulkResult'>;
export type Refused = Result['failed'][number];
export const ACTIONS = ['approve', 'return', 'reject', 'suspend', 'reactivate', 'retire'] as const;
export type BulkAction = (typeof ACTIONS)[number];

/** Lifecycles an action has something to do with. */
export const FITS: Readonly<Record<BulkAction, readonly string[]>> = {
  approve: ['pending', 'trial', 'rejected'],
  return: ['pending', 'trial'],
  reject: ['pending', 'trial'],
  suspend: ['active'],
  reactivate: ['suspended', 'retired'],
  retire: ['active', 'suspended'],
};

export interface Order {
  readonly action: BulkAction;
  readonly reason: string;
  readonly override?: boolean;
  readonly confirm?: boolean;
}

export interface Progress {
  readonly of: number;
  readonly tried: number;
  readonly done: number;
  readonly failed: readonly Refused[];
}

/** More than that in one go is nobody's intention. */
export const MOST = 20_000;
const PORTION = 100;
const PATIENCE_MS = 120_000;

/** Ids of all that fit the filters now, so that what was counted is what is changed. */
export async function idsOf(filters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  const query = queryOf(filters, Date.now());
  for (let cursor: string | undefined; ids.length <= MOST; ) {
    const page = await body(
      api.GET('/api/v1/devices', {
        params: { query: { ...query, limit: 500, ...(cursor ? { cursor } : {}) } },
        signal,
      }),
    );
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  return ids;
}

/** Portion by portion, so that one sees how far it is and can stop; what is done stays done. */
export async function carryOut(
  ids: readonly string[],
  order: Order,
  told: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Progress> {
  let progress: Progress = { of: ids.length, tried: 0, done: 0, failed: [] };
  told(progress);
  for (let at = 0; at < ids.length && !signal.aborted; at += PORTION) {
    const portion = ids.slice(at, at + PORTION);
    const { done, failed } = await body(
      api.POST('/api/v1/devices/bulk', {
        body: { ids: portion, ...order },
        // A portion that was sent is waited for: only the next one is not begun when somebody stops.
        fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }),
      }),
    );
    progress = {
      ...progress,
      tried: at + portion.length,
      done: progress.done + done,
      failed: [...progress.failed, ...failed],
    };
    told(progress);
  }
  return progress;
}
