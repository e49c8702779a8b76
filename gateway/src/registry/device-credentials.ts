import type { Actor } from '../domain/actor.ts';
import { LIFECYCLE_RIGHTS } from '../domain/device.ts';
import { ReplaceInput } from '../domain/device-input.ts';
import type { Device, DeviceCredentials, DeviceRecord } from '../domain/device-record.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, bothNames } from '../messages/index.ts';
import { takenNames } from './candidates.ts';
import { readFields } from './device-fields.ts';
import type { DeviceFinder, DevicesDeps } from './device-finder.ts';
import { refuse, requireVendorTurn } from './refusal.ts';
import { followTurns, saveTurns } from './turns.ts';

/** New secrets: for the same box, and for another box at the same point (换机). */
export function createDeviceCredentials(deps: DevicesDeps, { lockOne, show }: DeviceFinder) {
  const { db } = deps;

  const renewSecret = (record: DeviceRecord) => {
    const password = deps.newSecret();
    return { secretHash: deps.sealing.hash(password), credentials: { username: record.id, password } };
  };

  return {
    async replace(
      actor: Actor,
      id: string,
      raw: ReplaceInput,
    ): Promise<{ device: Device; credentials: DeviceCredentials }> {
      requireRight(actor, 'devices', 'update');
      const { reason, ...input } = parseInput(ReplaceInput, raw);
      const { change, credentials } = await db.transaction(async (tx) => {
        const before = await lockOne(tx, actor, id);
        requireVendorTurn(actor, before);
        if (!LIFECYCLE_RIGHTS[before.lifecycle].mayConnect) {
          throw new GatewayError(
            'CONFLICT',
            bilingual('registry.notInService', { lifecycle: bothNames('lifecycle', [before.lifecycle]) }),
          );
        }
        const { fields, errors } = readFields(input, { id, before, sealing: deps.sealing });
        const { secretHash, credentials: made } = renewSecret(before);
        const after: DeviceRecord = { ...before, ...fields, parentId: before.parentId, secretHash };
        errors.push(...(await takenNames(tx, [after], [undefined], deps)));
        refuse(errors);
        await saveTurns(tx, actor, [{ before, after }], { what: 'replaced', reason }, deps);
        await deps.reactions.onIssued?.(tx, [made]);
        await deps.registration.restartTrial(tx, after.key);
        await deps.reactions.onReplaced?.(tx, after.key);
        return { change: { before, after }, credentials: made };
      });
      await followTurns([change], 'replaced', deps);
      deps.reactions.probeNow(change.after.key);
      return { device: await show(actor, id), credentials };
    },

    async rotateCredentials(actor: Actor, id: string): Promise<DeviceCredentials> {
      requireRight(actor, 'devices', 'update');
      const { change, credentials } = await db.transaction(async (tx) => {
        const before = await lockOne(tx, actor, id);
        const { secretHash, credentials: made } = renewSecret(before);
        const after = { ...before, secretHash };
        await saveTurns(tx, actor, [{ before, after }], { what: 'credentialsRotated', reason: null }, deps);
        await deps.reactions.onIssued?.(tx, [made]);
        return { change: { before, after }, credentials: made };
      });
      await followTurns([change], 'credentialsRotated', deps);
      return credentials;
    },
  };
}
