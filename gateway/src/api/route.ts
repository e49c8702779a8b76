import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Actor } from '../domain/actor.ts';
import type { ErrorCode } from '../error-table.ts';
import { GatewayError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import type { RouteAccess } from './auth.ts';
import { languageOf } from './problem.ts';
import { optional } from './validation.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type In<S extends TSchema | undefined> = S extends TSchema ? Static<S> : undefined;

/** What a handler gets: validated input, the caller, nothing of the framework unless it must set a header. */
export interface Call<P extends TSchema | undefined, Q extends TSchema | undefined, B extends TSchema | undefined> {
  readonly caller: Actor;
  readonly params: In<P>;
  readonly query: In<Q>;
  readonly body: In<B>;
  /** Language of texts in the answer: Chinese unless Accept-Language prefers English. */
  readonly language: Language;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One route as data: it makes the Fastify route, its OpenAPI operation and the rows of the access test. */
export interface RouteDefinition<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
  R extends TSchema | undefined = undefined,
> extends RouteAccess {
  readonly method: Method;
  /** Fastify form, `/devices/:id`; below `/api/v1` unless `root`. */
  readonly url: string;
  readonly root?: boolean;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  /** A path whose parts do not fit (control characters, too long) answers NOT_FOUND instead of INVALID_INPUT. */
  readonly unfittingPathIsUnknown?: boolean;
  readonly query?: Q;
  readonly body?: B;
  /** The body may be left out. */
  readonly bodyOptional?: boolean;
  /** Content types beside JSON, handed over as text. */
  readonly consumes?: readonly string[];
  /** The body is a file of one of these media types, handed over as bytes in `request.body`; nothing else is taken. */
  readonly upload?: { readonly types: readonly string[]; readonly maxBytes: number };
  /** Status of success: 200, 201, 202, or 204 and 302 (no schema). */
  readonly status?: 200 | 201 | 202 | 204 | 302;
  readonly ok?: R;
  /** A second status that carries the same schema (`/readyz` when down). */
  readonly alternative?: 202 | 503;
  /** Media type of a success that is not JSON. */
  readonly produces?: string;
  /**
   * What one process alone can do, where several share the work: that of a `camera` (or any device) with a connection, named
   * by `:id`; of a running `view`; what a `caller` started. Others hand the request on to it.
   */
  readonly owner?: 'camera' | 'view' | 'caller';
  /** Refusals of the route itself; the general ones are added by rule. */
  readonly problems?: readonly ErrorCode[];
  handler(call: Call<P, Q, B>): Promise<In<R>> | In<R>;
}

/** A definition whose input and output types are already checked. */
export type Route = RouteDefinition<TSchema | undefined, TSchema | undefined, TSchema | undefined, TSchema | undefined>;

/** Checks the handler against its own schemas, then forgets the types. */
export function route<
  P extends TSchema | undefined = undefined,
  Q extends TSchema | undefined = undefined,
  B extends TSchema | undefined = undefined,
  R extends TSchema | undefined = undefined,
>(definition: RouteDefinition<P, Q, B, R>): Route {
  return definition as unknown as Route;
}

export const BASE = '/api/v1';
export const fullUrl = (r: Route): string => (r.root ? r.url : `${BASE}${r.url}`);

/** Hands one definition to Fastify. The hooks of app.ts have checked caller and input by the time the handler runs. */
export function mount(app: FastifyInstance, definition: Route): void {
  const status = definition.status ?? 200;
  app.route({
    method: definition.method,
    url: fullUrl(definition),
    config: { definition },
    ...(definition.upload ? { bodyLimit: definition.upload.maxBytes } : {}),
    schema: {
      ...(definition.params ? { params: definition.params } : {}),
      ...(definition.query ? { querystring: definition.query } : {}),
      ...(definition.body ? { body: definition.bodyOptional ? optional(definition.body) : definition.body } : {}),
      ...(definition.ok && !definition.produces
        ? {
            response: {
              [status]: definition.ok,
              ...(definition.alternative ? { [definition.alternative]: definition.ok } : {}),
            },
          }
        : {}),
    },
    ...(definition.unfittingPathIsUnknown ? { attachValidation: true } : {}),
    async handler(request, reply) {
      const unfitting = request.validationError;
      if (unfitting) throw unfitting.validationContext === 'params' ? new GatewayError('NOT_FOUND') : unfitting;
      const result = await definition.handler({
        // Routes that declare `public` never look at the caller.
        caller: request.caller as Actor,
        params: request.params as never,
        query: request.query as never,
        body: request.body as never,
        language: languageOf(request.headers['accept-language']) ?? 'zh-CN',
        request,
        reply,
      });
      if (reply.statusCode === 200) reply.code(status);
      return status === 204 || status === 302 ? reply.send() : (result ?? null);
    },
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Actor | undefined;
  }
  interface FastifyContextConfig {
    definition?: Route;
    /** For routes that libraries add (documentation files): public, read only. */
    publicAsset?: boolean;
  }
}
