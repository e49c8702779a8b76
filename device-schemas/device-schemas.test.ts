import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  compileDeviceType,
  type DeviceType,
  DeviceTypeSchema,
  type MetricInfo,
  REFUSALS,
  runExamples,
  UNITS,
} from '../gateway/src/domain/device-type/index.ts';
import { deviceTypeJsonSchema } from '../gateway/src/domain/device-type/json-schema.ts';
import {
  buildType,
  faultLine,
  listTypeFiles,
  parseSource,
  readTypeFile,
} from '../gateway/src/registry/device-type-file.ts';
import { loadDeviceTypes } from '../gateway/src/registry/device-types.ts';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const MODULES = ['video', 'charging', 'garbage', 'twin', 'parking'];
const CHINESE = /\p{Script=Han}/u;

const files = await listTypeFiles(ROOT);
const types = (await loadDeviceTypes(ROOT)).list();

interface VendorPayload {
  readonly device: string;
  readonly topic: string | null;
  readonly payload: string;
}

function checkMetric(metric: MetricInfo, interval: number): void {
  if (metric.unit !== undefined) expect(Object.keys(UNITS)).toContain(metric.unit);
  if (metric.type === 'number') {
    expect(metric.min, `${metric.name} has a range`).toBeDefined();
    expect(metric.max, `${metric.name} has a range`).toBeGreaterThan(metric.min ?? 0);
  }
  if (metric.freshWithin !== null) expect(metric.freshWithin).toBeGreaterThanOrEqual(interval);
}

describe('every device-type file', () => {
  it('is found', () => {
    expect(files.length).toBeGreaterThanOrEqual(17);
    expect(types.length).toBe(files.length);
  });

  it.each(files)('%s compiles and its examples hold', async (file) => {
    const result = await readTypeFile(file, ROOT);
    expect(result.ok ? [] : result.faults.map(faultLine)).toEqual([]);
  });

  it.each(files)('%s names the grammar for editors', (file) => {
    expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../device-type.schema.json',
    );
  });
});

describe('every device type', () => {
  it.each(types.map((type) => [type.id, type] as const))('%s keeps the house rules', (_, type) => {
    const titles = [
      type,
      ...type.metrics.values(),
      ...type.components.values(),
      ...type.events.values(),
      ...type.alarms,
    ];
    for (const { title } of titles) {
      expect(title.zh).toMatch(CHINESE);
      expect(title.en).not.toMatch(CHINESE);
      expect(title.en).not.toBe('');
    }
    expect(MODULES).toContain(type.module);
    for (const metric of type.metrics.values()) checkMetric(metric, type.health.interval);
    for (const alarm of type.alarms) {
      expect(alarm.lifeSafety && (alarm.forMs > 0 || alarm.severity !== 'critical'), alarm.code).toBe(false);
      if (alarm.severity === 'critical') expect(alarm.advice, `${alarm.code} says what to do`).not.toBeNull();
      if (alarm.when.threshold) expect(alarm.clear.text).not.toContain('not (');
    }
    for (const event of type.events.values()) if (event.lifeSafety) expect(event.severity).toBe('critical');
    expect(type.health.offlineAfter).toBeGreaterThanOrEqual(type.health.interval);
    expect(type.health.retirementCandidateAfter).not.toBeNull();
  });

  it('has a usual and a broken example, and more than enough of them run', () => {
    const examples = types.flatMap((type) => type.definition.examples);
    expect(examples.length).toBeGreaterThanOrEqual(90);
    for (const { id, definition } of types) {
      expect(
        definition.examples.some(({ refused }) => refused === undefined),
        id,
      ).toBe(true);
      expect(
        definition.examples.some(({ refused }) => refused !== undefined),
        id,
      ).toBe(true);
    }
  });

  it('fails when one of its examples is made wrong', () => {
    for (const type of types) {
      const definition = structuredClone<DeviceType['definition']>(type.definition);
      const [example] = definition.examples;
      if (!example) throw new Error('no example');
      example.readings = { nothing: 1 };
      const again = compileDeviceType(definition, type.plan.decode ? { decode: type.plan.decode } : {});
      expect(runExamples(again), type.id).toHaveLength(1);
    }
  });
});

it('the grammar for editors is the one the gateway uses', () => {
  const committed: unknown = JSON.parse(readFileSync(new URL('device-type.schema.json', import.meta.url), 'utf8'));
  expect(committed, 'run npx node tools/device-types/write-schema.ts').toEqual(JSON.parse(deviceTypeJsonSchema()));
});

it('every captured vendor payload is an example of a type', () => {
  const lines = readFileSync(new URL('testdata/vendor-payloads.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const payloads = lines.map((line) => JSON.parse(line) as VendorPayload);
  expect(payloads.length).toBe(26);
  const known = types.flatMap(({ definition }) => definition.examples);
  const missing = payloads.filter(
    ({ topic, payload }) =>
      !known.some((it) => it.payload === payload && (topic === null || it.topic === topic) && !it.refused),
  );
  expect(missing).toEqual([]);
});

describe('the documents', () => {
  const doc = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');

  it('the file of the five-minute guide is good', () => {
    const source = /```yaml\n([\s\S]*?)```/.exec(doc('zh/add-device-type.md'))?.[1] ?? '';
    const { value, errors } = parseSource(source);
    expect(errors).toEqual([]);
    expect(buildType(value)).toMatchObject({ ok: true, type: { id: 'acme/pump' } });
  });

  it('the reference lists every refusal and every field', () => {
    const reference = doc('reference/device-types.md');
    for (const [code, { title }] of Object.entries(REFUSALS)) {
      expect(reference).toContain(`| \`${code}\` | ${title.zh} | ${title.en} |`);
    }
    for (const field of Object.keys(DeviceTypeSchema.properties)) {
      if (field !== 'source') expect(reference).toContain(`\`${field}\``);
    }
  });
});
