import type { DeviceBrief } from '../domain/device.ts';
import { LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { Decoded, DecodedItem, DirectoryPort, SpoolRecord, TypesPort } from './ports.ts';

export interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly device?: DeviceBrief;
  /** The device's own number of the message, when it could be read. */
  readonly msgId?: string;
}

export type Identified =
  | {
      readonly ok: true;
      readonly items: readonly { readonly device: DeviceBrief; readonly item: DecodedItem }[];
      readonly refused: readonly Refused[];
    }
  | { readonly ok: false; readonly refused: Refused };

const CONTRACT_TOPIC = /^cgw\/v1\/([^/]+)\//;

/** Finds the device(s) a message speaks of and decodes it by their type. */
export function identify(
  record: SpoolRecord,
  directory: DirectoryPort,
  types: TypesPort,
  foreign?: (vendorId: string, deviceId: string) => void,
): Identified {
  const own = ownDevice(record, directory);
  if (own) return decodeFor(own, record, types, directory);
  const named = CONTRACT_TOPIC.exec(record.topic)?.[1];
  if (named === undefined) return byTypeTopics(record, directory, types, foreign);
  const device = directory.byId(named);
  const vendorId = vendorOf(record);
  if (!device || (vendorId !== undefined && device.vendorId !== vendorId)) {
    if (device && vendorId !== undefined) foreign?.(vendorId, device.id);
    return refuse('UNKNOWN_DEVICE', `no device '${named}' of this login`);
  }
  return decodeFor(device, record, types, directory);
}

function ownDevice(record: SpoolRecord, directory: DirectoryPort): DeviceBrief | undefined {
  return record.principal.startsWith('device:') ? directory.byId(record.principal.slice(7)) : undefined;
}

/** Vendor id, null for none of them (an external broker speaks for all), undefined for the same reason. */
function vendorOf(record: SpoolRecord): string | undefined {
  return record.principal.startsWith('vendor:') ? record.principal.slice(7) : undefined;
}

function decodeFor(device: DeviceBrief, record: SpoolRecord, types: TypesPort, directory: DirectoryPort): Identified {
  const refusal = lifecycleRefusal(device);
  if (refusal) return { ok: false, refused: refusal };
  const decoded = types.decode(device.type, record, device);
  if (!decoded) return refuse('UNKNOWN_TYPE', `device type '${device.type}' has no approved version`, device);
  if (!decoded.ok) return { ok: false, refused: refusalOf(decoded, device) };
  const items = [];
  const refused: Refused[] = [];
  for (const item of decoded.items) {
    if (item.identity && !isDevice(item, device, directory)) {
      refused.push({
        code: 'IDENTITY_MISMATCH',
        detail: `the payload names ${item.identity.match} '${item.identity.value}'`,
        device,
      });
    } else items.push({ device, item });
  }
  return { ok: true, items, refused };
}

function refusalOf({ code, detail, msgId }: Decoded & { ok: false }, device: DeviceBrief): Refused {
  return { code, detail, device, ...(msgId === undefined ? {} : { msgId }) };
}

function isDevice(item: DecodedItem, device: DeviceBrief, directory: DirectoryPort): boolean {
  return resolve(item, device.vendorId, directory)?.key === device.key;
}

function resolve(
  item: Pick<DecodedItem, 'identity'>,
  vendorId: string | null,
  directory: DirectoryPort,
): DeviceBrief | undefined {
  if (!item.identity) return undefined;
  const { match, value } = item.identity;
  if (match === 'id') return directory.byId(value);
  return match === 'serial' ? directory.bySerial(value, vendorId) : directory.byExternalId(value, vendorId);
}

