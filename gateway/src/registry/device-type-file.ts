import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { Decode } from '../../../device-schemas/decode.ts';
import { compileDeviceType, type DeviceType, runExamples } from '../domain/device-type/index.ts';
import { type FieldError, isGatewayError } from '../errors.ts';

/** Larger definitions are refused before they are parsed. */
const MAX_SOURCE = 256 * 1024;

export interface Parsed {
  readonly value: unknown;
  readonly errors: readonly FieldError[];
  /** Line of a JSON Pointer in the source, 1-based; undefined when it is not there. */
  lineOf(pointer: string): number | undefined;
}

/** Parses YAML (or JSON, which is YAML) without aliases, so that no alias bomb can grow. */
export function parseSource(source: string): Parsed {
  if (Buffer.byteLength(source) > MAX_SOURCE) {
    return failed('size', `文件过大，上限 ${MAX_SOURCE / 1024} KiB / larger than ${MAX_SOURCE / 1024} KiB`);
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true, prettyErrors: true });
  const errors = document.errors.map(({ message }) => ({
    path: '/',
    code: 'yaml',
    message: `YAML 有误 / ${message.trim()}`,
  }));
  if (errors.length > 0) return { value: undefined, errors, lineOf: () => undefined };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return failed('yaml', '不允许使用 YAML 别名 (&、*) / YAML aliases are not allowed; write the text out');
  }
  return {
    value,
    errors,
    lineOf(pointer) {
      const path = pointer
        .split('/')
        .slice(1)
        .filter((part) => part !== '');
      for (let length = path.length; length > 0; length--) {
        const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1).map(index), true);
        const last = path[length - 1];
        const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === last) : undefined;
        const node = (pair?.key ?? document.getIn(path.slice(0, length).map(index), true)) as
          | { range?: [number] }
          | undefined;
        if (node?.range) return lines.linePos(node.range[0]).line;
      }
      return undefined;
    },
  };
}

function index(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

function failed(code: string, message: string): Parsed {
  return { value: undefined, errors: [{ path: '/', code, message }], lineOf: () => undefined };
}

export type Built =
  | { readonly ok: true; readonly type: DeviceType }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Compiles a definition and runs its examples. */
export function buildType(value: unknown, decode?: Decode): Built {
  let type: DeviceType;
  try {
    type = compileDeviceType(value, decode ? { decode } : {});
  } catch (error) {
    if (isGatewayError(error, 'INVALID_INPUT')) return { ok: false, errors: error.errors };
    throw error;
  }
  const errors = runExamples(type);
  return errors.length === 0 ? { ok: true, type } : { ok: false, errors };
}

export interface FileFault extends FieldError {
  readonly file: string;
  readonly line?: number;
}

export type FileResult =
  | { readonly ok: true; readonly type: DeviceType }
  | { readonly ok: false; readonly faults: readonly FileFault[] };

/** Reads one file with the decoder beside it. `root` given: the path below it must be the id. */
export async function readTypeFile(file: string, root?: string): Promise<FileResult> {
  const parsed = parseSource(await readFile(file, 'utf8'));
  const fault = (error: FieldError): FileFault => {
    const line = parsed.lineOf(error.path);
    return line === undefined ? { file, ...error } : { file, line, ...error };
  };
  if (parsed.errors.length > 0) return { ok: false, faults: parsed.errors.map(fault) };
  const wantsDecoder = typeof parsed.value === 'object' && parsed.value !== null && 'decode' in parsed.value;
  const decoder = wantsDecoder ? await loadDecoder(file) : undefined;
  if (decoder && 'path' in decoder) return { ok: false, faults: [fault(decoder)] };
  const built = buildType(parsed.value, decoder?.decode);
  if (!built.ok) return { ok: false, faults: built.errors.map(fault) };
  const expected =
    root &&
    relative(root, file)
      .split(sep)
      .join('/')
      .replace(/\.ya?ml$/, '');
  if (expected !== undefined && built.type.id !== expected) {
    const message = `id 应为 ${expected}，与文件路径一致 / the id must be the path of the file: ${expected}`;
    return { ok: false, faults: [fault({ path: '/id', code: 'id', message })] };
  }
  return built;
}

async function loadDecoder(file: string): Promise<{ decode: Decode } | FieldError | undefined> {
  const name = basename(file).replace(/\.ya?ml$/, '.decode.ts');
  const path = join(dirname(resolve(file)), name);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  try {
    const module: { decode?: unknown } = await import(pathToFileURL(path).href);
    if (typeof module.decode === 'function') return { decode: module.decode as Decode };
    const message = `${name} 没有导出 decode 函数 / ${name} exports no function named decode`;
    return { path: '/decode', code: 'decode', message };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      path: '/decode',
      code: 'decode',
      message: `${name} 无法加载 / ${name} cannot be loaded: ${reason}`,
    };
  }
}

/** Every device-type file below a folder, sorted. */
export async function listTypeFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A fault as one line of a terminal: file:line, path, what and how to put it right. */
export function faultLine(fault: FileFault): string {
  const place = fault.line === undefined ? fault.file : `${fault.file}:${fault.line}`;
  return `${place}  ${fault.path}  [${fault.code}]  ${fault.message}`;
}
