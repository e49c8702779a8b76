import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { User } from '../domain/access-input.ts';
import { SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { inLoginHours } from '../domain/login-hours.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import type { Severity } from '../domain/reading.ts';
import type { Transactor, Tx } from '../domain/tx.ts';

/** Tells of logins that are out of the ordinary: an entry in the audit and a notice to whoever the rules name. */
export interface LoginAlerts {
  /** In the transaction of the login itself. */
  signedIn(tx: Tx, user: User, facts: { address: string; newAddress: boolean }): Promise<void>;
  /** Failures that have brought a delay; `user` is undefined when nobody has that name. */
  lockedOut(facts: { username: string; user: User | undefined; address: string }): Promise<void>;
}

export type LoginAlert = 'oddHourLogin' | 'newAddressLogin' | 'loginLockout' | 'securityFlood';

const SEVERITY: Readonly<Record<LoginAlert, Severity>> = {
  oddHourLogin: 'minor',
  newAddressLogin: 'minor',
  loginLockout: 'major',
  securityFlood: 'major',
};
/** The same alert of the same account is told once in this time. */
const QUIET_MS = 3_600_000;
/** Alerts told in that time over all accounts; then one more that says so. */
const MOST = 30;

export function createLoginAlerts(deps: {
  readonly db: Transactor;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeZone: string;
  readonly hours: () => string;
  readonly notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>;
}): LoginAlerts {
  const { clock, log } = deps;
  let told = new Map<string, number>();
  let count = 0;
  let since = clock.now();

  /** What may be told now under this name; the flood is told in the place of the first that is too many. */
  const admit = (alert: LoginAlert, subject: string): LoginAlert | undefined => {
    const now = clock.now();
    if (now - since >= QUIET_MS || now < since) {
      told = new Map([...told].filter(([, at]) => now - at < QUIET_MS));
      count = 0;
      since = now;
    }
    const key = `${alert} ${subject}`;
    const before = told.get(key);
    if (before !== undefined && now - before < QUIET_MS) return undefined;
    count += 1;
    if (count > MOST + 1) return undefined;
    told.set(key, now);
    return count > MOST ? 'securityFlood' : alert;
  };

  const tell = async (
    tx: Tx,
    wanted: LoginAlert,
    facts: { user: User | undefined; username: string; address: string },
  ) => {
    const { user, address } = facts;
    const alert = admit(wanted, user?.id ?? address);
    if (!alert) return;
    const at = clock.now();
    // Whoever has no account chose this name; it must not bring lines or controls of its own.
    const username = facts.username.replace(/\p{C}+/gu, ' ');
    log.warn({ alert, userId: user?.id, address }, 'a login out of the ordinary');
    await deps.audit.append(tx, [
      {
        at,
        actor: { ...SYSTEM, address },
        action: 'alert',
        resource: 'sessions',
        resourceId: user?.id ?? null,
        after: { alert, username },
      },
    ]);
    const id = randomUUID();
    const notice: Notice = {
      ...OF_NO_DEVICE,
      key: `login:${id}`,
      subject: `login:${id}`,
      fault: alert,
      severity: SEVERITY[alert],
      priority: 'normal',
      orgId: user?.orgId ?? null,
      login: { userId: user?.id ?? null, who: user ? `${user.name} (${user.username})` : username, address },
      reason: null,
      advice: null,
      at,
    };
    await deps.notices(tx, [notice]);
  };

  return {
    async signedIn(tx, user, { address, newAddress }) {
      const facts = { user, username: user.username, address };
      if (newAddress) await tell(tx, 'newAddressLogin', facts);
      if (!inLoginHours(clock.now(), deps.hours(), deps.timeZone)) await tell(tx, 'oddHourLogin', facts);
    },
    lockedOut: (facts) => deps.db.transaction((tx) => tell(tx, 'loginLockout', facts)),
  };
}
