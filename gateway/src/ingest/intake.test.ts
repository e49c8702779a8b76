import { describe, expect, it } from 'vitest';
import type { Message } from '../../../adapters/adapter.ts';
import { createManualClock } from '../clock.ts';
import { createIntake, type VendorAllowance } from './intake.ts';
import type { SpoolEntry } from './ports.ts';

function setup(limits = {}, vendors?: VendorAllowance, apartMs = 0) {
  const entries: SpoolEntry[] = [];
  const clock = createManualClock();
  let received = 0;
  const intake = createIntake({
    spool: { append: async (entry) => entries.push(entry) },
    clock,
    limits,
    apartMs: () => apartMs,
    ...(vendors ? { vendors } : {}),
    received: () => {
      received += 1;
    },
  });
  const message = (over: Partial<Message> = {}): Message => ({
    via: 'mqtt',
    principal: { kind: 'device', deviceId: 'd1' },
    topic: 'cgw/v1/d1/telemetry',
    payload: Buffer.from('{}'),
    receivedAt: clock.now(),
    dup: false,
    retained: false,
    ...over,
  });
  return { intake, entries, clock, message, received: () => received };
}

describe('intake', () => {
  it('gives messages of one login strictly increasing receive times within a millisecond', async () => {
    const { intake, entries, message } = setup();
    for (let i = 0; i < 5; i++) await intake.accept(message());
    const times = entries.map((entry) => entry.receivedAt);
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1] ?? 0);
    expect((times[4] ?? 0) - (times[0] ?? 0)).toBeLessThan(0.01);
  });

  it('keeps a burst of a thousand apart by whole microseconds', async () => {
    const { intake, entries, message } = setup();
    for (let i = 0; i < 1_000; i++) await intake.accept(message());
    const micros = entries.map((entry) => Math.round(entry.receivedAt * 1_000));
    expect(micros).toEqual(micros.map((_, i) => (micros[0] ?? 0) + i));
    expect(entries.map((entry) => entry.receivedAt)).toEqual(micros.map((us) => us / 1_000));
  });

  it('keeps a burst apart from one that another process takes in within the same millisecond', async () => {
    const [here, there] = [setup(), setup({}, undefined, 0.031)];
    for (const { intake, message } of [here, there]) for (let i = 0; i < 30; i++) await intake.accept(message());
    const times = [...here.entries, ...there.entries].map((entry) => entry.receivedAt);
    expect(new Set(times).size).toBe(60);
  });

  it('keeps receive times increasing when the clock steps back', async () => {
    const { intake, entries, clock, message } = setup();
    await intake.accept(message({ receivedAt: clock.now() + 1_000 }));
    await intake.accept(message({ receivedAt: clock.now() }));
    expect(entries[1]?.receivedAt).toBeGreaterThan(entries[0]?.receivedAt ?? 0);
  });

  it('acknowledges and records a message over the rate without its payload, and recovers', async () => {
    const { intake, entries, clock, message, received } = setup({ rate: 10, burst: 3 });
    for (let i = 0; i < 4; i++) await intake.accept(message());
    expect(entries.map((entry) => entry.refused)).toEqual([undefined, undefined, undefined, 'RATE_EXCEEDED']);
    expect(entries[3]?.payload.byteLength).toBe(0);
    expect(received()).toBe(4);
    clock.advance(100);
    await intake.accept(message());
    expect(entries[4]?.refused).toBeUndefined();
  });

  it('limits each login by itself and allows a vendor login more', async () => {
    const { intake, entries, message } = setup({ rate: 1, burst: 1, vendorFactor: 3 });
    await intake.accept(message());
    await intake.accept(message());
    await intake.accept(message({ principal: { kind: 'device', deviceId: 'd2' } }));
    for (let i = 0; i < 4; i++) await intake.accept(message({ principal: { kind: 'vendor', vendorId: 'v1' } }));
    expect(entries.map((entry) => entry.refused !== undefined)).toEqual([
      false,
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('holds a vendor login to its own rate and to its day, as they stand at each message', async () => {
    const quota = { rate: 1, burst: 2, day: 3 };
    const refused: string[] = [];
    const { intake, entries, clock, message } = setup(
      {},
      { rateOf: () => quota, take: () => quota.day-- > 0, refused: (vendorId) => refused.push(vendorId) },
    );
    const send = () =>
      intake.accept(message({ principal: { kind: 'vendor', vendorId: 'v1' }, receivedAt: clock.now() }));
    for (let i = 0; i < 3; i++) await send();
    quota.burst = 5;
    for (let i = 0; i < 2; i++) await send();
    await intake.accept(message());
    expect(entries.map((entry) => entry.refused)).toEqual([
      undefined,
      undefined,
      // What is over the rate does not use up the day.
      'RATE_EXCEEDED',
      undefined,
      'QUOTA_EXCEEDED',
      undefined,
    ]);
    expect(refused).toEqual(['v1', 'v1']);
    expect(entries[4]?.payload.byteLength).toBe(0);
  });

  it('records a payload over the limit as refused', async () => {
    const { intake, entries, message } = setup({ maxPayload: 10 });
    await intake.accept(message({ payload: Buffer.alloc(11) }));
    expect(entries[0]).toMatchObject({ refused: 'PAYLOAD_TOO_LARGE' });
  });

  it('does not count a message the spool refuses', async () => {
    let received = 0;
    const intake = createIntake({
      spool: { append: () => Promise.reject(new Error('full')) },
      clock: createManualClock(),
      received: () => {
        received += 1;
      },
    });
    await expect(intake.accept(setup().message())).rejects.toThrow('full');
    expect(received).toBe(0);
  });
});
