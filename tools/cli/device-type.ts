import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type DeviceType, type Explained, explainMessage } from '../../gateway/src/domain/device-type/index.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { readTypeFile } from '../../gateway/src/registry/device-type-file.ts';
import { checkDeviceTypeFile } from '../../gateway/src/registry/device-types.ts';

const OPTIONS = {
  topic: { type: 'string' },
  payload: { type: 'string' },
  'payload-file': { type: 'string' },
  encoding: { type: 'string' },
  payloads: { type: 'string' },
} as const;

/** As at ingest. */
const WINDOW = { pastMs: 90 * 86_400_000, futureMs: 600_000 };

/** `cgw device-type check`: 0 = good, 1 = at least one fault or refused message, 2 = called wrongly. */
export async function checkDeviceType(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [file] = positionals;
  const hasPayload = values.payload !== undefined || values['payload-file'] !== undefined;
  const wantsMore = hasPayload || values.payloads !== undefined;
  const fault =
    file === undefined
      ? 'cli.oneFile'
      : hasPayload !== (values.topic !== undefined) || (wantsMore && positionals.length > 1)
        ? 'cli.topicAndPayload'
        : undefined;
  if (fault || file === undefined) {
    console.error(bilingual(fault ?? 'cli.oneFile'));
    return 2;
  }
  let good = true;
  for (const path of positionals) {
    const { ok, lines } = await checkDeviceTypeFile(path);
    for (const line of lines) (ok ? console.log : console.error)(line);
    good &&= ok;
  }
  if (!good || !wantsMore) return good ? 0 : 1;
  const read = await readTypeFile(file);
  return read.ok && (await tryOut(read.type, values)) ? 0 : 1;
}

interface Messages {
  readonly topic?: string;
  readonly payload?: string;
  readonly 'payload-file'?: string;
  readonly encoding?: string;
  readonly payloads?: string;
}

/** Whether something of every message would be stored. */
async function tryOut(type: DeviceType, values: Messages): Promise<boolean> {
  let good = true;
  if (values.topic !== undefined) {
    const file = values['payload-file'];
    const payload = file === undefined ? bytesOf(values.payload ?? '', values.encoding) : await readFile(file);
    const explained = explain(type, values.topic, payload);
    for (const line of report(explained)) console.log(line);
    good = explained.accepted;
  }
  return (values.payloads === undefined || (await table(type, values.payloads))) && good;
}

/** Each line of the file is `{"topic","payload","payloadEncoding"}`; one line of the table each. */
async function table(type: DeviceType, path: string): Promise<boolean> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  let good = true;
  for (const [index, line] of lines.entries()) {
    const { topic, payload, payloadEncoding } = JSON.parse(line) as Record<string, unknown>;
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
    const encoding = typeof payloadEncoding === 'string' ? payloadEncoding : undefined;
    const explained = explain(type, String(topic), bytesOf(text, encoding));
    good &&= explained.accepted;
    console.log(
      `${String(index + 1).padStart(4)}  ${summary(explained).padEnd(12)}  ${String(topic)}  ${outcome(explained)}`,
    );
  }
  return good;
}

function explain(type: DeviceType, topic: string, payload: Uint8Array): Explained {
  return explainMessage(type, { topic, payload, receivedAt: Date.now() }, WINDOW);
}

function summary(explained: Explained): string {
  if (!explained.accepted) return '拒绝 refused';
  return explained.items.some(({ refused }) => refused.length > 0) ? '部分 partly' : '入库 stored';
}

function outcome({ items, refused }: Explained): string {
  const faults = [...refused, ...items.flatMap((item) => item.refused)];
  const readings = items.flatMap((item) => item.readings.map(({ metric, value }) => `${metric}=${value}`));
  const [first] = faults;
  return [readings.join(' '), first ? `${first.code} ${first.detail} → ${first.remedy.zh} / ${first.remedy.en}` : '']
    .filter((part) => part !== '')
    .join('  ');
}

function report(explained: Explained): string[] {
  return [summary(explained), ...explained.items.flatMap(itemLines), ...explained.refused.map(faultLine)];
}

function itemLines({ identity, msgId, time, ...item }: Explained['items'][number]): string[] {
  const named = identity ? `${identity.match} = ${identity.value}` : '–';
  const device = time.device === null ? '–' : new Date(time.device).toISOString();
  const skew = time.skew ? '  时钟偏差过大，按接收时间入库 / beyond belief, stored under the receive time' : '';
  return [
    `设备 device   ${named}${msgId ? `  msgId ${msgId}` : ''}`,
    `时间 time     ${JSON.stringify(time.given)}${time.zone ? ` (${time.zone})` : ''} → ${device}${skew}`,
    ...item.readings.map(({ metric, value, unit }) => `  ${metric} = ${value}${unit ? ` ${unit}` : ''}`),
    ...item.events.map(({ code, component }) => `  事件 event ${code}${component ? `@${component}` : ''}`),
    ...(item.claim ? [`  状态 state ${item.claim}`] : []),
    ...item.alarms.map(({ code, title, forMs }) => `  告警 alarm ${code} ${title.zh} (for ${forMs / 1_000} s)`),
    ...(item.unknown.length > 0 ? [`  未知 unknown ${item.unknown.join(', ')}`] : []),
    ...item.refused.map(faultLine),
  ];
}

function faultLine({ code, path, detail, title, remedy }: Explained['refused'][number]): string {
  return `  ✗ ${path ? `${path}: ` : ''}${code} ${title.zh} (${detail}) → ${remedy.zh} / ${remedy.en}`;
}

function bytesOf(text: string, encoding: string | undefined): Uint8Array {
  return Buffer.from(text, encoding === 'hex' || encoding === 'base64' ? encoding : 'utf8');
}
