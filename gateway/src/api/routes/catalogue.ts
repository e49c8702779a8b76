import Type from 'typebox';
import {
  ModuleInput,
  ModulePatch,
  OrgInput,
  OrgPatch,
  SiteInput,
  SitePatch,
  VendorInput,
  VendorPatch,
} from '../../domain/catalogue-input.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import { MaintenanceUnitInput, ModuleView, OrgView, SiteView, VendorView } from '../schemas/catalogue.ts';
import { ApiKeyBody, ApiKeyView, NewKey } from '../schemas/people.ts';
import { resource } from './resource.ts';
import { keyInput } from './users.ts';

export const catalogueRoutes = ({ services: { apiKeys, organisations, vendors }, times }: RouteContext) => [
  ...resource({
    url: '/orgs',
    name: 'Org',
    plural: 'Orgs',
    tag: 'organisation',
    right: 'orgs',
    what: 'organisations: areas of five levels (市 区 街镇 网格 社区) and departments',
    view: OrgView,
    body: OrgInput,
    patch: OrgPatch,
    service: organisations.orgs,
  }),
  ...resource({
    url: '/modules',
    name: 'Module',
    plural: 'Modules',
    tag: 'organisation',
    right: 'modules',
    what: 'modules with their lead and cooperating departments',
    view: ModuleView,
    body: ModuleInput,
    patch: ModulePatch,
    service: organisations.modules,
  }),
  ...resource({
    url: '/sites',
    name: 'Site',
    plural: 'Sites',
    tag: 'organisation',
    right: 'sites',
    what: 'sites (点位)',
    view: SiteView,
    body: SiteInput,
    patch: SitePatch,
    service: organisations.sites,
  }),
  ...resource({
    url: '/vendors',
    name: 'Vendor',
    plural: 'Vendors',
    tag: 'organisation',
    right: 'vendors',
    what: 'vendors and the topics their login may publish to',
    view: VendorView,
    body: VendorInput,
    patch: VendorPatch,
    service: vendors,
  }),
  route({
    method: 'POST',
    url: '/vendors/:id/api-keys',
    // A vendor's own people make their keys; the service tells them from everyone else.
    access: 'login',
    operationId: 'createVendorKey',
    tag: 'organisation',
    summary: 'New vendor key, shown once: HTTP login and password of the MQTT login `vendor:<id>`',
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
    tag: 'organisation',
    summary: 'Keys of a vendor, without the keys themselves',
    params: IdParams,
    ok: Type.Object({ items: List(ApiKeyView) }),
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await apiKeys.listForVendor(caller, params.id) }),
  }),
  route({
    method: 'DELETE',
    url: '/vendors/:id/api-keys/:keyId',
    access: 'login',
    operationId: 'revokeVendorKey',
    tag: 'organisation',
    summary: 'Revoke a vendor key; its live MQTT session is dropped',
    params: Type.Object({ ...IdParams.properties, keyId: Type.String({ minLength: 1, maxLength: 64 }) }),
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await apiKeys.revokeForVendor(caller, params.id, params.keyId);
      return undefined;
    },
  }),
  ...resource({
    url: '/maintenance-units',
    name: 'MaintenanceUnit',
    plural: 'MaintenanceUnits',
    tag: 'organisation',
    right: 'maintenanceUnits',
    what: 'maintenance units (维保单位)',
    view: OrgView,
    body: MaintenanceUnitInput,
    patch: OrgPatch,
    service: organisations.maintenanceUnits,
  }),
];
