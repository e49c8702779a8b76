import type { Static, TObject, TSchema } from 'typebox';
import type { Resource as RightOf } from '../../domain/permission.ts';
import { listQuery, page } from '../lists.ts';
import type { ResourcePort } from '../ports/catalogue.ts';
import { type Route, route } from '../route.ts';
import { IdParams, Strict } from '../schema.ts';

/** The five routes of a plain resource. `name` is the singular in operation ids, `what` its wording in summaries. */
export function resource<V extends TSchema, B extends TObject, P extends TObject>(options: {
  readonly url: string;
  readonly name: string;
  readonly plural: string;
  readonly tag: string;
  readonly right: RightOf;
  readonly what: string;
  readonly view: V;
  readonly body: B;
  readonly patch: P;
  readonly service: ResourcePort<Static<V>, Static<B>, Static<P>>;
}): readonly Route[] {
  const { url, name, plural, tag, right, what, view, body, patch, service } = options;
  return [
    route({
      method: 'GET',
      url,
      access: `${right}:read`,
      operationId: `list${plural}`,
      tag,
      summary: `List: ${what}`,
      query: Strict(listQuery),
      ok: page(view),
      handler: ({ caller, query }) => service.list(caller, query) as never,
    }),
    route({
      method: 'POST',
      url,
      access: `${right}:create`,
      operationId: `create${name}`,
      tag,
      summary: `Create: ${what}`,
      body,
      status: 201,
      ok: view,
      problems: ['CONFLICT'],
      handler: ({ caller, body: input }) => service.create(caller, input as Static<B>) as never,
    }),
    route({
      method: 'GET',
      url: `${url}/:id`,
      access: `${right}:read`,
      operationId: `get${name}`,
      tag,
      summary: `Read: ${what}`,
      params: IdParams,
      ok: view,
      problems: ['NOT_FOUND'],
      handler: ({ caller, params }) => service.get(caller, params.id) as never,
    }),
    route({
      method: 'PATCH',
      url: `${url}/:id`,
      access: `${right}:update`,
      operationId: `update${name}`,
      tag,
      summary: `Change: ${what}`,
      params: IdParams,
      body: patch,
      ok: view,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: ({ caller, params, body: input }) => service.update(caller, params.id, input as Static<P>) as never,
    }),
    route({
      method: 'DELETE',
      url: `${url}/:id`,
      access: `${right}:remove`,
      operationId: `delete${name}`,
      tag,
      summary: `Remove: ${what}`,
      params: IdParams,
      status: 204,
      problems: ['NOT_FOUND', 'CONFLICT'],
      async handler({ caller, params }) {
        await service.remove(caller, params.id);
        return undefined;
      },
    }),
  ];
}
