import type { AuditSigner } from '../domain/audit-chain.ts';
import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import { createAlarmRuleStore } from './alarm-rules.ts';
import { createApiKeyStore } from './api-keys.ts';
import { createAuditStore } from './audit.ts';
import { createBackupStore } from './backups.ts';
import { createBrokerLoginStore } from './broker-logins.ts';
import { createBus } from './bus.ts';
import { createCalendarStore } from './calendar.ts';
import { createCameraClipStore } from './camera-clips.ts';
import { createCameraMaskStore } from './camera-masks.ts';
import { createCameraPlaceStore } from './camera-places.ts';
import { createCameraStore } from './cameras.ts';
import { createCapacityStore } from './capacity.ts';
import { createCommandStore } from './commands.ts';
import { countByState, countOpenIncidents, deviceConditions, unheldConditions } from './conditions.ts';
import type { Database } from './database.ts';
import { createDeviceLookups } from './device-directory.ts';
import { createDeviceFindingStore } from './device-findings.ts';
import { createDeviceTypeStore } from './device-types.ts';
import { createDeviceStore } from './devices.ts';
import { createDiagnosisStore } from './diagnosis.ts';
import { createDuplicateStore } from './duplicates.ts';
import { createEvidenceStore } from './evidence.ts';
import { createExchangeStore } from './exchange.ts';
import { createHealthStore } from './health.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { createImportStore } from './imports.ts';
import { createIncidentAcknowledgements } from './incident-acknowledgements.ts';
import { createIncidentStore } from './incidents.ts';
import { createIngestStore } from './ingest.ts';
import { createInspectionStore } from './inspection.ts';
import { createLeadershipStore } from './leadership.ts';
import { migrate } from './migrate.ts';
import { createModuleStore } from './modules.ts';
import { createNodeStore } from './nodes.ts';
import { createNotificationAuditStore } from './notification-audit.ts';
import { createNotificationCareStore } from './notification-care.ts';
import { createNotificationChannelStore } from './notification-channels.ts';
import { createNotificationPaceStore } from './notification-pace.ts';
import { createDatabase, type DatabaseConfig } from './open.ts';
import { createOrgStore, createSiteStore } from './organisations.ts';
import { createOutboxStore } from './outbox.ts';
import { createPaperStore } from './papers.ts';
import { createPictureStore } from './pictures.ts';
import { createQuietStore } from './quiet.ts';
import { createReadStore } from './reads.ts';
import { createReportStore } from './reports.ts';
import { createRetentionStore } from './retention.ts';
import { createRoleStore } from './roles.ts';
import { createRosterStore } from './rosters.ts';
import { createSessionStore } from './sessions.ts';
import { createSettingStore } from './settings.ts';
import { createIdentityStore, createSecondFactorStore } from './sign-in.ts';
import { createTicketStore } from './tickets.ts';
import { createTrialStore } from './trials.ts';
import { createUserStore } from './users.ts';
import { createVendorAccountStore } from './vendor-accounts.ts';
import { createVendorStore } from './vendors.ts';
import { createViewingStore } from './viewings.ts';

/** Building an index on a large table may take hours. */
const MIGRATION_MS = 24 * 3_600_000;

export type { DatabaseConfig } from './open.ts';
export type Store = Awaited<ReturnType<typeof openStore>>;

/** Opens the database, brings its schema up to date and hands out the families of statements. */
export async function openStore(
  config: DatabaseConfig & {
    readonly signer: AuditSigner;
    /** Where readings are, unless in the database itself. */
    readonly readings?: ReadingsElsewhere | undefined;
  },
) {
  const audit = createAuditStore(config.signer);
  const db = await createDatabase(config);
  try {
    const applied = await bringUpToDate(db, config);
    if (applied.length > 0) config.log.info({ versions: applied }, 'database schema brought up to date');
    const linked = await audit.linkOld(db.autocommit);
    if (linked > 0) config.log.info({ linked }, 'audit records from before were linked to the chain');
  } catch (error) {
    await db.close();
    throw error;
  }
  const bus = createBus(db, { url: config.url, log: config.log });
  return {
    db,
    bus,
    ingest: createIngestStore(config.readings),
    devices: { ...createDeviceStore(), ...createDeviceLookups() },
    findings: createDeviceFindingStore(),
    deviceTypes: createDeviceTypeStore(),
    cameras: { ...createCameraStore(), ...createCameraPlaceStore() },
    orgs: createOrgStore(),
    sites: createSiteStore(),
    modules: createModuleStore(),
    vendors: { ...createVendorStore(), ...createVendorAccountStore() },
    registration: { ...createTrialStore(config.readings), ...createDuplicateStore(), ...createPaperStore() },
    settings: createSettingStore(),
    calendar: createCalendarStore(),
    commands: createCommandStore(),
    roles: createRoleStore(),
    users: createUserStore(),
    sessions: createSessionStore(),
    apiKeys: createApiKeyStore(),
    secondFactors: createSecondFactorStore(),
    identities: createIdentityStore(),
    diagnosis: createDiagnosisStore(),
    audit,
    backups: createBackupStore(),
    brokerLogins: createBrokerLoginStore(),
    idempotency: createIdempotencyStore(db),
    health: {
      ...createHealthStore(),
      conditions: deviceConditions,
      unheldConditions,
      countByState,
      countOpenIncidents,
    },
    imports: createImportStore(),
    incidents: createIncidentStore(),
    tickets: createTicketStore(),
    rosters: createRosterStore(),
    quiet: createQuietStore(),
    alarmRules: createAlarmRuleStore(),
    reports: createReportStore(),
    inspections: createInspectionStore(config.readings),
    notices: {
      ...createOutboxStore(),
      ...createNotificationChannelStore(),
      ...createNotificationPaceStore(),
      ...createNotificationCareStore(),
      ...createIncidentAcknowledgements(),
      ...createNotificationAuditStore(),
    },
    exchange: createExchangeStore(),
    evidence: createEvidenceStore(),
    leadership: createLeadershipStore(config.url),
    pictures: createPictureStore(),
    viewings: createViewingStore(),
    cameraMasks: createCameraMaskStore(),
    cameraClips: createCameraClipStore(),
    reads: createReadStore(),
    capacity: createCapacityStore(),
    retention: createRetentionStore(),
    nodes: createNodeStore(),
    async close() {
      await bus.close();
      await db.close();
    },
  };
}

/** On a connection with the patience of a large table: what serves people gives up after seconds. */
async function bringUpToDate(db: Database, config: DatabaseConfig): Promise<number[]> {
  const patient = config.url === undefined ? db : await createDatabase({ ...config, statementTimeoutMs: MIGRATION_MS });
  try {
    return await migrate(patient, undefined, { log: config.log });
  } finally {
    if (patient !== db) await patient.close();
  }
}
