import { describe, expect, it } from 'vitest';
import { numbered } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';

/** Numbers in [0, 1) that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('whatever happens', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();

  it.each([1, 2, 3])('resolved is sent for exactly what was fired, to exactly who was told (run %i)', async (seed) => {
    const s = await scenario({
      sites: { market: 8 },
      alone: 22,
      channels: {
        duty: { events: ['firing', 'resolved'] },
        some: { events: ['firing', 'resolved'], faults: ['offline'] },
        picky: { events: ['firing'] },
      },
    });
    const next = random(seed);
    const devices = [...numbered('market', 8), ...numbered('alone', 6)];
    for (let minute = 3; minute < 75; minute += 3) {
      const some = devices.filter(() => next() < 0.2);
      const turn = next();
      if (turn < 0.5) s.at(`${minute}m`).silence(...some);
      else if (turn < 0.8) s.at(`${minute}m`).speaks(...some);
      else if (turn < 0.9) s.at(`${minute}m`).crash('20s');
      else for (const id of some) s.at(`${minute}m`).do((street) => street.values(id, { csq: 20 }));
    }
    s.at('76m').speaks(...devices);
    for (const id of devices)
      s.at('76m').do((street) => street.values(id, { totalPower: 1, gridVoltage: 230, cabinetTemp: 20 }));
    await s.play('150m');

    const { heard } = s.street;
    expect(heard.length).toBeGreaterThan(6);
    // Each key once to each channel: nobody died between sending and marking.
    const sent = heard.map(({ channel, key }) => `${channel} ${key}`);
    expect(sent).toEqual([...new Set(sent)]);
    const stories = Map.groupBy(heard, ({ channel, notice }) => `${channel} ${notice?.subject}`);
    for (const [name, story] of stories) {
      const events = story.map(({ notice }) => notice?.event);
      // Every channel that was told it began, whatever its rules say of ends, is told the end, and after it.
      expect([name, events]).toEqual([name, events.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved'))]);
      expect([name, events.at(-1)]).toEqual([name, 'resolved']);
    }
    const { rows } = await s.street.query(`select count(*)::int as n from incident where state in ('held', 'open')`);
    expect(rows).toEqual([{ n: 0 }]);
  });
});
