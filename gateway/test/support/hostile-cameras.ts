import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a camera sends instead of pictures. */
export type Hostility = 'noise' | 'lyingLengths' | 'hugePicture' | 'manyTracks' | 'hugeDescription' | 'redirect';

/** An RTSP server for one hostile camera; every session plays until it is closed. */
export async function startHostileCamera(kind: Hostility): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let playing: NodeJS.Timeout | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      clearInterval(playing);
    });
    socket.on('data', (chunk) => {
      for (const request of chunk.toString('latin1').split('\r\n\r\n')) {
        const method = /^[A-Z_]+(?= rtsp)/.exec(request)?.[0];
        if (method === undefined) continue;
        socket.write(answer(kind, method, /CSeq: (\d+)/.exec(request)?.[1] ?? '0'));
        if (method === 'PLAY')
          playing ??= setInterval(() => socket.writableLength < 1e6 && socket.write(media(kind)), 20);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/cam`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(kind: Hostility, method: string, cseq: string): string {
  const say = (status: string, headers: readonly string[] = [], body = '') => {
    const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    return `${[`RTSP/1.0 ${status}`, `CSeq: ${cseq}`, ...headers, ...length].join('\r\n')}\r\n\r\n${body}`;
  };
  if (method === 'OPTIONS') return say('200 OK', ['Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']);
  if (method === 'SETUP') return say('200 OK', ['Session: 1', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
  if (method !== 'DESCRIBE') return say('200 OK', ['Session: 1']);
  if (kind === 'redirect') return say('302 Moved', ['Location: rtsp://169.254.169.254/']);
  return say('200 OK', ['Content-Type: application/sdp'], description(kind));
}

function description(kind: Hostility): string {
  const [sps, pps] = parameterSets(kind === 'hugePicture' ? 4_096 : 20);
  const sets = `sprop-parameter-sets=${sps.toString('base64')},${pps.toString('base64')}`;
  const track = `m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;${sets}\r\na=control:t\r\n`;
  if (kind === 'manyTracks') return `v=0\r\n${'a\n'.repeat(64_000)}${'m=video 0 0\n'.repeat(10_000)}`;
  if (kind === 'hugeDescription') return `v=0\r\n${track}${'a=x:y\r\n'.repeat(150_000)}`;
  return `v=0\r\no=- 0 0 IN IP4 169.254.169.254\r\ns=x\r\nc=IN IP4 169.254.169.254\r\n${track}`;
}

let sequence = 0;
function media(kind: Hostility): Buffer {
  if (kind === 'lyingLengths') return Buffer.concat([Buffer.from([0x24, 0, 0xff, 0xff]), randomBytes(3_000)]);
  if (kind === 'hugePicture') {
    const slice = Buffer.concat([Buffer.from([0x65, 0x88, 0x84]), randomBytes(1_000)]);
    return Buffer.concat([...parameterSets(4_096), slice].map(packet));
  }
  return Buffer.concat(Array.from({ length: 10 }, () => packet(randomBytes(1_200))));
}

function packet(payload: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt8(0x24, 0);
  head.writeUInt16BE(12 + payload.length, 2);
  head.writeUInt8(0x80, 4);
  head.writeUInt8(0x80 | 96, 5);
  head.writeUInt16BE(sequence++ & 0xffff, 6);
  head.writeUInt32BE((sequence * 3_600) >>> 0, 8);
  return Buffer.concat([head, payload]);
}

/** H.264 baseline parameter sets of a picture of so many macroblocks each way. */
function parameterSets(blocks: number): [Buffer, Buffer] {
  const golomb = (value: number) => {
    const bits = (value + 1).toString(2);
    return '0'.repeat(bits.length - 1) + bits;
  };
  const bytes = (bits: string) => {
    const whole = `${bits}1`.padEnd(Math.ceil((bits.length + 1) / 8) * 8, '0');
    return Buffer.from((whole.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  };
  const size = golomb(blocks - 1);
  const sps = bytes(`${golomb(0)}${golomb(0)}${golomb(2)}${golomb(1)}0${size}${size}1000`);
  const pps = bytes(
    `${golomb(0)}${golomb(0)}00${golomb(0)}${golomb(0)}${golomb(0)}000${golomb(0)}${golomb(0)}${golomb(0)}000`,
  );
  return [Buffer.concat([Buffer.from([0x67, 66, 0, 62]), sps]), Buffer.concat([Buffer.from([0x68]), pps])];
}
