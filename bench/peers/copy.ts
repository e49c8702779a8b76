import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Peer } from './peer.ts';

/** `mosquitto_sub | psql`: every message as it came, in one COPY, one transaction, no look at what it says. */
export async function startCopy(url: string, brokerPort: number, messages: number): Promise<Peer> {
  const make = 'create table said (topic text, payload jsonb)';
  const made = spawn('psql', ['-q', url, '-c', make], { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(made, 'exit');
  const pipe = `mosquitto_sub -h 127.0.0.1 -p ${brokerPort} -q 1 -i copy -t 'cgw/v1/+/telemetry' -C ${messages} -F '%t\t%p' |
    psql -q '${url}' -c 'copy said from stdin'`;
  const child = spawn('sh', ['-c', pipe], { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return {
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
