import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, type ExpectStatic, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import type { CameraPicture } from '../../tools/simulator/rtsp/pictures.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { until } from './support/until.ts';

/** What the camera shows, and what the gateway is to call it. */
const FAULTS: readonly { readonly picture: CameraPicture; readonly code: string }[] = [
  { picture: 'black', code: 'black' },
  { picture: 'blue', code: 'noSignal' },
  { picture: 'frozenScene', code: 'frozen' },
  { picture: 'blurred', code: 'blurred' },
  { picture: 'covered', code: 'covered' },
  { picture: 'colourCast', code: 'colourCast' },
  { picture: 'shifted', code: 'sceneShifted' },
  { picture: 'noFrames', code: 'noFrames' },
  { picture: 'h265', code: 'codecChanged' },
];
const LOGIN = { username: 'admin', password: 'Camera-1' };
const POLICY = { interval: '1s', hold: '2s', recoverAfter: '1s' };
const PATIENCE = { withinMs: 120_000, everyMs: 500 };

interface Ticket {
  readonly fault: string;
  readonly stage: string;
  readonly evidence: readonly { kind: string; detail: { picture?: string | null; reference?: string | null } }[];
}
interface Diagnosis {
  readonly state: readonly { code: string; state: string }[];
  readonly baseline: readonly { samples: number }[];
  readonly history: readonly { code: string; turn: string }[];
}

let dir: DataDir;
let gateway: GatewayProcess;
let api: ApiClient;
let token: string;
const servers = new Map<string, RtspServer>();

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  gateway = await startGateway(dir.path);
  api = await gateway.api();
  await api.put('/settings', {
    groupHold: '1s',
    ticketStableFor: '10m',
    describeEvery: '2s',
    pictureEvery: '5s',
    pictureConfirm: '1s',
    pictureCpu: 400,
  });
  token = (await api.post<{ key: string }>('/users/me/api-keys', { name: 'pictures' })).key;
  await Promise.all(
    FAULTS.map(async ({ code }) => {
      const server = createRtspServer({ cameras: [{ path: '/main', login: LOGIN, picture: 'good', label: code }] });
      servers.set(code, server);
      await server.start();
      const connection = { protocol: 'rtsp', url: server.camera('/main').url, ...LOGIN };
      const named = { id: code, type: 'generic/camera', name: code, module: 'video' };
      await api.post('/devices', { ...named, connection, healthPolicy: POLICY });
    }),
  );
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  await Promise.all([...servers.values()].map((server) => server.stop()));
  await dir?.remove();
});

const diagnosis = (id: string) => api.get<Diagnosis>(`/cameras/${id}/diagnosis`);
const tickets = async (id: string) => (await api.get<{ items: Ticket[] }>(`/tickets?deviceId=${id}`)).items;
const health = async (id: string) => {
  const { state, reason } = await api.get<{ state: string; reason: string }>(`/devices/${id}/health`);
  return `${state} ${reason}`;
};
const show = (id: string, picture: CameraPicture) => servers.get(id)?.camera('/main').picture(picture);

/** The kept picture is a JPEG that is what its hash says. */
async function expectPicture(expect: ExpectStatic, device: string, id: string | null | undefined): Promise<void> {
  expect(id, `a picture of ${device}`).toMatch(/^[0-9a-f]{32}$/);
  const answer = await fetch(`${gateway.base}/api/v1/cameras/${device}/pictures/${id}.jpg`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.status).toBe(200);
  expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff');
  expect(answer.headers.get('x-content-sha256')).toBe(createHash('sha256').update(bytes).digest('hex'));
}

// All cameras at once: what one of them shows must not touch another.
describe.concurrent('a fault of the picture', () => {
  it.for(FAULTS)(
    '$picture is $code: one ticket once it is confirmed, 核查 with pictures before and after',
    {
      timeout: 240_000,
    },
    async ({ picture, code }, { expect }) => {
      const usual = async () => (await diagnosis(code)).baseline.some(({ samples }) => samples >= 3);
      await until(`${code} is known`, usual, PATIENCE);
      expect(await tickets(code)).toEqual([]);

      await show(code, picture);
      await until(
        `${code} is told`,
        async () => {
          const { state } = await diagnosis(code);
          const filed = await tickets(code);
          const confirmed =
            code === 'codecChanged' || state.some((one) => one.code === code && one.state === 'confirmed');
          // Tickets are read after the verdict: who has one must have had the verdict before.
          if (filed.length > 0 && !confirmed)
            expect((await diagnosis(code)).history).toContainEqual(
              expect.objectContaining({ code, turn: 'confirmed' }),
            );
          return filed.length > 0;
        },
        PATIENCE,
      );
      expect(await health(code)).toBe(`degraded ${code}`);
      const [filed, ...more] = await tickets(code);
      expect(more).toEqual([]);
      expect(filed).toMatchObject({ fault: code });
      const told = filed?.evidence.find(({ kind }) => kind === 'decision')?.detail;
      if (code !== 'codecChanged') await expectPicture(expect, code, told?.reference);
      if (code !== 'codecChanged' && code !== 'noFrames') await expectPicture(expect, code, told?.picture);

      await show(code, 'good');
      const repaired = await until(
        `${code} is over`,
        async () => {
          const all = await tickets(code);
          expect(all.map(({ fault }) => fault)).toEqual([code]);
          const [one] = all;
          const shown = one?.evidence.some(
            ({ kind, detail }) => (kind === 'recovery' || kind === 'picture') && detail.picture,
          );
          return one?.stage === 'verifying' && shown ? one : undefined;
        },
        PATIENCE,
      );
      const after = repaired.evidence.findLast(
        ({ kind, detail }) => (kind === 'recovery' || kind === 'picture') && detail.picture,
      );
      await expectPicture(expect, code, after?.detail.picture);
      await expect.poll(() => health(code), { timeout: 30_000 }).toBe('online ok');
    },
  );
});
