import Type from 'typebox';
import { ConnectionInput } from '../../domain/device-input.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Enum, List, Nullable, Strict, Text, TimeOut } from '../schema.ts';
import { CameraJobView, JobParams } from '../schemas/camera-tools.ts';
import { DeviceParams } from '../schemas/device.ts';

const axis = (description: string) => Type.Optional(Type.Number({ minimum: -1, maximum: 1, description }));

/** Found, looked at, turned and restarted. */
export const cameraToolRoutes = ({ services: { cameraJobs, ptz } }: RouteContext) => [
  route({
    method: 'POST',
    url: '/cameras/discover',
    access: 'cameras:operate',
    operationId: 'discoverCameras',
    owner: 'caller',
    tag: 'cameras',
    summary: 'Search for cameras: WS-Discovery on every interface, or a subnet; a job',
    body: Strict({
      method: Enum(['multicast', 'subnet']),
      cidr: Type.Optional(Type.String({ minLength: 7, maxLength: 18, examples: ['192.168.1.0/24'] })),
      seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 60, default: 5 })),
    }),
    status: 202,
    ok: CameraJobView,
    problems: ['TOO_MANY_REQUESTS'],
    handler: ({ caller, body }) => cameraJobs.discover(caller, body),
  }),
  route({
    method: 'POST',
    url: '/cameras/probe',
    access: 'cameras:operate',
    operationId: 'probeCamera',
    owner: 'caller',
    tag: 'cameras',
    summary: 'Look at an address that need not be registered: device, streams, login; a job',
    body: Strict({ connection: ConnectionInput }),
    status: 202,
    ok: CameraJobView,
    problems: ['TOO_MANY_REQUESTS'],
    handler: ({ caller, body }) => cameraJobs.probe(caller, body.connection),
  }),
  route({
    method: 'GET',
    url: '/cameras/jobs',
    access: 'cameras:operate',
    operationId: 'listCameraJobs',
    owner: 'caller',
    tag: 'cameras',
    summary: 'Own searches and looks of the last hour, newest first',
    ok: Type.Object({ items: List(CameraJobView) }),
    handler: ({ caller }) => ({ items: cameraJobs.list(caller) }),
  }),
  route({
    method: 'GET',
    url: '/cameras/jobs/:id',
    access: 'cameras:operate',
    operationId: 'getCameraJob',
    owner: 'caller',
    tag: 'cameras',
    summary: 'One job with progress and what it found so far',
    params: JobParams,
    ok: CameraJobView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => cameraJobs.get(caller, params.id),
  }),
  route({
    method: 'DELETE',
    url: '/cameras/jobs/:id',
    access: 'cameras:operate',
    operationId: 'cancelCameraJob',
    owner: 'caller',
    tag: 'cameras',
    summary: 'Cancel a job; what it found stays',
    params: JobParams,
    ok: CameraJobView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => cameraJobs.cancel(caller, params.id),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/ptz',
    access: 'cameras:operate',
    operationId: 'moveCamera',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Turn or zoom, stop, or go to a preset; a move ends by itself after at most 10 s',
    params: DeviceParams,
    body: Strict({
      action: Enum(['move', 'stop', 'preset']),
      pan: axis('Right is positive'),
      tilt: axis('Up is positive'),
      zoom: axis('In is positive'),
      seconds: Type.Optional(Type.Number({ minimum: 0.1, maximum: 10, default: 1 })),
      preset: Type.Optional(Text(100, { description: 'Token of the preset' })),
    }),
    ok: Type.Object({ movingUntil: Nullable(TimeOut) }),
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'UNAVAILABLE'],
    handler: ({ caller, params, body }) => ptz.act(caller, params.id, body),
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/ptz/presets',
    access: 'cameras:read',
    operationId: 'listPresets',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Presets of a camera',
    params: DeviceParams,
    ok: Type.Object({ items: List(Type.Object({ token: Type.String(), name: Type.String() })) }),
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'UNAVAILABLE'],
    handler: ({ caller, params }) => ptz.presets(caller, params.id),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/reboot',
    access: 'commands:operate',
    operationId: 'rebootCamera',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Restart a camera; audited with the reason',
    params: DeviceParams,
    body: Strict({ reason: Text(500) }),
    status: 204,
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'UNAVAILABLE'],
    async handler({ caller, params, body }) {
      await ptz.reboot(caller, params.id, body.reason);
      return undefined;
    },
  }),
];
