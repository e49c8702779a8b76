import { isDeepStrictEqual } from 'node:util';
import type { CameraWatch, PasswordWatch } from '../../domain/camera-record.ts';
import { DEFAULT_LOGINS, placeOf } from './default-passwords.ts';
import type { CallOptions, CameraAccess, CameraTarget } from './ports.ts';
import { type Look, worthTelling } from './watches.ts';

/** Wrong logins of one pass; cameras lock accounts after a handful. */
export const MAX_TRIES = 2;
/** Between two passes. */
export const PASS_EVERY_MS = 86_400_000;

const NOTHING: PasswordWatch = { active: false, accepted: null, next: 0, triedAt: null, locked: false };

/**
 * Whether a camera still lets a factory login in. The registered password is looked up in the list, which costs no try.
 * Others are tried only when `mayTry`: at most two a day, going on in the list the next day, none after a lock.
 */
export async function lookAtPassword(
  watch: CameraWatch,
  target: CameraTarget,
  options: CallOptions & {
    readonly mayTry: boolean;
    readonly access: Pick<CameraAccess, 'tryLogin'>;
    readonly at: number;
  },
): Promise<Look> {
  const before = watch.defaultPassword ?? NOTHING;
  const { after, evidence } = await judge(before, target, options);
  return {
    change: isDeepStrictEqual(before, after) ? {} : { defaultPassword: after },
    verdict: worthTelling(before, after) ? { code: 'defaultPassword', active: after.active, evidence } : null,
  };
}

async function judge(
  before: PasswordWatch,
  target: CameraTarget,
  options: Parameters<typeof lookAtPassword>[2],
): Promise<{ after: PasswordWatch; evidence: Readonly<Record<string, unknown>> }> {
  const { username, password } = target.connection;
  if (placeOf(password) >= 0) {
    return { after: { ...before, active: true }, evidence: { basis: 'registered', username: username ?? null } };
  }
  if (!options.mayTry) {
    return { after: { ...before, active: false, accepted: null }, evidence: { basis: 'registered' } };
  }
  const known = { ...before, active: before.accepted !== null };
  const due = before.triedAt === null || options.at - before.triedAt >= PASS_EVERY_MS;
  if (before.locked || !due) return { after: known, evidence: { basis: 'tried', locked: before.locked } };
  return tryLogins({ ...known, triedAt: options.at }, target, options);
}

/** A login that was let in before is tried again and alone; otherwise the next ones of the list. */
async function tryLogins(state: PasswordWatch, target: CameraTarget, options: Parameters<typeof lookAtPassword>[2]) {
  let after = state;
  const places =
    state.accepted !== null
      ? [state.accepted]
      : Array.from({ length: MAX_TRIES }, (_, index) => (state.next + index) % DEFAULT_LOGINS.length);
  for (const place of places) {
    const login = DEFAULT_LOGINS[place];
    if (!login) break;
    const answer = await options.access.tryLogin(target, login, options);
    if (answer === 'accepted') {
      return {
        after: { ...after, active: true, accepted: place },
        evidence: { basis: 'tried', username: login.username },
      };
    }
    if (answer === 'locked') return { after: { ...after, locked: true }, evidence: { basis: 'tried', locked: true } };
    // Without an answer nothing was learned, and another try may count against the account.
    if (answer === 'unknown') return { after, evidence: { basis: 'tried', answered: false } };
    after = { ...after, active: false, accepted: null, next: (place + 1) % DEFAULT_LOGINS.length };
  }
  return { after, evidence: { basis: 'tried' } };
}
