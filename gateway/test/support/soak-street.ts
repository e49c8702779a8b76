import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The cameras of {@link SOAK_FLEET} behind real sockets, in a process of their own. */
export interface SoakStreet {
  readonly cameras: readonly { readonly id: string; readonly connection: object }[];
  /** The camera's own fault begins or ends. */
  misbehave(id: string, misbehave: boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Answer {
  readonly cameras?: SoakStreet['cameras'];
  readonly seq?: number;
  readonly error?: string;
}

export async function startSoakStreet(): Promise<SoakStreet> {
  const script = join(import.meta.dirname, 'soak-street-process.ts');
  const child = spawn('setpriv', ['--pdeathsig=KILL', '--', process.execPath, script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let seq = 0;
  const cameras = await new Promise<SoakStreet['cameras']>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the cameras ended with ${code}`)));
    child.on('message', (answer: Answer) => {
      if (answer.cameras) resolve(answer.cameras);
      else waiting.get(answer.seq ?? -1)?.(answer);
    });
  });
  return {
    cameras,
    async misbehave(id, misbehave) {
      seq += 1;
      const mine = seq;
      const answered = new Promise<Answer>((resolve) => waiting.set(mine, resolve));
      child.send({ seq: mine, id, misbehave });
      const { error } = await answered;
      waiting.delete(mine);
      if (error !== undefined) throw new Error(error);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
