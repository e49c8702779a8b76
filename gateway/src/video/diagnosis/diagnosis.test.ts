import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CameraPicture, createRtspServer, type RtspServer } from '../../../../tools/simulator/rtsp/server.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/databases.ts';
import { createSystemClock } from '../../clock.ts';
import type { ConditionEvidence } from '../../domain/evidence.ts';
import { createLogger } from '../../log.ts';
import { sql } from '../../store/database.ts';
import { createDiagnosisStore } from '../../store/diagnosis.ts';
import type { CameraSource } from '../source.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { createDiagnosis, type DiagnosisDeps } from './diagnosis.ts';
import { SETTINGS, testClock } from './testing.ts';

/** Every picture of the simulator, and what is wrong with it. */
const PICTURES: readonly (readonly [CameraPicture, string | null])[] = [
  ['good', null],
  ['night', null],
  ['h265', null],
  ['black', 'black'],
  ['bright', 'tooBright'],
  ['blue', 'noSignal'],
  ['frozen', 'frozen'],
  ['frozenScene', 'frozen'],
  ['blurred', 'blurred'],
  ['covered', 'covered'],
  ['coveredPlain', 'covered'],
  ['colourCast', 'colourCast'],
  ['shifted', 'sceneShifted'],
  ['noise', 'noise'],
  ['noFrames', 'noFrames'],
];
const MINUTE = 60_000;
const never = new AbortController().signal;
const clock = testClock();
const told: ConditionEvidence[] = [];
const frames: number[] = [];

let database: TestDatabase;
let dir: string;
let supervisor: Supervisor;
let server: RtspServer;

beforeAll(async () => {
  database = await createTestDatabase('pglite');
  dir = await mkdtemp(join(tmpdir(), 'cgw-diagnosis-'));
  const caps = { check: PICTURES.length, snapshot: 1, live: 1, transcode: 1, clip: 1 };
  supervisor = createSupervisor({ log: createLogger('silent'), clock: createSystemClock(), dir, caps });
  await supervisor.start();
  await sql(database.db.autocommit).query(
    `insert into device (id, type, name, lifecycle)
     select 'cam-' || n, 'generic/camera', 'n', 'active' from generate_series(1, $1) n order by n`,
    [PICTURES.length],
  );
  server = createRtspServer({ cameras: PICTURES.map(([picture]) => ({ path: `/${picture}`, label: 'CAM', seed: 3 })) });
  await server.start();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await supervisor?.stop();
  await database?.close();
  await rm(dir, { recursive: true, force: true });
});

const cameraAt = (key: number) => server.cameras[key - 1];
const sourceOf = (device: number): CameraSource => {
  const url = cameraAt(device)?.url ?? '';
  const open = async () => ({ url, close: () => undefined, failure: () => null });
  const stream = { role: 'main', codec: null, width: null, height: null, open } as const;
  return { device, deviceId: `cam-${device}`, name: 'n', streams: [stream] };
};
let pictures = 0;
const start = (over: Partial<DiagnosisDeps> = {}) =>
  createDiagnosis({
    store: createDiagnosisStore(),
    db: database.db,
    supervisor,
    sources: { find: async (device) => sourceOf(device) },
    pictures: {
      save: async () => ({ id: `p${++pictures}`, sha256: '' }),
      keep: async (ids) => ids.length,
    },
    condition: (evidence) => void told.push(evidence),
    firstFrame: (device) => void frames.push(device),
    hourOf: () => 8,
    settings: () => ({ ...SETTINGS, leastSamples: 1 }),
    clock,
    log: createLogger('silent'),
    pace: { silenceMs: 5_000, pulseMs: 1_200 },
    ...over,
  });

/** Everybody is looked at, minutes after the last time. */
async function round(diagnosis = start()): Promise<string[]> {
  clock.advance(2 * MINUTE);
  const seen = await Promise.all(PICTURES.map((_, at) => diagnosis.check(at + 1, never)));
  return seen.map(({ reason }) => reason);
}
const said = () => told.map(({ device, code, active }) => `${PICTURES[device - 1]?.[0]} ${code} ${active}`).sort();
const expected = (active: boolean) =>
  PICTURES.flatMap(([picture, code]) => (code ? `${picture} ${code} ${active}` : [])).sort();

it('every fault of a picture is told once it is confirmed, nothing else is, and its end as well', {
  timeout: 180_000,
}, async () => {
  // What a camera usually looks like, it learns from good pictures; a night camera from nights.
  await cameraAt(2)?.picture('night');
  expect(await round()).toEqual(PICTURES.map(() => 'ok'));
  expect(frames.sort((a, b) => a - b)).toEqual(PICTURES.map((_, at) => at + 1));

  for (const [at, [picture]] of PICTURES.entries()) await cameraAt(at + 1)?.picture(picture);
  const wanted = PICTURES.map(([, code]) => code ?? 'ok');
  expect(await round()).toEqual(wanted);
  expect(told).toEqual([]);
  // Another process, after a restart, knows what the first one suspected. A freeze needs one look more.
  expect(await round(start())).toEqual(wanted);
  expect(said()).toEqual(expected(true).filter((line) => !line.startsWith('frozen')));
  told.length = 0;
  expect(await round(start())).toEqual(wanted);
  expect(said()).toEqual(expected(true));
  const black = told.find(({ code }) => code === 'black');
  expect(black?.evidence).toMatchObject({ threshold: 22, numbers: { frames: 2 } });
  expect(black?.evidence.picture).not.toBe(black?.evidence.reference);

  told.length = 0;
  for (const [at] of PICTURES.entries()) await cameraAt(at + 1)?.picture(at === 1 ? 'night' : 'good');
  for (let look = 0; look < 2; look++) expect(await round()).toEqual(PICTURES.map(() => 'ok'));
  const ended = said().filter((line) => line.endsWith('false'));
  expect(ended).toEqual(expected(false));
  const view = await start().read(4);
  expect(view.state).toEqual([]);
  expect(view.history.map(({ turn }) => turn)).toEqual(['cleared', 'confirmed', 'suspected']);

  // 换机: what was learned is not about the new camera.
  expect(view.baseline.map(({ hour }) => hour)).toEqual([-1, 8]);
  await database.db.transaction((tx) => start().replaced(tx, 4));
  expect((await start().read(4)).baseline).toEqual([]);
});
