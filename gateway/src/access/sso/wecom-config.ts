import type { Clock } from '../../../../adapters/adapter.ts';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import { type WecomConfig, WecomInput } from '../../domain/sign-in.ts';
import type { Transactor } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import type { Secrets } from '../secrets.ts';
import type { IdentityStore } from './ports.ts';

const CONTEXT = 'sign-in:wecom';
/** Another process may have changed it; the login page asks often. */
const FRESH_MS = 3_000;

/** How WeCom is reached, as an administrator sets it. The secret is never answered. */
export interface WecomSettings {
  get(actor: Actor): Promise<WecomConfig>;
  put(actor: Actor, input: WecomInput): Promise<WecomConfig>;
  remove(actor: Actor): Promise<void>;
  /** For sign-ins; undefined unless it is set up and enabled. */
  current(): Promise<{ config: WecomConfig; secret: string } | undefined>;
}

export function createWecomSettings(deps: {
  readonly db: Transactor;
  readonly identities: IdentityStore;
  readonly secrets: Secrets;
  readonly audit: AuditPort;
  readonly clock: Clock;
}): WecomSettings {
  const { db, clock, identities, secrets } = deps;
  let cached: { row: Awaited<ReturnType<IdentityStore['provider']>>; at: number } | undefined;

  const prove = (actor: Actor, action: string, before: unknown, after: unknown) => ({
    at: clock.now(),
    actor,
    action,
    resource: 'settings',
    resourceId: 'wecom',
    before,
    after,
  });

  return {
    async get(actor) {
      requireRight(actor, 'settings', 'read');
      const row = await identities.provider(db.autocommit, 'wecom');
      if (!row) throw new GatewayError('NOT_FOUND');
      return row.config;
    },

    async put(actor, raw) {
      requireRight(actor, 'settings', 'update');
      const { secret, enabled = true, ...rest } = parseInput(WecomInput, raw);
      refuseIf(
        (['baseUrl', 'authorizeUrl', 'qrUrl', 'redirectUrl'] as const).flatMap((name) => {
          const url = rest[name];
          return url && !URL.canParse(url) ? [fieldError(`/${name}`, 'url', 'input.invalid')] : [];
        }),
      );
      const config: WecomConfig = { ...rest, enabled };
      await db.transaction(async (tx) => {
        const before = await identities.provider(tx, 'wecom');
        if (!before && secret === undefined) refuseIf([fieldError('/secret', 'required', 'sso.secret')]);
        // Whoever may only change addresses must not be able to have the secret sent to a host of his own.
        const moved = before !== undefined && originOf(before.config.baseUrl) !== originOf(config.baseUrl);
        if (moved && secret === undefined) refuseIf([fieldError('/secret', 'required', 'sso.secretAgain')]);
        const sealed = secret === undefined ? (before?.secret ?? '') : secrets.seal(secret, CONTEXT);
        await identities.putProvider(tx, 'wecom', { config, secret: sealed, at: clock.now(), by: actorText(actor) });
        await deps.audit.append(tx, [
          prove(actor, 'update', before?.config, { ...config, secretChanged: secret !== undefined }),
        ]);
      });
      cached = undefined;
      return config;
    },

    async remove(actor) {
      requireRight(actor, 'settings', 'update');
      await db.transaction(async (tx) => {
        const before = await identities.provider(tx, 'wecom');
        if (!before) throw new GatewayError('NOT_FOUND');
        await identities.removeProvider(tx, 'wecom');
        await deps.audit.append(tx, [prove(actor, 'remove', before.config, undefined)]);
      });
      cached = undefined;
    },

    async current() {
      const at = clock.monotonic();
      if (!cached || at - cached.at > FRESH_MS) {
        cached = { row: await identities.provider(db.autocommit, 'wecom'), at };
      }
      const { row } = cached;
      return row?.config.enabled ? { config: row.config, secret: secrets.open(row.secret, CONTEXT) } : undefined;
    },
  };
}

const originOf = (url: string) => new URL(url).origin;
