import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { DuplicateInput } from '../../domain/camera-requests.ts';
import { ConstructionDecisionInput, ConstructionInput } from '../../domain/construction.ts';
import { LifecycleInput, ResubmitInput } from '../../domain/device-input.ts';
import { ExportPurpose } from '../../domain/export-mark.ts';
import { HANDOVER_ACTIONS, HandoverInput, HandoverQuery, HandoverStep } from '../../domain/handover.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import type { Printed } from '../ports/registration.ts';
import { route } from '../route.ts';
import { IdParams, Strict } from '../schema.ts';
import { DuplicateReportView } from '../schemas/camera.ts';
import { DeviceParams, DeviceView } from '../schemas/device.ts';
import {
  AcceptanceView,
  ConstructionReviewView,
  HandoverView,
  HandoverWithDevicesView,
} from '../schemas/registration.ts';

const PrintQuery = Strict({ purpose: ExportPurpose });
const Html = Type.Unsafe<string>({ type: 'string', description: 'A page for A4 paper, whole in itself' });
const { limit, cursor } = listQuery;
const STEPS = {
  hand: 'Hand over: the receiver may now accept or refuse',
  withdraw: 'Withdraw a handover that nobody has decided',
  accept: 'Accept, as somebody of the receiving organisation: the devices change hands',
  refuse: 'Refuse with a reason, as somebody of the receiving organisation',
} as const;

