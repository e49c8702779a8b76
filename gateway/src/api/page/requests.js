import { language } from './language.js';

/** An answer that takes longer than this counts as no connection. */
const PATIENCE_MS = 10_000;

export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { 'accept-language': language, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  const answer = text === '' ? null : JSON.parse(text);
  if (response.ok) return answer;
  throw Object.assign(new Error(answer?.detail ?? response.statusText), {
    status: response.status,
    code: answer?.code,
    ended: answer?.ended,
  });
}

export const get = (path) => call('GET', `/api/v1${path}`);
/** A part this account may not see is left out; everything else is a failure of the whole refresh. */
export const allowed = (path) =>
  get(path).catch((error) => {
    if (error.status === 403 && error.code === 'FORBIDDEN') return null;
    throw error;
  });
