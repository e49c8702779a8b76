/**
 * Decoding of one 200-byte report with five metrics (and of foreign payloads), against JSON.parse of the same bytes alone.
 * Every line is the best of several rounds, because the machine may be shared: the fastest is the least disturbed.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decodeMessage } from '../gateway/src/domain/device-type/index.ts';
import { loadDeviceTypes } from '../gateway/src/registry/device-types.ts';

const METRICS = { totalPower: 840.5, gridVoltage: 221.4, energyTotal: 12345.678, cabinetTemp: 31.5, csq: 23 };
const HEAD = { ts: '2026-11-23T08:00:00.123+08:00', msgId: '0b6e4b5e-7a0f-4a55-9c5e-3f1f0c2f7d11' };
const UPLINK = {
  deduplicationId: HEAD.msgId,
  time: HEAD.ts,
  fPort: 2,
  data: 'CeYCRX//AWWtpO4=',
  rxInfo: [{ rssi: -70, snr: 9 }],
};
const CHARGER = { type: 'generic/ebike-charger', topic: 'cgw/v1/cabinet-001/telemetry' };
const CASES = [
  { name: 'envelope', ...CHARGER, body: { ...HEAD, metrics: METRICS } },
  { name: 'flat', ...CHARGER, body: { ...HEAD, ...METRICS } },
  { name: 'topicPerKey', type: 'openevse/wifi', topic: 'openevse-unit/amp', body: 30580 },
  { name: 'base64Frame', type: 'chirpstack/dragino-lht52', topic: 'application/a/device/b/event/up', body: UPLINK },
];
const ROUNDS = 7;
const CALLS = 50_000;

export async function run(): Promise<void> {
  const types = await loadDeviceTypes(fileURLToPath(new URL('../device-schemas', import.meta.url)));
  for (const { name, type: id, topic, body } of CASES) {
    const type = types.get(id);
    if (!type) throw new Error(`no type ${id}`);
    const payload = Buffer.from(JSON.stringify(body));
    const input = { topic, payload, receivedAt: 0 };
    const decoded = decodeMessage(type, input);
    if (!decoded.ok || decoded.items[0]?.notes.length) throw new Error(`${name}: ${JSON.stringify(decoded)}`);
    const baseline = perSecond(() => JSON.parse(payload.toString('utf8')));
    const value = perSecond(() => decodeMessage(type, input));
    const ratio = Number((value / baseline).toFixed(3));
    const line = { bench: 'decode', metric: `${name}${payload.length}B`, value, unit: '1/s', baseline, ratio };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

function perSecond(work: () => unknown): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < CALLS; call++) work();
    best = Math.max(best, CALLS / ((performance.now() - start) / 1_000));
  }
  return Math.round(best);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
