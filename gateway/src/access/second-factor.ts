import type { Clock } from '../../../adapters/adapter.ts';
import type { UserRecord } from '../domain/access-rows.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import {
  CodeInput,
  DisableInput,
  ReasonInput,
  type SecondFactorRow,
  type SecondFactorState,
} from '../domain/sign-in.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { SessionStore, UserStore } from './ports.ts';
import { type Secrets, verifyPassword } from './secrets.ts';
import { createThrottle, locked } from './throttle.ts';
import { newRecoveryCodes, newTotpSecret, plainRecoveryCode, totpKey, totpStep } from './totp.ts';

export interface SecondFactorStore {
  get(tx: Tx, userId: string): Promise<SecondFactorRow | undefined>;
  begin(tx: Tx, userId: string, secret: string, at: number): Promise<boolean>;
  confirm(
    tx: Tx,
    userId: string,
    done: { secret: string; step: number; recoveryHashes: readonly string[]; at: number },
  ): Promise<boolean>;
  /** False when the code of this step or a later one was used. */
  useStep(tx: Tx, userId: string, step: number): Promise<boolean>;
  useRecoveryCode(tx: Tx, userId: string, hash: string, at: number): Promise<boolean>;
  remove(tx: Tx, userId: string): Promise<boolean>;
}

/** One-time codes (RFC 6238) of people. */
export interface SecondFactor {
  state(actor: Actor): Promise<SecondFactorState>;
  /** A secret for the authenticator, shown once; nothing is asked for before {@link confirm}. CONFLICT when in use. */
  begin(actor: Actor): Promise<{ secret: string; uri: string; qr: string }>;
  /** From now on a login asks for a code. The recovery codes are shown once. */
  confirm(actor: Actor, input: CodeInput): Promise<{ recoveryCodes: string[] }>;
  disable(actor: Actor, input: DisableInput): Promise<void>;
  /** Takes another user's codes away, for who lost phone and recovery codes; ends the user's sessions. */
  reset(actor: Actor, userId: string, input: ReasonInput): Promise<void>;
  /** Whether the code is right; then it is used up. */
  use(userId: string, code: string): Promise<boolean>;
}

export interface SecondFactorDeps {
  readonly db: Transactor;
  readonly secondFactors: SecondFactorStore;
  readonly users: UserStore;
  readonly sessions: Pick<SessionStore, 'revoke'>;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Throws NOT_FOUND unless the actor may see this user. */
  readonly requireUser: (actor: Actor, id: string) => Promise<unknown>;
}

