import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type {
  Module,
  ModuleInput,
  ModulePatch,
  Org,
  OrgInput,
  OrgPatch,
  Site,
  SiteInput,
  SitePatch,
} from '../../domain/catalogue-input.ts';
import type { RosterPerson, ShiftRecord } from '../../domain/duty-rows.ts';
import type { Page } from '../../domain/page.ts';
import type { SettingsInput, SettingValues } from '../../domain/settings.ts';
import type { RosterImportView } from '../schemas/roster.ts';

/** Objects people enter. Foreign and unknown ids answer NOT_FOUND. */
export interface ResourcePort<T, Input, Patch> {
  list(actor: Actor, query: { limit?: number; cursor?: string; q?: string }): Promise<Page<T>>;
  get(actor: Actor, id: string): Promise<T>;
  create(actor: Actor, input: Input): Promise<T>;
  update(actor: Actor, id: string, patch: Patch): Promise<T>;
  remove(actor: Actor, id: string): Promise<void>;
}

export interface OrganisationPort {
  readonly orgs: ResourcePort<Org, OrgInput, OrgPatch>;
  readonly maintenanceUnits: ResourcePort<Org, Omit<OrgInput, 'kind' | 'level'>, OrgPatch>;
  readonly sites: ResourcePort<Site, SiteInput, SitePatch>;
  readonly modules: ResourcePort<Module, ModuleInput, ModulePatch>;
}

/** Duty rosters, within what the actor reaches. */
export interface RosterPort {
  list(actor: Actor, filter: { orgId?: string; module?: string }): Promise<readonly ShiftRecord[]>;
  /** Who may be put on duty, and who already is. */
  people(actor: Actor): Promise<readonly RosterPerson[]>;
  create(
    actor: Actor,
    input: Pick<ShiftRecord, 'orgId' | 'userId'> & Partial<Omit<ShiftRecord, 'id'>>,
  ): Promise<ShiftRecord>;
  update(actor: Actor, id: string, patch: Partial<Omit<ShiftRecord, 'id'>>): Promise<ShiftRecord>;
  remove(actor: Actor, id: string): Promise<void>;
  import(
    actor: Actor,
    bytes: Uint8Array,
    options: { dryRun: boolean; encoding?: 'utf-8' | 'gb18030' },
  ): Promise<Static<typeof RosterImportView>>;
  export(
    actor: Actor,
    query: {
      orgId?: string;
      module?: string;
      purpose: string;
      format: 'csv' | 'xlsx';
      encoding: 'utf-8' | 'gb18030';
    },
  ): Promise<{ bytes: Uint8Array; contentType: string }>;
}

export interface SettingsPort {
  /** What everybody's pages follow; no right is asked. */
  current(): Pick<SettingValues, 'mapTiles'>;
  get(actor: Actor): Promise<SettingValues>;
  put(actor: Actor, patch: SettingsInput): Promise<SettingValues>;
}
