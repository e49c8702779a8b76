import type { Lifecycle } from '../domain/device.ts';
import {
  type Decoded,
  type DecodeInput,
  type DeviceType,
  decodeMessage,
  type Identity,
  metricInfo,
  ownFilters,
  type Title,
  type TopicCandidate,
  topicMatcher,
} from '../domain/device-type/index.ts';
import type { Scope } from '../domain/scope.ts';
import { GatewayError } from '../errors.ts';
import { type FileFault, faultLine, listTypeFiles, readTypeFile } from './device-type-file.ts';

/** An uploaded type as it is served: to devices in service, and to its owner's devices on trial. */
export interface Upload {
  readonly id: string;
  /** Owner; null = the operations centre. */
  readonly vendorId: string | null;
  /** Every vendor may use it. */
  readonly shared: boolean;
  readonly approved: DeviceType | null;
  /** Submitted and not decided: only for trial devices of the owner. */
  readonly trial: DeviceType | null;
}

/** All device types by id; what ingest, monitor and the API ask. Lookups are synchronous and from memory. */
export interface DeviceTypeCatalogue {
  /** The type as devices in service have it; one that was never approved answers as it was submitted. */
  get(id: string): DeviceType | undefined;
  /** Sorted by id. */
  list(): readonly DeviceType[];
  /** Whether the type came with the product (and cannot be replaced by an upload). */
  isBuiltIn(id: string): boolean;
  /** Whether devices in service may be of this type. */
  isApproved(id: string): boolean;
  /** Whether somebody with this scope may see and use the type: built in, shared or one's own. */
  isVisible(id: string, scope: Scope): boolean;
  /** Types whose own topics fit, with captures; a device login has none (it speaks `cgw/v1/…`). */
  forTopic(
    principal: 'device' | 'vendor' | 'broker',
    topic: string,
    vendorId?: string,
  ): readonly TopicCandidate<DeviceType>[];
  /** Type ids for {@link forTopic} of a login that speaks for many devices; those of other vendors are never asked. */
  typesForTopic(topic: string, vendorId?: string): readonly string[];
  /** Whether a text of this type is on trial beside (or before) the approved one. */
  onTrial(typeId: string): boolean;
  /** Which device the topic alone names. */
  identityIn(typeId: string, topic: string): Identity | undefined;
  /** Decodes by type; a device on trial by what its vendor submitted last. undefined when the type is unknown. */
  decode(typeId: string, input: DecodeInput, device?: { readonly lifecycle: Lifecycle }): Decoded | undefined;
  /** MQTT filters below which a device of its type may publish beside `cgw/v1/{id}/…`. */
  ownTopics(device: {
    type: string;
    id: string;
    serial: string | null;
    externalId: string | null;
    lifecycle?: Lifecycle;
  }): readonly string[];
  /** UCUM unit of a stored metric name such as `ports.3.current`. */
  unitOf(typeId: string, metric: string): string | undefined;
  /** What the type calls an alarm or event of its own. */
  titleOf(typeId: string, code: string): Title | undefined;
  /**
   * Milliseconds after which a message of this type is history (补报): its shortest freshness window, but not less than the
   * silence after which the device is judged offline. A battery that is fresh for days must not make old readings live.
   */
  lateAfter(typeId: string): number;
  /** Serves these uploads from now on, and no others. */
  serve(uploads: readonly Upload[]): void;
}

/**
 * Loads every device-type file of a folder. A bad file stops the start with INVALID_CONFIG, naming file, line, path, rule and
 * remedy of each fault, because a type that is silently missing would quarantine all its devices.
 */
export async function loadDeviceTypes(dir: string): Promise<DeviceTypeCatalogue> {
  const types = new Map<string, DeviceType>();
  const faults: FileFault[] = [];
  for (const file of await listTypeFiles(dir)) {
    const result = await readTypeFile(file, dir);
    if (!result.ok) faults.push(...result.faults);
    else if (types.has(result.type.id)) faults.push(duplicate(file, result.type.id));
    else types.set(result.type.id, result.type);
  }
  if (faults.length > 0) throw new GatewayError('INVALID_CONFIG', faults.map(faultLine).join('\n'), { errors: faults });
  if (types.size === 0) {
    throw new GatewayError('INVALID_CONFIG', `${dir}: 没有设备类型文件 / no device-type file found`);
  }
  return createCatalogue(types);
}

