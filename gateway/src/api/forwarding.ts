import replyFrom from '@fastify/reply-from';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { ForwardPort, Peer } from './ports/forwarding.ts';
import type { Services } from './ports.ts';

/** Says that another process of this gateway hands a request on, for whom, and proves it. */
export const HOP_HEADER = 'x-cgw-hop';
const HOP_VALID_MS = 30_000;
/** A process that says nothing for so long is given up; a look at a picture may take 90 s. */
const SILENCE_MS = 100_000;
/** Of one connection, not of the answer. */
const NOT_HANDED_ON = ['connection', 'keep-alive', 'transfer-encoding'];
const VIEW = /^([0-9a-f]{12})[A-Za-z0-9_-]{16}$/;

interface ForwardDeps {
  readonly port: ForwardPort;
  readonly devices: Pick<Services['devices'], 'get'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Requests about what one process alone can do (a camera's picture, a running view) are handed on to that process, with the
 * caller's own login: it decides again whether he may. At most one step: who gets a request by such a step and is not the
 * owner either refuses, for the list of processes is just changing.
 */
export function addForwarding(app: FastifyInstance, { port, devices, clock, log }: ForwardDeps): void {
  const hopped = new WeakSet<FastifyRequest>();
  let leaving: AbortSignal | undefined;
  app.register(replyFrom, {
    disableRequestLogging: true,
    disableCache: true,
    destroyAgent: true,
    // Read anew for each request: who goes away does not keep a camera busy elsewhere.
    http: {
      requestOptions: {
        timeout: SILENCE_MS,
        rejectUnauthorized: true,
        get signal() {
          return leaving;
        },
      },
    },
  });

  app.addHook('onRequest', async (request) => {
    const header = request.headers[HOP_HEADER];
    if (header === undefined) return;
    hopped.add(request);
    const hop = typeof header === 'string' ? readHop(header) : undefined;
    if (!hop || Math.abs(clock.now() - hop.at) > HOP_VALID_MS) return;
    if (port.check(textOf(hop, port.self, request), hop.signature) !== 'valid') return;
    // Only from ourselves: to anybody else the address of his connection is his address.
    Object.defineProperties(request, { ip: { value: hop.ip }, protocol: { value: hop.protocol } });
  });

  app.addHook('preValidation', (request, reply, done) => {
    const { definition } = request.routeOptions.config;
    if (!definition?.owner || !request.caller || port.alone()) return done();
    ownerOf(definition.owner, request).then(
      (peer) => (peer ? forward(request, reply, peer) : done()),
      (error: Error) => done(error),
    );
  });

  /** undefined = us. */
  async function ownerOf(kind: 'camera' | 'view' | 'caller', request: FastifyRequest): Promise<Peer | undefined> {
    const { caller } = request;
    const params = request.params as { id?: string; view?: string };
    if (!caller) return undefined;
    if (kind === 'view') return holderOf(params.view ?? '');
    if (kind === 'caller') return besidesUs(port.owner(caller.id));
    const device = await devices.get(caller, params.id ?? '');
    return device.connection === null ? undefined : besidesUs(port.owner(device.key));
  }

  function besidesUs(peer: Peer | undefined): Peer | undefined {
    if (!peer) throw new GatewayError('NODE_AWAY');
    return peer.id === port.self ? undefined : peer;
  }

  /** A view lives in the process that opened it, and is over with it. */
  function holderOf(view: string): Peer | undefined {
    const id = VIEW.exec(view)?.[1];
    const peer = id === undefined || id === port.self ? undefined : port.peer(id);
    if (!peer || peer.state === 'live') return peer;
    throw new GatewayError('NOT_FOUND', bilingual('live.ended.shutdown'), { extra: { ended: 'shutdown' } });
  }

  function forward(request: FastifyRequest, reply: FastifyReply, peer: Peer): void {
    if (hopped.has(request) || peer.url === null) {
      reply.send(new GatewayError('NODE_AWAY'));
      return;
    }
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    leaving = gone.signal;
    reply.from(new URL(request.url.split('?', 1)[0] ?? '/', peer.url).href, {
      retryDelay: () => null,
      rewriteRequestHeaders(_request, { 'transfer-encoding': _, ...headers }) {
        // What a browser asked for decides where it may have come from, so the name it used is kept.
        const { host } = request.headers;
        const kept = request.body ? headers : withoutBody(headers);
        return { ...kept, ...(host === undefined ? {} : { host }), [HOP_HEADER]: hopOf(request, peer) };
      },
      rewriteHeaders: (headers) =>
        Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_HANDED_ON.includes(name))),
      onError(failed, { error }) {
        if (gone.signal.aborted) return;
        log.warn({ node: peer.id, error }, 'a request could not be handed on');
        failed.send(new GatewayError('NODE_AWAY', undefined, { cause: error }));
      },
    });
    leaving = undefined;
  }

  function hopOf(request: FastifyRequest, peer: Peer): string {
    const hop = { at: clock.now(), ip: request.ip, protocol: request.protocol };
    return [hop.at, hop.ip, hop.protocol, port.sign(textOf(hop, peer.id, request))].join(' ');
  }
}

interface Hop {
  readonly at: number;
  readonly ip: string;
  readonly protocol: string;
}

/** Good for one receiver and one address of ours; a copy of it opens nothing else. */
function textOf({ at, ip, protocol }: Hop, to: string, { method, url }: FastifyRequest): string {
  return ['hop', at, ip, protocol, to, method, url].join('\n');
}

function readHop(header: string): (Hop & { readonly signature: string }) | undefined {
  const [at, ip, protocol, signature] = header.split(' ');
  if (!ip || !protocol || !signature || !/^\d{1,15}$/.test(at ?? '')) return undefined;
  return { at: Number(at), ip, protocol, signature };
}

function withoutBody({ 'content-length': _, 'content-type': __, ...headers }: Record<string, unknown>) {
  return headers as Record<string, string>;
}
