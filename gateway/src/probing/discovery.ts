import { randomUUID } from 'node:crypto';
import type { CameraConnection, Clock, Discover, DiscoveredDevice, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { CameraFindings, CameraJob, FoundCamera } from '../domain/camera-job.ts';
import { requireRight } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { type Findings, withoutLogin } from './findings.ts';

export interface DiscoveryDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly discover: Discover;
  /** Why this is no network that may be scanned; undefined when it is one. */
  readonly networkFault: (cidr: string) => string | undefined;
  readonly scan: (
    cidr: string,
    options: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
  ) => AsyncIterable<DiscoveredDevice>;
  readonly findOut: (
    connection: CameraConnection,
    options: { deadline: number; signal: AbortSignal },
  ) => Promise<Findings>;
  /** Devices with one of these addresses or serials; `deviceId` null when the scope may not see it. */
  readonly registered: (
    scope: Scope,
    wanted: { readonly hosts: readonly string[]; readonly serials: readonly string[] },
  ) => Promise<readonly { host: string | null; serial: string | null; deviceId: string | null }[]>;
}

export interface DiscoverInput {
  readonly method: 'multicast' | 'subnet';
  /** With `subnet`: the network, at most a /20. */
  readonly cidr?: string;
  /** With `multicast`: how long answers are waited for; default 5. */
  readonly seconds?: number;
}

/** Searches and looks that outlast a request. All methods check `cameras:operate`; a foreign job is NOT_FOUND. */
export interface CameraJobs {
  discover(actor: Actor, input: DiscoverInput): CameraJob;
  probe(actor: Actor, connection: CameraConnection): CameraJob;
  list(actor: Actor): readonly CameraJob[];
  get(actor: Actor, id: string): CameraJob;
  /** Ends a running job; what it found stays. */
  cancel(actor: Actor, id: string): CameraJob;
  /** Ends all of them. */
  stop(): Promise<void>;
}

const KEPT = 100;
const KEPT_MS = 3_600_000;
const RUNNING = 4;
const DEFAULT_SECONDS = 5;
const PROBE_MS = 20_000;
const SCAN_MS = 15 * 60_000;

interface Entry {
  job: CameraJob;
  readonly owner: string;
  readonly ending: AbortController;
  work: Promise<void>;
}

