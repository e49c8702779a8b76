import { Type } from 'typebox';
import type { Actor } from '../domain/actor.ts';
import {
  type Module,
  ModuleInput,
  ModulePatch,
  type Org,
  OrgInput,
  OrgPatch,
  type Site,
  SiteInput,
  SitePatch,
} from '../domain/catalogue-input.ts';
import { toWgs84 } from '../domain/geo.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { MAX_POLYGON_POINTS, polygonFault } from '../domain/polygon.ts';
import type { Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';
import { type CatalogueDeps, createResource, type Resource, type ResourceStore } from './catalogue.ts';

export interface OrgStore extends ResourceStore<Org> {
  subtree(tx: Tx, id: string): Promise<string[]>;
  highestChildLevel(tx: Tx, id: string): Promise<number | null>;
}

export interface ModuleStore {
  list(tx: Tx): Promise<Module[]>;
  get(tx: Tx, id: string): Promise<Module | undefined>;
  insert(tx: Tx, module: Module): Promise<void>;
  update(tx: Tx, module: Module): Promise<void>;
  remove(tx: Tx, id: string): Promise<void>;
}

type UnitInput = Omit<OrgInput, 'kind' | 'level'>;
const { kind: _, level: __, ...unitFields } = OrgInput.properties;
/** Body of `POST /maintenance-units`. */
const UnitInput = Type.Object(unitFields, { additionalProperties: false });

export interface OrgDeps extends CatalogueDeps {
  readonly orgs: OrgStore;
  readonly sites: ResourceStore<Site>;
  readonly modules: ModuleStore;
  /** Runs when a change of the tree or the matrix is committed. */
  readonly after?: () => Promise<void>;
}

export interface Organisations {
  readonly orgs: Resource<Org, OrgInput, OrgPatch>;
  readonly maintenanceUnits: Resource<Org, UnitInput, OrgPatch>;
  readonly sites: Resource<Site, SiteInput, SitePatch>;
  readonly modules: Resource<Module, ModuleInput, ModulePatch>;
}

/** The five-level tree with its departments and maintenance units, the sites on it, and who answers for which module. */
export function createOrganisations(deps: OrgDeps): Organisations {
  const { orgs } = deps;
  const after = deps.after ? { after: deps.after } : {};

  const requireOrg = async (tx: Tx, actor: Actor, path: string, id: string | null, errors: FieldError[]) => {
    const org = id === null ? undefined : await orgs.get(tx, id, actor.scope);
    if (id !== null && !org) errors.push(fieldError(path, 'notFound', 'input.notFound', { value: id }));
    // Whoever sees a part of the tree only may not put anything outside of it.
    if (id === null && actor.scope.kind === 'orgs') errors.push(fieldError(path, 'required', 'input.required'));
    return org;
  };

  const checkOrg = async (tx: Tx, actor: Actor, org: Org, before: Org | null) => {
    const errors: FieldError[] = [];
    const moved = before === null || before.parentId !== org.parentId;
    const parent = moved ? await requireOrg(tx, actor, '/parentId', org.parentId, errors) : undefined;
    const above = parent?.kind === 'area' ? (parent.level ?? 0) : 0;
    const below = before ? await orgs.highestChildLevel(tx, org.id) : null;
    const levelFits =
      org.kind === 'area'
        ? org.level !== null && org.level > above && (below === null || org.level < below)
        : org.level === null;
    const crooked = org.boundary === null ? undefined : polygonFault(org.boundary);
    if (crooked)
      errors.push(fieldError('/boundary', crooked, `registry.boundary.${crooked}`, { max: MAX_POLYGON_POINTS }));
    if (!levelFits) errors.push(fieldError('/level', 'level', 'registry.levelNeeded'));
    if (before && org.parentId !== null && (await orgs.subtree(tx, org.id)).includes(org.parentId)) {
      errors.push(fieldError('/parentId', 'cycle', 'registry.orgCycle', { value: org.parentId }));
    }
    refuseIf(errors);
    return org;
  };

  const makeOrg = (tx: Tx, actor: Actor, input: OrgInput, id: string) =>
    checkOrg(
      tx,
      actor,
      {
        id,
        kind: input.kind,
        level: input.level ?? null,
        name: input.name,
        parentId: input.parentId ?? null,
        code: input.code ?? null,
        responsible: input.responsible ?? null,
        contact: input.contact ?? null,
        contractFrom: input.contractFrom ?? null,
        contractTo: input.contractTo ?? null,
        boundary: input.boundary ?? null,
      },
      null,
    );
  const mergeOrg = (tx: Tx, actor: Actor, before: Org, patch: OrgPatch) =>
    checkOrg(tx, actor, { ...before, ...given(patch) }, before);

  const checkSite = async (
    tx: Tx,
    actor: Actor,
    input: SiteInput | SitePatch,
    base: Omit<Site, 'location'> & { location: Site['location'] },
  ) => {
    const errors: FieldError[] = [];
    const { location, ...plain } = given(input);
    const site: Site = { ...base, ...plain, ...(location === undefined ? {} : { location: readLocation(location) }) };
    if (site.orgId !== base.orgId || site.orgId === null) await requireOrg(tx, actor, '/orgId', site.orgId, errors);
    refuseIf(errors);
    return site;
  };

  const checkModule = async (tx: Tx, actor: Actor, module: Module) => {
    const errors: FieldError[] = [];
    const { leadOrgId, cooperatingOrgIds } = module;
    if (leadOrgId !== null) await requireOrg(tx, actor, '/leadOrgId', leadOrgId, errors);
    for (const id of cooperatingOrgIds) await requireOrg(tx, actor, '/cooperatingOrgIds', id, errors);
    if (leadOrgId !== null && cooperatingOrgIds.includes(leadOrgId)) {
      errors.push(fieldError('/cooperatingOrgIds', 'lead', 'registry.leadAlsoCooperates'));
    }
    refuseIf(errors);
    return { ...module, cooperatingOrgIds: [...new Set(cooperatingOrgIds)].sort() };
  };

  return {
    orgs: createResource<Org, OrgInput, OrgPatch>(deps, {
      ...after,
      right: 'orgs',
      store: orgs,
      input: OrgInput,
      patch: OrgPatch,
      make: makeOrg,
      merge: mergeOrg,
    }),
    maintenanceUnits: createResource<Org, UnitInput, OrgPatch>(deps, {
      ...after,
      right: 'maintenanceUnits',
      store: {
        ...orgs,
        list: async (tx, query, scope) => {
          const page = await orgs.list(tx, { limit: 10_000, q: query.q }, scope);
          const units = page.items.filter(({ kind }) => kind === 'maintenance');
          return { items: units.slice(0, query.limit), nextCursor: null, total: units.length };
        },
      },
      input: UnitInput,
      patch: OrgPatch,
      make: (tx, actor, input, id) => makeOrg(tx, actor, { ...input, kind: 'maintenance' }, id),
      merge: mergeOrg,
      owns: ({ kind }) => kind === 'maintenance',
    }),
    sites: createResource<Site, SiteInput, SitePatch>(deps, {
      right: 'sites',
      store: deps.sites,
      input: SiteInput,
      patch: SitePatch,
      make: (tx, actor, input, id) =>
        checkSite(tx, actor, input, {
          id,
          name: input.name,
          kind: null,
          orgId: null,
          location: null,
          createdAt: deps.clock.now(),
        }),
      merge: (tx, actor, before, patch) => checkSite(tx, actor, patch, before),
    }),
    modules: createResource<Module, ModuleInput, ModulePatch>(deps, {
      ...after,
      right: 'modules',
      store: {
        ...deps.modules,
        get: (tx, id) => deps.modules.get(tx, id),
        list: async (tx, { q, limit }) => {
          const all = await deps.modules.list(tx);
          const items = all.filter(({ id, name }) => !q || [id, name.zh, name.en].some((text) => text.includes(q)));
          return { items: items.slice(0, limit), nextCursor: null, total: items.length };
        },
      },
      input: ModuleInput,
      patch: ModulePatch,
      make: (tx, actor, input) =>
        checkModule(tx, actor, {
          id: input.id,
          name: input.name,
          leadOrgId: input.leadOrgId ?? null,
          cooperatingOrgIds: input.cooperatingOrgIds ?? [],
        }),
      merge: (tx, actor, before, patch) => checkModule(tx, actor, { ...before, ...given(patch) }),
    }),
  };
}

function readLocation(input: NonNullable<SiteInput['location']> | null): Site['location'] {
  if (input === null) return null;
  const { lat, lon, crs = 'wgs84', address } = input;
  return {
    ...toWgs84({ lat, lon }, crs),
    crs: 'wgs84',
    ...(address === undefined ? {} : { address }),
    ...(crs === 'wgs84' ? {} : { source: { lat, lon, crs } }),
  };
}

/** Without members that are undefined, so that a spread never wipes what stands. */
function given<T extends object>(patch: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
