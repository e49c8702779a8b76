import Type from 'typebox';
import { KeyRotation } from '../../domain/access-input.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import { ApiKeyBody, ApiKeyView, NewKey } from '../schemas/people.ts';
import { keyInput } from './users.ts';

const KeyParams = Type.Object({ ...IdParams.properties, keyId: Type.String({ minLength: 1, maxLength: 64 }) });
const tag = 'vendors';

/** Keys of vendors. A vendor's own people make theirs, as `me` or by its id; the service tells them from everyone else. */
export const vendorKeyRoutes = ({ services: { apiKeys }, times }: RouteContext) => [
  route({
    method: 'POST',
    url: '/vendors/:id/api-keys',
    access: 'login',
    operationId: 'createVendorKey',
    tag,
    summary: 'New vendor key, shown once: HTTP login and password of the MQTT login `vendor:<id>`, as its scopes say',
    params: IdParams,
    body: ApiKeyBody,
    status: 201,
    ok: NewKey,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => apiKeys.createForVendor(caller, params.id, keyInput(body, times)),
  }),
  route({
    method: 'GET',
    url: '/vendors/:id/api-keys',
    access: 'login',
    operationId: 'listVendorKeys',
    tag,
    summary: 'Keys of a vendor (`me`: the own one) with scopes and last use, without the keys themselves',
    params: IdParams,
    ok: Type.Object({ items: List(ApiKeyView) }),
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await apiKeys.listForVendor(caller, params.id) }),
  }),
  route({
    method: 'POST',
    url: '/vendors/:id/api-keys/:keyId/rotate',
    access: 'login',
    operationId: 'rotateVendorKey',
    tag,
    summary: 'A new key in the place of an old one, shown once; the old one works on for `overlap` (24h at most)',
    params: KeyParams,
    body: KeyRotation,
    status: 201,
    ok: NewKey,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => apiKeys.rotateForVendor(caller, params.id, params.keyId, body),
  }),
  route({
    method: 'DELETE',
    url: '/vendors/:id/api-keys/:keyId',
    access: 'login',
    operationId: 'revokeVendorKey',
    tag,
    summary: 'Revoke a vendor key; its live MQTT session is dropped, those of other keys go on',
    params: KeyParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await apiKeys.revokeForVendor(caller, params.id, params.keyId);
      return undefined;
    },
  }),
];
