import { parentPort } from 'node:worker_threads';
import type { ToThread } from './thread-protocol.ts';

/** Tests only: a parser thread that dies or hangs on demand; the "xml" says how. */
if (!parentPort) throw new Error('testing-thread.ts runs in a worker thread');
const port = parentPort;
port.on('message', (message: ToThread) => {
  if (message.do === 'ping') port.postMessage({ do: 'pong' });
  if (message.do !== 'call') return;
  const { xml } = message.args as { xml: string };
  if (xml === 'spin') for (;;);
  if (xml === 'eat') {
    const all: unknown[] = [];
    for (;;) all.push(new Array(1_000_000).fill(all.length + 0.5));
  }
  if (xml === 'throw') setImmediate(() => Promise.reject(new Error('boom')));
  else setTimeout(() => port.postMessage({ do: 'done', id: message.id, result: [xml] }), 100);
});
port.postMessage({ do: 'pong' });
