import type {
  Acceptance,
  AcceptanceCheck,
  AcceptanceReport,
  AcceptanceState,
  Returned,
} from '../../domain/acceptance.ts';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { CoordinateWarning } from '../../domain/coordinates.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DeviceRecord, NewDevice } from '../../domain/device-record.ts';
import type { DuplicateMatch } from '../../domain/duplicates.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { askOf, findDuplicates } from './duplicates.ts';
import { checkPlaces, placeOf } from './places.ts';
import type { RegistrationDeps } from './ports.ts';
import { notReturnedCheck, requiredMetrics, trialChecks, uniqueCheck } from './trial-checks.ts';
import { paperDay } from './words.ts';

/** What is worth a second look in a new device. */
export type RegistrationWarning = DuplicateMatch | CoordinateWarning;

/** A device that passes into service, with what was judged. */
export interface Accepted {
  readonly before: DeviceRecord;
  readonly acceptance: Acceptance;
  readonly reason: string;
}

/** The part of registration that the turns of a device's life ask. */
export interface AcceptancePort {
  /** What looks wrong about devices that are being registered, in their order. */
  warnings(
    tx: Tx,
    actor: Actor,
    devices: readonly (NewDevice & { readonly key?: DeviceKey })[],
  ): Promise<RegistrationWarning[][]>;
  /** Whether these devices may take the next step up; a fixed number of statements, however many there are. */
  judge(tx: Tx, actor: Actor, records: readonly DeviceRecord[]): Promise<ReadonlyMap<DeviceKey, Acceptance>>;
  /** Writes 验收报告 in the transaction of the approval. */
  keepReports(tx: Tx, actor: Actor, accepted: readonly Accepted[]): Promise<void>;
  markReturned(tx: Tx, keys: readonly DeviceKey[], returned: Returned): Promise<void>;
  returned(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, Returned>>;
  clearReturned(tx: Tx, keys: readonly DeviceKey[], resubmittedAt: number | null): Promise<void>;
  /** 换机 during a trial: what the box before has shown proves nothing of this one. */
  restartTrial(tx: Tx, key: DeviceKey): Promise<void>;
}

export interface Acceptances extends AcceptancePort {
  /** `GET /devices/{id}/acceptance`. */
  acceptance(actor: Actor, id: string): Promise<Acceptance>;
  /** The report as it was written, or a draft of what it would say now. */
  report(actor: Actor, id: string): Promise<Omit<AcceptanceReport, 'id'> & { readonly draft: boolean }>;
}

export function createAcceptances(deps: RegistrationDeps): Acceptances {
  const { db, store, clock } = deps;

  const judge: AcceptancePort['judge'] = async (tx, actor, records) => {
    const { trialReadings, trialIntervals } = deps.settings();
    const wish = { readings: trialReadings, intervals: trialIntervals };
    const facts = await store.trialFacts(
      tx,
      records.map(({ key, lifecycleAt }) => ({ key, since: lifecycleAt })),
    );
    const factsOf = new Map(facts.map((row) => [row.device, row]));
    const metrics = await store.trialMetrics(
      tx,
      records.flatMap(({ key, type, lifecycle }) => {
        const since = factsOf.get(key)?.since;
        if (since === undefined || lifecycle !== 'trial') return [];
        return requiredMetrics(deps.types.get(type)).map(({ name }) => ({ key, metric: name, since }));
      }),
    );
    const metricsOf = Map.groupBy(metrics, ({ device }) => device);
    const duplicates = await findDuplicates(tx, actor, records.map(askOf), store);
    const places = await checkPlaces(tx, records.map(placeOf), store);
    const checkedAt = clock.now();
    const judged = records.map((record, index): [DeviceKey, Acceptance] => {
      const seen = factsOf.get(record.key);
      if (!seen) throw new Error(`no facts of device ${record.id}`);
      const { lifecycle } = record;
      const onTrial = lifecycle === 'trial';
      const mine = duplicates[index] ?? [];
      const checks = [
        ...(onTrial ? trialChecks(deps.types.get(record.type), seen, metricsOf.get(record.key) ?? [], wish) : []),
        ...(onTrial ? [uniqueCheck(seen.since, mine)] : []),
        notReturnedCheck(seen.since, seen.returnedAt === null ? null : (seen.returnedReason ?? '')),
      ];
      return [
        record.key,
        {
          deviceId: record.id,
          lifecycle,
          state: stateOf(onTrial, checks),
          since: onTrial ? seen.since : null,
          checkedAt,
          checks,
          duplicates: mine,
          coordinates: places[index] ?? [],
          quarantined: {
            total: Object.values(seen.quarantined).reduce((sum, n) => sum + n, 0),
            codes: seen.quarantined,
          },
          conflicts: seen.conflicts,
          clockSkew: seen.clockSkew,
          returned:
            seen.returnedAt === null
              ? null
              : { at: seen.returnedAt, by: seen.returnedBy ?? '', reason: seen.returnedReason ?? '' },
          report: null,
        },
      ];
    });
    return new Map(judged);
  };

  const find = async (actor: Actor, id: string) => {
    requireRight(actor, 'devices', 'read');
    const record = await deps.devices.get(db.autocommit, id, actor.scope);
    if (!record) throw new GatewayError('NOT_FOUND');
    const acceptance = (await judge(db.autocommit, actor, [record])).get(record.key);
    if (!acceptance) throw new GatewayError('NOT_FOUND');
    return { record, acceptance };
  };

  return {
    judge,
    markReturned: store.markReturned,
    returned: store.returned,
    clearReturned: store.clearReturned,
    restartTrial: (tx, key) => store.restartTrial(tx, key, clock.now()),

    async warnings(tx, actor, devices) {
      const duplicates = await findDuplicates(tx, actor, devices.map(askOf), store);
      const places = await checkPlaces(tx, devices.map(placeOf), store);
      return devices.map((_, index) => [...(duplicates[index] ?? []), ...(places[index] ?? [])]);
    },

    async keepReports(tx, actor, accepted) {
      if (accepted.length === 0) return;
      const at = clock.now();
      const numbers = await store.paperNumbers(tx, 'YS', paperDay(at, deps.timeZone), accepted.length);
      await store.addReports(
        tx,
        accepted.map(({ before, acceptance, reason }, index) => ({
          device: before.key,
          no: numbers[index] ?? '',
          result: isMet(acceptance) ? 'met' : 'overridden',
          at,
          by: actorText(actor),
          byName: actor.name,
          reason,
          report: { device: describe(before, deps), acceptance },
        })),
      );
    },

    async acceptance(actor, id) {
      const { record, acceptance } = await find(actor, id);
      const report = await store.reportHead(db.autocommit, record.key);
      const inService = report !== null && ['active', 'suspended', 'retired'].includes(record.lifecycle);
      // Whose account took a device into service is the centre's business; its vendor learns who answers for it and when.
      const outside = actor.scope.kind === 'vendor';
      const shown = report && outside ? { ...report, by: null, byName: bilingual('acceptance.byCentre') } : report;
      return { ...acceptance, ...(inService ? { state: 'accepted' as const } : {}), report: shown };
    },

    async report(actor, id) {
      const { record, acceptance } = await find(actor, id);
      const kept = await store.report(db.autocommit, record.key);
      if (kept) return { ...kept, draft: false };
      return {
        no: '',
        result: isMet(acceptance) ? 'met' : 'overridden',
        at: clock.now(),
        by: actorText(actor),
        byName: actor.name,
        reason: '',
        report: { device: describe(record, deps), acceptance },
        draft: true,
      };
    },
  };
}

/** Checks that stand in the way of an approval. */
export const missingChecks = ({ checks }: Acceptance): readonly AcceptanceCheck[] => checks.filter(({ ok }) => !ok);

const isMet = (acceptance: Acceptance) => missingChecks(acceptance).length === 0;

function stateOf(onTrial: boolean, checks: readonly AcceptanceCheck[]): AcceptanceState {
  if (!onTrial) return 'notInTrial';
  const missing = checks.filter(({ ok }) => !ok);
  if (missing.length === 0) return 'met';
  return missing.every(({ waits }) => waits) ? 'waiting' : 'failed';
}

/** The device as the report names it; nothing secret, no address of a person. */
function describe(record: DeviceRecord, { types }: Pick<RegistrationDeps, 'types'>): Readonly<Record<string, unknown>> {
  const { connection } = record;
  return {
    id: record.id,
    name: record.name,
    nickname: record.nickname,
    type: record.type,
    typeTitle: types.get(record.type)?.title ?? null,
    serial: record.serial,
    mac: record.mac,
    nationalCode: record.nationalCode,
    vendorId: record.vendorId,
    orgId: record.orgId,
    siteId: record.siteId,
    module: record.module,
    maintenanceUnitId: record.maintenanceUnitId,
    installedOn: record.installedOn,
    location: record.location,
    connection:
      connection === null ? null : connection.protocol === 'rtsp' ? connection.url : `onvif://${connection.host}`,
    trialSince: record.lifecycle === 'trial' ? record.lifecycleAt : null,
    createdAt: record.createdAt,
  };
}
