import { RetirementInput } from '../../domain/device-input.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { DeviceParams, DeviceView } from '../schemas/device.ts';

export const retirementRoutes = ({ services: { retirement } }: RouteContext) => [
  route({
    method: 'POST',
    url: '/devices/:id/retirement',
    access: 'devices:decide',
    operationId: 'decideRetirement',
    tag: 'devices',
    summary: 'A device flagged `retirementCandidate` (疑似退役): retire it, or keep it for another 30 days',
    description: '`GET /devices?flag=retirementCandidate` lists them. CONFLICT when the device is not flagged.',
    params: DeviceParams,
    body: RetirementInput,
    ok: DeviceView,
    problems: ['NOT_FOUND', 'CONFLICT', 'TRANSITION_NOT_ALLOWED'],
    handler: ({ caller, params, body }) => retirement.decide(caller, params.id, body),
  }),
];
