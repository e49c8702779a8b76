import { connect } from 'node:net';
import type { PinnedAddress } from '../targets.ts';

/** The web port nearly every camera has; a refusal proves the host just as well as an answer. */
export const WEB_PORT = 80;

/**
 * Whether the host itself still answers: a service whose process is stopped lets its accept queue fill up and then
 * swallows handshakes like a host without power. One packet to another port tells the two apart. Never rejects.
 */
export function hostAlive(target: PinnedAddress, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const socket = connect({ host: target.address, port: WEB_PORT, family: target.family });
    const settle = (alive: boolean) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(alive);
    };
    const onAbort = () => settle(false);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => settle(true));
    socket.on('error', (error: Error & { code?: string }) => settle(error.code === 'ECONNREFUSED'));
  });
}