export function createSecondFactor(deps: SecondFactorDeps): SecondFactor {
  const { db, clock, secrets, secondFactors } = deps;
  const tries = createThrottle({
    clock,
    free: 5,
    firstMs: 1_000,
    longestMs: 60_000,
    forgetMs: 15 * 60_000,
    capacity: 10_000,
  });
  const context = (userId: string) => `user:${userId}:totp`;
  const open = (userId: string, row: SecondFactorRow) => secrets.open(row.secret, context(userId));
  const hashOf = (code: string) => secrets.hash(`recovery ${plainRecoveryCode(code)}`);
  const prove = (tx: Tx, actor: Actor, action: string, userId: string, reason?: string) =>
    deps.audit.append(tx, [
      {
        at: clock.now(),
        actor,
        action,
        resource: 'users',
        resourceId: userId,
        ...(reason === undefined ? {} : { reason }),
      },
    ]);

  /** Counted before anything is compared, so a burst of parallel guesses is no way around the delay. */
  const guarded = async <T>(actor: Actor, work: () => Promise<T>): Promise<T> => {
    const wait = tries.wait(actor.id);
    if (wait > 0) throw locked(wait);
    tries.fail(actor.id);
    const done = await work();
    tries.clear(actor.id);
    return done;
  };

  const use = (userId: string, code: string) =>
    db.transaction(async (tx) => {
      const row = await secondFactors.get(tx, userId);
      if (!row || row.confirmedAt === null) return false;
      const step = totpStep(open(userId, row), code, clock.now());
      if (step !== undefined) return secondFactors.useStep(tx, userId, step);
      return secondFactors.useRecoveryCode(tx, userId, hashOf(code), clock.now());
    });

  return {
    use,

    async state(actor) {
      const row = await secondFactors.get(db.autocommit, actor.id);
      const enabled = row !== undefined && row.confirmedAt !== null;
      return { enabled, recoveryCodesLeft: enabled ? row.recoveryCodesLeft : 0 };
    },

    async begin(actor) {
      const user = await ownUser(actor);
      const secret = newTotpSecret();
      await db.transaction(async (tx) => {
        const begun = await secondFactors.begin(tx, user.id, secrets.seal(secret, context(user.id)), clock.now());
        if (!begun) throw new GatewayError('CONFLICT', bilingual('access.code.enabled'));
        await prove(tx, actor, 'beginSecondFactor', user.id);
      });
      return { secret, ...totpKey(secret, user.username) };
    },

    async confirm(actor, raw) {
      const { code } = parseInput(CodeInput, raw);
      const user = await ownUser(actor);
      return guarded(actor, async () => {
        const row = await secondFactors.get(db.autocommit, user.id);
        if (!row) throw new GatewayError('CONFLICT', bilingual('access.code.notBegun'));
        if (row.confirmedAt !== null) throw new GatewayError('CONFLICT', bilingual('access.code.enabled'));
        const step = totpStep(open(user.id, row), code, clock.now());
        if (step === undefined) throw wrongInput('/code', 'access.code.wrong');
        const recoveryCodes = newRecoveryCodes();
        const done = { secret: row.secret, step, recoveryHashes: recoveryCodes.map(hashOf), at: clock.now() };
        await db.transaction(async (tx) => {
          if (!(await secondFactors.confirm(tx, user.id, done))) throw new GatewayError('CONFLICT');
          // Logins made with the password alone end here.
          await deps.sessions.revoke(
            tx,
            { userId: user.id, ...(actor.sessionId ? { exceptId: actor.sessionId } : {}) },
            clock.now(),
          );
          await prove(tx, actor, 'enableSecondFactor', user.id);
        });
        return { recoveryCodes };
      });
    },

    async disable(actor, raw) {
      const input = parseInput(DisableInput, raw);
      const user = await ownUser(actor);
      await guarded(actor, async () => {
        if (!(await verifyPassword(input.password, user.passwordHash))) {
          throw wrongInput('/password', 'access.password.wrong');
        }
        if (!(await use(user.id, input.code))) throw wrongInput('/code', 'access.code.wrong');
        await db.transaction(async (tx) => {
          await secondFactors.remove(tx, user.id);
          await prove(tx, actor, 'disableSecondFactor', user.id);
        });
      });
    },

    async reset(actor, userId, raw) {
      requireRight(actor, 'users', 'update');
      const { reason } = parseInput(ReasonInput, raw);
      await deps.requireUser(actor, userId);
      // Whoever holds an administrator's session must not shed the codes that protect it.
      if (userId === actor.id) throw new GatewayError('FORBIDDEN');
      await db.transaction(async (tx) => {
        if (!(await secondFactors.remove(tx, userId))) throw new GatewayError('NOT_FOUND');
        await deps.sessions.revoke(tx, { userId }, clock.now());
        await prove(tx, actor, 'resetSecondFactor', userId, reason);
      });
    },
  };

  /** A key must not change how its bearer logs in. */
  async function ownUser(actor: Actor): Promise<UserRecord> {
    if (actor.kind !== 'user' || actor.apiKeyId) throw new GatewayError('FORBIDDEN', bilingual('access.code.session'));
    const user = await deps.users.byId(db.autocommit, actor.id);
    if (!user) throw new GatewayError('NOT_FOUND');
    return user;
  }
}

function wrongInput(path: string, key: 'access.code.wrong' | 'access.password.wrong'): GatewayError {
  const message = bilingual(key);
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'wrong', message }] });
}
