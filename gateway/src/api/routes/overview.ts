import { route } from '../route.ts';
import { OverviewView } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';

export const overviewRoutes = ({ services: { overview } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/overview',
    access: 'devices:read',
    operationId: 'getOverview',
    tag: 'overview',
    summary: 'Devices by state, messages by bucket, tickets by stage',
    ok: OverviewView,
    handler: ({ caller }) => overview.of(caller),
  }),
];
