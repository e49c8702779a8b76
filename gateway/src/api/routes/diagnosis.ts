import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { DeviceParams } from '../schemas/device.ts';
import { CheckBody, CheckView, DiagnosisView } from '../schemas/diagnosis.ts';

/** A look and ten seconds behind a queue of checks. */
const CHECK_MS = 90_000;

export const diagnosisRoutes = ({ services: { diagnosis } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/cameras/:id/diagnosis',
    access: 'cameras:read',
    operationId: 'getDiagnosis',
    tag: 'cameras',
    summary: 'What is wrong with the picture of a camera (视频质量诊断), with numbers and pictures',
    params: DeviceParams,
    ok: DiagnosisView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => diagnosis.read(caller, params.id),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/diagnosis',
    access: 'cameras:operate',
    operationId: 'checkPicture',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Look at the picture now',
    description: 'Counts like a look of the rounds: a fault is told once looks some minutes apart agree.',
    params: DeviceParams,
    body: CheckBody,
    bodyOptional: true,
    ok: CheckView,
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'UNAVAILABLE'],
    handler: ({ caller, params, body }) =>
      diagnosis.check(caller, params.id, { deep: body?.deep ?? false, signal: AbortSignal.timeout(CHECK_MS) }),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/diagnosis/baseline',
    access: 'cameras:operate',
    operationId: 'acceptPicture',
    owner: 'camera',
    tag: 'cameras',
    summary: 'What the camera shows now is right: forget how it used to look',
    description: 'Ends the faults that were found by comparison. New references are learned from the next good looks.',
    params: DeviceParams,
    ok: DiagnosisView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => diagnosis.accept(caller, params.id),
  }),
];
