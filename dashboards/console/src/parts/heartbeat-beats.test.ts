import { describe, expect, it } from 'vitest';
import { beatsOf, summaryOf } from './heartbeat-beats.ts';

const at = (hour: number) => new Date(hour * 3_600_000).toISOString();
const quiet = { since: at(0), blind: [], maintenance: [], outages: [] };
const kinds = (item: Parameters<typeof beatsOf>[0], count = 4) =>
  beatsOf(item, 0, 4 * 3_600_000, count).map(({ kind }) => kind);

describe('beats of a device', () => {
  it('shows the worst of each beat, so that a short absence does not vanish', () => {
    const runs = [
      { at: at(0), state: 'online' },
      { at: at(1.2), state: 'offline' },
      { at: at(1.21), state: 'online' },
    ];
    expect(kinds({ ...quiet, runs })).toEqual(['online', 'offline', 'online', 'online']);
  });

  it('counts a run that ends where a beat begins as none of it', () => {
    const runs = [
      { at: at(0), state: 'offline' },
      { at: at(1), state: 'online' },
    ];
    expect(kinds({ ...quiet, runs })).toEqual(['offline', 'online', 'online', 'online']);
  });

  it('says when nobody could know, when it was meant, when it was one of many, and when it was not there yet', () => {
    const runs = [{ at: at(0), state: 'offline' }];
    const item = {
      runs,
      since: at(1),
      blind: [{ from: at(1), to: at(2) }],
      maintenance: [{ from: at(2), to: at(2.6) }],
      outages: [{ from: at(3.5), to: at(3.6) }],
    };
    expect(kinds(item)).toEqual(['before', 'blind', 'maintenance', 'outage']);
  });
});

describe('the sum in words', () => {
  it('never calls 100 % what is less', () => {
    const of = (onlineRate: number | null) => summaryOf({ onlineRate, offlineTimes: 1 }, 0, 86_400_000);
    expect(of(0.99999)).toEqual({ hours: 24, rate: '99.9', times: 1 });
    expect(of(1).rate).toBe('100');
    expect(of(null).rate).toBe(null);
  });
});
