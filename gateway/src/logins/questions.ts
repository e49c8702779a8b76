import type { Credentials, Logger, Principal, Refusal, TopicAction } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import { requireRight } from '../domain/permission.ts';
import { GatewayError } from '../errors.ts';

type Verdict = 'allow' | 'deny' | 'ignore';

const VENDOR = 'vendor:';
/** Questions under way at a time; a broker that asks more is told no, and its client tries again. */
const AT_ONCE = 500;

/** Answers a broker that asks over HTTP, by the same rules as the embedded broker. What cannot be known is refused. */
export function createQuestions(deps: {
  readonly authenticate: (credentials: Credentials) => Promise<Principal | Refusal>;
  readonly authorize: (principal: Principal, action: TopicAction, topic: string) => boolean;
  /** Whether any key opens the vendor's login now. */
  readonly vendorOpen: (vendorId: string) => boolean;
  /** Our own login at that broker; the broker itself keeps its password. */
  readonly ownLogin: string | null;
  readonly asked: () => Promise<void>;
  readonly log: Logger;
}) {
  let waiting = 0;

  const ask = async (caller: Actor, work: () => Promise<Verdict> | Verdict): Promise<Verdict> => {
    requireRight(caller, 'devices', 'operate');
    if (caller.scope.kind !== 'all') throw new GatewayError('FORBIDDEN');
    if (waiting >= AT_ONCE) return 'deny';
    waiting += 1;
    try {
      // Memory answers while the database is away.
      deps.asked().catch((error: unknown) => deps.log.warn({ error }, 'not noted that the broker asked'));
      return await work();
    } catch (error) {
      deps.log.error({ error }, 'a question of the broker could not be answered; it was told no');
      return 'deny';
    } finally {
      waiting -= 1;
    }
  };

  return {
    login: (caller: Actor, login: { username: string; password: string; clientId: string; address: string }) =>
      ask(caller, async () => {
        if (login.username === deps.ownLogin) return 'ignore';
        const { username, password, clientId, address } = login;
        const answer = await deps.authenticate({ username, password, clientId, remoteAddress: address });
        return 'refused' in answer ? 'deny' : 'allow';
      }),
    topic: (caller: Actor, asked: { username: string; action: 'publish' | 'subscribe'; topic: string }) =>
      ask(caller, () => {
        const { username, action, topic } = asked;
        if (username === deps.ownLogin) return 'ignore';
        const vendorId = username.startsWith(VENDOR) ? username.slice(VENDOR.length) : null;
        if (vendorId !== null && !deps.vendorOpen(vendorId)) return 'deny';
        const principal: Principal =
          vendorId === null ? { kind: 'device', deviceId: username } : { kind: 'vendor', vendorId };
        return deps.authorize(principal, action, topic) ? 'allow' : 'deny';
      }),
  };
}
