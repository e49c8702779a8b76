import type { Clock } from '../../../adapters/adapter.ts';
import { createAccess } from '../../src/access/access.ts';
import { createSecrets, randomSecret } from '../../src/access/secrets.ts';
import type { Services } from '../../src/api/ports.ts';
import { createReplay } from '../../src/ingest/replay.ts';
import { createLogger } from '../../src/log.ts';
import { createTypePreview } from '../../src/registry/device-type-preview.ts';
import { createDeviceTypeServing } from '../../src/registry/device-type-serving.ts';
import { createDeviceTypeVersions } from '../../src/registry/device-type-versions.ts';
import { loadDeviceTypes } from '../../src/registry/device-types.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { createApiKeyStore } from '../../src/store/api-keys.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { createCalendarStore } from '../../src/store/calendar.ts';
import { createCommandStore } from '../../src/store/commands.ts';
import type { Database } from '../../src/store/database.ts';
import { createDeviceLookups } from '../../src/store/device-directory.ts';
import { createDeviceFindingStore } from '../../src/store/device-findings.ts';
import { createDeviceTypeStore } from '../../src/store/device-types.ts';
import { createDeviceStore } from '../../src/store/devices.ts';
import { createDuplicateStore } from '../../src/store/duplicates.ts';
import { createIdempotencyStore } from '../../src/store/idempotency.ts';
import { createImportStore } from '../../src/store/imports.ts';
import { createModuleStore } from '../../src/store/modules.ts';
import { createOrgStore, createSiteStore } from '../../src/store/organisations.ts';
import { createPaperStore } from '../../src/store/papers.ts';
import { createQuietStore } from '../../src/store/quiet.ts';
import { createReadStore } from '../../src/store/reads.ts';
import { createRoleStore } from '../../src/store/roles.ts';
import { createRosterStore } from '../../src/store/rosters.ts';
import { createSessionStore } from '../../src/store/sessions.ts';
import { createSettingStore } from '../../src/store/settings.ts';
import { createIdentityStore, createSecondFactorStore } from '../../src/store/sign-in.ts';
import { createTicketStore } from '../../src/store/tickets.ts';
import { createTrialStore } from '../../src/store/trials.ts';
import { createUserStore } from '../../src/store/users.ts';
import { createVendorAccountStore } from '../../src/store/vendor-accounts.ts';
import { createVendorStore } from '../../src/store/vendors.ts';
import { DEFAULT_TICKET_SETTINGS } from '../../src/tickets/settings.ts';
import { createTickets } from '../../src/tickets/tickets.ts';
import { createSqlTimeSeries } from '../../src/timeseries/sql.ts';
import { seedTestOrganisations, TEST_KEY } from './registry.ts';
import { noFiles } from './tickets.ts';

