import { expect, test } from 'vitest';
import { connectionOf, targetOf, targetOfFound, targetsOf } from './target.ts';

test('addresses as people write them', () => {
  expect(targetOf('192.168.1.64')).toEqual({ protocol: 'onvif', host: '192.168.1.64' });
  expect(targetOf(' 192.168.1.64:8000 ')).toEqual({ protocol: 'onvif', host: '192.168.1.64', port: 8000 });
  expect(targetOf('https://camera.lan:8443/x')).toEqual({
    protocol: 'onvif',
    host: 'camera.lan',
    port: 8443,
    tls: true,
  });
  expect(targetOf('[fd00::1]:8000')).toEqual({ protocol: 'onvif', host: 'fd00::1', port: 8000 });
  expect(targetOf('rtsp://10.0.0.1/a')).toEqual({ protocol: 'rtsp', url: 'rtsp://10.0.0.1/a' });
  for (const wrong of ['', 'two words', 'http://', 'http://a:b@c']) expect(targetOf(wrong)).toBeNull();
});

test('a list takes each address once and names what is none', () => {
  const { targets, wrong } = targetsOf('10.0.0.1\n10.0.0.1，10.0.0.2\n\nno good');
  expect(targets).toHaveLength(2);
  expect(wrong).toEqual(['no good']);
});

test('what was found is reached by ONVIF, else by its RTSP port', () => {
  const found = { address: '10.0.0.1', name: null, registered: false, deviceId: null };
  expect(targetOfFound({ ...found, facts: { xaddr: 'http://10.0.0.1:81/onvif/device_service' } })).toEqual({
    protocol: 'onvif',
    host: '10.0.0.1',
    port: 81,
  });
  expect(targetOfFound({ ...found, facts: { rtspPort: '8554' } })).toEqual({
    protocol: 'rtsp',
    url: 'rtsp://10.0.0.1:8554/',
  });
  expect(connectionOf({ protocol: 'rtsp', url: 'rtsp://a' }, { username: '', password: '' })).toEqual({
    protocol: 'rtsp',
    url: 'rtsp://a',
  });
});
