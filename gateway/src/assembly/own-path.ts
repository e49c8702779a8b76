import { networkInterfaces } from 'node:os';
import type { Clock } from '../../../adapters/adapter.ts';
import type { OwnPathTest } from '../monitor/grouping/own-path.ts';

/** A round trip of our own client that takes longer is as good as none. */
const SING_WITHIN_MS = 5_000;
/** Messages that wait longer than this for the database are not drained. */
const UNDRAINED_MS = 60_000;
/** A camera that answered within this shows that the way to cameras is open. */
const ANSWERED_MS = 120_000;

/** Tries our own part of a path, step by step; every step is told, so that whoever reads the incident sees what was tried. */
export function createOwnPath(deps: {
  readonly clock: Clock;
  readonly ping: () => Promise<void>;
  readonly spool: { status(): { readonly oldestUndrainedAt: number | null; readonly level: string } };
  /** Milliseconds of a round trip through the broker; rejects when there is none. */
  readonly sing: (withinMs: number) => Promise<number>;
  /** Epoch milliseconds at which a probed device last answered; null = none has since the start. */
  readonly lastAnswerAt: () => number | null;
  readonly interfaces?: typeof networkInterfaces;
}): OwnPathTest {
  const { clock, spool } = deps;

  const database = async () => {
    await deps.ping();
    return { database: 'ok' };
  };
  const drained = async () => {
    const { oldestUndrainedAt, level } = spool.status();
    const waitingMs = oldestUndrainedAt === null ? 0 : clock.now() - oldestUndrainedAt;
    if (level === 'full') throw new Error('spool full');
    if (waitingMs > UNDRAINED_MS) throw new Error(`spool not drained for ${waitingMs} ms`);
    return { spool: 'ok' };
  };
  const broker = async () => ({ brokerMs: Math.round(await deps.sing(SING_WITHIN_MS)) });
  const network = async () => {
    const answered = deps.lastAnswerAt();
    const agoMs = answered === null ? null : clock.now() - answered;
    if (agoMs !== null && agoMs <= ANSWERED_MS) return { anotherAnsweredMsAgo: agoMs };
    const own = Object.values((deps.interfaces ?? networkInterfaces)()).flat();
    const up = own.filter((address) => address !== undefined && !address.internal);
    if (up.length === 0) throw new Error('no network interface is up');
    return { interfaces: up.length };
  };

  return async (path) => {
    const steps: [string, () => Promise<Record<string, unknown>>][] = [
      ['database', database],
      ['spool', drained],
      path === 'mqtt' ? ['broker', broker] : ['network', network],
    ];
    const evidence: Record<string, unknown> = { path };
    let ok = true;
    for (const [step, run] of steps) {
      try {
        Object.assign(evidence, await run());
      } catch (error) {
        ok = false;
        evidence[step] = error instanceof Error ? error.message : String(error);
      }
    }
    return { ok, evidence };
  };
}
