import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient } from '../simulator/api-client.ts';

const NAME = '演示通知';

/** Everything the gateway tells, received on loopback and said in one line each, as a group chat would show it. */
export async function hearNotices(api: ApiClient, say: (line: string) => void): Promise<{ readonly stop: () => void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(204).end();
      const { title, notice } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Notified;
      const who = [notice?.handlerOrgName, notice?.assigneeName].filter((name) => name !== undefined).join(' ');
      const parts = [title, notice?.ticketNo ? `工单 ${notice.ticketNo}` : '', who ? `承办 ${who}` : ''];
      say(`通知 ${parts.filter((part) => part !== '').join(' · ')}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  const { items } = await api.get<{ items: { id: string; name: string }[] }>('/notification-channels');
  // A demo that is started again listens elsewhere.
  for (const { id, name } of items) if (name === NAME) await api.delete(`/notification-channels/${id}`);
  const { channel } = await api.post<{ channel: { id: string } }>('/notification-channels', {
    name: NAME,
    kind: 'webhook',
    config,
  });
  await api.post('/notification-rules', { channelId: channel.id });
  await api.post('/notification-rules', { channelId: channel.id, level: 2, lifeSafety: true });
  return { stop: () => server.close().closeAllConnections() };
}

interface Notified {
  readonly title: string;
  readonly notice?: {
    readonly ticketNo: string | null;
    readonly handlerOrgName?: string;
    readonly assigneeName?: string;
  };
}
