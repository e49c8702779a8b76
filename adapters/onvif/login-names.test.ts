import { afterAll, expect, it } from 'vitest';
import { chooseChallenge, parseChallenges } from '../auth.ts';
import { createOnvifClient } from './onvif-client.ts';
import { startTestCamera } from './testing-camera.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const client = createOnvifClient({ clock, config: { allowedTargets: ['127.0.0.1/32'] } });
afterAll(() => client.close());

it.each([
  ['管理员', 'digest'],
  ['管理员', 'basic'],
  ['管理员', 'token'],
  ['ad\r\nX-Evil: 1', 'digest'],
  ['a"b\\c', 'digest'],
] as const)('user %j logs in by %s, and writes no header of its own', async (username, auth) => {
  let evil = 0;
  const camera = await startTestCamera({
    auth,
    username,
    before: (_operation, request) => {
      if (request.headers['x-evil'] !== undefined) evil += 1;
      return false;
    },
  });
  const target = { host: '127.0.0.1', port: camera.port, username, password: 'pass,"word"' };
  const found = await client.describe(target, { deadline: 10_000, signal: AbortSignal.timeout(10_000) });
  expect([found.model, evil]).toEqual(['T-1', 0]);
  await camera.close();
});

it('controls in a name or realm end no header, and a Chinese realm is read as the camera hashes it', () => {
  const realm = Buffer.from('登录 摄像机').toString('latin1');
  const challenge = chooseChallenge(parseChallenges([`Digest realm="${realm}", nonce="n"`]));
  const answer = challenge?.authorization({ username: 'a\u0001\r\nb', password: 'p' }, 'GET', '/') ?? '';
  expect(answer).toContain('username="ab", realm="登录 摄像机"');
});
