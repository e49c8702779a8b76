import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRtspServer } from '../simulator/rtsp/server.ts';
import { probeUrl } from './probe-url.ts';

const server = createRtspServer({ cameras: [{ path: '/cam', login: { username: 'admin', password: 'Street-1' } }] });
beforeAll(() => server.start());
afterAll(() => server.stop());
const url = (login: string) => server.camera('/cam').url.replace('//', `//${login}@`);

describe('probeUrl', () => {
  it('says that a camera is online and what it streams, without its login', async () => {
    const { ok, lines } = await probeUrl(url('admin:Street-1'), { allow: '127.0.0.1/32' });
    expect(ok).toBe(true);
    expect(lines).toContain('结论：在线，视频可取');
    expect(lines.join('\n')).toMatch(/codec=H264/);
    expect(lines.join('\n')).not.toContain('Street-1');
  });

  it('says what is wrong, in English when asked', async () => {
    const { ok, lines } = await probeUrl(url('admin:wrong'), { allow: '127.0.0.1/32', language: 'en' });
    expect(ok).toBe(false);
    expect(lines).toContain('reason: wrongPassword');
    expect(lines).toContain('evidence: 401 to a login by digest MD5');
  });

  it('obeys the target guard and refuses a broken one', async () => {
    const { result } = await probeUrl(url('admin:Street-1'));
    expect(result.reason).toBe('targetNotAllowed');
    await expect(probeUrl(url('a:b'), { allow: 'home' })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });

  it('prints nothing of what is no URL', async () => {
    const { result, lines } = await probeUrl('rtsp://user:se cret@[bad/');
    expect(result.reason).toBe('targetNotAllowed');
    expect(lines.join('\n')).not.toContain('cret');
  });
});
