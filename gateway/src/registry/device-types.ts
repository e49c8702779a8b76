import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import {
  type Decoded,
  type DecodeInput,
  type DeviceType,
  decodeMessage,
  metricInfo,
  ownFilters,
  type Title,
  type TopicCandidate,
  topicMatcher,
} from '../domain/device-type/index.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { buildType, type FileFault, faultLine, listTypeFiles, parseSource, readTypeFile } from './device-type-file.ts';

/** All device types by id; what ingest, monitor and the API ask. Lookups are synchronous and from memory. */
export interface DeviceTypeCatalogue {
  get(id: string): DeviceType | undefined;
  /** What was wrong with uploaded files at the start; their types are not served. */
  readonly uploadFaults: readonly FileFault[];
  /** Sorted by id. */
  list(): readonly DeviceType[];
  /** Whether the type came with the product (and cannot be replaced by an upload). */
  isBuiltIn(id: string): boolean;
  /** Types whose own topics fit, with captures; a device login has none (it speaks `cgw/v1/…`). */
  forTopic(principal: 'device' | 'vendor' | 'broker', topic: string): readonly TopicCandidate<DeviceType>[];
  /** Type ids for {@link forTopic} of a login that speaks for many devices. */
  typesForTopic(topic: string): readonly string[];
  /** Decodes by type; undefined when the type is unknown. */
  decode(typeId: string, input: DecodeInput): Decoded | undefined;
  /** MQTT filters below which a device of its type may publish beside `cgw/v1/{id}/…`. */
  ownTopics(device: { type: string; id: string; serial: string | null; externalId: string | null }): readonly string[];
  /** UCUM unit of a stored metric name such as `ports.3.current`. */
  unitOf(typeId: string, metric: string): string | undefined;
  /** What the type calls an alarm or event of its own. */
  titleOf(typeId: string, code: string): Title | undefined;
  /**
   * Milliseconds after which a message of this type is history (补报): its shortest freshness window, but not less than the
   * silence after which the device is judged offline. A battery that is fresh for days must not make old readings live.
   */
  lateAfter(typeId: string): number;
  /** Adds a type from YAML, JSON text or an object, or replaces one added before; runs its examples first. */
  add(source: unknown): Promise<AddResult>;
}

export type AddResult =
  | { readonly ok: true; readonly type: DeviceType; readonly created: boolean }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export interface LoadOptions {
  /** Folder of the uploaded types, read at start and written by `add`; absent = uploads live until the restart. */
  readonly uploads?: string;
}

/**
 * Loads every device-type file of a folder. A bad file stops the start with INVALID_CONFIG, naming file, line, path, rule and
 * remedy of each fault, because a type that is silently missing would quarantine all its devices. A bad upload does not stop
 * the start (an upgrade may know more rules than the one who uploaded it); it stands in `uploadFaults`.
 */
export async function loadDeviceTypes(dir: string, options: LoadOptions = {}): Promise<DeviceTypeCatalogue> {
  const types = new Map<string, DeviceType>();
  const load = async (root: string) => {
    const faults: FileFault[] = [];
    for (const file of await listTypeFiles(root)) {
      const result = await readTypeFile(file, root);
      if (!result.ok) faults.push(...result.faults);
      else if (types.has(result.type.id)) faults.push(duplicate(file, result.type.id));
      else types.set(result.type.id, result.type);
    }
    return faults;
  };
  const faults = await load(dir);
  if (faults.length > 0) throw new GatewayError('INVALID_CONFIG', faults.map(faultLine).join('\n'), { errors: faults });
  const builtIn: ReadonlySet<string> = new Set(types.keys());
  if (builtIn.size === 0) {
    throw new GatewayError('INVALID_CONFIG', `${dir}: 没有设备类型文件 / no device-type file found`);
  }
  if (options.uploads === undefined) return createCatalogue(types, builtIn, undefined, []);
  await mkdir(options.uploads, { recursive: true });
  return createCatalogue(types, builtIn, options.uploads, await load(options.uploads));
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

function createCatalogue(
  types: Map<string, DeviceType>,
  builtIn: ReadonlySet<string>,
  uploads: string | undefined,
  uploadFaults: readonly FileFault[],
): DeviceTypeCatalogue {
  let match = topicMatcher(types.values());
  const late = new Map<string, number>();
  const register = (type: DeviceType) => {
    types.set(type.id, type);
    match = topicMatcher(types.values());
    late.delete(type.id);
  };
  return {
    uploadFaults,
    get: (id) => types.get(id),
    list: () => [...types.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    isBuiltIn: (id) => builtIn.has(id),
    forTopic: (principal, topic) => match(principal, topic),
    typesForTopic: (topic) => match('vendor', topic).map(({ type }) => type.id),
    decode(typeId, input) {
      const type = types.get(typeId);
      return type && decodeMessage(type, input);
    },
    ownTopics(device) {
      const type = types.get(device.type);
      return type ? ownFilters(type.definition, device) : [];
    },
    unitOf(typeId, metric) {
      const type = types.get(typeId);
      return type && metricInfo(type, metric)?.unit;
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
    async add(source) {
      const parsed = typeof source === 'string' ? parseSource(source) : { value: source, errors: [] };
      if (parsed.errors.length > 0) return { ok: false, errors: parsed.errors };
      const built = buildType(parsed.value);
      if (!built.ok) return built;
      const { type } = built;
      if (builtIn.has(type.id)) {
        const message = `${type.id} 是内置类型，请换一个 id / is built in; choose another id`;
        return { ok: false, errors: [{ path: '/id', code: 'CONFLICT', message }] };
      }
      const created = !types.has(type.id);
      if (uploads !== undefined) await keep(uploads, type, source);
      register(type);
      return { ok: true, type, created };
    },
  };
}

function lateWindow(type: DeviceType): number {
  const windows = [...type.metrics.values()].flatMap(({ freshWithin }) => freshWithin ?? []);
  return Math.max(type.health.offlineAfter, windows.length > 0 ? Math.min(...windows) : 0);
}

/** Written beside and renamed, so that a crash leaves the old file or the new one. */
async function keep(uploads: string, type: DeviceType, source: unknown): Promise<void> {
  const file = join(uploads, `${type.id}.yaml`);
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, typeof source === 'string' ? source : stringify(source), { mode: 0o640 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function duplicate(file: string, id: string): FileFault {
  return {
    file,
    path: '/id',
    code: 'duplicate',
    message: `设备类型 ${id} 重复定义，请删去一个 / device type ${id} is defined twice; remove one`,
  };
}
