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
  let lost: 'headers' | 'url' | null = null;
  const headers = fieldsOf(config.headers);
  if (headers) {
    const known = (same && fieldsOf(before.headers)) || {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== HIDDEN) continue;
      if (Object.hasOwn(known, name)) headers[name] = known[name];
      else lost = 'headers';
    }
    config.headers = headers;
  }
  if (url && from && config.url === fieldsOf(withoutSecrets({ config: before }).config)?.url) config.url = before.url;
  else if (url) {
    const hidden = [...url.searchParams].filter(([, value]) => value === HIDDEN).map(([name]) => name);
    for (const name of new Set(hidden)) {
      const known = same ? from.searchParams.get(name) : null;
      if (known === null) lost = 'url';
      else url.searchParams.set(name, known);
    }
    if (hidden.length > 0) config.url = url.toString();
  }
  return { config, lost };
}

const fieldsOf = (value: unknown): Config | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
const urlOf = ({ url }: Config): URL | undefined =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
