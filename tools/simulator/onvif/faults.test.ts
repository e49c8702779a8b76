import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRtspServer, type RtspServer } from '../rtsp/server.ts';
import { createOnvifDevice, type OnvifDevice, type OnvifFault, type SnapshotFault } from './device.ts';

let rtsp: RtspServer;
let device: OnvifDevice;

beforeAll(async () => {
  rtsp = createRtspServer({ cameras: [{ path: '/main', picture: 'plain', sub: { path: '/sub' } }] });
  await rtsp.start();
  device = createOnvifDevice({ cameras: rtsp.cameras, auth: 'none', foreignHost: '127.0.0.2' });
  await device.start();
});
afterAll(async () => {
  await device.stop();
  await rtsp.stop();
});

/** What a client gets within `ms`: the status, how many bytes of body, the first of them, and whether it ended. */
async function get(url: string, body?: string, ms = 400) {
  const got = { status: 0, bytes: 0, start: '', end: 'whole', location: '' };
  const signal = AbortSignal.timeout(ms);
  try {
    const init = body === undefined ? {} : { method: 'POST', body };
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    got.status = response.status;
    got.location = response.headers.get('location') ?? '';
    for await (const chunk of response.body ?? []) {
      if (got.bytes < 2_000) got.start += Buffer.from(chunk).toString('latin1');
      got.bytes += chunk.length;
    }
  } catch {
    got.end = signal.aborted ? 'deadline' : 'cut';
  }
  return got;
}

const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
const soap = (action: string, namespace = DEVICE, inner = '') =>
  `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><${action} xmlns="${namespace}">${inner}</${action}></e:Body></e:Envelope>`;

describe('an ONVIF device on demand', () => {
  it.each<[OnvifFault, object, number?]>([
    ['none', { status: 200, end: 'whole' }],
    ['hang', { status: 0, end: 'deadline' }],
    ['stall', { status: 200, end: 'deadline' }],
    ['trickle', { end: 'deadline' }],
    ['endlessHeader', { status: 0 }],
    ['hugeXml', { status: 200, end: 'whole', bytes: expect.toSatisfy((n: number) => n > 100_000_000) }, 20_000],
    ['entityBomb', { status: 200, start: expect.stringContaining('<!ENTITY b9 "&b8;&b8;') }],
    ['wrongNamespace', { status: 200, start: expect.not.stringContaining('GetDeviceInformationResponse') }],
    ['notXml', { status: 200, start: expect.stringContaining('<html>') }],
    ['serverError', { status: 500 }],
    ['authLoop', { status: 401 }],
    ['redirect', { status: 302, location: 'http://127.0.0.2/onvif/device_service' }],
    ['reset', { status: 0, end: 'cut' }],
  ])('answers with %s, and well again afterwards', async (fault, seen, ms) => {
    device.fault(fault);
    expect(await get(device.xaddr, soap('GetDeviceInformation'), ms)).toMatchObject(seen);
    device.fault('none');
    expect(await get(device.xaddr, soap('GetDeviceInformation'), 5_000)).toMatchObject({ status: 200, end: 'whole' });
  });

  it('names hosts that are none of its own', async () => {
    device.fault('foreignXAddr');
    expect((await get(device.xaddr, soap('GetServices'))).start).toContain('http://127.0.0.2:');
    device.fault('foreignStream');
    const media = 'http://www.onvif.org/ver10/media/wsdl';
    const inner = '<ProfileToken>main_1</ProfileToken>';
    expect((await get(device.xaddr, soap('GetStreamUri', media, inner))).start).toContain('rtsp://127.0.0.2:');
    expect((await get(device.xaddr, soap('GetSnapshotUri', media, inner))).start).toContain('http://127.0.0.2:');
    device.fault('none');
  });

  it.each<[SnapshotFault, object, number?]>([
    ['none', { status: 200, end: 'whole', start: expect.stringMatching(/^\xff\xd8[\s\S]*\xff\xd9$/) }],
    ['hang', { status: 0, end: 'deadline' }],
    ['stall', { status: 200, end: 'deadline' }],
    ['trickle', { end: 'deadline' }],
    ['wrongLength', { status: 200, end: 'cut' }],
    ['truncated', { status: 200, end: 'whole', start: expect.stringMatching(/^\xff\xd8[\s\S]*(?<!\xff\xd9)$/) }],
    ['notJpeg', { status: 200, start: expect.stringContaining('<html>') }],
    ['empty', { status: 200, bytes: 0 }],
    ['huge', { status: 200, bytes: expect.toSatisfy((n: number) => n > 60_000_000) }, 20_000],
    ['serverError', { status: 500 }],
    ['authLoop', { status: 401 }],
    ['redirect', { status: 302 }],
    ['reset', { status: 0, end: 'cut' }],
  ])('gives a snapshot with %s', async (fault, seen, ms) => {
    device.snapshotFault(fault);
    expect(await get(device.snapshotUrl(), undefined, ms)).toMatchObject(seen);
    device.snapshotFault('none');
  });

  it('gives the old picture as if it were new', async () => {
    const camera = rtsp.camera('/main');
    const before = await get(device.snapshotUrl(), undefined, 5_000);
    device.snapshotFault('old');
    await camera.picture('blue');
    expect(await get(device.snapshotUrl(), undefined, 5_000)).toEqual(before);
    device.snapshotFault('none');
    expect(await get(device.snapshotUrl(), undefined, 5_000)).not.toEqual(before);
  });

  it('refuses what is no request of its own', async () => {
    expect(await get(device.xaddr, 'hello')).toMatchObject({ status: 400 });
    expect(await get(device.xaddr, soap('constructor'))).toMatchObject({ status: 400 });
    expect(await get(device.xaddr, soap('GetProfiles', DEVICE))).toMatchObject({ status: 400 });
  });
});
