import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { createPacketGuard, isStandIn } from './guard.ts';

const limits = { maxMessageBytes: 300, maxPacketBytes: 5_000, maxControlBytes: 1_000 };

/** Feeds the bytes in pieces and parses what comes out. */
function parse(
  bytes: Buffer,
  cuts: readonly number[],
): { packets: Packet[]; fault: string | undefined; longest: number } {
  const guard = createPacketGuard(limits);
  const parser = mqttPacket.parser();
  const packets: Packet[] = [];
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => {
    throw error;
  });
  let longest = 0;
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i++) {
    const seen = guard.take(bytes.subarray(edges[i - 1], edges[i]));
    if (seen) parser.parse(seen);
    longest = Math.max(longest, seen?.length ?? 0);
  }
  if (!guard.fault) expect(guard.partial).toBe(false);
  return { packets, fault: guard.fault, longest };
}

const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({ cmd: fc.constant('pingreq' as const) }),
  fc.record({
    cmd: fc.constant('publish' as const),
    topic: fc.stringMatching(/^[a-z/]{1,200}$/),
    payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    dup: fc.constant(false),
    retain: fc.boolean(),
  }),
);

test('whatever the chunks, packets pass unchanged and oversized payloads become a stand-in with topic, id and flags', () => {
  fc.assert(
    fc.property(
      fc.array(anyPacket, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (sent, cuts) => {
        const { packets, fault } = parse(Buffer.concat(sent.map((packet) => mqttPacket.generate(packet))), cuts);
        expect(fault).toBeUndefined();
        expect(packets).toHaveLength(sent.length);
        for (const [i, packet] of packets.entries()) {
          const original = sent[i];
          expect(packet.cmd).toBe(original?.cmd);
          if (packet.cmd !== 'publish' || original?.cmd !== 'publish') continue;
          expect([packet.topic, packet.qos, packet.retain]).toEqual([original.topic, original.qos, original.retain]);
          if (packet.qos > 0) expect(packet.messageId).toBe(original.messageId);
          if (original.payload.length > limits.maxMessageBytes) expect(isStandIn(packet.payload as Buffer)).toBe(true);
          else expect(packet.payload).toEqual(original.payload);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('the body of an oversized message is never handed on', () => {
  const big = mqttPacket.generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(4_000),
    qos: 1,
    messageId: 9,
    dup: false,
    retain: false,
  });
  expect(parse(big, [100, 2_000]).longest).toBeLessThan(64);
});

test.each([
  ['a PUBLISH over the hard limit', [0x30, 0x89, 0x27]],
  ['268,435,455 announced bytes', [0x30, 0xff, 0xff, 0xff, 0x7f]],
  ['a CONNECT over the control limit', [0x10, 0xe9, 0x07]],
])('%s is a fault as soon as its header is complete', (_, bytes) => {
  expect(parse(Buffer.from(bytes), [1, 2]).fault).toBe('PACKET_TOO_LARGE');
});

test.each([
  ['a length of five bytes', [0x30, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ['a topic longer than its packet', [0x30, 0xad, 0x02, 0xff, 0xff]],
])('%s is malformed', (_, bytes) => {
  expect(parse(Buffer.from(bytes), []).fault).toBe('MALFORMED');
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 20 }), (chunks) => {
      const guard = createPacketGuard(limits);
      for (const chunk of chunks) guard.take(Buffer.from(chunk));
    }),
  );
});
