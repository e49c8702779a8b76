import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../../adapters/adapter.ts';
import { actorText } from '../domain/actor.ts';
import type { StoredAnswer } from '../domain/idempotency.ts';
import { GatewayError } from '../errors.ts';
import { answerWriter } from './answers.ts';
import { boundaryOf } from './multipart.ts';
import type { IdempotencyPort } from './ports/idempotency.ts';
import { fullUrl } from './route.ts';
import type { Times } from './times.ts';

const KEEP_MS = 24 * 3_600_000;
/** A run that has not answered by then is held for dead (we were killed) and the key may be used again. */
const LEASE_MS = 60_000;
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * `Idempotency-Key` on a writing route: the first answer below 500 is kept for 24 hours per caller and route and given
 * again to a repetition, without what is shown only once. Another body under the same key is refused.
 */
export function addIdempotency(
  app: FastifyInstance,
  deps: { store: IdempotencyPort; clock: Clock; times: Times },
): void {
  const slots = new WeakMap<FastifyRequest, string>();
  const bodies = new WeakMap<FastifyRequest, string>();
  const writers = new WeakMap<object, (value: unknown) => string>();
  const writerOf = (schema: object) => {
    const known = writers.get(schema) ?? answerWriter(schema, deps.times, { secrets: false });
    writers.set(schema, known);
    return known;
  };

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    const { definition } = request.routeOptions.config;
    if (key === undefined || !definition || !request.caller || !WRITES.has(request.method)) return;
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) throw badKey();
    const slot = digest([actorText(request.caller), definition.method, fullUrl(definition), key]);
    const fingerprint = digest([request.url, bodyOf(request)]);
    const now = deps.clock.now();
    const begun = await deps.store.begin({
      slot,
      fingerprint,
      now,
      leaseUntil: now + LEASE_MS,
      keepUntil: now + KEEP_MS,
    });
    switch (begun.state) {
      case 'new':
        slots.set(request, slot);
        return;
      case 'mismatch':
        throw new GatewayError('IDEMPOTENCY_MISMATCH');
      case 'running':
        throw new GatewayError(
          'CONFLICT',
          '同一请求仍在处理，请稍后重试 / The same request is still running; try again later',
        );
      case 'done':
        reply.header('idempotent-replay', 'true').code(begun.answer.status);
        reply.type(begun.answer.contentType).serializer((text: unknown) => String(text));
        return reply.send(begun.answer.body);
    }
  });

  app.addHook('preSerialization', async (request, _reply, payload) => {
    const schema = request.routeOptions.config.definition?.ok;
    if (slots.has(request) && schema) bodies.set(request, writerOf(schema)(payload));
    return payload;
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const slot = slots.get(request);
    if (slot === undefined) return payload;
    slots.delete(request);
    if (reply.statusCode >= 500 || reply.statusCode === 429) {
      await deps.store.abandon(slot);
      return payload;
    }
    const kept = bodies.get(request);
    const answer: StoredAnswer = {
      status: reply.statusCode,
      contentType: String(reply.getHeader('content-type') ?? 'application/json; charset=utf-8'),
      body: kept ?? (typeof payload === 'string' ? payload : ''),
    };
    await deps.store.finish(slot, answer);
    return payload;
  });
}

/** A file stands for itself by its hash. A form sent again has another delimiter, made up anew by the client. */
function bodyOf(request: FastifyRequest): unknown {
  const { body } = request;
  if (!Buffer.isBuffer(body)) return body ?? null;
  const type = request.headers['content-type'] ?? '';
  const boundary = type.toLowerCase().startsWith('multipart/') ? boundaryOf(type) : undefined;
  const hash = createHash('sha256');
  let from = 0;
  while (boundary) {
    const at = body.indexOf(boundary, from, 'latin1');
    if (at < 0) break;
    hash.update(body.subarray(from, at)).update('\0');
    from = at + boundary.length;
  }
  return hash.update(body.subarray(from)).digest('base64url');
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function badKey(): GatewayError {
  const message = '须为 1–200 个可见 ASCII 字符 / Use 1 to 200 visible ASCII characters';
  return new GatewayError('INVALID_INPUT', message, {
    errors: [{ path: 'Idempotency-Key', code: 'pattern', message }],
  });
}