/** The stages behind the API on a real database; what no test of it needs is empty. The first user is `admin`. */
export async function realServices(db: Database, clock: Clock, firstPassword: string, replayed: unknown[]) {
  await seedTestOrganisations(db);
  const log = createLogger('silent');
  const secrets = createSecrets(TEST_KEY);
  const audit = createAuditStore();
  const types = await loadDeviceTypes(new URL('../../../device-schemas', import.meta.url).pathname);
  const store = {
    devices: { ...createDeviceStore(), ...createDeviceLookups() },
    findings: createDeviceFindingStore(),
    orgs: createOrgStore(),
    sites: createSiteStore(),
    modules: createModuleStore(),
    rosters: createRosterStore(),
    vendors: { ...createVendorStore(), ...createVendorAccountStore() },
    settings: createSettingStore(),
    commands: createCommandStore(),
    calendar: createCalendarStore(),
    imports: createImportStore(),
    quiet: createQuietStore(),
    registration: { ...createTrialStore(), ...createDuplicateStore(), ...createPaperStore() },
  };
  const registry = createRegistry({
    db,
    store,
    audit,
    sealing: secrets,
    newSecret: randomSecret,
    types,
    reactions: { onRetired: async () => undefined, disconnect: async () => undefined, probeNow: () => undefined },
    vendorUsers: {
      prepare: (input) => access.vendorUsers.prepare(input),
      insert: (tx, actor, user, vendorId) => access.vendorUsers.insert(tx, actor, user, vendorId),
      endSessions: (tx, vendorId) => access.vendorUsers.endSessions(tx, vendorId),
    },
    outbox: { add: async () => undefined },
    vendorFiles: '/nonexistent',
    timeZone: 'Asia/Shanghai',
    deliver: () => Promise.reject(new Error('not connected')),
    clock,
    log,
  });
  await registry.load();
  const access = createAccess({
    db,
    users: createUserStore(),
    roles: createRoleStore(),
    timeZone: 'Asia/Shanghai',
    sessions: createSessionStore(),
    apiKeys: createApiKeyStore(),
    audit,
    secrets,
    devices: registry.directory,
    vendors: registry.vendorPart.directory,
    vendorGate: registry.vendorPart.gate,
    clock,
    log,
    policy: () => ({
      idleMs: 3_600_000,
      absoluteMs: 86_400_000,
      passwordMaxAgeMs: null,
      totpForAdmins: false,
      loginHours: '00:00-00:00',
    }),
    secondFactors: createSecondFactorStore(),
    identities: createIdentityStore(),
    oidc: null,
    checkTarget: async () => [],
    notices: async () => undefined,
    counts: { login: () => undefined },
    onUnexpected: () => undefined,
    ownTopics: () => [],
    requireVendor: registry.vendors.requireVendor,
    onVendorKeys: async () => undefined,
  });
  await access.refresh();
  await access.users.ensureFirst({ adminPassword: firstPassword, dataDir: '/nonexistent' });
  const typeDeps = { db, types, audit, clock, log, store: createDeviceTypeStore() };
  const serving = createDeviceTypeServing({ ...typeDeps, folder: '/nonexistent' });
  const typeVersions = createDeviceTypeVersions({ ...typeDeps, changed: serving.refresh });
  const rosters = createRosterStore();
  const tickets = createTickets({
    store: createTicketStore(),
    transactor: db,
    audit,
    directory: rosters,
    outbox: { add: async () => undefined },
    conditions: async () => [],
    recheck: async () => [],
    files: noFiles(),
    clock,
    log,
    timeZone: 'Asia/Shanghai',
    settings: () => DEFAULT_TICKET_SETTINGS,
  });
  // Type checking proves here that the stages fit the ports of the API.
  const services: Services = {
    alarmRules: {} as unknown as Services['alarmRules'],
    db,
    reads: createReadStore(),
    sessions: access.sessions,
    users: access.users,
    roles: access.roles,
    exportUsers: access.exportUsers,
    secondFactor: access.secondFactor,
    singleSignOn: access.singleSignOn,
    identityLinks: access.identityLinks,
    wecom: access.wecom,
    apiKeys: access.apiKeys,
    devices: registry.devices,
    retirement: registry.retirement,
    deviceTables: registry.deviceTables,
    registration: {} as Services['registration'],
    handovers: registry.handovers,
    series: createSqlTimeSeries({ db, clock }),
    commands: registry.commands,
    organisations: registry.organisations,
    vendors: registry.vendors,
    vendorAccounts: registry.vendorAccounts,
    vendorInvitations: registry.vendorInvitations,
    vendorApplications: registry.vendorApplications,
    vendorAgreements: registry.vendorAgreements,
    vendorSelf: registry.vendorSelf,
    rosters: registry.rosters,
    dutyRoster: registry.dutyRoster,
    calendar: registry.calendar,
    settings: registry.settings,
    deviceTypes: types,
    typeVersions,
    typePreview: createTypePreview({
      types,
      clock,
      versions: typeVersions,
      directory: registry.directory,
      window: () => ({ pastMs: 90 * 86_400_000, futureMs: 600_000 }),
    }),
    recent: { since: 0, of: () => [] },
    replay: createReplay({
      db,
      log,
      clock,
      audit,
      store: createReadStore(),
      feed: async (messages) => void replayed.push(...messages),
    }),
    tickets,
    reports: {} as Services['reports'],
    inspections: {} as Services['inspections'],
    quiet: { security: async () => [] } as unknown as Services['quiet'],
    notifications: {} as Services['notifications'],
    exchange: {} as Services['exchange'],
    backups: {} as Services['backups'],
    capacity: {} as Services['capacity'],
    accounting: {
      messages: async () => ({
        received: 0,
        recovered: 0,
        stored: 0,
        duplicate: 0,
        rejected: 0,
        quarantined: 0,
        spooled: 0,
      }),
    },
    judgement: { status: () => ({ state: 'ready', reason: 'ok', paths: [] }) },
    idempotency: createIdempotencyStore(db),
    audit: {} as Services['audit'],
    auditDoor: { denied: () => undefined, unproven: async () => undefined },
    cameras: {} as Services['cameras'],
    cameraJobs: {} as Services['cameraJobs'],
    ptz: {} as Services['ptz'],
    pictureViews: {} as Services['pictureViews'],
    diagnosis: {} as Services['diagnosis'],
    probes: {} as Services['probes'],
    mqttAuth: {} as Services['mqttAuth'],
    live: {} as Services['live'],
    viewings: {} as Services['viewings'],
    cameraMasks: {} as Services['cameraMasks'],
    cameraClips: {} as Services['cameraClips'],
  };
  return { services, log };
}
