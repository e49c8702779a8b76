import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, connect as toward } from 'node:net';

export interface Line {
  /** The gateway as it is reached over this line. */
  readonly base: string;
  /** Nothing gets through, and what is under way breaks off; `mend` ends it. */
  cut(): void;
  mend(): void;
  /** Lets a request through whose head contains `words`, and keeps its answer back; resolves when there is one. */
  loseAnswer(words: string): Promise<void>;
  end(): Promise<void>;
}

/** A phone's line to a gateway on this machine: passes bytes on, and fails when told to. */
export async function openLine(port: number): Promise<Line> {
  let whole = true;
  let lost: { words: string; answered: () => void } | undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The other end says the same by closing.
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((phone) => {
    keep(phone);
    if (!whole) return phone.destroy();
    const gateway = keep(toward(port, '127.0.0.1'));
    let held: typeof lost;
    phone.on('data', (bytes) => {
      if (lost && bytes.toString('latin1').includes(lost.words)) {
        held = lost;
        lost = undefined;
      }
      gateway.write(bytes);
    });
    gateway.on('data', (bytes) => {
      if (!held) return phone.write(bytes);
      held.answered();
      phone.destroy();
      return gateway.destroy();
    });
    phone.on('close', () => gateway.destroy());
    gateway.on('close', () => phone.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      whole = false;
      breakOff();
    },
    mend() {
      whole = true;
    },
    loseAnswer: (words) =>
      new Promise((answered) => {
        lost = { words, answered };
      }),
    async end() {
      breakOff();
      server.close();
      await once(server, 'close');
    },
  };
}
