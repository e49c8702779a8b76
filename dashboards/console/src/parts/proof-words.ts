import { t, tCode } from '../language.ts';
import { inWords } from './in-words.ts';
import { probeWords } from './probe-words.ts';
import { exactTime, lengthOf } from './time.tsx';
import { unitOf } from './units.ts';

/**
 * What a machine's proof says, for people: no code, no JSON; what nobody needs to know is left out. `like` is a time the
 * gateway wrote: the times within are told in its zone.
 */
export function proofWords(detail: unknown, like: string): string[] {
  if (typeof detail === 'string') return [detail];
  if (typeof detail !== 'object' || detail === null) return [];
  const said = { ...detail } as Record<string, unknown>;
  return Object.entries(said).flatMap(([name, value]) => WORDS[name]?.(value, said, offsetOf(like)) ?? []);
}

type Words = (value: unknown, all: Record<string, unknown>, offset: number) => string[];
const length: (key: 'proof.held' | 'proof.silent' | 'proof.limit') => Words = (key) => (value) =>
  typeof value === 'number' ? [t(key, { length: lengthOf(value) })] : [];
const time: (key: 'proof.lastSeen' | 'proof.probed' | 'proof.taken' | 'proof.firstFailure') => Words =
  (key) => (value, _all, offset) => {
    const ms = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isFinite(ms) ? [t(key, { time: zoned(ms, offset) })] : [];
  };
const code: Words = (value) => (typeof value === 'string' ? [tCode('reason', value)] : []);

/** A probe that answered well: what failed before it is told by the proof of the failure. */
const isCalm = ({ failures }: Record<string, unknown>) => failures === 0;
/** States of one fact, not of the device: its reason says as much. */
const FACT_STATES: readonly string[] = ['good', 'bad', 'suspect'];

const WORDS: Record<string, Words | undefined> = {
  reason: code,
  sessionReason: (value, all) => (value === all.reason ? [] : code(value, all, 0)),
  detail: (value, all) => (typeof value === 'string' && !isCalm(all) ? [probeWords(value)] : []),
  failures: (value, all) => (typeof value === 'number' && !isCalm(all) ? [t('proof.failures', { n: value })] : []),
  flips: (value) => (typeof value === 'number' ? [t('proof.flips', { n: value })] : []),
  silentMs: length('proof.silent'),
  offlineAfterMs: length('proof.limit'),
  lastSeenAt: time('proof.lastSeen'),
  probedAt: time('proof.probed'),
  takenAt: time('proof.taken'),
  firstFailure: (value, all, offset) => (isCalm(all) ? [] : time('proof.firstFailure')(value, all, offset)),
  event: (value) => (typeof value === 'string' ? [t('proof.event', { event: tCode('fault', value) })] : []),
  metrics: (value) =>
    Array.isArray(value) ? [t('proof.metrics', { names: value.map(String).join(t('proof.and')) })] : [],
  told: (value) => (isWords(value) ? [t('proof.rule', { rule: inWords(value) })] : []),
  when: (value, all) => (typeof value === 'string' && !isWords(all.told) ? [t('proof.rule', { rule: value })] : []),
  values: (value) => (Array.isArray(value) ? value.flatMap(valueWords) : []),
  bad: (value) => (typeof value === 'number' ? [t('proof.bad', { n: value })] : []),
  state: (value) => (typeof value === 'string' && !FACT_STATES.includes(value) ? [tCode('health', value)] : []),
  silent: (value, { expected }) =>
    typeof value === 'number' && typeof expected === 'number' ? [t('proof.silentOf', { n: value, all: expected })] : [],
  stillDown: (value) => (typeof value === 'string' && value !== '' ? [t('proof.stillDown', { names: value })] : []),
  text: (value) => (typeof value === 'string' ? [value] : []),
};

function isWords(value: unknown): value is { zh: string; en: string } {
  return typeof value === 'object' && value !== null && 'zh' in value && typeof value.zh === 'string';
}

/** `充电口 3 电流 = 12 A`; of a proof without titles the key. */
function valueWords(one: unknown): string[] {
  if (typeof one !== 'object' || one === null || !('metric' in one) || !('value' in one)) return [];
  const { metric, value, title, unit, words } = one as Record<string, unknown>;
  const what = isWords(title) ? inWords(title) : String(metric);
  const said = isWords(words)
    ? inWords(words)
    : typeof value === 'boolean'
      ? t(value ? 'proof.yes' : 'proof.no')
      : value;
  const sign = typeof unit === 'string' ? ` ${unitOf(unit)}` : '';
  return [`${what} = ${String(said)}${sign}`];
}

function zoned(ms: number, offset: number): string {
  return exactTime(new Date(ms + offset).toISOString());
}

/** Milliseconds east of Greenwich, as an ISO time says. */
function offsetOf(iso: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [];
  if (hours === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Ids of pictures a proof names. */
export function proofPicture(detail: unknown): string | null {
  return typeof detail === 'object' && detail !== null && 'picture' in detail && typeof detail.picture === 'string'
    ? detail.picture
    : null;
}
