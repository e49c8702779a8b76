import type { Answer } from '../../api/client.ts';

/** How a camera is reached, without its login. */
export type Target =
  | { readonly protocol: 'onvif'; readonly host: string; readonly port?: number; readonly tls?: boolean }
  | { readonly protocol: 'rtsp'; readonly url: string };
export interface Login {
  readonly username: string;
  readonly password: string;
}
export type CameraJob = Answer<'CameraJob'>;
export type Found = CameraJob['found'][number];
export type Findings = NonNullable<CameraJob['result']>;

const MOST = 20;

/** `192.168.1.64`, `192.168.1.64:8000`, `[fd00::1]:8000`, `https://camera.lan`; null = none of these. */
export function targetOf(line: string): Target | null {
  const text = line.trim();
  if (/^rtsps?:\/\/\S+$/i.test(text)) return { protocol: 'rtsp', url: text };
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  if (text === '' || /\s/.test(text) || url === null || url.hostname === '' || url.username !== '') return null;
  const tls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { protocol: 'onvif', host, ...(url.port !== '' && { port: Number(url.port) }), ...(tls && { tls }) };
}

/** One target a line, each once; what is no address is named. */
export function targetsOf(text: string): { readonly targets: readonly Target[]; readonly wrong: readonly string[] } {
  const lines = [...new Set(text.split(/[\n,;，；]/).map((line) => line.trim()))].filter((line) => line !== '');
  const read = lines.slice(0, MOST).map((line) => ({ line, target: targetOf(line) }));
  return {
    targets: read.flatMap(({ target }) => (target ? [target] : [])),
    wrong: read.flatMap(({ line, target }) => (target ? [] : [line])),
  };
}

/** How to reach what a search found: its ONVIF service, else its RTSP port. */
export function targetOfFound({ address, facts }: Found): Target | null {
  if (facts.xaddr !== undefined) return targetOf(new URL(facts.xaddr).origin);
  if (facts.rtspPort !== undefined) return { protocol: 'rtsp', url: `rtsp://${address}:${facts.rtspPort}/` };
  return targetOf(address);
}

export const words = (target: Target): string =>
  target.protocol === 'rtsp' ? target.url : `${target.host}${target.port === undefined ? '' : `:${target.port}`}`;

/** As the gateway takes it: an empty login is none. */
export const connectionOf = (target: Target, { username, password }: Login) => ({
  ...target,
  ...(username !== '' && { username }),
  ...(password !== '' && { password }),
});
