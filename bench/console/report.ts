/** One line of JSON; `baseline` is what is wanted, so that `ratio` over 1 means missed. */
export function report(metric: string, value: number, unit: string, baseline?: number): void {
  const round = (n: number) => Math.round(n * 100) / 100;
  const line = {
    bench: 'console',
    metric,
    value: round(value),
    unit,
    baseline: baseline ?? null,
    ratio: baseline === undefined ? null : round(value / baseline),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