export function createCameraJobs(deps: DiscoveryDeps): CameraJobs {
  const { clock, log } = deps;
  const entries = new Map<string, Entry>();

  const forgetOld = () => {
    const finished = [...entries.values()].filter(({ job }) => job.finishedAt !== null);
    const spare = entries.size - KEPT;
    finished.forEach(({ job }, index) => {
      if (index < spare || clock.now() - (job.finishedAt ?? 0) > KEPT_MS) entries.delete(job.id);
    });
  };

  const begin = (
    actor: Actor,
    kind: CameraJob['kind'],
    target: string,
    work: (entry: Entry, signal: AbortSignal) => Promise<void>,
  ): CameraJob => {
    requireRight(actor, 'cameras', 'operate');
    forgetOld();
    const running = [...entries.values()].filter(({ job }) => job.state === 'running').length;
    if (running >= RUNNING) throw new GatewayError('TOO_MANY_REQUESTS', bilingual('cameraJob.tooMany', { running }));
    const job: CameraJob = {
      id: randomUUID(),
      kind,
      state: 'running',
      target,
      startedAt: clock.now(),
      finishedAt: null,
      progress: null,
      found: [],
      result: null,
      error: null,
    };
    const entry: Entry = { job, owner: actor.id, ending: new AbortController(), work: Promise.resolve() };
    entries.set(job.id, entry);
    entry.work = work(entry, entry.ending.signal).then(
      () => finish(entry, 'done', null),
      (error: unknown) => {
        if (entry.ending.signal.aborted) return;
        log.warn({ kind, target, error }, 'a camera job failed');
        finish(entry, 'failed', error instanceof Error ? error.message : String(error));
      },
    );
    return job;
  };
  const finish = (entry: Entry, state: CameraJob['state'], error: string | null) => {
    if (entry.job.state === 'running') entry.job = { ...entry.job, state, error, finishedAt: clock.now() };
  };

  const search = async (entry: Entry, actor: Actor, devices: AsyncIterable<DiscoveredDevice>) => {
    for await (const device of devices) {
      const found = await recognise(actor, device);
      entry.job = { ...entry.job, found: [...entry.job.found, found] };
    }
  };
  const recognise = async (actor: Actor, { address, name, facts }: DiscoveredDevice): Promise<FoundCamera> => {
    const match = await known(actor, [address], []);
    return { address, name: name ?? null, facts, ...match };
  };
  const known = async (actor: Actor, hosts: readonly string[], serials: readonly string[]) => {
    const matches = await deps.registered(actor.scope, { hosts, serials });
    const deviceId = matches.find((match) => match.deviceId !== null)?.deviceId ?? null;
    return { registered: matches.length > 0, deviceId };
  };

  const mine = (actor: Actor, id: string): Entry => {
    requireRight(actor, 'cameras', 'operate');
    const entry = entries.get(id);
    if (!entry || !(entry.owner === actor.id || actor.role === 'admin')) throw new GatewayError('NOT_FOUND');
    return entry;
  };

  return {
    discover(actor, { method, cidr, seconds = DEFAULT_SECONDS }) {
      if (method === 'subnet') return discoverSubnet(actor, cidr);
      const deadline = seconds * 1_000;
      return begin(actor, 'multicast', `${seconds} s`, (entry, signal) =>
        search(entry, actor, deps.discover({ deadline, signal })),
      );
    },
    probe(actor, connection) {
      const target = connection.protocol === 'rtsp' ? withoutLogin(connection.url) : connection.host;
      return begin(actor, 'probe', target, async (entry, signal) => {
        const findings = await deps.findOut(connection, { deadline: PROBE_MS, signal });
        const host = connection.protocol === 'rtsp' ? (URL.parse(connection.url)?.hostname ?? '') : connection.host;
        const match = await known(actor, [host], findings.serial === null ? [] : [findings.serial]);
        entry.job = { ...entry.job, result: { ...findings, ...match } satisfies CameraFindings };
      });
    },
    list(actor) {
      requireRight(actor, 'cameras', 'operate');
      forgetOld();
      const own = [...entries.values()].filter(({ owner }) => owner === actor.id || actor.role === 'admin');
      return own.map(({ job }) => job).reverse();
    },
    get: (actor, id) => mine(actor, id).job,
    cancel(actor, id) {
      const entry = mine(actor, id);
      finish(entry, 'cancelled', null);
      entry.ending.abort(new DOMException('the job was cancelled', 'AbortError'));
      return entry.job;
    },
    async stop() {
      for (const entry of entries.values()) {
        finish(entry, 'cancelled', null);
        entry.ending.abort(new DOMException('the gateway stops', 'AbortError'));
      }
      await Promise.all([...entries.values()].map(({ work }) => work));
    },
  };

  function discoverSubnet(actor: Actor, cidr: string | undefined): CameraJob {
    if (cidr === undefined) throw badCidr(bilingual('cameraJob.cidrMissing'));
    const fault = deps.networkFault(cidr);
    if (fault !== undefined) throw badCidr(bilingual('cameraJob.cidr', { fault }));
    return begin(actor, 'subnet', cidr, (entry, signal) => {
      const onProgress = (done: number, total: number) => {
        entry.job = { ...entry.job, progress: { done, total } };
      };
      const limit = AbortSignal.any([signal, AbortSignal.timeout(SCAN_MS)]);
      return search(entry, actor, deps.scan(cidr, { signal: limit, onProgress }));
    });
  }
}

function badCidr(message: string): GatewayError {
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/cidr', code: 'cidr', message }] });
}
