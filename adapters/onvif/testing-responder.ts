import { createSocket, type Socket } from 'node:dgram';

/**
 * Tests only: answers WS-Discovery questions on one interface with the datagrams it is given. Run as a program in
 * another network namespace it takes its interface and answers from its arguments: `<address> <port> <json answers>`.
 */
export async function startResponder(
  address: string,
  port: number,
  answers: (question: string) => readonly (string | Buffer)[],
): Promise<{ readonly port: number; readonly asked: string[]; readonly peers: Set<string>; close(): void }> {
  const socket: Socket = createSocket({ type: 'udp4', reuseAddr: true });
  const asked: string[] = [];
  const peers = new Set<string>();
  socket.on('message', (question, peer) => {
    asked.push(question.toString());
    peers.add(peer.address);
    for (const answer of answers(question.toString())) socket.send(answer, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(port, '0.0.0.0', resolve));
  socket.addMembership('239.255.255.250', address);
  return { port: socket.address().port, asked, peers, close: () => socket.close() };
}

export interface TestMatch {
  readonly urn: string;
  readonly xaddrs: string;
  readonly scopes?: string;
}

export const matchesOf = (...matches: readonly TestMatch[]) =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches>${matches
    .map(
      ({ urn, xaddrs, scopes = '' }) =>
        `<d:ProbeMatch><a:EndpointReference><a:Address>${urn}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${scopes}</d:Scopes><d:XAddrs>${xaddrs}</d:XAddrs></d:ProbeMatch>`,
    )
    .join('')}</d:ProbeMatches></s:Body></s:Envelope>`;

const [address, port, answers] = process.argv.slice(2);
if (import.meta.main && address && port && answers) {
  const list = JSON.parse(answers) as string[];
  await startResponder(address, Number(port), () => list);
  console.log('ready');
}
