import { randomUUID } from 'node:crypto';
import type { Acceptance } from '../../domain/acceptance.ts';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import { DIRECTIONS } from '../../domain/camera-archive.ts';
import { DuplicateInput, type NearbyInput } from '../../domain/camera-requests.ts';
import { ConstructionDecisionInput, ConstructionInput, type ConstructionReview } from '../../domain/construction.ts';
import type { CoordinateWarning } from '../../domain/coordinates.ts';
import type { DuplicateMatch } from '../../domain/duplicates.ts';
import { ExportPurpose, exportEntry, exporterName, exportMark } from '../../domain/export-mark.ts';
import type { HandoverWithDevices } from '../../domain/handover.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import type { Page } from '../../domain/page.ts';
import { type Resource, requireRight } from '../../domain/permission.ts';
import type { Transactor } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { DuplicateReport } from '../cameras/nearby.ts';
import type { Acceptances } from './acceptance.ts';
import { findDuplicates } from './duplicates.ts';
import { checkPlaces } from './places.ts';
import type { DuplicateStore, PaperStore, TrialStore } from './ports.ts';
import { printAcceptance, printHandover, printReview } from './prints.ts';
import type { Sheet } from './sheet.ts';
import { paperDay, words } from './words.ts';

/** Cameras nearby, when a point was given; and who carries the same marks. */
export interface DuplicateAnswer extends Omit<DuplicateReport, 'location' | 'radius'> {
  readonly location: DuplicateReport['location'] | null;
  readonly radius: number | null;
  readonly identities: readonly DuplicateMatch[];
  readonly coordinates: readonly CoordinateWarning[];
}

export interface RegistrationServiceDeps {
  readonly db: Transactor;
  readonly store: DuplicateStore & PaperStore & Pick<TrialStore, 'paperNumbers'>;
  readonly acceptances: Acceptances;
  readonly handovers: { get(actor: Actor, id: string): Promise<HandoverWithDevices> };
  readonly nearby: (actor: Actor, input: NearbyInput) => Promise<DuplicateReport>;
  readonly audit: AuditPort;
  readonly timeZone: string;
  readonly clock: { now(): number };
}

/** 设备登记与验收 as people ask for it: trials, duplicates, 比对审核单, and what is printed. */
export interface RegistrationService {
  acceptance(actor: Actor, id: string): Promise<Acceptance>;
  printAcceptance(actor: Actor, id: string, purpose: string): Promise<Sheet>;
  duplicateCheck(actor: Actor, input: DuplicateInput): Promise<DuplicateAnswer>;
  review(actor: Actor, input: ConstructionInput): Promise<ConstructionReview>;
  /** Of a review by another person; once. */
  decideReview(actor: Actor, id: string, input: ConstructionDecisionInput): Promise<ConstructionReview>;
  getReview(actor: Actor, id: string): Promise<ConstructionReview>;
  listReviews(actor: Actor, query: { limit?: number; cursor?: string }): Promise<Page<ConstructionReview>>;
  printReview(actor: Actor, id: string, purpose: string): Promise<Sheet>;
  printHandover(actor: Actor, id: string, purpose: string): Promise<Sheet>;
}

