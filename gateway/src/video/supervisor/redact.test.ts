import { expect, test } from 'vitest';
import { redact, redactArgs, secretsIn } from './redact.ts';
import { createTail } from './stderr-tail.ts';

test.each([
  ['rtsp://admin:12345@10.0.0.5:554/ch1?x=1 failed', 'rtsp://[redacted]@10.0.0.5:554/ch1?x=1 failed'],
  ["'rtsp://admin:p@ss/w\"rd@10.0.0.5/ch1': gone", "'rtsp://[redacted]@10.0.0.5/ch1': gone"],
  ['HTTP://u@h/x', 'HTTP://[redacted]@h/x'],
  ['rtsp://127.0.0.1:5540/b7f1c0ffee: timed out', 'rtsp://127.0.0.1:5540/[redacted] timed out'],
  ['rtsps://[::1]:5540/abc/def', 'rtsps://[::1]:5540/[redacted]'],
  ['Authorization: Digest username="admin", response="77"\nnext', 'Authorization: [redacted]\nnext'],
  ['mail to a@b.cn about 10:30', 'mail to a@b.cn about 10:30'],
])('%s', (text, clean) => {
  expect(redact(text)).toBe(clean);
});

test('arguments lose what is secret as a whole', () => {
  expect(redactArgs(['-headers', 'Cookie: a=b', '-i', 'rtsp://u:p@h/x', '-t', '5'])).toEqual([
    ...['-headers', '[redacted]', '-i', 'rtsp://[redacted]@h/x', '-t', '5'],
  ]);
});

test('secrets are known without their URL around them, written plainly too', () => {
  const found = secretsIn(['-i', 'rtsp://admin:p%40ssword@h/x', 'rtsp://127.0.0.1:1/token-123', 'rtsp://u:50%25%zz@h']);
  expect(found).toEqual(expect.arrayContaining(['p%40ssword', 'p@ssword', 'token-123']));
  expect(redact('401 for p@ssword', found)).toBe('401 for [redacted]');
});

test.each([
  ['letters', 'x'.repeat(400_000)],
  ['schemes', 'a://'.repeat(100_000)],
  ['loopback streams', 'rtsp://127.0.0.1:1'.repeat(20_000)],
  ['headers', 'authorization: '.repeat(30_000)],
])('endless %s cost no time worth a word', (_what, text) => {
  const begun = performance.now();
  redact(text);
  // Milliseconds when it is linear, a minute when it is not.
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('a cut line is left out, since half a URL does not look like one', () => {
  const tail = createTail([]);
  tail.add(Buffer.from(`rtsp://admin:${'s'.repeat(16 * 1024)}secret@h/x\nlast line\n`));
  expect(tail.text()).toBe('last line\n');
  tail.add(Buffer.from('s'.repeat(40_000)));
  expect(tail.text()).toBe('');
});
