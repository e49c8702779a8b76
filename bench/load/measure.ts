import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Inside } from './inside.ts';
import type { PublisherOptions, PublisherResult } from './publisher.ts';

/** A pipeline from MQTT to a database, in a process of its own. */
export interface Target {
  readonly mqtt: number;
  mark(): Promise<void>;
  tell(): Promise<Inside>;
  /** Messages whose readings are committed. */
  committed(): Promise<number>;
  /** Processor time of its database so far, when that is a process of its own. */
  databaseMs(): number;
  stop(): Promise<void>;
}

export interface Measured {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly inside: Inside;
  /** Processor time a message, microseconds. */
  readonly gatewayUs: number;
  readonly databaseUs: number;
}

/** Publishes to the target; the rate is messages over the time until the last one is committed. */
export async function measure(target: Target, options: Omit<PublisherOptions, 'port'>): Promise<Measured> {
  const publisher = spawn(process.execPath, [join(import.meta.dirname, 'publisher.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!publisher.stdin || !publisher.stdout) throw new Error('no pipes');
  const lines = createInterface({ input: publisher.stdout })[Symbol.asyncIterator]();
  publisher.stdin.write(`${JSON.stringify({ ...options, port: target.mqtt })}\n`);
  await lines.next();
  const before = await target.committed();
  await target.mark();
  const databaseBefore = target.databaseMs();
  const started = performance.now();
  publisher.stdin.write('go\n');
  const result = JSON.parse(String((await lines.next()).value)) as PublisherResult;
  while ((await target.committed()) - before < options.messages)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const tookMs = performance.now() - started;
  const inside = await target.tell();
  return {
    rate: options.messages / (tookMs / 1_000),
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    inside,
    gatewayUs: (inside.cpuMs / options.messages) * 1_000,
    databaseUs: ((target.databaseMs() - databaseBefore) / options.messages) * 1_000,
  };
}

export const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Prints the lines of one benchmark; `ratio` is left out where there is nothing to compare with. */
export function createPrinter(bench: string) {
  const round = (number: number) => (Number.isFinite(number) ? Number(number.toPrecision(4)) : null);
  return (metric: string, value: number, unit: string, baseline = Number.NaN) => {
    const line = {
      bench,
      metric,
      value: round(value),
      unit,
      baseline: round(baseline),
      ratio: round(value / baseline),
    };
    console.log(JSON.stringify(line));
  };
}
