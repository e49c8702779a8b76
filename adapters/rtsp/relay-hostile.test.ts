import { expect, it } from 'vitest';
import { relayDescription, relayRtpInfo } from './relay-rewrite.ts';

const BASE = 'rtsp://10.0.0.9/cam';
const VIDEO = 'm=video 0 RTP/AVP 96\r\n';

it('a description as large as it may be, of session lines and tracks, is read in one go and cut', () => {
  // Some tens of milliseconds; looking through the session once a track took half a minute, and everybody waited.
  const hostile = 'a\n'.repeat(64_000) + 'm=video 0 0\n'.repeat(10_600);
  const described = relayDescription(hostile, BASE);
  expect(described.tracks).toHaveLength(16);
  expect(described.sdp.match(/^a=control:t\d+\r$/gm)).toHaveLength(16);
  expect(relayRtpInfo('url=x,'.repeat(10_000), described.tracks, BASE).split(',')).toHaveLength(16);
});

it('every letter of a control attribute is fit for a request line', () => {
  const control = (text: string) => relayDescription(`${VIDEO}a=control:${text}\r\n`, BASE).tracks[0];
  expect(control('😀')).toBe(`${BASE}/%F0%9F%98%80`);
  expect(control('通道 1')).toBe(`${BASE}/%E9%80%9A%E9%81%93%201`);
  expect(control('rtsp://admin:pw@169.254.169.254/x')).toBe('rtsp://169.254.169.254/x');
});

it('a session control of another host is the base of the tracks, without its login', () => {
  const described = relayDescription(`v=0\r\na=control:rtsp://u:p@10.1.1.1/s\r\n${VIDEO}a=control:t=0\r\n`, BASE);
  expect(described).toMatchObject({ aggregate: 'rtsp://10.1.1.1/s', tracks: ['rtsp://10.1.1.1/s/t=0'] });
  expect(described.sdp).not.toMatch(/10\.1\.1\.1|u:p/);
});
