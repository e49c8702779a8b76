// The cameras of the long run, in a process of their own so that their work is not the gateway's. Talks over IPC.
import { createOnvifDevice, type OnvifDevice } from '../../../tools/simulator/onvif/device.ts';
import { createRtspServer, type SimulatedCamera } from '../../../tools/simulator/rtsp/server.ts';
import { SOAK_FLEET, type SoakCamera } from './soak-fleet.ts';

const LOGIN = { username: 'viewer', password: 'Soak-2026!' };
/** Streets that differ; each is one film for all its cameras. */
const STREETS = 3;
const SMALL = { width: 320, height: 240 };

const wires = new Map<string, SimulatedCamera>();

async function build(one: SoakCamera, n: number) {
  const server = createRtspServer({
    cameras: [{ path: '/cam', login: LOGIN, picture: 'good', size: SMALL, fps: 5, seed: 1 + (n % STREETS) }],
  });
  await server.start();
  const camera = server.camera('/cam');
  wires.set(one.id, camera);
  if (one.protocol === 'rtsp') return { id: one.id, connection: { protocol: 'rtsp', url: camera.url, ...LOGIN } };
  const device: OnvifDevice = createOnvifDevice({ cameras: server.cameras, login: LOGIN, ptz: false });
  await device.start();
  if (one.soap) device.fault(one.soap);
  if (one.snapshot) device.snapshotFault(one.snapshot);
  return { id: one.id, connection: { protocol: 'onvif', host: '127.0.0.1', port: device.port, ...LOGIN } };
}

async function obey({ id, misbehave }: { id: string; misbehave: boolean }): Promise<void> {
  const plan = SOAK_FLEET.find((one) => one.id === id);
  const camera = wires.get(id);
  if (!plan || !camera) throw new Error(`there is no camera ${id}`);
  if (plan.wire) await camera.fault(misbehave ? plan.wire : 'none');
  if (plan.picture) await camera.picture(misbehave ? plan.picture : 'good');
}

const built = await Promise.all(SOAK_FLEET.map(build));
process.on('message', (message: { seq: number; id: string; misbehave: boolean }) => {
  void obey(message).then(
    () => process.send?.({ seq: message.seq }),
    (error: unknown) => process.send?.({ seq: message.seq, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ cameras: built });
