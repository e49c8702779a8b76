import type { Actor } from '../../domain/actor.ts';
import type { CameraView, StreetCode } from '../../domain/camera-record.ts';
import { NationalCodeInput, StreetCodeInput } from '../../domain/camera-requests.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { composeNationalCode, type NationalCode, parseNationalCode, streetOf } from '../../domain/national-code.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { cameraView } from './archive.ts';
import type { CamerasDeps } from './ports.ts';

/** A composed code and where its first eight digits come from: the table of streets, or the district alone. */
export interface ComposedCode extends NationalCode {
  readonly street: string | null;
  readonly regionFrom: 'street' | 'district';
}

export interface NationalCodes {
  /** Composes the next free code and keeps it from being composed again. */
  compose(actor: Actor, input: NationalCodeInput): Promise<ComposedCode>;
  /** Composes a code for a camera without one and gives it to it, both or neither. */
  assign(actor: Actor, id: string, input: NationalCodeInput): Promise<{ code: ComposedCode; camera: CameraView }>;
  streets(actor: Actor): Promise<{ items: readonly StreetCode[] }>;
  putStreet(actor: Actor, street: string, input: StreetCodeInput): Promise<StreetCode>;
}

const DEFAULTS = { industry: '08', type: '132', network: '6' };

export function createNationalCodes(deps: CamerasDeps): NationalCodes {
  const { db, store } = deps;

  const compose = async (tx: Tx, actor: Actor, input: NationalCodeInput): Promise<ComposedCode> => {
    const { street, district } = await whereOf(tx, actor, input);
    const row = street === null ? undefined : await store.street(tx, street);
    const region8 = row?.region8 ?? `${district}00`;
    const parts = { ...DEFAULTS, ...input };
    const { industry, type, network } = parts;
    const prefix = `${region8}${industry}${type}${network}`;
    const serial = await store.takeSerial(tx, prefix);
    if (serial === null) throw new GatewayError('CONFLICT', bilingual('camera.serialsUsed', { prefix }));
    const parsed = parseNationalCode(composeNationalCode({ region8, industry, type, network, serial }));
    if (typeof parsed === 'string') throw new GatewayError('INTERNAL', `composed a bad code: ${parsed}`);
    return { ...parsed, street, regionFrom: row ? 'street' : 'district' };
  };

  const whereOf = async (tx: Tx, actor: Actor, input: NationalCodeInput) => {
    const divisions = input.street === undefined ? await divisionsOf(tx, actor, input.orgId) : [input.street];
    const street = divisions.flatMap((division) => streetOf(division) ?? [])[0];
    const district = street?.slice(0, 6) ?? divisions.find((division) => /^\d{6}$/.test(division));
    const valid = district !== undefined && streetOf(`${district}000`) !== undefined;
    if (!valid)
      refuseIf([fieldError(input.street === undefined ? '/orgId' : '/street', 'noStreet', 'camera.noStreet')]);
    return { street: street ?? null, district: district ?? '' };
  };

  const divisionsOf = async (tx: Tx, actor: Actor, orgId: string | undefined): Promise<string[]> => {
    const chosen = orgId ?? (actor.scope.kind === 'orgs' ? actor.scope.orgIds[0] : undefined);
    return chosen === undefined ? [] : store.divisions(tx, chosen);
  };

  return {
    async compose(actor, raw) {
      requireRight(actor, 'devices', 'update');
      const input = parseInput(NationalCodeInput, raw);
      return db.transaction((tx) => compose(tx, actor, input));
    },

    async assign(actor, id, raw) {
      requireRight(actor, 'devices', 'update');
      const input = parseInput(NationalCodeInput, raw);
      const { change, code, found } = await db.transaction(async (tx) => {
        await deps.devices.change(tx, actor, id, {});
        const before = await store.get(tx, id, deps.cameraTypes(), actor.scope);
        if (!before) throw new GatewayError('NOT_FOUND');
        const { nationalCode, orgId } = before.device;
        if (nationalCode !== null) {
          throw new GatewayError('CONFLICT', bilingual('camera.hasCode', { id, code: nationalCode }));
        }
        const place = input.street === undefined && input.orgId === undefined && orgId !== null ? { orgId } : {};
        const made = await compose(tx, actor, { ...place, ...input });
        const turned = await deps.devices.change(tx, actor, id, { nationalCode: made.code });
        const [after] = await store.byKeys(tx, [before.device.key]);
        if (!after) throw new GatewayError('NOT_FOUND');
        return { change: turned, code: made, found: after };
      });
      await deps.devices.follow([change]);
      await store.noteInUse(db.autocommit, [found.device.key], deps.clock.now());
      return { code, camera: cameraView(found) };
    },

    async streets(actor) {
      requireRight(actor, 'devices', 'read');
      return { items: await store.streets(db.autocommit) };
    },

    async putStreet(actor, division, raw) {
      requireRight(actor, 'settings', 'update');
      const { centre, radius, ...input } = parseInput(StreetCodeInput, raw);
      const street = streetOf(division);
      if (street === undefined) throw new GatewayError('NOT_FOUND');
      if ((centre === undefined) !== (radius === undefined)) {
        refuseIf([fieldError('/radius', 'required', 'camera.replaceBoth')]);
      }
      const row: StreetCode = { street, ...input, centre: centre ?? null, radius: radius ?? null };
      await db.transaction(async (tx) => {
        const before = await store.street(tx, street);
        await store.putStreet(tx, row);
        await deps.audit.append(tx, [
          {
            at: deps.clock.now(),
            actor,
            action: 'update',
            resource: 'streetCodes',
            resourceId: street,
            before: before ?? null,
            after: row,
          },
        ]);
      });
      return row;
    },
  };
}
