/** Headers of a webhook carry the receiver's credentials, and so may the login part and query of its address. */
export function withoutSecrets<T extends { readonly config: unknown }>(channel: T): T {
  if (typeof channel.config !== 'object' || channel.config === null) return channel;
  const config: Record<string, unknown> = { ...channel.config };
  if (typeof config.headers === 'object' && config.headers !== null) {
    config.headers = Object.fromEntries(Object.keys(config.headers).map((name) => [name, '***']));
  }
  if (typeof config.url === 'string' && URL.canParse(config.url)) {
    const url = new URL(config.url);
    url.username = '';
    url.password = '';
    for (const name of url.searchParams.keys()) url.searchParams.set(name, '***');
    config.url = url.toString();
  }
  return { ...channel, config };
}
