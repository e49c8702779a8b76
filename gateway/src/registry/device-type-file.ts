import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Decode } from '../../../device-schemas/decode.ts';
import { compileDeviceType, type DeviceType, runExamples } from '../domain/device-type/index.ts';
import { type FieldError, isGatewayError } from '../errors.ts';
import { type Parsed, parseSource } from './device-type-source.ts';

export { parseSource } from './device-type-source.ts';

export type Built =
  | { readonly ok: true; readonly type: DeviceType }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Parses, compiles and runs the examples of a text; every fault with line and column. */
export function buildSource(source: string): Built {
  const parsed = parseSource(source);
  if (parsed.errors.length > 0) return { ok: false, errors: parsed.errors };
  const built = buildType(parsed.value);
  return built.ok ? built : { ok: false, errors: built.errors.map((error) => placed(error, parsed)) };
}

function placed(error: FieldError, parsed: Parsed): FieldError {
  return error.line === undefined ? { ...error, ...parsed.placeOf(error.path) } : error;
}

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
}

export type FileResult =
  | { readonly ok: true; readonly type: DeviceType }
  | { readonly ok: false; readonly faults: readonly FileFault[] };

/** Reads one file with the decoder beside it. `root` given: the path below it must be the id. */
export async function readTypeFile(file: string, root?: string): Promise<FileResult> {
  const parsed = parseSource(await readFile(file, 'utf8'));
  const fault = (error: FieldError): FileFault => ({ file, ...placed(error, parsed) });
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

/** A fault as one line of a terminal: file:line:column, path, what and how to put it right. */
export function faultLine(fault: FileFault): string {
  const place = fault.line === undefined ? fault.file : `${fault.file}:${fault.line}:${fault.column ?? 1}`;
  return `${place}  ${fault.path}  [${fault.code}]  ${fault.message}`;
}
