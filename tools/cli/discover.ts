import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DiscoveredDevice } from '../../adapters/adapter.ts';
import { onvifAdapter, parseConfig } from '../../adapters/index.ts';
import { parseCidr } from '../../adapters/onvif/scan.ts';
import type { CameraJob } from '../../gateway/src/domain/camera-job.ts';
import { bilingual, text } from '../../gateway/src/messages/index.ts';
import { askingContext } from './adapter-context.ts';
import { createImportClient } from './import-client.ts';

/** A camera as the table shows it; `registered` undefined = nobody was asked. */
type Found = DiscoveredDevice & { readonly registered?: boolean; readonly deviceId?: string | null };
type Progress = (done: number, total: number, found: number) => void;

const DEFAULT_SECONDS = 5;
const POLL_MS = 500;
const LONGEST_POLL_MS = 20 * 60_000;

/** `cgw discover`: 0 = cameras were found, 1 = none or a failure, 2 = called wrongly. */
export async function discover(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      subnet: { type: 'string' },
      json: { type: 'boolean' },
      'key-file': { type: 'string' },
      url: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 60) {
    console.error(bilingual('discover.seconds'));
    return 2;
  }
  const { subnet } = values;
  if (subnet !== undefined && !isSearchable(subnet)) {
    console.error(bilingual('discover.badSubnet'));
    return 2;
  }
  const searching = (['zh-CN', 'en'] as const).map((language) => {
    const cidr = subnet ?? '';
    const how = text(language, subnet === undefined ? 'discover.multicast' : 'discover.subnet', { seconds, cidr });
    return text(language, 'discover.searching', { how });
  });
  console.error(searching.join(' / '));
  const progress: Progress = (done, total, found) => {
    const line = text('zh-CN', 'discover.progress', { done, total, found });
    if (process.stderr.isTTY) process.stderr.write(`\r${line}`);
    else if (done === total || done % 256 === 0) console.error(line);
  };
  const keyFile = values['key-file'];
  const found =
    keyFile === undefined
      ? await searchHere(seconds, subnet, progress)
      : await searchByGateway(values.url ?? 'http://127.0.0.1:8080', keyFile, seconds, subnet, progress);
  if (process.stderr.isTTY) console.error('');
  for (const line of values.json ? found.map((each) => JSON.stringify(each)) : table(found)) console.log(line);
  if (found.length > 0) console.error(bilingual('discover.found', { count: found.length }));
  else console.error(bilingual('discover.none'));
  return found.length > 0 ? 0 : 1;
}

async function searchHere(seconds: number, subnet: string | undefined, progress: Progress): Promise<Found[]> {
  const allow = process.env.CGW_ALLOWED_TARGETS;
  const config = parseConfig(onvifAdapter, allow ? { allowedTargets: allow.split(',').map((one) => one.trim()) } : {});
  const connection = onvifAdapter.create(config, askingContext);
  const { signal } = new AbortController();
  const found: Found[] = [];
  try {
    const devices =
      subnet === undefined
        ? connection.discover({ deadline: seconds * 1_000, signal })
        : connection.scan(subnet, { signal, onProgress: (done, total) => progress(done, total, found.length) });
    for await (const device of devices) found.push(device);
    return found;
  } finally {
    await connection.stop();
  }
}

/** The gateway searches from where it stands and knows what is registered. */
async function searchByGateway(
  url: string,
  keyFile: string,
  seconds: number,
  subnet: string | undefined,
  progress: Progress,
): Promise<Found[]> {
  const client = createImportClient(url, (await readFile(keyFile, 'utf8')).trim());
  const body = subnet === undefined ? { method: 'multicast', seconds } : { method: 'subnet', cidr: subnet };
  let job = await client.post<CameraJob>('/cameras/discover', body, crypto.randomUUID());
  for (const started = Date.now(); job.state === 'running' && Date.now() - started < LONGEST_POLL_MS; ) {
    await sleep(POLL_MS);
    const now = await client.get<CameraJob>(`/cameras/jobs/${job.id}`);
    if (!now) break;
    job = now;
    if (job.progress) progress(job.progress.done, job.progress.total, job.found.length);
  }
  if (job.state !== 'done') throw new Error(job.error ?? job.state);
  return job.found.map(({ name, ...rest }) => ({ ...rest, ...(name === null ? {} : { name }) }));
}

function table(found: readonly Found[]): string[] {
  if (found.length === 0) return [];
  const columns = ['address', 'name', 'model', 'service', 'registered'] as const;
  const head = columns.map((column) => text('zh-CN', `discover.${column}`));
  const rows = [...found]
    .sort((a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }))
    .map(({ address, name = '', facts, registered, deviceId }) => [
      address,
      name,
      facts.hardware ?? '',
      facts.allowed === 'no'
        ? text('zh-CN', 'discover.notAllowed')
        : (facts.xaddr ?? (facts.rtspPort ? `rtsp://${address}:${facts.rtspPort}/` : '')),
      registered === undefined
        ? text('zh-CN', 'discover.unknown')
        : registered
          ? `${text('zh-CN', 'discover.yes')} ${deviceId ?? ''}`.trim()
          : text('zh-CN', 'discover.no'),
    ]);
  const widths = columns.map((_, index) => Math.max(...[head, ...rows].map((row) => width(row[index] ?? ''))));
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Chinese characters take two columns of a terminal. */
const width = (cell: string) =>
  [...cell].reduce((sum, char) => sum + (/[\u1100-\u{3fffd}]/u.test(char) && char > '\u2e7f' ? 2 : 1), 0);
const pad = (cell: string, to: number) => cell + ' '.repeat(Math.max(0, to - width(cell)));

function isSearchable(subnet: string): boolean {
  try {
    parseCidr(subnet);
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}
