import Type from 'typebox';
import { ExportPurpose } from '../../domain/export-mark.ts';
import { VENDOR_STATES } from '../../domain/vendor-access.ts';
import { VendorInput, VendorPatch, VendorSelfPatch } from '../../domain/vendor-input.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, IdParams, Strict } from '../schema.ts';
import { VendorSelfView, VendorView } from '../schemas/vendor.ts';

const AGREEMENT_TYPES = ['application/pdf', 'image/jpeg', 'image/png'];
const AGREEMENT_BYTES = 5 * 1024 * 1024;
const tag = 'vendors';

/** Vendors, their agreements, and a vendor's view of itself. */
export const vendorRoutes = ({ services: { vendorAgreements, vendorSelf, vendors } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/vendors',
    access: 'vendors:read',
    operationId: 'listVendors',
    tag,
    summary: 'Vendors; applications that wait are those with `state=applied`',
    query: Strict({ ...listQuery, state: Type.Optional(Enum(VENDOR_STATES)) }),
    ok: page(VendorView),
    handler: ({ caller, query: { state, ...query } }) =>
      vendors.list(caller, { ...query, ...(state === undefined ? {} : { where: { state } }) }),
  }),
  route({
    method: 'POST',
    url: '/vendors',
    access: 'vendors:create',
    operationId: 'createVendor',
    tag,
    summary: 'Enter a vendor; it is active at once',
    description: 'Topics that overlap those of another vendor are refused unless `shareTopics` is true.',
    body: VendorInput,
    status: 201,
    ok: VendorView,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => vendors.create(caller, body),
  }),
  route({
    method: 'GET',
    url: '/vendors/me',
    access: 'vendors:read',
    operationId: 'getOwnVendor',
    tag,
    summary: 'Own vendor: state, agreement, granted topics, quotas and what was used of them',
    ok: VendorSelfView,
    problems: ['NOT_FOUND'],
    handler: ({ caller }) => vendorSelf.me(caller),
  }),
  route({
    method: 'PATCH',
    url: '/vendors/me',
    access: 'vendors:read',
    operationId: 'updateOwnVendor',
    tag,
    summary: 'Change the own contact; nothing else, and not with a key',
    body: VendorSelfPatch,
    ok: VendorSelfView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, body }) => vendorSelf.changeMe(caller, body),
  }),
  route({
    method: 'GET',
    url: '/vendors/:id',
    access: 'vendors:read',
    operationId: 'getVendor',
    tag,
    summary: 'One vendor',
    params: IdParams,
    ok: VendorView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => vendors.get(caller, params.id),
  }),
  route({
    method: 'PATCH',
    url: '/vendors/:id',
    access: 'vendors:update',
    operationId: 'updateVendor',
    tag,
    summary: 'Change a vendor: contact, granted topics, contract, agreement, quotas',
    params: IdParams,
    body: VendorPatch,
    ok: VendorView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => vendors.update(caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    url: '/vendors/:id',
    access: 'vendors:remove',
    operationId: 'deleteVendor',
    tag,
    summary: 'Remove a vendor nothing depends on; others are ended',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND', 'CONFLICT'],
    async handler({ caller, params }) {
      await vendors.remove(caller, params.id);
      return undefined;
    },
  }),
  route({
    method: 'PUT',
    url: '/vendors/:id/agreement-file',
    access: 'vendors:update',
    operationId: 'putVendorAgreement',
    tag,
    summary: 'Scan of the confidentiality agreement (保密协议): PDF, JPEG or PNG, 5 MiB at most',
    description: 'The dates must be on record already; the content is judged by its first bytes.',
    params: IdParams,
    query: Strict({ name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }),
    upload: { types: AGREEMENT_TYPES, maxBytes: AGREEMENT_BYTES },
    ok: VendorView,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNPROCESSABLE'],
    handler: ({ caller, params, query, request }) =>
      vendorAgreements.upload(caller, params.id, {
        name: query.name ?? '',
        content: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      }),
  }),
  route({
    method: 'GET',
    url: '/vendors/:id/agreement-file',
    access: 'vendors:export',
    operationId: 'getVendorAgreement',
    tag,
    summary: 'The scan of the confidentiality agreement, for a stated purpose; audited',
    params: IdParams,
    query: Strict({ purpose: ExportPurpose }),
    ok: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
    produces: 'application/octet-stream',
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query, reply }) {
      const file = await vendorAgreements.download(caller, params.id, query);
      reply
        .type(file.mediaType)
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
      return Buffer.from(file.content);
    },
  }),
];
