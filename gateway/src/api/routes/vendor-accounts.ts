import Type from 'typebox';
import { VENDOR_ACTIONS, type VendorAction } from '../../domain/vendor-access.ts';
import { InvitationAcceptance, VendorApplication, VendorApproval, VendorTurnInput } from '../../domain/vendor-input.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import {
  InvitationBody,
  InvitationView,
  NewInvitation,
  NewVendorInvitation,
  VendorInvitationBody,
  VendorTurned,
} from '../schemas/vendor.ts';

const tag = 'vendors';
const TURNS: Readonly<Record<VendorAction, string>> = {
  approve: 'Approve an application or invitation; the first user of an applicant is made with a one-time password',
  reject: 'Reject an application or invitation',
  suspend: 'Suspend a vendor: its people, keys and MQTT login end at once, its devices stay',
  resume: 'Let a suspended or ended vendor work again',
  end: 'End the work with a vendor; its devices stay registered and judged',
};

/** How companies become vendors and stop being ones. */
export const vendorAccountRoutes = ({ services, times }: RouteContext) => {
  const { vendorAccounts, vendorApplications, vendorInvitations } = services;
  const until = (expiresAt: string | number | undefined) =>
    expiresAt === undefined ? {} : { expiresAt: times.parse(expiresAt, '/expiresAt') };
  return [
    route({
      method: 'POST',
      url: '/vendors/applications',
      access: 'public',
      operationId: 'applyAsVendor',
      tag,
      summary: 'A company asks to become a vendor',
      description: 'The answer is the same whether the company is new, waiting or known already.',
      body: VendorApplication,
      status: 202,
      ok: Type.Object({ received: Type.Boolean() }),
      problems: ['TOO_MANY_REQUESTS'],
      async handler({ body, request }) {
        await vendorApplications.apply(body, request.ip);
        return { received: true };
      },
    }),
    route({
      method: 'POST',
      url: '/vendors/accept-invitation',
      access: 'public',
      operationId: 'acceptVendorInvitation',
      tag,
      summary: 'Use an invitation: makes the account of a vendor, once',
      description: 'A token that is unknown, used, revoked or too old answers NOT_FOUND.',
      body: InvitationAcceptance,
      status: 201,
      ok: Type.Object({ vendorId: Type.String(), username: Type.String() }),
      problems: ['NOT_FOUND', 'CONFLICT', 'TOO_MANY_REQUESTS'],
      handler: ({ body, request }) => vendorInvitations.accept(body, request.ip),
    }),
    route({
      method: 'POST',
      url: '/vendors/invitations',
      access: 'vendors:create',
      operationId: 'inviteNewVendor',
      tag,
      summary: 'Invite a company that is no vendor yet; the token is shown once and good for 7 days',
      body: VendorInvitationBody,
      status: 201,
      ok: NewVendorInvitation,
      handler: ({ caller, body: { expiresAt, ...body } }) =>
        vendorInvitations.inviteNew(caller, { ...body, ...until(expiresAt) }),
    }),
    route({
      method: 'POST',
      url: '/vendors/:id/invitations',
      access: 'vendors:update',
      operationId: 'inviteVendor',
      tag,
      summary: 'Invite a person of a vendor; earlier invitations that were not used end',
      params: IdParams,
      body: InvitationBody,
      status: 201,
      ok: NewInvitation,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: ({ caller, params, body: { expiresAt, ...body } }) =>
        vendorInvitations.invite(caller, params.id, { ...body, ...until(expiresAt) }),
    }),
    route({
      method: 'GET',
      url: '/vendors/:id/invitations',
      access: 'vendors:update',
      operationId: 'listVendorInvitations',
      tag,
      summary: 'Invitations of a vendor, without their tokens',
      params: IdParams,
      ok: Type.Object({ items: List(InvitationView) }),
      problems: ['NOT_FOUND'],
      handler: async ({ caller, params }) => ({ items: await vendorInvitations.list(caller, params.id) }),
    }),
    route({
      method: 'DELETE',
      url: '/vendors/:id/invitations/:invitationId',
      access: 'vendors:update',
      operationId: 'revokeVendorInvitation',
      tag,
      summary: 'Take an invitation back',
      params: Type.Object({ ...IdParams.properties, invitationId: Type.String({ minLength: 1, maxLength: 64 }) }),
      status: 204,
      problems: ['NOT_FOUND'],
      async handler({ caller, params }) {
        await vendorInvitations.revoke(caller, params.id, params.invitationId);
        return undefined;
      },
    }),
    ...VENDOR_ACTIONS.map((action) =>
      route({
        method: 'POST',
        url: `/vendors/:id/${action}`,
        access: 'vendors:decide',
        operationId: `${action}Vendor`,
        tag,
        summary: TURNS[action],
        params: IdParams,
        body: action === 'approve' ? VendorApproval : VendorTurnInput,
        ok: VendorTurned,
        problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'UNPROCESSABLE'],
        handler: ({ caller, params, body }) => vendorAccounts.turn(caller, params.id, action, body),
      }),
    ),
  ];
};
