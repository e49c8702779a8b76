import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Site } from '../domain/catalogue-input.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { Transactor } from '../domain/tx.ts';
import type { ResourceStore } from './catalogue.ts';
import { type CommandStore, createCommands } from './commands.ts';
import { createDevices } from './devices.ts';
import { createDirectory } from './directory.ts';
import { createOrganisations, type ModuleStore, type OrgStore } from './organisations.ts';
import type { DeviceReactions, DeviceStore, DeviceTypes, Sealing } from './ports.ts';
import { createProbeTargets } from './probe-targets.ts';
import { seedOrganisations } from './seed.ts';
import { createSettings, type SettingStore } from './settings.ts';
import { createUnexpectedLogins } from './unexpected.ts';
import { createVendorDirectory, createVendors, type VendorStore } from './vendors.ts';

export interface RegistryDeps {
  readonly db: Transactor;
  readonly store: {
    readonly devices: DeviceStore;
    readonly orgs: OrgStore;
    readonly sites: ResourceStore<Site>;
    readonly modules: ModuleStore;
    readonly vendors: VendorStore;
    readonly settings: SettingStore;
    readonly commands: CommandStore;
  };
  readonly audit: AuditPort;
  readonly sealing: Sealing;
  readonly newSecret: () => string;
  readonly types: DeviceTypes;
  /** Milliseconds between two signs of a device, by its policy or its type. */
  readonly intervalMs: (device: DeviceBrief) => number;
  readonly reactions: DeviceReactions;
  readonly deliver: (deviceId: string, topic: string, payload: Uint8Array) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the gateway knows of devices and of the organisation around them. */
export function createRegistry(deps: RegistryDeps) {
  const { db, store } = deps;
  const base = { db, audit: deps.audit, clock: deps.clock };
  const directory = createDirectory({ devices: store.devices });
  const vendorDirectory = createVendorDirectory({ vendors: store.vendors, clock: deps.clock });
  const settings = createSettings({ ...base, settings: store.settings });
  const unexpected = createUnexpectedLogins({ db, devices: store.devices });
  return {
    directory,
    vendorDirectory,
    settings,
    unexpected,
    devices: createDevices({ ...deps, devices: store.devices, directory }),
    organisations: createOrganisations({ ...base, ...store }),
    vendors: createVendors({ ...base, vendors: store.vendors, directory: vendorDirectory }),
    probeTargets: createProbeTargets({ ...deps, devices: store.devices, directory }),
    commands: createCommands({
      ...base,
      store: store.commands,
      keyOf: (id) => directory.byId(id)?.key,
      deliver: deps.deliver,
    }),
    /** First start: the street and its matrix. Every start: everything the data path asks from memory. */
    async load(): Promise<void> {
      if (await seedOrganisations({ ...base, ...store })) deps.log.info({}, 'organisations and modules seeded');
      await settings.load(db.autocommit);
      await vendorDirectory.load(db.autocommit);
      await directory.load(db.autocommit);
    },
    /** What other processes changed, and what logins counted; call it every few seconds. */
    async refresh(): Promise<void> {
      await unexpected.flush();
      await directory.poll(db.autocommit);
      await vendorDirectory.load(db.autocommit);
      await settings.load(db.autocommit);
    },
  };
}
