import { parseDuration } from '../duration.ts';
import type { ByteFieldDefinition, CommandDefinition, DeviceTypeDefinition, TopicDefinition } from './grammar.ts';
import { isZone } from './time.ts';
import { timePatternFault } from './time-pattern.ts';

/** Takes one fault: where it is, which rule, and what to do. */
export type Report = (path: string, code: string, message: string) => void;

/** Fields one message may make a type read; a stranger's type must not cost more than our own. */
const MAX_FIELDS = 8_192;
const MAX_COMMAND_TIMEOUT_MS = 600_000;
const DIGIT_TYPES = new Set(['bcd', 'bcdText', 'hexText', 'ascii']);

/** How payloads are cut up: frames, topics, times, parts; and commands. */
export function checkShapes(definition: DeviceTypeDefinition, report: Report): void {
  for (const [index, topic] of (definition.topics ?? []).entries()) {
    if (typeof topic !== 'string') checkTopic(`/topics/${index}`, topic, report);
  }
  const { frame, identify, time } = definition;
  for (const it of frame === undefined ? [] : Array.isArray(frame) ? frame : [frame]) checkSource('/frame', it, report);
  if (typeof identify?.from === 'object') checkBytes('/identify/from', identify.from, report);
  if (time) checkTime(time, report);
  checkParts(definition, report);
  for (const [name, command] of Object.entries(definition.commands ?? {})) {
    checkCommand(`/commands/${name}`, command, report);
  }
}

function checkTopic(path: string, topic: Exclude<TopicDefinition, string>, report: Report): void {
  const { format = 'json', split, inner, pairs, list } = topic;
  const only = (name: string, wanted: string) =>
    report(`${path}/${name}`, name, `只用于 format: ${wanted} / ${name} goes with format: ${wanted} only`);
  if (split && format !== 'text') only('split', 'text');
  if (inner && format !== 'json') only('inner', 'json');
  if (pairs && format !== 'json') only('pairs', 'json');
  if (list !== undefined && list !== false && format !== 'json') only('list', 'json');
  if (topic.topic.startsWith('cgw/') && (split || inner || pairs || list || topic.body || topic.format)) {
    report(path, 'topic', '城运网关主题的格式是固定的 / the format of a cgw/ topic is fixed; remove the other fields');
  }
}

function checkTime(time: NonNullable<DeviceTypeDefinition['time']>, report: Report): void {
  const { from, format, pattern, zone } = time;
  if (format === 'local' && zone === undefined)
    report(
      '/time/zone',
      'time',
      '本地时间必须写时区，例如 Asia/Shanghai / format local needs a zone, e.g. Asia/Shanghai',
    );
  if (zone !== undefined && !isZone(zone))
    report('/time/zone', 'time', `没有时区 ${zone} / unknown time zone; use an IANA name such as Asia/Shanghai`);
  if (pattern !== undefined) {
    const fault = format === 'local' ? timePatternFault(pattern) : 'pattern goes with format: local only';
    if (fault) report('/time/pattern', 'time', `时间写法有误 / ${fault}`);
  }
  if (typeof from === 'object' && !Array.isArray(from)) checkBytes('/time/from', from, report);
}

function checkParts(definition: DeviceTypeDefinition, report: Report): void {
  let fields = Object.keys(definition.metrics ?? {}).length;
  for (const [name, part] of Object.entries(definition.components ?? {})) {
    fields += part.max * Object.keys(part.metrics).length;
    if (part.index !== undefined && part.key !== undefined)
      report(`/components/${name}/index`, 'index', 'key 与 index 只能写一个 / give key or index, not both');
  }
  if (fields > MAX_FIELDS) {
    const remedy = `lower max of the components; at most ${MAX_FIELDS} fields a message`;
    report('/components', 'size', `一条消息的字段过多（${fields}），请减小 max / ${fields} fields: ${remedy}`);
  }
}

/** A byte field by itself: one source, and only what goes with its type. */
export function checkBytes(path: string, field: ByteFieldDefinition, report: Report): void {
  checkSource(path, field, report);
  const { type, length, bit, bits, endian } = field;
  const digits = DIGIT_TYPES.has(type);
  if (digits !== (length !== undefined)) {
    report(
      path,
      'bytes',
      `length 只用于且必须用于 bcd、hexText、ascii 等 / length goes with ${[...DIGIT_TYPES].join(', ')} only`,
    );
  }
  if (bit !== undefined && bits) report(path, 'bytes', 'bit 与 bits 只能写一个 / give bit or bits, not both');
  if ((bit !== undefined || bits) && (digits || type.startsWith('float')))
    report(path, 'bytes', '位字段须为整数类型 / bits are taken of integers only');
  if (endian?.endsWith('Swapped') && !/32|64/.test(type))
    report(path, 'bytes', '字交换只用于 32、64 位类型 / word order matters for 32 and 64 bits only');
}

function checkSource(path: string, source: { hex?: string; base64?: string; bytes?: string }, report: Report): void {
  const given = [source.hex, source.base64, source.bytes].filter((it) => it !== undefined);
  if (given.length !== 1)
    report(path, 'bytes', 'hex、base64、bytes 必须且只能写一个 / give exactly one of hex, base64, bytes');
}

function checkCommand(path: string, command: CommandDefinition, report: Report): void {
  const timeout = command.timeout === undefined ? undefined : parseDuration(command.timeout);
  if (timeout !== undefined && (timeout < 1_000 || timeout > MAX_COMMAND_TIMEOUT_MS))
    report(`${path}/timeout`, 'timeout', '须在 1s 与 10m 之间 / must be between 1s and 10m');
  for (const [name, param] of Object.entries(command.params ?? {})) {
    const at = `${path}/params/${name}`;
    const numeric = [param.unit, param.min, param.max, param.integer].some((it) => it !== undefined);
    if (param.type !== 'number' && numeric)
      report(at, 'param', '只有数值才有单位和范围 / only type number has unit, min, max and integer');
    if (param.min !== undefined && param.max !== undefined && param.min >= param.max)
      report(`${at}/max`, 'range', 'max 必须大于 min / max must be above min');
    const kind = param.type === 'text' ? 'string' : param.type;
    if (param.values?.some((value) => typeof value !== kind))
      report(`${at}/values`, 'param', `取值须为 ${param.type} / values must be of type ${param.type}`);
  }
}
