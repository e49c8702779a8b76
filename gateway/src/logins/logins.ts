import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { BrokerManager, IssuedLogin, PendingLogin } from '../domain/broker-login.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import { createPlugIn, type KnownLogin, PlugInError } from './plug-in.ts';
import type { Control, LoginDevices, LoginStore, LoginVendors, Sealing } from './ports.ts';
import { createWanted, vendorLogin } from './wanted.ts';

export interface LoginsDeps {
  readonly db: Transactor;
  readonly store: LoginStore;
  readonly sealing: Sealing;
  readonly devices: LoginDevices;
  readonly vendors: LoginVendors;
  readonly ownTopics: (device: DeviceBrief) => readonly string[];
  readonly speaksMqtt: (type: string) => boolean;
  /** The broker's control topic; null = the broker is embedded and asks us itself. */
  readonly control: Control | null;
  /** Our own name at the broker: no device may have it. */
  readonly ownLogin: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
}

/** How the logins at the broker stand. */
export interface LoginsStatus {
  /** null = nothing keeps them: whoever the broker lets in is let in. */
  readonly managedBy: BrokerManager | null;
  /** Devices that should be able to log in and cannot: they need a new secret. */
  readonly missing: number;
  /** Secrets on their way to the broker. */
  readonly pending: number;
}

export type Logins = ReturnType<typeof createLogins>;

const BATCH = 20;
const RECONCILE_MS = 3_600_000;
/** A broker that is silent is asked again after this. */
const LOOK_AGAIN_MS = 30_000;
/** A secret that found no broker by then is forgotten; the device needs a new one. */
const KEEP_MS = 7 * 86_400_000;
/** A broker that asked us within this is one that asks us. */
const ASKED_WITHIN_MS = 7 * 86_400_000;
const NOTE_EVERY_MS = 600_000;
const context = (username: string) => `broker-login:${username}`;

/**
 * Keeps the logins of an external broker as the registry has them. Secrets are kept here as hashes only, so each is sealed on
 * its way, from the transaction that issued it until the broker confirmed it.
 */
