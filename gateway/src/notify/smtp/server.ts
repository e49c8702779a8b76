import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';

/** Tests only: a mail server on loopback that speaks as much SMTP as is needed, and misbehaves on demand. */
export interface MailServer {
  readonly port: number;
  /** Whole messages as they came, with their recipients. */
  readonly received: {
    readonly to: string[];
    readonly data: string;
    readonly login: string | null;
    readonly tls: boolean;
  }[];
  /** The answer to a command (`DATA`, `RCPT` …, `.` = the end of a message) instead of the usual one; `hang` says nothing, `drop` closes. */
  answer(command: string, reply: string): void;
  stop(): Promise<void>;
}

export async function startMailServer(
  options: { tls?: TlsOptions; fromStart?: boolean; login?: string } = {},
): Promise<MailServer> {
  const received: MailServer['received'] = [];
  const answers = new Map<string, string>();
  const sockets = new Set<Socket>();

  const talk = (socket: Socket, tls: boolean) => {
    let buffer = '';
    let body: string[] | undefined;
    let to: string[] = [];
    let login: string | null = null;
    const say = (command: string, usual: string) => {
      const reply = answers.get(command) ?? usual;
      if (reply === 'drop') socket.destroy();
      else if (reply !== 'hang') socket.write(`${reply}\r\n`);
    };
    const keep = (line: string, lines: string[]) => {
      if (line !== '.') {
        lines.push(line);
        return;
      }
      body = undefined;
      if (!answers.has('.')) received.push({ to, data: lines.join('\n'), login, tls });
      to = [];
      say('.', '250 kept');
    };
    const commands: Readonly<Record<string, (line: string) => void>> = {
      EHLO() {
        const extras = [...(options.tls && !tls ? ['STARTTLS'] : []), ...(options.login ? ['AUTH PLAIN'] : [])];
        say('EHLO', ['250-here', ...extras.map((extra) => `250-${extra}`), '250 8BITMIME'].join('\r\n'));
      },
      STAR() {
        socket.removeAllListeners('data');
        socket.write('220 go\r\n', () => talk(new TLSSocket(socket, { ...options.tls, isServer: true }), true));
      },
      AUTH(line) {
        const [, user, pass] = Buffer.from(line.slice(11), 'base64').toString('utf8').split('\0');
        login = `${user}:${pass}`;
        say('AUTH', login === options.login ? '235 welcome' : '535 wrong login');
      },
      RCPT(line) {
        to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        say('RCPT', '250 ok');
      },
      DATA() {
        if (!answers.has('DATA')) body = [];
        say('DATA', '354 go on');
      },
      QUIT: () => void socket.end('221 bye\r\n'),
    };
    const obey = (line: string) => {
      const command = line.slice(0, 4).toUpperCase();
      if (body) keep(line, body);
      else (commands[command] ?? (() => say(command, '250 ok')))(line);
    };
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('utf8');
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        obey(line);
      }
    });
    if (!tls || options.fromStart) say('hello', '220 here');
  };
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    talk(socket, options.fromStart ?? false);
  };
  const server = options.fromStart ? createTlsServer(options.tls ?? {}, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    received,
    answer: (command, reply) => void answers.set(command, reply),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