export const registrationRoutes = ({ services: { devices, registration, handovers } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/devices/:id/acceptance',
    access: 'devices:read',
    operationId: 'getDeviceAcceptance',
    tag: 'registration',
    summary: 'What a device on trial has shown, and what it still owes',
    params: DeviceParams,
    ok: AcceptanceView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => registration.acceptance(caller, params.id),
  }),
  route({
    method: 'GET',
    url: '/devices/:id/acceptance/report',
    access: 'devices:export',
    operationId: 'printAcceptanceReport',
    tag: 'registration',
    summary: 'The acceptance report (验收报告) for paper; a draft until the device is approved',
    params: DeviceParams,
    query: PrintQuery,
    produces: 'text/html',
    ok: Html,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params, query, reply }) =>
      send(reply, await registration.printAcceptance(caller, params.id, query.purpose)),
  }),
  route({
    method: 'POST',
    url: '/devices/:id/return',
    access: 'devices:decide',
    operationId: 'returnDevice',
    tag: 'registration',
    summary: 'Return to the vendor with a reason (退回); the stage stays, the next approval waits for its vendor',
    params: DeviceParams,
    body: LifecycleInput,
    ok: DeviceView,
    problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED'],
    handler: ({ caller, params, body }) => devices.giveBack(caller, params.id, body),
  }),
  route({
    method: 'POST',
    url: '/devices/:id/resubmit',
    access: 'devices:update',
    operationId: 'resubmitDevice',
    tag: 'registration',
    summary: 'Submit a returned device again; its trial counts anew',
    params: DeviceParams,
    body: ResubmitInput,
    ok: DeviceView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => devices.resubmit(caller, params.id, body),
  }),
  route({
    method: 'POST',
    url: '/devices/duplicate-check',
    access: 'devices:read',
    operationId: 'checkDuplicate',
    tag: 'registration',
    summary:
      'Before registering: who carries the same marks; before building: cameras within a radius, what to do instead',
    body: DuplicateInput,
    ok: DuplicateReportView,
    handler: ({ caller, body }) => registration.duplicateCheck(caller, body),
  }),
  route({
    method: 'GET',
    url: '/cameras/duplicate-construction',
    access: 'cameras:read',
    operationId: 'listConstructionReviews',
    tag: 'registration',
    summary: 'Reviews of proposed cameras (比对审核单), newest first',
    query: Strict({ limit, cursor }),
    ok: page(ConstructionReviewView),
    handler: ({ caller, query }) => registration.listReviews(caller, query),
  }),
  route({
    method: 'POST',
    url: '/cameras/duplicate-construction',
    access: 'cameras:operate',
    operationId: 'createConstructionReview',
    tag: 'registration',
    summary: 'Review a proposed camera (重复建设核查): what stands nearby and looks the same way; kept as it was found',
    body: ConstructionInput,
    status: 201,
    ok: ConstructionReviewView,
    handler: ({ caller, body }) => registration.review(caller, body),
  }),
  route({
    method: 'GET',
    url: '/cameras/duplicate-construction/:id',
    access: 'cameras:read',
    operationId: 'getConstructionReview',
    tag: 'registration',
    summary: 'One review, as it was found then',
    params: IdParams,
    ok: ConstructionReviewView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => registration.getReview(caller, params.id),
  }),
  route({
    method: 'POST',
    url: '/cameras/duplicate-construction/:id/decision',
    access: 'cameras:operate',
    operationId: 'decideConstructionReview',
    tag: 'registration',
    summary:
      'Decide on a review of another person: build new (同意新建), use what is there (利旧) or refuse (不同意); once',
    params: IdParams,
    body: ConstructionDecisionInput,
    ok: ConstructionReviewView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => registration.decideReview(caller, params.id, body),
  }),
  route({
    method: 'GET',
    url: '/cameras/duplicate-construction/:id/print',
    access: 'cameras:export',
    operationId: 'printConstructionReview',
    tag: 'registration',
    summary: 'The review (比对审核单) for paper',
    params: IdParams,
    query: PrintQuery,
    produces: 'text/html',
    ok: Html,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params, query, reply }) =>
      send(reply, await registration.printReview(caller, params.id, query.purpose)),
  }),
  route({
    method: 'GET',
    url: '/handovers',
    access: 'handovers:read',
    operationId: 'listHandovers',
    tag: 'registration',
    summary: 'Handovers (移交单) the caller’s organisations give or receive, newest first',
    query: HandoverQuery,
    ok: page(HandoverView),
    handler: ({ caller, query }) => handovers.list(caller, query),
  }),
  route({
    method: 'POST',
    url: '/handovers',
    access: 'handovers:create',
    operationId: 'createHandover',
    tag: 'registration',
    summary: 'Write a handover of devices to another organisation or to a maintenance unit',
    body: HandoverInput,
    status: 201,
    ok: HandoverWithDevicesView,
    handler: ({ caller, body }) => handovers.create(caller, body),
  }),
  route({
    method: 'GET',
    url: '/handovers/:id',
    access: 'handovers:read',
    operationId: 'getHandover',
    tag: 'registration',
    summary: 'One handover with its devices',
    params: IdParams,
    ok: HandoverWithDevicesView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => handovers.get(caller, params.id),
  }),
  ...HANDOVER_ACTIONS.map((action) =>
    route({
      method: 'POST',
      url: `/handovers/:id/${action}`,
      access: action === 'accept' || action === 'refuse' ? 'handovers:decide' : 'handovers:create',
      operationId: `${action}Handover`,
      tag: 'registration',
      summary: STEPS[action],
      params: IdParams,
      body: HandoverStep,
      ok: HandoverWithDevicesView,
      problems: ['NOT_FOUND', 'CONFLICT', 'TRANSITION_NOT_ALLOWED'],
      handler: ({ caller, params, body }) => handovers.step(caller, params.id, action, body),
    }),
  ),
  route({
    method: 'GET',
    url: '/handovers/:id/print',
    access: 'handovers:export',
    operationId: 'printHandover',
    tag: 'registration',
    summary: 'The handover (移交单) for paper',
    params: IdParams,
    query: PrintQuery,
    produces: 'text/html',
    ok: Html,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params, query, reply }) =>
      send(reply, await registration.printHandover(caller, params.id, query.purpose)),
  }),
];

/** Nothing runs in a print and nothing is fetched; only its own style counts. */
function send(reply: FastifyReply, { html, styleSha256, name }: Printed): string {
  reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-disposition', `inline; filename*=UTF-8''${encodeURIComponent(name)}.html`)
    .header(
      'content-security-policy',
      `default-src 'none'; style-src 'sha256-${styleSha256}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  return html;
}
