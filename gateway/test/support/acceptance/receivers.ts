import { createHmac } from 'node:crypto';
import { startMailServer } from '../../../src/notify/smtp/server.ts';
import { type Received, startReceiver } from '../../../src/notify/testing.ts';

/** Whom a channel of a kind reaches: how it is set up, and what he got. */
export interface Listener {
  readonly config: object;
  readonly secret: string;
  stop(): Promise<void>;
}

const KEY = 'a-robot-key-0123456789';
const SIGNING = 'SEC-of-the-street';

/** Answers of a platform to what it takes, and whether it takes it: unsigned or wrongly signed it says so and drops it. */
const PLATFORMS: Readonly<Record<string, { taken: string; refused: string; signed(request: Received): boolean }>> = {
  wecom: {
    taken: '{"errcode":0,"errmsg":"ok"}',
    refused: '{"errcode":93000,"errmsg":"invalid webhook url"}',
    signed: ({ path }) => new URL(path, 'http://x').searchParams.get('key') === KEY,
  },
  dingtalk: {
    taken: '{"errcode":0,"errmsg":"ok"}',
    refused: '{"errcode":310000,"errmsg":"sign not match"}',
    signed({ path }) {
      const said = new URL(path, 'http://x').searchParams;
      const wanted = createHmac('sha256', SIGNING)
        .update(`${said.get('timestamp')}\n${SIGNING}`)
        .digest('base64');
      return said.get('access_token') === KEY && said.get('sign') === wanted;
    },
  },
  feishu: {
    taken: '{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}',
    refused: '{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}',
    signed({ path, body }) {
      const { timestamp, sign } = JSON.parse(body) as { timestamp?: string; sign?: string };
      const wanted = createHmac('sha256', `${timestamp}\n${SIGNING}`).digest('base64');
      return path.endsWith(`/hook/${KEY}`) && /^\d{10}$/.test(timestamp ?? '') && sign === wanted;
    },
  },
};

/** A receiver of a kind of channel on loopback, as strict as the platform it stands for. */
export async function listen(kind: string, note: (body: string, key: string) => void): Promise<Listener> {
  if (kind === 'smtp') {
    const server = await startMailServer();
    // The server keeps whole messages only.
    const push = server.received.push.bind(server.received);
    server.received.push = (...mails) => {
      for (const { data } of mails) note(JSON.stringify({ text: data }), /^Message-ID: (.*)$/im.exec(data)?.[1] ?? '');
      return push(...mails);
    };
    const address = { host: 'localhost', port: server.port, security: 'none' };
    return { config: { ...address, from: 'cgw@street.cn', to: ['duty@street.cn'] }, secret: '', stop: server.stop };
  }
  const receiver = await startReceiver();
  const platform = PLATFORMS[kind];
  receiver.answer((response, request) => {
    const taken = platform?.signed(request) ?? true;
    if (taken) note(request.body, String(request.headers['idempotency-key'] ?? ''));
    if (platform) response.writeHead(200).end(taken ? platform.taken : platform.refused);
    else response.writeHead(204).end();
  });
  return {
    config: platform ? { baseUrl: receiver.url('') } : { url: receiver.url() },
    secret: platform && kind !== 'wecom' ? `${KEY} ${SIGNING}` : KEY,
    stop: receiver.stop,
  };
}
