import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { AdapterError } from '../adapter.ts';
import type { MqttConfig } from './config.ts';

export interface Listeners {
  readonly port: number;
  readonly tlsPort: number | undefined;
  /** Accepts no more; the open sockets are the caller's. */
  close(): Promise<void>;
}

/** Opens the plain and, when configured, the TLS port. Both or none. */
export async function listen(config: MqttConfig, accept: (socket: Socket) => void): Promise<Listeners> {
  const plain = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, accept);
  const servers: (Server | TlsServer)[] = [plain];
  try {
    const port = await open(plain, config.port, config.host);
    let tlsPort: number | undefined;
    if (config.tls) {
      const secure = createTlsServer(
        {
          ...(await readCertificate(config.tls)),
          noDelay: true,
          keepAlive: true,
          handshakeTimeout: config.connectTimeoutMs,
        },
        accept,
      );
      // A failed handshake is the peer's affair; without a listener node destroys the socket just so.
      secure.on('tlsClientError', (_error, socket) => socket.destroy());
      servers.push(secure);
      tlsPort = await open(secure, config.tls.port, config.host);
    }
    return { port, tlsPort, close: () => closeAll(servers) };
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
}

function open(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE';
      reject(
        new AdapterError(
          busy ? 'PORT_IN_USE' : 'CANNOT_LISTEN',
          busy
            ? `port ${port} is in use; choose another (CGW_MQTT_PORT)`
            : `cannot listen on ${host}:${port}: ${error.message}`,
          { retry: busy, cause: error },
        ),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function readCertificate(tls: { certFile: string; keyFile: string }) {
  try {
    return { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) };
  } catch (error) {
    throw new AdapterError('BAD_CERTIFICATE', 'the TLS certificate or key cannot be read', {
      retry: false,
      cause: error,
    });
  }
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
}
