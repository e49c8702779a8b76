import { type Static, Type } from 'typebox';
import { Name, ObjectId } from './device-input.ts';
import { CRS, type Location } from './geo.ts';
import { MAX_POLYGON_POINTS, type Polygon } from './polygon.ts';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const closed = { additionalProperties: false } as const;
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

/** Someone to call. */
export const Contact = Type.Object(
  {
    name: Type.Optional(Name),
    phone: Type.Optional(Type.String({ pattern: '^[0-9+ -]{5,20}$' })),
    email: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^@\\s]+@[^@\\s]+$' })),
    userId: Type.Optional(ObjectId),
  },
  closed,
);
export type Contact = Static<typeof Contact>;

/** `area` = one of the five levels 市 区 街镇 网格 社区; `department` = 部门; `maintenance` = 维保单位. */
export const ORG_KINDS = ['area', 'department', 'maintenance'] as const;

/** GeoJSON in WGS-84; see {@link file://./polygon.ts}. */
const Boundary = Type.Unsafe<Polygon>(
  Type.Object(
    {
      type: Type.Literal('Polygon'),
      coordinates: Type.Array(
        Type.Array(Type.Array(Type.Number({ minimum: -180, maximum: 180 }), { minItems: 2, maxItems: 2 }), {
          minItems: 4,
          maxItems: MAX_POLYGON_POINTS,
        }),
        { minItems: 1, maxItems: 50 },
      ),
    },
    closed,
  ),
);

const org = {
  name: Name,
  parentId: Nullable(ObjectId),
  code: Nullable(Type.String({ pattern: '^[0-9]{2,12}$' })),
  responsible: Nullable(Contact),
  contact: Nullable(Contact),
  contractFrom: Nullable(Day),
  contractTo: Nullable(Day),
  boundary: Nullable(Boundary),
};

/** Body of `POST /orgs` and `POST /maintenance-units` (whose kind is fixed). */
export const OrgInput = Type.Object(
  {
    id: Type.Optional(ObjectId),
    kind: Type.Enum([...ORG_KINDS]),
    /** 1 市 … 5 社区; areas only. */
    level: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
    name: org.name,
    parentId: Type.Optional(org.parentId),
    code: Type.Optional(org.code),
    responsible: Type.Optional(org.responsible),
    contact: Type.Optional(org.contact),
    contractFrom: Type.Optional(org.contractFrom),
    contractTo: Type.Optional(org.contractTo),
    boundary: Type.Optional(org.boundary),
  },
  closed,
);
export type OrgInput = Static<typeof OrgInput>;

/** Body of `PATCH /orgs/{id}`; kind and level stay. */
export const OrgPatch = Type.Object(
  {
    name: Type.Optional(org.name),
    parentId: Type.Optional(org.parentId),
    code: Type.Optional(org.code),
    responsible: Type.Optional(org.responsible),
    contact: Type.Optional(org.contact),
    contractFrom: Type.Optional(org.contractFrom),
    contractTo: Type.Optional(org.contractTo),
    boundary: Type.Optional(org.boundary),
  },
  closed,
);
export type OrgPatch = Static<typeof OrgPatch>;

/** An organisation as services answer it. */
export interface Org {
  readonly id: string;
  readonly parentId: string | null;
  readonly kind: (typeof ORG_KINDS)[number];
  readonly level: number | null;
  readonly name: string;
  readonly code: string | null;
  readonly responsible: Contact | null;
  readonly contact: Contact | null;
  /** `YYYY-MM-DD`. */
  readonly contractFrom: string | null;
  readonly contractTo: string | null;
  /** Where its devices should stand; null = not drawn. */
  readonly boundary: Polygon | null;
}

const site = {
  name: Name,
  kind: Nullable(Type.String({ minLength: 1, maxLength: 40 })),
  orgId: Nullable(ObjectId),
  location: Nullable(
    Type.Object(
      {
        lat: Type.Number({ minimum: -90, maximum: 90 }),
        lon: Type.Number({ minimum: -180, maximum: 180 }),
        crs: Type.Optional(Type.Enum([...CRS])),
        address: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      },
      closed,
    ),
  ),
};

/** Body of `POST /sites`. */
export const SiteInput = Type.Object(
  {
    id: Type.Optional(ObjectId),
    name: site.name,
    kind: Type.Optional(site.kind),
    orgId: Type.Optional(site.orgId),
    location: Type.Optional(site.location),
  },
  closed,
);
export type SiteInput = Static<typeof SiteInput>;

/** Body of `PATCH /sites/{id}`. */
export const SitePatch = Type.Object(
  {
    name: Type.Optional(site.name),
    kind: Type.Optional(site.kind),
    orgId: Type.Optional(site.orgId),
    location: Type.Optional(site.location),
  },
  closed,
);
export type SitePatch = Static<typeof SitePatch>;

/** A place where devices stand, e.g. a garbage room. */
export interface Site {
  readonly id: string;
  readonly name: string;
  readonly kind: string | null;
  readonly orgId: string | null;
  readonly location: Location | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Body of `POST /modules`: at most one lead department, any number of cooperating ones. */
export const ModuleInput = Type.Object(
  {
    id: ObjectId,
    name: Type.Object({ zh: Name, en: Name }, closed),
    leadOrgId: Type.Optional(Nullable(ObjectId)),
    cooperatingOrgIds: Type.Optional(Type.Array(ObjectId, { maxItems: 200 })),
  },
  closed,
);
export type ModuleInput = Static<typeof ModuleInput>;

/** Body of `PATCH /modules/{id}`. */
export const ModulePatch = Type.Object(
  {
    name: Type.Optional(ModuleInput.properties.name),
    leadOrgId: Type.Optional(Nullable(ObjectId)),
    cooperatingOrgIds: Type.Optional(Type.Array(ObjectId, { maxItems: 200 })),
  },
  closed,
);
export type ModulePatch = Static<typeof ModulePatch>;

export interface Module {
  readonly id: string;
  readonly name: { readonly zh: string; readonly en: string };
  /** 牵头部门; null until one is named. */
  readonly leadOrgId: string | null;
  /** 配合部门. */
  readonly cooperatingOrgIds: readonly string[];
}
