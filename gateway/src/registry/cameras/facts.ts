import { isDeepStrictEqual } from 'node:util';
import { type Actor, SYSTEM } from '../../domain/actor.ts';
import type { CameraFacts } from '../../domain/camera.ts';
import { ARCHIVE_CODECS, type OwnArchive } from '../../domain/camera-archive.ts';
import type { CameraDevice, CameraView } from '../../domain/camera-record.ts';
import type { DeviceKey } from '../../domain/device.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import { bilingual, codeText } from '../../messages/index.ts';
import { cameraView, differencesOf, mainCodec } from './archive.ts';
import type { CamerasDeps, CameraTarget, Described } from './ports.ts';

const DEADLINE_MS = 15_000;

/** What cameras say of themselves: read, kept, and filled into empty fields of the archive. */
export interface CameraFactReader {
  /** Asks the camera now. Throws NOT_FOUND, UNPROCESSABLE (no connection) and UNAVAILABLE (the camera did not answer). */
  refresh(actor: Actor, id: string): Promise<CameraView>;
  /** Asks and keeps what came; a camera that does not answer keeps its old facts and the reason. */
  read(target: CameraTarget, signal: AbortSignal): Promise<Described>;
  /** Keeps facts somebody else has read. */
  keep(device: DeviceKey, facts: CameraFacts): Promise<void>;
}