/** For `device-type check <file>`: what to print, and whether the file is good. */
export async function checkDeviceTypeFile(
  path: string,
): Promise<{ readonly ok: boolean; readonly lines: readonly string[] }> {
  let result: Awaited<ReturnType<typeof readTypeFile>>;
  try {
    result = await readTypeFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { ok: false, lines: [`${path}  无法读取 / cannot be read: ${message}`] };
  }
  if (!result.ok) {
    return {
      ok: false,
      lines: [...result.faults.map(faultLine), `共 ${result.faults.length} 处问题 / ${result.faults.length} fault(s)`],
    };
  }
  const { id, title, metrics, events, alarms, definition } = result.type;
  return {
    ok: true,
    lines: [
      `${id}  ${title.zh} / ${title.en}`,
      `指标 metrics ${metrics.size} · 事件 events ${events.size} · 告警 alarms ${alarms.length} · 样例 examples ${definition.examples.length}`,
      '通过 / OK',
    ],
  };
}

function createCatalogue(builtIn: ReadonlyMap<string, DeviceType>): DeviceTypeCatalogue {
  let uploads = new Map<string, Upload>();
  let types = new Map(builtIn);
  let match = topicMatcher(types.values());
  const late = new Map<string, number>();
  const mayUse = (id: string, vendorId: string): boolean => {
    const upload = uploads.get(id);
    return builtIn.has(id) || (upload !== undefined && (upload.shared || upload.vendorId === vendorId));
  };
  /** What counts for one device: on trial the newest text of its vendor, in service only what was approved. */
  const forDevice = (id: string, lifecycle: Lifecycle | undefined): DeviceType | undefined => {
    const upload = uploads.get(id);
    if (!upload || lifecycle === undefined) return types.get(id);
    const onTrial = lifecycle === 'trial' || lifecycle === 'pending';
    return (onTrial ? (upload.trial ?? upload.approved) : upload.approved) ?? undefined;
  };
  const forTopic: DeviceTypeCatalogue['forTopic'] = (principal, topic, vendorId) => {
    const found = match(principal, topic);
    return vendorId === undefined ? found : found.filter(({ type }) => mayUse(type.id, vendorId));
  };
  return {
    get: (id) => types.get(id),
    list: () => [...types.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    isBuiltIn: (id) => builtIn.has(id),
    isApproved: (id) => builtIn.has(id) || (uploads.get(id)?.approved ?? null) !== null,
    isVisible: (id, scope) => types.has(id) && (scope.kind !== 'vendor' || mayUse(id, scope.vendorId)),
    forTopic,
    // A type on trial beside its approved one matches twice; it is asked once.
    typesForTopic: (topic, vendorId) => [...new Set(forTopic('vendor', topic, vendorId).map(({ type }) => type.id))],
    onTrial: (typeId) => (uploads.get(typeId)?.trial ?? null) !== null,
    identityIn: (typeId, topic) =>
      match('vendor', topic).find(({ type, identity }) => type.id === typeId && identity)?.identity,
    decode(typeId, input, device) {
      const type = forDevice(typeId, device?.lifecycle);
      return type && decodeMessage(type, input);
    },
    ownTopics(device) {
      const type = forDevice(device.type, device.lifecycle);
      return type ? ownFilters(type.definition, device) : [];
    },
    unitOf(typeId, metric) {
      const type = types.get(typeId);
      return type && (metricInfo(type, metric) ?? trialMetric(uploads.get(typeId), metric))?.unit;
    },
    titleOf(typeId, code) {
      const type = types.get(typeId);
      return type?.alarms.find((rule) => rule.code === code)?.title ?? type?.events.get(code)?.title;
    },
    lateAfter(typeId) {
      const type = types.get(typeId);
      if (!type) return 0;
      const known = late.get(typeId) ?? lateWindow(type);
      late.set(typeId, known);
      return known;
    },
    serve(served) {
      const kept = served.filter(({ id, approved, trial }) => !builtIn.has(id) && (approved ?? trial) !== null);
      uploads = new Map(kept.map((upload) => [upload.id, upload]));
      types = new Map(builtIn);
      for (const { id, approved, trial } of kept) {
        const type = approved ?? trial;
        if (type) types.set(id, type);
      }
      const trials = kept.flatMap(({ approved, trial }) => (approved && trial ? [trial] : []));
      match = topicMatcher([...types.values(), ...trials]);
      late.clear();
    },
  };
}

function trialMetric(upload: Upload | undefined, metric: string) {
  return upload?.trial ? metricInfo(upload.trial, metric) : undefined;
}

function lateWindow(type: DeviceType): number {
  const windows = [...type.metrics.values()].flatMap(({ freshWithin }) => freshWithin ?? []);
  return Math.max(type.health.offlineAfter, windows.length > 0 ? Math.min(...windows) : 0);
}

function duplicate(file: string, id: string): FileFault {
  return {
    file,
    path: '/id',
    code: 'duplicate',
    message: `设备类型 ${id} 重复定义，请删去一个 / device type ${id} is defined twice; remove one`,
  };
}
