// The baseline of the ingest benchmark: aedes authorizePublish → JSON.parse → COPY into the same table with the same
// unique key → PUBACK after the commit. No registry, no validation, no spool, no ledger.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { Aedes } from 'aedes';
import { Client } from 'pg';
import { from } from 'pg-copy-streams';

interface Waiting {
  readonly device: number;
  readonly payload: Buffer;
  readonly done: (error?: Error | null) => void;
}

const MAX_BATCH = 1_000;

export async function runBare(options: {
  url: string;
  devices: Record<string, number>;
  metrics: Record<string, number>;
}): Promise<void> {
  const db = new Client({ connectionString: options.url });
  await db.connect();
  const queue: Waiting[] = [];
  let busy = false;

  const rowsOf = ({ device, payload }: Waiting): string => {
    const message = JSON.parse(payload.toString()) as { ts: number; metrics: Record<string, number> };
    const time = new Date(message.ts).toISOString();
    const now = new Date().toISOString();
    let rows = '';
    for (const name in message.metrics)
      rows += `${time}\t${now}\t${device}\t${options.metrics[name]}\t${message.metrics[name]}\n`;
    return rows;
  };
  const flush = async () => {
    busy = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH);
      const copy = db.query(from('copy reading (time, received_at, device, metric, num) from stdin'));
      copy.end(batch.map(rowsOf).join(''));
      await once(copy, 'finish');
      for (const { done } of batch) done(null);
    }
    busy = false;
  };

  const broker = await Aedes.createBroker();
  broker.authenticate = (client, username, _password, done) => {
    Object.assign(client, { device: options.devices[username ?? ''] });
    done(null, true);
  };
  broker.authorizePublish = (client, packet, done) => {
    queue.push({ device: (client as unknown as { device: number }).device, payload: packet.payload as Buffer, done });
    if (!busy) void flush();
  };
  const server = createServer(broker.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  console.log(JSON.stringify({ mqtt: (server.address() as AddressInfo).port }));
  process.on('SIGTERM', () => process.exit(0));
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    await runBare(JSON.parse(line) as Parameters<typeof runBare>[0]);
    break;
  }
}
