/** `name=raw/hourly/daily`: a metric, or the beginning of its name and `*`, and three numbers of days; later ones may be left out. */
export const KEEP_PATTERN = '^[^\\s=/*]{1,100}\\*?=([7-9]|[1-9]\\d{1,4})(/[1-9]\\d{0,4}){0,2}$';

export interface MetricKeeping {
  readonly metrics: readonly string[];
  readonly rawDays: number;
  readonly hourlyDays?: number;
  readonly dailyDays?: number;
}

/** Reads lines that match {@link KEEP_PATTERN}; others are left out. */
export function parseMetricKeeping(lines: readonly string[]): MetricKeeping[] {
  const pattern = new RegExp(KEEP_PATTERN);
  return lines
    .filter((line) => pattern.test(line))
    .map((line) => {
      const at = line.lastIndexOf('=');
      const [rawDays = 0, hourlyDays, dailyDays] = line
        .slice(at + 1)
        .split('/')
        .map(Number);
      return {
        metrics: [line.slice(0, at)],
        rawDays,
        ...(hourlyDays === undefined ? {} : { hourlyDays }),
        ...(dailyDays === undefined ? {} : { dailyDays }),
      };
    });
}