export function createRegistrationService(deps: RegistrationServiceDeps): RegistrationService {
  const { db, store, clock, timeZone } = deps;

  /** Every print is an export: its purpose stands on it and in the audit table before it leaves. */
  const print = async <T>(
    actor: Actor,
    purpose: string,
    paper: { readonly resource: Resource; readonly id: string; readonly rows: number; readonly content: T },
    make: (content: T, options: { timeZone: string; mark: readonly string[] }) => Sheet,
  ): Promise<Sheet> => {
    const at = clock.now();
    const { resource, id, rows, content } = paper;
    const mark = exportMark({ user: exporterName(actor), at, purpose, rows }, timeZone);
    const made = make(content, { timeZone, mark });
    await db.transaction((tx) =>
      deps.audit.append(tx, [
        exportEntry(actor, {
          at,
          resource,
          resourceId: id,
          purpose,
          filter: { print: made.name },
          rows,
          format: 'html',
        }),
      ]),
    );
    return made;
  };
  const mayPrint = (actor: Actor, resource: Resource, purpose: string) => {
    requireRight(actor, resource, 'export');
    parseInput(ExportPurpose, purpose);
  };

  const getReview = async (actor: Actor, id: string) => {
    requireRight(actor, 'cameras', 'read');
    const found = await store.review(db.autocommit, id, actor.scope, actorText(actor));
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };

  return {
    acceptance: deps.acceptances.acceptance,
    getReview,

    async printAcceptance(actor, id, purpose) {
      mayPrint(actor, 'devices', purpose);
      const content = await deps.acceptances.report(actor, id);
      return print(actor, purpose, { resource: 'devices', id, rows: 1, content }, printAcceptance);
    },

    async duplicateCheck(actor, raw) {
      requireRight(actor, 'devices', 'read');
      const input = parseInput(DuplicateInput, raw);
      const { serial, mac, nationalCode, connection, vendorId, location, orgId, siteId, ...view } = input;
      const named = [serial, mac, nationalCode, connection].some((mark) => mark !== undefined);
      if (!named && !location) refuseIf([fieldError('', 'required', 'duplicate.nothing')]);
      const ask = {
        key: null,
        serial: serial ?? null,
        // A vendor asks about its own device, whatever it says.
        vendorId: actor.scope.kind === 'vendor' ? actor.scope.vendorId : (vendorId ?? null),
        mac: mac ?? null,
        nationalCode: nationalCode ?? null,
        connection: connection ?? null,
        parentKey: null,
      };
      const [identities = []] = named ? await findDuplicates(db.autocommit, actor, [ask], store) : [];
      const entered = location ? { ...location, crs: location.crs ?? 'wgs84' } : null;
      const [coordinates = []] = await checkPlaces(
        db.autocommit,
        [{ key: null, orgId: orgId ?? null, siteId: siteId ?? null, entered }],
        store,
      );
      const report = location ? await deps.nearby(actor, { ...view, location }) : null;
      return report
        ? { ...report, identities, coordinates }
        : { ...withoutPlace(identities, clock.now()), identities, coordinates };
    },

    async review(actor, raw) {
      requireRight(actor, 'cameras', 'operate');
      const input = parseInput(ConstructionInput, raw);
      const { name = null, applicant, purpose, location, ...view } = input;
      const { address = null, ...point } = location;
      const report = await deps.nearby(actor, { ...view, location: point });
      const { direction, conclusion, radius, angle, hidden, checkedAt } = report;
      const names = await store.orgNames(
        db.autocommit,
        report.items.flatMap(({ camera }) => [camera.orgId ?? [], camera.maintenanceUnitId ?? []].flat()),
      );
      const content: ConstructionReview['review'] = {
        name,
        applicant,
        purpose,
        address,
        location: report.location,
        radius,
        angle,
        direction: direction === null ? null : { zh: DIRECTIONS[direction].zh, en: DIRECTIONS[direction].en },
        azimuth: input.azimuth ?? null,
        items: report.items.flatMap(({ camera, ...seen }) =>
          camera.location === null
            ? []
            : [
                {
                  id: camera.id,
                  name: camera.name,
                  nickname: camera.nickname,
                  nationalCode: camera.nationalCode,
                  lat: camera.location.lat,
                  lon: camera.location.lon,
                  distance: seen.distance,
                  bearing: seen.bearing,
                  direction: seen.direction && { zh: seen.direction.zh, en: seen.direction.en },
                  azimuth: seen.azimuth,
                  sameDirection: seen.sameDirection,
                  lifecycle: camera.lifecycle,
                  healthState: camera.health.state,
                  stage: camera.stage,
                  orgId: camera.orgId,
                  orgName: names.get(camera.orgId ?? '') ?? null,
                  maintenanceUnit: names.get(camera.maintenanceUnitId ?? '') ?? null,
                  advice: seen.advice,
                },
              ],
        ),
        hidden,
        conclusion,
      };
      return db.transaction(async (tx) => {
        const [no = ''] = await store.paperNumbers(tx, 'BD', paperDay(checkedAt, timeZone), 1);
        const made: ConstructionReview = {
          id: randomUUID(),
          no,
          at: checkedAt,
          by: actorText(actor),
          byName: actor.name,
          orgId: actor.orgId ?? null,
          decided: null,
          review: content,
        };
        await store.addReview(tx, made);
        await deps.audit.append(tx, [
          {
            at: checkedAt,
            actor,
            action: 'create',
            resource: 'constructionReviews',
            resourceId: made.id,
            reason: purpose,
            after: { no, location: report.location, found: content.items.length, conclusion: conclusion.code },
          },
        ]);
        return made;
      });
    },

    async decideReview(actor, id, raw) {
      requireRight(actor, 'cameras', 'operate');
      const input = parseInput(ConstructionDecisionInput, raw);
      const found = await getReview(actor, id);
      if (found.by === actorText(actor)) throw new GatewayError('FORBIDDEN', bilingual('construction.ownDecision'));
      return db.transaction(async (tx) => {
        const at = clock.now();
        const decided = { ...input, at, by: actorText(actor), byName: actor.name };
        if (!(await store.decideReview(tx, id, decided)))
          throw new GatewayError('CONFLICT', bilingual('construction.decided'));
        const entry = { at, actor, action: 'decide', resource: 'constructionReviews', resourceId: id };
        await deps.audit.append(tx, [
          { ...entry, reason: input.opinion, after: { no: found.no, decision: input.decision } },
        ]);
        return { ...found, decided };
      });
    },

    async listReviews(actor, { limit = 50, cursor }) {
      requireRight(actor, 'cameras', 'read');
      return store.reviews(db.autocommit, { limit, cursor }, actor.scope, actorText(actor));
    },

    async printReview(actor, id, purpose) {
      mayPrint(actor, 'cameras', purpose);
      const content = await getReview(actor, id);
      return print(
        actor,
        purpose,
        { resource: 'cameras', id, rows: content.review.items.length, content },
        printReview,
      );
    },

    async printHandover(actor, id, purpose) {
      mayPrint(actor, 'handovers', purpose);
      const content = await deps.handovers.get(actor, id);
      return print(actor, purpose, { resource: 'handovers', id, rows: content.deviceCount, content }, printHandover);
    },
  };
}

/** Without a point only the marks speak. */
function withoutPlace(identities: readonly DuplicateMatch[], checkedAt: number) {
  const exact = identities.some(({ level }) => level === 'exact');
  const code = exact ? 'duplicate' : identities.length > 0 ? 'review' : 'clear';
  const conclusion = { code, ...words(`duplicate.is.${code}`) } as const;
  return { location: null, radius: null, angle: 0, direction: null, checkedAt, items: [], hidden: 0, conclusion };
}
