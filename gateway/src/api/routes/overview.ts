import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { OverviewView } from '../schemas/overview.ts';

export const overviewRoutes = ({ clock, services: { accounting, db, judgement, quiet, reads } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/overview',
    access: 'devices:read',
    operationId: 'getOverview',
    tag: 'overview',
    summary: 'Devices by state, messages by bucket, tickets by stage',
    ok: OverviewView,
    async handler({ caller }) {
      const [counts, messages, security] = await Promise.all([
        reads.overview(db.autocommit, caller.scope, clock.now()),
        // Whoever sees a part of the street has no use for the sum of all messages.
        caller.scope.kind === 'all' ? accounting.messages() : null,
        quiet.security(caller),
      ]);
      const { state, reason, paths } = judgement.status();
      return { at: clock.now(), ...counts, messages, security, judgement: { state, reason, paths } };
    },
  }),
];
