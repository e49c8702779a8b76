import './trend.css';

export interface TrendPoint {
  readonly day: string;
  /** 0 to 1; null = nothing was expected that day. */
  readonly rate: number | null;
}

interface TrendProps {
  readonly points: readonly TrendPoint[];
  /** All days of the period, so that days without figures keep their place. */
  readonly from: string;
  readonly to: string;
  /** What the picture says, for those who do not see it. */
  readonly label: string;
}

const DAY_MS = 86_400_000;
const WIDTH = 120;
const HEIGHT = 24;

/** A rate day by day, as small as a word. The scale begins below the worst day, and is the same for nobody else. */
export function Trend({ points, from, to, label }: TrendProps) {
  const first = Date.parse(from);
  const days = Math.max(1, Math.round((Date.parse(to) - first) / DAY_MS));
  const known = points.flatMap(({ day, rate }) =>
    rate === null ? [] : [{ x: ((Date.parse(day) - first) / DAY_MS / days) * (WIDTH - 6) + 3, rate }],
  );
  const low = Math.min(0.9, ...known.map(({ rate }) => rate));
  const y = (rate: number) => 3 + ((1 - rate) / (1 - low || 1)) * (HEIGHT - 6);
  const last = known.at(-1);
  const line = known.map(({ x, rate }) => `${x.toFixed(1)},${y(rate).toFixed(1)}`).join(' ');
  return (
    <svg className="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      <line className="trend-goal" x1="0" x2={WIDTH} y1={y(0.98)} y2={y(0.98)} />
      {known.length > 1 && <polyline points={line} />}
      {last && <circle cx={last.x} cy={y(last.rate)} r="2.5" />}
    </svg>
  );
}
