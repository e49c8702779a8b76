import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { codes as enCodes } from '../../dashboards/console/src/messages/en/codes.ts';
import { tickets as enTickets } from '../../dashboards/console/src/messages/en/tickets.ts';
import { codes as zhCodes } from '../../dashboards/console/src/messages/zh-CN/codes.ts';
import { tickets as zhTickets } from '../../dashboards/console/src/messages/zh-CN/tickets.ts';
import { CAMERA_FAULTS } from '../../gateway/src/domain/camera-faults.ts';
import { DEVICE_FLAGS, LIFECYCLES } from '../../gateway/src/domain/device.ts';
import { REFUSAL_CODES } from '../../gateway/src/domain/device-type/refusals.ts';
import { ESCALATION_REASONS } from '../../gateway/src/domain/escalation.ts';
import { HEALTH_STATES } from '../../gateway/src/domain/health.ts';
import { SEVERITIES } from '../../gateway/src/domain/reading.ts';
import { EVIDENCE_KINDS, TICKET_KINDS, TICKET_PRIORITIES, TICKET_STAGES } from '../../gateway/src/domain/ticket.ts';
import { zhCN } from '../../gateway/src/messages/zh-CN.ts';

const ROOT = join(import.meta.dirname, '../..');
const SHOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'zh-CN': { ...zhTickets, ...zhCodes },
  en: { ...enTickets, ...enCodes },
};

const keysOf = (family: string) =>
  Object.keys(zhCN).flatMap((key) => (key.startsWith(`${family}.`) ? [key.slice(family.length + 1)] : []));

/** Codes of events and alarms of the types that come with the gateway. */
function shippedFaults(): string[] {
  const files = readdirSync(join(ROOT, 'device-schemas'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => {
      const type: { alarms?: object; events?: object } | null = parse(
        readFileSync(join(ROOT, 'device-schemas', name), 'utf8'),
      );
      return [...Object.keys(type?.alarms ?? {}), ...Object.keys(type?.events ?? {})];
    });
}

/** What the ingest refuses beyond what a type can: its codes stand where they are given. */
function ingestRefusals(): string[] {
  const folder = join(ROOT, 'gateway/src/ingest');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/(?:refuse\(|code: )'([A-Z][A-Z_]+)'/g)].map(
      ([, code = '']) => code,
    ),
  );
}

/** What the gateway says, by the family of words the console has for it. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  health: HEALTH_STATES,
  stage: TICKET_STAGES,
  priority: TICKET_PRIORITIES,
  ticketKind: TICKET_KINDS,
  cause: keysOf('ticket.cause'),
  evidence: EVIDENCE_KINDS,
  fault: [...Object.keys(CAMERA_FAULTS), ...keysOf('fault'), ...shippedFaults()],
  reason: [...keysOf('reason'), ...ESCALATION_REASONS],
  refused: [...REFUSAL_CODES, ...ingestRefusals()],
  severity: SEVERITIES,
  lifecycle: LIFECYCLES,
  flag: DEVICE_FLAGS,
};

for (const [language, words] of Object.entries(SHOWN)) {
  it(`words every code of the gateway in ${language}`, () => {
    expect(SAID.fault?.length).toBeGreaterThan(50);
    const missing = Object.entries(SAID).flatMap(([family, codes]) =>
      codes.map((code) => `${family}.${code}`).filter((key) => !words[key]),
    );
    expect([...new Set(missing)]).toEqual([]);
  });
}

const PROBES = [
  'rtsp/approach',
  'rtsp/tcp-probe',
  'rtsp/probe',
  'rtsp/response',
  'rtsp/socket-failure',
  'onvif/adapter',
  'onvif/pass',
  'onvif/failure',
];
/** Only passed on as it came, or said of the gateway's own settings. */
const PASSED_ON = /^(8|8 8|protocol 8 is not onvif|)$/;

it('words everything the adapters say of a probe', async () => {
  const file = join(ROOT, 'dashboards/console/src/parts/probe-words.ts');
  const { PROBE_DETAILS } = (await import(file)) as { PROBE_DETAILS: readonly (readonly [RegExp, string])[] };
  const said = PROBES.flatMap((name) => {
    const source = readFileSync(join(ROOT, `adapters/${name}.ts`), 'utf8');
    return [...source.matchAll(/(?:ProbeFailure|OnvifError|result)\([^'`\n]*'\w+',\s*['`]([^'`]*)['`]/g)].map(
      ([, text = '']) => text.replaceAll(/\$\{within\}/g, 'in 3000 ms').replaceAll(/\$\{[^}]*\}+/g, '8'),
    );
  });
  expect(said.length).toBeGreaterThan(15);
  const unknown = said.filter((text) => !PASSED_ON.test(text) && !PROBE_DETAILS.some(([shape]) => shape.test(text)));
  expect(unknown).toEqual([]);
  const keys = PROBE_DETAILS.map(([, key]) => key);
  expect(keys.filter((key) => !SHOWN['zh-CN']?.[key] || !SHOWN.en?.[key])).toEqual([]);
});
