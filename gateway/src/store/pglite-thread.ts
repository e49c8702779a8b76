import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { ThreadData, ThreadReply, ThreadRequest } from './pglite-worker.ts';

/**
 * The thread PGlite lives in, so that a write never stalls the event loop that answers devices. Requests come one at a
 * time: the session in front of it waits for each answer.
 */
if (!parentPort) throw new Error('pglite-thread.ts runs in a worker thread');
const port = parentPort;
const { dataDir, image } = workerData as ThreadData;
let engine: PGlite | undefined;

async function serve(request: ThreadRequest): Promise<ThreadReply> {
  switch (request.do) {
    case 'open':
      engine = await PGlite.create({
        dataDir: dataDir ?? 'memory://',
        relaxedDurability: true,
        ...(image === undefined ? {} : { loadDataDir: new Blob([await readFile(image)]) }),
        // It would touch 128 MiB in time; the files below are in the system's own cache anyway.
        startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
        // Small log segments keep snapshots small. Both count when the directory is made.
        initDbStartParams: ['--wal-segsize=4'],
        postgresqlconf: ['min_wal_size = 16MB', 'max_wal_size = 64MB'],
      });
      return { id: request.id, ok: true };
    case 'execute': {
      if (!engine) throw new Error('not open');
      // Not execProtocolRaw: in 0.5 it also parses each answer and keeps the outcome for ever.
      const parts: Uint8Array[] = [];
      await engine.execProtocolRawStream(request.message, {
        syncToFs: false,
        // A copy, because the engine's memory cannot be handed over.
        onRawData: (part) => parts.push(part.slice()),
      });
      return { id: request.id, ok: true, answer: joined(parts) };
    }
    case 'close':
      await engine?.close();
      return { id: request.id, ok: true };
  }
}

port.on('message', (request: ThreadRequest) => {
  serve(request).then(
    (reply) => port.postMessage(reply, reply.answer ? [reply.answer.buffer as ArrayBuffer] : []),
    (error: unknown) =>
      port.postMessage({
        id: request.id,
        ok: false,
        error: error instanceof Error ? error.message : String(error),
      } satisfies ThreadReply),
  );
});

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