export function createCameraFacts(
  deps: CamerasDeps & {
    /** Every reading of facts, also those that changed nothing. */
    readonly onFacts: (device: DeviceKey, facts: CameraFacts) => Promise<void>;
  },
): CameraFactReader {
  const { db, store, clock, log } = deps;

  const one = async (tx: Tx, key: DeviceKey): Promise<CameraDevice | undefined> => (await store.byKeys(tx, [key]))[0];

  const keep = async (key: DeviceKey, facts: CameraFacts) => {
    const change = await db.transaction(async (tx) => {
      await store.saveFacts(tx, key, facts);
      const found = await one(tx, key);
      if (!found) return undefined;
      await fillOwn(tx, found, facts);
      await noteForeignSerial(tx, found);
      return found;
    });
    if (change && change.device.serial === null && facts.serial !== null) await fillSerial(change, facts.serial);
    await deps.onFacts(key, facts);
  };

  /** Only what is empty; a person's entry stays, and where it differs both are shown. */
  const fillOwn = async (tx: Tx, { device, camera }: CameraDevice, facts: CameraFacts) => {
    const codec = mainCodec(facts);
    const offered: OwnArchive = {
      ...line('manufacturer', facts.manufacturer),
      ...line('model', facts.model),
      ...(isArchiveCodec(codec) ? { codec } : {}),
    };
    const filled = Object.keys(offered).filter((field) => camera.archive[field as keyof OwnArchive] === undefined);
    if (filled.length === 0) return;
    const added = Object.fromEntries(Object.entries(offered).filter(([field]) => filled.includes(field)));
    await store.saveArchive(tx, device.key, {
      archive: { ...camera.archive, ...added },
      prefilled: [...camera.prefilled, ...filled],
    });
    await deps.history.addTurns(tx, [
      {
        device: device.key,
        at: clock.now(),
        by: 'system',
        what: 'archive',
        reason: 'facts',
        before: {},
        after: added,
      },
    ]);
    await store.noteInUse(tx, [device.key], clock.now());
  };

  /** The serial stands in the device and may be another's; then it stays empty and a person looks. */
  const fillSerial = async ({ device }: CameraDevice, serial: string) => {
    try {
      const change = await db.transaction((tx) => deps.devices.change(tx, SYSTEM, device.id, { serial }));
      await deps.devices.follow([change]);
    } catch (error) {
      if (!isGatewayError(error, 'CONFLICT') && !isGatewayError(error, 'INVALID_INPUT')) throw error;
      log.warn({ deviceId: device.id, code: error.code }, 'the serial number a camera names is taken or unfit');
    }
  };

  /** Another serial than the registered one: the box was exchanged without 换机. Once on the timeline for each. */
  const noteForeignSerial = async (tx: Tx, { device, camera }: CameraDevice) => {
    const found = differencesOf(device, camera).find(({ field }) => field === 'serial');
    const foreignSerial = found?.camera ?? null;
    if (foreignSerial === (camera.watch.foreignSerial ?? null)) return;
    await store.saveWatch(tx, device.key, { foreignSerial });
    if (!found) return;
    log.warn({ deviceId: device.id }, 'a camera names another serial number than the registered one');
    const turn = { device: device.key, at: clock.now(), by: 'system', what: 'exchangedUnannounced', reason: null };
    await deps.history.addTurns(tx, [{ ...turn, before: { serial: found.archive }, after: { serial: found.camera } }]);
  };

  const ask = async (target: CameraTarget, signal: AbortSignal, insist: boolean): Promise<Described> => {
    const described = await deps.access.describe(target, { deadline: DEADLINE_MS, signal, insist });
    if (described.ok) await keep(target.deviceKey, withoutPassword(described.facts, target.connection.password));
    else await store.saveFactsError(db.autocommit, target.deviceKey, described.reason);
    return described;
  };

  /** Its round and its first viewer ask a new camera at once: two logins would be one too many for some. */
  const asking = new Map<DeviceKey, { readonly target: CameraTarget; readonly answer: Promise<Described> }>();
  const read = (target: CameraTarget, signal: AbortSignal, insist = false): Promise<Described> => {
    const key = target.deviceKey;
    const running = asking.get(key);
    if (running && isDeepStrictEqual(running.target.connection, target.connection)) return running.answer;
    const answer = ask(target, signal, insist).finally(() => {
      if (asking.get(key)?.answer === answer) asking.delete(key);
    });
    asking.set(key, { target, answer });
    return answer;
  };

  return {
    read: (target, signal) => read(target, signal),
    keep,
    async refresh(actor, id) {
      requireRight(actor, 'cameras', 'operate');
      const found = await store.get(db.autocommit, id, deps.cameraTypes(), actor.scope);
      if (!found) throw new GatewayError('NOT_FOUND');
      const [target] = await deps.targets([found.device.key]);
      if (!target) throw new GatewayError('UNPROCESSABLE', bilingual('camera.noConnection', { id }));
      const described = await read(target, AbortSignal.timeout(DEADLINE_MS), true);
      if (!described.ok) {
        const { reason } = described;
        const words = `${codeText('zh-CN', reason)} / ${codeText('en', reason)}`;
        throw new GatewayError('UNAVAILABLE', words, { extra: { reason } });
      }
      const after = await one(db.autocommit, found.device.key);
      if (!after) throw new GatewayError('NOT_FOUND');
      return cameraView(after);
    },
  };
}

const isArchiveCodec = (codec: string | null): codec is NonNullable<OwnArchive['codec']> =>
  ARCHIVE_CODECS.some((known) => known === codec);

/** A camera's own words may be blank, long or broken; what does not fit the archive is not filled in. */
function line(field: 'manufacturer' | 'model', value: string | null): OwnArchive {
  const text = value?.trim() ?? '';
  return text === '' || text.length > 100 || /\p{Cc}/u.test(text) ? {} : { [field]: text };
}

/** Some cameras put the password into the address of their stream; what is kept names only its place. */
export function withoutPassword(facts: CameraFacts, password: string | undefined): CameraFacts {
  const clean = (uri: string | null) => {
    if (uri === null) return null;
    const bare = uri.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1');
    if (!password) return bare;
    return bare.replaceAll(password, '{password}').replaceAll(encodeURIComponent(password), '{password}');
  };
  return {
    ...facts,
    streams: facts.streams.map((stream) => ({ ...stream, uri: clean(stream.uri) })),
    snapshotUri: clean(facts.snapshotUri),
  };
}