export function createLogins(deps: LoginsDeps) {
  const { db, store, sealing, devices, vendors, control, clock, log } = deps;
  const wanted = createWanted(deps);
  const plugIn = control && createPlugIn(control, (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()));
  const dirty = new Set<string>();
  /** Somebody changed these there since everything was compared: left alone until that is done again. */
  const refused = new Set<string>();
  let task: Task | undefined;
  let present = false;
  let looked = Number.NEGATIVE_INFINITY;
  let reconciled = Number.NEGATIVE_INFINITY;
  let forgotten = Number.NEGATIVE_INFINITY;
  let known = new Map<string, KnownLogin>();
  let foreign = new Set<string>();
  let keys = new Map<string, string | null>();
  let askedAt: number | null = null;
  let notedAt = Number.NEGATIVE_INFINITY;
  let status: LoginsStatus = { managedBy: null, missing: 0, pending: 0 };
  const vendorTexts = new Map<string, string>();

  const wantedOf = (username: string) => wanted.of(username, keys.get(username) ?? null);
  const isForeign = (username: string) => username === deps.ownLogin || foreign.has(username);

  const refuse = (username: string, error: unknown) => {
    if (!(error instanceof PlugInError)) throw error;
    refused.add(username);
    log.error({ username, error }, 'the broker refuses a change of this login; all will be compared again');
  };

  const giveOne = async (login: PendingLogin): Promise<'given' | 'useless' | 'refused'> => {
    const { username, sealed, keyId } = login;
    const want = wanted.of(username, keyId);
    if (!plugIn || !want) return 'useless';
    if (refused.has(username)) return 'refused';
    if (isForeign(username)) {
      log.error({ username }, 'the broker has a login of this name that is not ours; the device cannot have one');
      return 'useless';
    }
    let password: string;
    try {
      password = sealing.open(sealed, context(username));
    } catch (error) {
      log.error({ username, error }, 'a secret on its way to the broker cannot be opened; it needs a new one');
      return 'useless';
    }
    try {
      await plugIn.give(username, password, want, known.get(username));
    } catch (error) {
      refuse(username, error);
      return 'refused';
    }
    known.set(username, { enabled: want.enabled, acls: plugIn.textOf(want.acls) });
    keys.set(username, keyId);
    return 'given';
  };

  /** One after the other: what the broker confirmed is noted before the next batch. */
  const deliver = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      const batch = await store.pending(db.autocommit, BATCH);
      if (batch.length === 0) return;
      const given: PendingLogin[] = [];
      const done = { given, useless: [] as PendingLogin[], refused: [] as PendingLogin[] };
      try {
        for (const login of batch) {
          if (signal.aborted) break;
          done[await giveOne(login)].push(login);
        }
      } finally {
        await db.transaction(async (tx) => {
          await store.confirm(tx, given, clock.now());
          const usernames = done.useless.map(({ username }) => username);
          await store.forget(tx, { usernames, before: clock.now() - KEEP_MS });
        });
      }
      if (given.length > 0) log.info({ logins: given.length }, 'the broker has these logins now');
      // The rest waits for the comparison.
      if (done.refused.length > 0) return;
    }
  };

  const mendOne = async (broker: NonNullable<typeof plugIn>, username: string) => {
    const is = known.get(username);
    const want = wantedOf(username);
    if (is && want) {
      if (await broker.mend(username, want, is))
        log.info({ username, enabled: want.enabled }, 'login at the broker mended');
      known.set(username, { enabled: want.enabled, acls: broker.textOf(want.acls) });
    } else if (is) {
      await broker.remove(username);
      known.delete(username);
      log.info({ username }, 'login at the broker removed');
    }
  };

  const mend = async (signal: AbortSignal) => {
    for (const username of [...dirty]) {
      if (signal.aborted || !plugIn) return;
      if (refused.has(username)) continue;
      // First: what changes while the broker is told has to be looked at again.
      dirty.delete(username);
      try {
        await mendOne(plugIn, username);
      } catch (error) {
        dirty.add(username);
        refuse(username, error);
      }
    }
  };

  /** Compares everything, as it may have been changed there, or here while nobody could tell the broker. */
  const reconcile = async () => {
    if (!plugIn) return;
    await plugIn.prepare(deps.ownLogin);
    ({ ours: known, foreign } = await plugIn.list());
    const confirmed = await store.confirmed(db.autocommit);
    keys = new Map(confirmed.map(({ username, keyId }) => [username, keyId]));
    const gone = confirmed.filter(({ username }) => !known.has(username)).map(({ username }) => username);
    if (gone.length > 0) {
      log.error({ logins: gone.length }, 'the broker has lost logins; their devices need new secrets');
      await store.lost(db.autocommit, gone);
    }
    for (const username of known.keys()) dirty.add(username);
    await store.seen(db.autocommit, 'dynsec', clock.now());
    refused.clear();
    reconciled = clock.monotonic();
    log.info({ logins: known.size, foreign: foreign.size }, 'logins at the broker compared');
  };

  const look = async () => {
    if (!plugIn) return;
    const now = clock.monotonic();
    if (!control?.open) {
      // Another broker, or the same one from an older file, may answer next.
      present = false;
      reconciled = Number.NEGATIVE_INFINITY;
      looked = Number.NEGATIVE_INFINITY;
      return;
    }
    if (present || now - looked < LOOK_AGAIN_MS) return;
    looked = now;
    present = await plugIn.answers();
    if (present) await store.seen(db.autocommit, 'dynsec', clock.now());
    else log.debug({}, 'the broker has no dynamic-security plug-in that answers us');
  };

  /** Few vendors, and what they may changes by calendar, papers and keys: looked at each time. */
  const watchVendors = () => {
    for (const { id, topics } of vendors.all()) {
      const username = vendorLogin(id);
      const key = keys.get(username);
      if (key === undefined) continue;
      const text = `${key !== null && vendors.keyWorks(id, key)} ${topics.join('\n')}`;
      if (vendorTexts.get(id) !== text) dirty.add(username);
      vendorTexts.set(id, text);
    }
  };

  const within = (at: number | null, ms: number) => at !== null && clock.now() - at < ms;

  const count = async () => {
    const managers = await store.managers(db.autocommit);
    askedAt = managers.http ?? null;
    const pending = new Set(await store.pendingNames(db.autocommit));
    const asks = within(askedAt, ASKED_WITHIN_MS);
    const managedBy = present ? 'dynsec' : asks ? 'http' : null;
    let missing = 0;
    if (present) {
      for (const { id } of wanted.working()) if (!known.has(id) && !pending.has(id)) missing += 1;
    }
    status = { managedBy, missing, pending: pending.size };
    const kept = within(managers.dynsec ?? null, KEEP_MS);
    if (asks && !present && !kept && pending.size > 0) {
      // Such a broker asks us about every login: nothing has to be kept for it. One that keeps them may only be away.
      await store.forget(db.autocommit, { usernames: [...pending], before: 0 });
    } else if (clock.monotonic() - forgotten > RECONCILE_MS) {
      forgotten = clock.monotonic();
      const dropped = await store.forget(db.autocommit, { usernames: [], before: clock.now() - KEEP_MS });
      if (dropped > 0) log.error({ logins: dropped }, 'secrets that found no broker are forgotten; they need new ones');
    }
  };

  const work = async (signal: AbortSignal) => {
    if (!devices.loaded) return;
    await look();
    if (present) {
      const compareAfter = refused.size > 0 ? LOOK_AGAIN_MS : RECONCILE_MS;
      if (clock.monotonic() - reconciled > compareAfter) await reconcile();
      await deliver(signal);
      watchVendors();
      await mend(signal);
    }
    await count();
  };

  devices.onChange((changes) => {
    if (!control) return;
    for (const { before, after } of changes) {
      dirty.add(after.id);
      for (const vendorId of [before?.vendorId, after.vendorId]) if (vendorId) dirty.add(vendorLogin(vendorId));
    }
    task?.kick();
  });

  return {
    /** In the transaction that issues them. */
    async issued(tx: Tx, logins: readonly IssuedLogin[]): Promise<void> {
      if (!control) return;
      await store.want(
        tx,
        logins.map(({ username, password, keyId = null }) => ({
          username,
          sealed: sealing.seal(password, context(username)),
          hash: sealing.hash(password),
          keyId,
        })),
        clock.now(),
      );
      task?.kick();
    },
    /** Looks at once; `key:<id>` is the vendor's login that has this key. */
    cut(target: string): void {
      const keyId = target.startsWith('key:') ? target.slice(4) : null;
      const username = keyId === null ? target : [...keys].find(([, key]) => key === keyId)?.[0];
      if (username !== undefined) dirty.add(username);
      task?.kick();
    },
    /** The broker asked about a login over HTTP. */
    async asked(): Promise<void> {
      if (clock.monotonic() - notedAt < NOTE_EVERY_MS) return;
      notedAt = clock.monotonic();
      await store.seen(db.autocommit, 'http', clock.now());
    },
    status: () => status,
    start() {
      if (!control) return;
      task = repeat({ name: 'broker logins', everyMs: deps.everyMs ?? 1_000, log }, work);
    },
    async stop() {
      await task?.stop();
    },
  };
}
