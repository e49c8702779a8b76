import { tCode } from '../language.ts';
import type { Tone } from '../look/tokens.ts';
import { Mark, type Shape } from './mark.tsx';

export type Sign = readonly [Tone, Shape];

const HEALTH: Record<string, Sign> = {
  online: ['good', 'disc'],
  degraded: ['warning', 'triangle'],
  stale: ['odd', 'diamond'],
  flapping: ['warning', 'zigzag'],
  offline: ['bad', 'square'],
  unknown: ['none', 'ring'],
};
const STAGE: Record<string, Sign> = {
  discovered: ['bad', 'ring'],
  filed: ['bad', 'diamond'],
  dispatched: ['warning', 'triangle'],
  handling: ['warning', 'disc'],
  verifying: ['odd', 'diamond'],
  suspended: ['none', 'bar'],
  returned: ['bad', 'zigzag'],
  closed: ['good', 'disc'],
  falseAlarm: ['none', 'cross'],
  cancelled: ['none', 'cross'],
};
const PRIORITY: Record<string, Sign> = {
  critical: ['bad', 'square'],
  urgent: ['warning', 'triangle'],
  normal: ['none', 'disc'],
};
const SEVERITY: Record<string, Sign> = {
  critical: ['bad', 'square'],
  major: ['bad', 'triangle'],
  minor: ['warning', 'triangle'],
  warning: ['warning', 'diamond'],
  info: ['none', 'ring'],
};
const LIFECYCLE: Record<string, Sign> = {
  pending: ['warning', 'ring'],
  trial: ['odd', 'diamond'],
  active: ['good', 'disc'],
  suspended: ['none', 'bar'],
  retired: ['none', 'square'],
  rejected: ['bad', 'cross'],
};

const SIGNS = { health: HEALTH, stage: STAGE, priority: PRIORITY, severity: SEVERITY, lifecycle: LIFECYCLE };

interface StateMarkProps {
  readonly of: keyof typeof SIGNS;
  readonly code: string;
  /** A fault that is not confirmed yet (待确认). */
  readonly suspect?: boolean;
  readonly bare?: boolean;
}

/** The same state looks the same on every page. */
export function StateMark({ of, code, suspect = false, bare = false }: StateMarkProps) {
  const [tone, shape] = SIGNS[of][code] ?? (['none', 'ring'] as const);
  const label = tCode(of, code);
  if (!suspect) return <Mark tone={tone} shape={shape} label={label} bare={bare} />;
  return <Mark tone="warning" shape="ring" label={`${label} · ${tCode(of, 'suspect')}`} bare={bare} />;
}

/** Colour of a state in charts and maps, as a CSS custom property's name. */
export const toneOf = (of: keyof typeof SIGNS, code: string): Tone => SIGNS[of][code]?.[0] ?? 'none';

/** Colour and shape of a state, for what draws it without the page's help. */
export const signOf = (of: keyof typeof SIGNS, code: string): Sign => SIGNS[of][code] ?? ['none', 'ring'];
