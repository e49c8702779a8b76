import Type from 'typebox';
import { ORG_KINDS, OrgInput } from '../../domain/catalogue-input.ts';
import type { Polygon } from '../../domain/polygon.ts';
import { Enum, List, Named, Nullable, TimeOut, Title } from '../schema.ts';
import { LocationView } from './device.ts';

const Text = Type.String();
export const ContactView = Nullable(
  Type.Object({
    name: Type.Optional(Text),
    phone: Type.Optional(Text),
    email: Type.Optional(Text),
    userId: Type.Optional(Text),
  }),
);
export const OrgView = Named(
  'Org',
  Type.Object({
    id: Text,
    parentId: Nullable(Text),
    kind: Enum(ORG_KINDS),
    level: Nullable(Type.Integer({ minimum: 1, maximum: 5 })),
    name: Text,
    code: Nullable(Text),
    responsible: ContactView,
    contact: ContactView,
    contractFrom: Nullable(Type.String({ format: 'date' })),
    contractTo: Nullable(Type.String({ format: 'date' })),
    boundary: Nullable(
      Type.Object({
        type: Enum(['Polygon']),
        coordinates: Type.Unsafe<Polygon['coordinates']>({
          type: 'array',
          items: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
        }),
      }),
    ),
  }),
);
const { kind: _kind, level: _level, ...unitFields } = OrgInput.properties;
export const MaintenanceUnitInput = Type.Object(unitFields, { additionalProperties: false });
export const ModuleView = Named(
  'Module',
  Type.Object({ id: Text, name: Title, leadOrgId: Nullable(Text), cooperatingOrgIds: List(Text) }),
);
export const SiteView = Named(
  'Site',
  Type.Object({
    id: Text,
    name: Text,
    kind: Nullable(Text),
    orgId: Nullable(Text),
    location: Nullable(LocationView),
    createdAt: TimeOut,
  }),
);
