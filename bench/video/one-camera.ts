// One simulated 1080p25 camera in a process of its own, so that its processor time is not counted with the gateway's.
// Prints one JSON line {"url"} and ends with its stdin.
import { createRtspServer } from '../../tools/simulator/rtsp/server.ts';

const [width = 1920, height = 1080] = process.argv.slice(2).map(Number);
const server = createRtspServer({ cameras: [{ path: '/main', picture: 'good', size: { width, height }, fps: 25 }] });
await server.start();
console.log(JSON.stringify({ url: server.camera('/main').url }));
process.stdin.on('end', () => process.exit(0)).resume();
