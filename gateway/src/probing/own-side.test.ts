import { describe, expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createOwnSide, type Outcome } from './own-side.ts';

function rig(hasNetwork = true) {
  const clock = createManualClock();
  const told: string[] = [];
  const side = createOwnSide({
    clock,
    hasNetwork: () => hasNetwork,
    broken: (reason) => told.push(reason),
    sound: () => told.push('sound'),
  });
  const fail = (device: number, detail: string, reason = 'hostUnreachable') =>
    side.note({ device, ok: false, reason, detail } satisfies Outcome);
  const answer = (device: number, reason = 'ok') => side.note({ device, ok: reason === 'ok', reason, detail: '' });
  return { clock, told, side, fail, answer };
}

describe('our own side of the way to the cameras', () => {
  it('is broken when several fail for local reasons and none is reached, and sound with the first answer', () => {
    const { told, fail, answer } = rig();
    fail(1, 'ENETUNREACH');
    fail(2, 'ENETUNREACH');
    fail(2, 'ENETUNREACH');
    expect(told).toEqual([]);
    fail(3, 'cannot open a socket (EADDRNOTAVAIL)', 'noVerdict');
    expect(told).toEqual(['ownNetworkDown']);
    fail(4, 'ENETUNREACH');
    answer(5, 'portClosed');
    expect(told).toEqual(['ownNetworkDown', 'sound']);
  });

  it.each<[string, (test: ReturnType<typeof rig>) => void]>([
    ['one camera without a route', ({ fail }) => [1, 1, 1, 1].forEach((key) => void fail(key, 'ENETUNREACH'))],
    [
      'dead neighbours while we have a network',
      ({ fail }) => [1, 2, 3, 4, 5].forEach((key) => void fail(key, 'EHOSTUNREACH')),
    ],
    [
      'cameras that do not answer among some without a route',
      ({ fail }) => {
        for (const key of [1, 2, 3]) fail(key, 'TCP handshake unanswered in 5000 ms');
        for (const key of [4, 5, 6]) fail(key, 'ENETUNREACH');
      },
    ],
    [
      'failures between answers',
      ({ fail, answer }) => {
        for (const key of [1, 2, 3, 4, 5]) {
          fail(key, 'ENETUNREACH');
          answer(key + 10);
        }
      },
    ],
    [
      'failures that lie minutes apart',
      ({ fail, clock }) => {
        for (const key of [1, 2, 3, 4]) {
          fail(key, 'ENETUNREACH');
          clock.advance(61_000);
        }
      },
    ],
  ])('is not blamed for %s', (_, happen) => {
    const test = rig();
    happen(test);
    expect(test.told).toEqual([]);
  });

  it('is broken at once when there is no network at all', () => {
    const { told, fail } = rig(false);
    fail(1, 'EHOSTUNREACH');
    expect(told).toEqual(['ownNetworkDown']);
  });
});
