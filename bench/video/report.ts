export function report(metric: string, value: number, unit: string, baseline?: number): void {
  const round = (n: number) => Math.round(n * 1_000) / 1_000;
  const line = {
    bench: 'video',
    metric,
    value: round(value),
    unit,
    baseline: baseline === undefined ? null : round(baseline),
    ratio: baseline === undefined ? null : round(value / baseline),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Microseconds of this process's processor time that `work` took. */
export async function cpuOf(work: () => Promise<void>): Promise<{ cpuUs: number; wallMs: number }> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, wallMs: performance.now() - start };
}
