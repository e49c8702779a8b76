/** What stands for a value that is never shown. */
const HIDDEN = '***';
type Config = Record<string, unknown>;

/** Headers of a webhook carry the receiver's credentials, and so may the login part and query of its address. */
export function withoutSecrets<T extends { readonly config: unknown }>(channel: T): T {
  const config = fieldsOf(channel.config);
  if (config === undefined) return channel;
  const headers = fieldsOf(config.headers);
  if (headers) config.headers = Object.fromEntries(Object.keys(headers).map((name) => [name, HIDDEN]));
  const url = urlOf(config);
  if (url) {
    url.username = '';
    url.password = '';
    for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, HIDDEN);
    config.url = url.toString();
  }
  return { ...channel, config };
}

/**
 * A configuration as somebody changed it who saw the stored one {@link withoutSecrets}: what came back hidden is what is
 * stored, as long as it still goes to the same host. `lost` names the field whose hidden value has to be given again.
 */
export function keepHidden(stored: unknown, given: unknown): { config: unknown; lost: 'headers' | 'url' | null } {
  const config = fieldsOf(given);
  if (config === undefined) return { config: given, lost: null };
  const before = fieldsOf(stored) ?? {};
  const [from, url] = [urlOf(before), urlOf(config)];
  const same = from !== undefined && from.origin === url?.origin;
  const headersLost = keepHeaders(config, (same && fieldsOf(before.headers)) || {});
  if (url === undefined) return { config, lost: headersLost ? 'headers' : null };
  const unchanged = from && config.url === fieldsOf(withoutSecrets({ config: before }).config)?.url;
  if (unchanged) config.url = before.url;
  const urlLost = !unchanged && keepParameters(config, url, same ? from.searchParams : new URLSearchParams());
  return { config, lost: urlLost ? 'url' : headersLost ? 'headers' : null };
}

/** Puts stored values where hidden ones came back; true when one is not known. */
function keepHeaders(config: Config, known: Config): boolean {
  const headers = fieldsOf(config.headers);
  if (headers === undefined) return false;
  const hidden = Object.keys(headers).filter((name) => headers[name] === HIDDEN);
  for (const name of hidden) if (Object.hasOwn(known, name)) headers[name] = known[name];
  config.headers = headers;
  return hidden.some((name) => !Object.hasOwn(known, name));
}

/** As {@link keepHeaders}, for the parameters of the address. */
function keepParameters(config: Config, url: URL, known: URLSearchParams): boolean {
  const hidden = new Set([...url.searchParams].filter(([, value]) => value === HIDDEN).map(([name]) => name));
  if (hidden.size === 0) return false;
  for (const name of hidden) url.searchParams.set(name, known.get(name) ?? HIDDEN);
  config.url = url.toString();
  return [...hidden].some((name) => !known.has(name));
}

const fieldsOf = (value: unknown): Config | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
const urlOf = ({ url }: Config): URL | undefined =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
