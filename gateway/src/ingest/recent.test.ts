import { describe, expect, it } from 'vitest';
import type { RecentMessage } from '../domain/recent-message.ts';
import { createRecentMessages } from './recent.ts';

const message = (n: number, size = 10): RecentMessage => ({
  receivedAt: n,
  topic: 't',
  size,
  payload: new Uint8Array(size).fill(n),
  verdict: 'stored',
  code: null,
  detail: null,
  readings: 1,
  via: 'mqtt',
  principal: 'device:a',
});

describe('the last messages', () => {
  it('are the newest of each device, newest first', () => {
    const recent = createRecentMessages({ since: 5, perOwner: 3 });
    for (let n = 1; n <= 5; n++) recent.add(1, message(n));
    expect(recent.of(1).map(({ receivedAt }) => receivedAt)).toEqual([5, 4, 3]);
    expect([recent.since, recent.of(2)]).toEqual([5, []]);
  });

  it('are copied and cut, so that they hold nothing else in memory', () => {
    const recent = createRecentMessages({ since: 0 });
    const whole = new Uint8Array(100_000).fill(7);
    recent.add(1, { ...message(1), payload: whole.subarray(10, 90_000), size: 89_990 });
    whole.fill(0);
    const [kept] = recent.of(1);
    expect([kept?.payload.byteLength, kept?.payload.buffer.byteLength, kept?.payload[0], kept?.size]).toEqual([
      4_096, 4_096, 7, 89_990,
    ]);
  });

  it('stay within their bytes; whoever was silent longest goes', () => {
    const recent = createRecentMessages({ since: 0, maxBytes: 20_000 });
    for (let device = 1; device <= 10; device++) recent.add(device, message(device, 4_000));
    recent.add(7, message(77, 4_000));
    const known = Array.from({ length: 10 }, (_, i) => i + 1).filter((device) => recent.of(device).length > 0);
    expect(known).toEqual([7, 9, 10]);
    for (let n = 0; n < 100; n++) recent.add(3, message(n, 4_000));
    expect(recent.of(3)).toHaveLength(20);
  });
});
