import Type from 'typebox';
import { figuresOf, merged, segments, sumsOf } from '../../domain/availability.ts';
import { fieldError, refuseIf } from '../../domain/input.ts';
import { may } from '../../domain/permission.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { HeartbeatsView } from '../schemas/heartbeat.ts';

const HOUR = 3_600_000;
const MOST = 100;

/** The last hours of some devices, as a list shows them beside each. */
export const heartbeatRoutes = ({ clock, services: { db, quiet, reads } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/devices/heartbeats',
    access: 'devices:read',
    operationId: 'listHeartbeats',
    tag: 'devices',
    summary: 'The last hours of some devices: states, blindness, maintenance, group outages, open tickets',
    description: 'Ids that are unknown or out of reach are left out. Tickets only for those who may read them.',
    query: Strict({
      ids: Type.String({ minLength: 1, maxLength: 7_000, description: `Comma-separated, at most ${MOST}` }),
      hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 168, default: 24 })),
    }),
    ok: HeartbeatsView,
    async handler({ caller, query }) {
      const ids = [...new Set(query.ids.split(','))];
      if (ids.length > MOST) refuseIf([fieldError('/ids', 'tooMany', 'input.tooMany', { limit: MOST })]);
      const tx = db.autocommit;
      const to = clock.now();
      const from = to - (query.hours ?? 24) * HOUR;
      const reader = { scope: caller.scope, userId: caller.id };
      const histories = await reads.heartbeats(tx, ids, reader, from, to);
      const keys = histories.map(({ device }) => device);
      const [windows, outages, tickets] = await Promise.all([
        quiet.excused.intervals(tx, keys, from, to),
        reads.groupOutages(tx, keys, from, to),
        may(caller, 'tickets', 'read') ? reads.openTickets(tx, keys, reader) : [],
      ]);
      const windowsOf = Map.groupBy(windows, ({ device }) => device);
      const ticketsOf = Map.groupBy(tickets, ({ device }) => device);
      const spans = (intervals: Parameters<typeof merged>[0]) =>
        merged(intervals, from, to).map(([begin, end]) => ({ from: begin, to: end }));
      const items = histories.map((history) => {
        const maintenance = (windowsOf.get(history.device) ?? []).map((window) => [window.from, window.to] as const);
        const counted = segments({ ...history, maintenance }, from, to);
        return {
          id: history.id,
          since: Math.max(from, history.createdAt),
          runs: runsOf(history, from),
          blind: spans(history.blind),
          maintenance: spans(maintenance),
          outages: spans(outages.get(history.device) ?? []),
          onlineRate: figuresOf(sumsOf(counted)).onlineRate,
          offlineTimes: counted.filter((segment) => segment.class === 'offline').length,
          tickets: ticketsOf.get(history.device) ?? [],
        };
      });
      return { from, to, items };
    },
  }),
];

type History = Awaited<ReturnType<RouteContext['services']['reads']['heartbeats']>>[number];

/** Verdicts in order; one that says the same for another reason is no new run. */
function runsOf({ state, changes }: History, from: number) {
  const runs = [{ at: from, state }];
  for (const change of changes) {
    if (change.state !== runs.at(-1)?.state) runs.push({ at: change.at, state: change.state });
  }
  return runs;
}
