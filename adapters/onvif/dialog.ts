import type { SoapReply } from './pass.ts';

/** How code in the parser thread reaches one camera during one call. */
export interface Dialog {
  /** Address of the device service; its host is never used for dialling. */
  readonly xaddr: URL;
  /** Device clock minus ours in milliseconds; set once the camera told it. */
  clockOffsetMs: number | null;
  /** false while the camera is asked as a stranger. */
  login: boolean;
  /** Sends a request to the service at `url`. Throws OnvifError. */
  ask(url: URL, soap: string, action?: string): Promise<SoapReply>;
}

/**
 * The address a service is asked at. Cameras name inner addresses behind NAT, wrong hosts after a move, or worse: the
 * path is the camera's, the host and scheme are always those we were told to dial; the port only when host and scheme
 * agree anyway.
 */
export function serviceAddress(dialled: URL, named: string | null): URL | null {
  const url = named === null ? null : URL.parse(named.trim().split(/\s+/)[0] ?? '', dialled.href);
  if (!url) return null;
  const result = new URL(dialled.href);
  result.pathname = url.pathname;
  result.search = url.search;
  if (url.hostname === dialled.hostname && url.protocol === dialled.protocol) result.port = url.port;
  return result;
}