/** Foreign topics: the types that know the topic are asked in turn; the first whose identity is a device of theirs wins. */
function byTypeTopics(
  record: SpoolRecord,
  directory: DirectoryPort,
  types: TypesPort,
  foreign: ((vendorId: string, deviceId: string) => void) | undefined,
): Identified {
  const vendorId = vendorOf(record);
  const candidates = types.typesForTopic(record.topic, vendorId);
  if (candidates.length === 0) return refuse('UNKNOWN_TOPIC', 'no device type knows this topic');
  let refused: Refused = {
    code: 'UNKNOWN_DEVICE',
    detail: 'no device of this login matches the identity in the message',
  };
  let told = false;
  const tell = (vendor: string, deviceId: string) => {
    if (!told) foreign?.(vendor, deviceId);
    told = true;
  };
  for (const type of candidates) {
    for (const stage of types.onTrial?.(type) ? STAGES : ANY_STAGE) {
      const found = byType({ type, stage, vendorId, tell }, record, directory, types);
      if (found?.ok || found?.refused.device) return found;
      if (found) refused = found.refused;
    }
  }
  return { ok: false, refused };
}

/** One type's reading of a message for the devices it speaks of; a refusal without a device when it is not theirs. */
function byType(
  asked: {
    readonly type: string;
    readonly stage: Stage;
    readonly vendorId: string | undefined;
    /** Hears of a device that is another vendor's. */
    readonly tell: (vendorId: string, deviceId: string) => void;
  },
  record: SpoolRecord,
  directory: DirectoryPort,
  types: TypesPort,
): Identified | undefined {
  const { type, stage, vendorId } = asked;
  const own = (item: Pick<DecodedItem, 'identity'>): DeviceBrief | undefined => {
    const device = resolve(item, vendorId ?? null, directory);
    // A serial or external id is looked up among the vendor's own; whose it is otherwise is for the audit only.
    const named = vendorId === undefined ? undefined : (device ?? resolve(item, null, directory));
    if (named && vendorId !== undefined && named.vendorId !== vendorId) asked.tell(vendorId, named.id);
    if (!device || device.type !== type || (vendorId !== undefined && device.vendorId !== vendorId)) return undefined;
    const onTrial = device.lifecycle === 'trial' || device.lifecycle === 'pending';
    return stage === undefined || (stage === 'trial') === onTrial ? device : undefined;
  };
  const decoded = types.decode(type, record, stage && { lifecycle: stage });
  if (!decoded) return undefined;
  if (!decoded.ok) {
    // The payload may name its device although nothing of it can be stored, the topic although it cannot even be read.
    const identity = decoded.identity ?? types.identityIn?.(type, record.topic);
    const device = identity && own({ identity });
    if (device) return { ok: false, refused: refusalOf(decoded, device) };
    return { ok: false, refused: { code: decoded.code, detail: decoded.detail } };
  }
  const found = decoded.items.flatMap((item) => {
    const device = own(item);
    return device ? [{ device, item }] : [];
  });
  if (found.length === 0) return undefined;
  const blocked = found.flatMap(({ device }) => lifecycleRefusal(device) ?? []);
  const items = found.filter(({ device }) => !lifecycleRefusal(device));
  const [first] = blocked;
  return items.length === 0 && first ? { ok: false, refused: first } : { ok: true, items, refused: blocked };
}

type Stage = 'active' | 'trial' | undefined;
const ANY_STAGE: readonly Stage[] = [undefined];
/** A type with a text on trial reads one message in two ways, each for its own devices. */
const STAGES: readonly Stage[] = ['active', 'trial'];

/** What may not be stored for the stage its device is in. A retired device that still sends is a zombie. */
function lifecycleRefusal(device: DeviceBrief): Refused | undefined {
  if (LIFECYCLE_RIGHTS[device.lifecycle].stored) return undefined;
  const code = device.lifecycle === 'retired' ? 'ZOMBIE' : 'LIFECYCLE';
  return { code, detail: `the device is ${device.lifecycle}`, device };
}

function refuse(code: string, detail: string, device?: DeviceBrief): Identified {
  return { ok: false, refused: device ? { code, detail, device } : { code, detail } };
}
