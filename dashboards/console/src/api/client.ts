import createClient, { type Middleware } from 'openapi-fetch';
import { language } from '../language.ts';
import { problemOf } from './problem.ts';
import type { components, paths } from './schema.d.ts';

/** What the gateway answers with, by name: `Answer<'Device'>`. */
export type Answer<Name extends keyof components['schemas']> = components['schemas'][Name];

/** An answer that takes longer than this counts as no connection; uploads and reports have their own patience. */
const PATIENCE_MS = 15_000;

const inTheReadersLanguage: Middleware = {
  onRequest({ request }) {
    request.headers.set('accept-language', language());
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return;
    throw await problemOf(response);
  },
};

/** Calls of the gateway, typed by its OpenAPI document. Refusals are thrown as {@link Problem}. */
export const api = createClient<paths>({
  baseUrl: '',
  credentials: 'same-origin',
  cache: 'no-store',
  fetch: (request) => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MS)]) }),
});
api.use(inTheReadersLanguage);

/** The body of an answer that was not refused. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new Error('an answer without a body');
  return data;
}
