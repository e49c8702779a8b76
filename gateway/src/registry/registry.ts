import type { Clock, LinkEvent, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import { CAMERA_FAULTS, isCameraFault } from '../domain/camera-faults.ts';
import type { Site } from '../domain/catalogue-input.ts';
import type { CommandState } from '../domain/command.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { LinkEvidence } from '../domain/evidence.ts';
import { effectivePolicy, type TypeHealth } from '../domain/health-policy.ts';
import type { Transactor } from '../domain/tx.ts';
import { type CalendarStore, createCalendar } from './calendar.ts';
import type { ResourceStore } from './catalogue.ts';
import type { CommandTypes } from './command-rules.ts';
import { type CommandStore, createCommands } from './commands.ts';
import { createDeviceFinder } from './device-finder.ts';
import { createDevices } from './devices.ts';
import { createDirectory } from './directory.ts';
import { createDutyChecks } from './duty-checks.ts';
import { createDutyRoster, type DutyStore } from './duty-roster.ts';
import { createDeviceTables } from './import/importer.ts';
import type { ImportStore, TypeNames } from './import/ports.ts';
import { createOrganisations, type ModuleStore, type OrgStore } from './organisations.ts';
import type { DeviceReactions, DeviceStore, Sealing } from './ports.ts';
import { createProbeTargets } from './probe-targets.ts';
import { createAcceptances } from './registration/acceptance.ts';
import { createHandovers } from './registration/handovers.ts';
import type { DuplicateStore, PaperStore, TrialStore, TrialType } from './registration/ports.ts';
import { createRetirement, type RetirementStore } from './retirement.ts';
import { createRosterTables, type PeopleStore } from './roster-tables.ts';
import { createRosters, type RosterStore } from './rosters.ts';
import type { SecurityStore } from './secured.ts';
import { seedOrganisations } from './seed.ts';
import { createSettings, type SettingStore } from './settings.ts';
import { createUnexpectedLogins } from './unexpected.ts';
import { createVendorPart, type VendorOutbox, type VendorStore, type VendorUsers } from './vendors/index.ts';

export interface RegistryDeps {
  readonly db: Transactor;
  readonly store: {
    readonly devices: DeviceStore;
    readonly findings: RetirementStore;
    readonly orgs: OrgStore;
    readonly sites: ResourceStore<Site>;
    readonly modules: ModuleStore;
    readonly vendors: VendorStore;
    readonly rosters: RosterStore & DutyStore & PeopleStore;
    readonly settings: SettingStore;
    readonly calendar: CalendarStore;
    readonly registration: TrialStore & DuplicateStore & PaperStore;
    readonly commands: CommandStore;
    readonly imports: ImportStore;
    readonly quiet: SecurityStore;
  };
  readonly audit: AuditPort;
  readonly sealing: Sealing;
  readonly newSecret: () => string;
  readonly types: {
    get(
      id: string,
    ):
      | ({ readonly module: string | null; readonly health: TypeHealth } & TrialType &
          NonNullable<ReturnType<CommandTypes['get']>>)
      | undefined;
    unitOf(type: string, metric: string): string | undefined;
    titleOf(type: string, code: string): Title | undefined;
    list(): readonly (ReturnType<TypeNames['list']>[number] & {
      readonly health?: { readonly retirementCandidateAfter: number | null };
    })[];
  };
  readonly reactions: DeviceReactions;
  /** The tree or the duty matrix changed: whoever derives from them looks again. */
  readonly organisationsChanged?: () => Promise<void>;
  /** The users of vendors; the access stage has them. */
  readonly vendorUsers: VendorUsers;
  readonly outbox: VendorOutbox;
  /** Where the scans of vendors' agreements are kept. */
  readonly vendorFiles: string;
  readonly timeZone: string;
  readonly deliver: (deviceId: string, topic: string, payload: Uint8Array) => Promise<void>;
  readonly commandEnded?: (state: CommandState) => void;
  /** For `/readyz`. */
  readonly readiness?: NonNullable<Parameters<typeof createCalendar>[0]['readiness']>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the gateway knows of devices and of the organisation around them. */
export function createRegistry(deps: RegistryDeps) {
  const { db, store, types } = deps;
  const base = { db, audit: deps.audit, clock: deps.clock };
  const directory = createDirectory({ devices: store.devices });
  const settings = createSettings({ ...base, settings: store.settings, check: createDutyChecks(store) });
  const calendar = createCalendar({
    ...base,
    calendar: store.calendar,
    timeZone: deps.timeZone,
    ...(deps.readiness ? { readiness: deps.readiness } : {}),
  });
  const vendors = createVendorPart({
    ...base,
    store: store.vendors,
    users: deps.vendorUsers,
    outbox: deps.outbox,
    settings: settings.current,
    disconnect: (target, reason) => deps.reactions.disconnect(target, reason),
    hash: deps.sealing.hash,
    newSecret: deps.newSecret,
    timeZone: deps.timeZone,
    filesDir: deps.vendorFiles,
    log: deps.log,
  });
  const unexpected = createUnexpectedLogins({ db, devices: store.devices });
  const registration = createAcceptances({
    ...base,
    store: store.registration,
    devices: store.devices,
    types,
    settings: settings.current,
    timeZone: deps.timeZone,
  });
  const devices = createDevices({
    ...deps,
    devices: store.devices,
    directory,
    registration,
    security: store.quiet,
    room: vendors.self.room.devices,
  });
  return {
    directory,
    settings,
    calendar,
    unexpected,
    devices,
    retirement: createRetirement({
      ...base,
      store: store.findings,
      devices: store.devices,
      finder: createDeviceFinder({ db, devices: store.devices }),
      retire: (actor, id, reason, confirm) => devices.lifecycle(actor, id, 'retire', reason, { confirm }),
      byType: () =>
        new Map(
          types
            .list()
            .flatMap(({ id, health }) =>
              health?.retirementCandidateAfter ? [[id, health.retirementCandidateAfter]] : [],
            ),
        ),
    }),
    acceptances: registration,
    handovers: createHandovers({
      ...deps,
      store: store.registration,
      orgs: store.orgs,
      devices: store.devices,
      directory,
    }),
    organisations: createOrganisations({
      ...base,
      ...store,
      ...(deps.organisationsChanged ? { after: deps.organisationsChanged } : {}),
    }),
    deviceTables: createDeviceTables({
      ...deps,
      devices: store.devices,
      imports: store.imports,
      directory,
      registration,
      security: store.quiet,
      room: vendors.self.room.devices,
      typeNames: types,
    }),
    vendorPart: vendors,
    vendors: vendors.vendors,
    vendorAccounts: vendors.accounts,
    vendorInvitations: vendors.invitations,
    vendorApplications: vendors.applications,
    vendorAgreements: vendors.agreements,
    vendorSelf: vendors.self,
    probeTargets: createProbeTargets({
      ...deps,
      devices: store.devices,
      directory,
      security: store.quiet,
      securityPace: () => settings.current().securityPace,
      intervalMs: (device: DeviceBrief) =>
        effectivePolicy(types.get(device.type)?.health, device.healthPolicy).interval,
    }),
    rosters: {
      ...createRosters({ ...base, ...store }),
      ...createRosterTables({ ...base, ...store, timeZone: deps.timeZone }),
    },
    dutyRoster: createDutyRoster({
      ...base,
      ...store,
      settings: settings.current,
      calendar: calendar.current,
      zone: deps.timeZone,
    }),
    commands: createCommands({
      ...base,
      log: deps.log,
      types,
      ...(deps.commandEnded ? { ended: deps.commandEnded } : {}),
      store: store.commands,
      keyOf: (id) => directory.byId(id)?.key,
      deliver: deps.deliver,
    }),
    unitOf: (key: number, metric: string) => types.unitOf(directory.byKey(key)?.type ?? '', metric),
    /** What the type of the first of these devices calls an alarm or event; what the gateway itself finds has its own name. */
    titleOf: (code: string, [id = '']: readonly string[]) =>
      types.titleOf(directory.byId(id)?.type ?? '', code) ??
      (isCameraFault(code) ? CAMERA_FAULTS[code].title : undefined),
    /** A session's fact as the monitor hears it; a vendor's login is no fact about any device. */
    linkEvidence(event: LinkEvent): LinkEvidence | undefined {
      const { principal, via, state, reason, at, session } = event;
      if (principal.kind === 'vendor') vendors.noteLink(principal.vendorId, event);
      const device = principal.kind === 'device' ? directory.byId(principal.deviceId) : undefined;
      return device && { device: device.key, path: via, state, reason, at, session };
    },
    /** First start: the street and its matrix. Every start: everything the data path asks from memory. */
    async load(): Promise<void> {
      if (await seedOrganisations({ ...base, ...store })) deps.log.info({}, 'organisations and modules seeded');
      await settings.load(db.autocommit);
      await calendar.load(db.autocommit);
      await vendors.load();
      await directory.load(db.autocommit);
    },
    /** What other processes changed, and what logins counted; call it every few seconds. */
    async refresh(): Promise<void> {
      await unexpected.flush();
      await directory.poll(db.autocommit);
      await vendors.refresh();
      await settings.load(db.autocommit);
      await calendar.refresh(db.autocommit);
    },
  };
}
