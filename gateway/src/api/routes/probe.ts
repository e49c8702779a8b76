import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Anything, Named, Strict, TimeOut } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';

const ProbeBody = Strict({
  fault: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Fault code of a ticket: looks whether that one is gone. Default: whether the device answers',
    }),
  ),
});
const ProbeView = Named(
  'DeviceProbe',
  Type.Object({
    ok: Type.Boolean(),
    at: TimeOut,
    reason: Type.String({ description: '`ok`, or the code of what is wrong' }),
    detail: Anything,
  }),
);

/** For whoever stands before the device: does it work now, before the repair is reported. */
export const probeRoutes = ({ services: { probes } }: RouteContext) => [
  route({
    method: 'POST',
    url: '/devices/:id/probe',
    access: 'tickets:update',
    operationId: 'probeDevice',
    owner: 'camera',
    tag: 'devices',
    summary: 'Look at a device now (复测): a fresh probe where it has a connection, else the verdict on what it sends',
    description: 'The same look a reported repair has to stand. It changes nothing by itself.',
    params: DeviceParams,
    body: ProbeBody,
    bodyOptional: true,
    ok: ProbeView,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
    handler: ({ caller, params, body }) => probes.now(caller, params.id, body?.fault),
  }),
];
