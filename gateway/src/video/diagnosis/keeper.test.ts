import { expect, it } from 'vitest';
import type { DiagnosisState, DiagnosisTurnRecord } from '../../domain/diagnosis.ts';
import type { ConditionEvidence } from '../../domain/evidence.ts';
import type { Transactor } from '../../domain/tx.ts';
import { createLogger } from '../../log.ts';
import { createKeeper } from './keeper.ts';
import type { PictureNumbers } from './numbers.ts';
import type { DiagnosisStore } from './ports.ts';
import type { Reference } from './reference.ts';
import { numbersOf, SETTINGS, scene, testClock } from './testing.ts';

const MINUTE = 60_000;
const usual = scene();

function start(save: () => Promise<{ id: string; sha256: string }> = async () => ({ id: 'p', sha256: '' })) {
  const rows = { states: [] as readonly DiagnosisState[], still: null as Uint8Array | null };
  const references = new Map<number, Reference>();
  const turns: DiagnosisTurnRecord[] = [];
  const store: DiagnosisStore = {
    known: async () => rows,
    references: async (_tx, _device, hours) => hours.flatMap((hour) => references.get(hour) ?? []),
    saveReference: async (_tx, _device, reference) => void references.set(reference.hour, reference),
    async saveLook(_tx, _device, look) {
      rows.states = look.states;
      rows.still = look.still;
      turns.push(...look.turns);
    },
    async endStates(_tx, _device, codes) {
      rows.states = rows.states.filter(({ code }) => !codes.includes(code));
    },
    async forgetReferences() {
      const { size } = references;
      references.clear();
      return size;
    },
    view: async () => ({ state: rows.states, last: null, baseline: [], history: turns }),
  };
  const told: ConditionEvidence[] = [];
  const faults = { condition: false };
  const tx = {} as Transactor['autocommit'];
  const keeper = createKeeper({
    store,
    db: { autocommit: tx, transaction: (work) => work(tx) },
    pictures: { save, keep: async () => 1 },
    condition(evidence) {
      if (faults.condition) throw new Error('not now');
      told.push(evidence);
    },
    firstFrame: () => undefined,
    hourOf: () => 8,
    settings: () => SETTINGS,
    clock: testClock(),
    log: createLogger('silent'),
  });
  let at = 0;
  const look = async (numbers: PictureNumbers) => {
    at += 2 * MINUTE;
    const { findings } = await keeper.picture(1, { jpeg: Buffer.alloc(0), numbers: { ...numbers, at } });
    return findings.map(({ code }) => code);
  };
  const said = () => told.map(({ code, active }) => `${code} ${active}`);
  return { keeper, look, told, said, references, rows, faults, tx };
}

const still = { moved: 0.3, clockChange: 2, pulse: 0 };
const withParkedCar = (x: number, y: number) => (x > 30 && x < 50 && y > 40 && y < 52 ? 40 : usual(x, y));

it('a picture that stands still in every look is frozen', async () => {
  const { look, said } = start();
  for (let n = 0; n < 3; n++) expect(await look(numbersOf(usual, still))).toEqual(['frozen']);
  expect(said()).toEqual(['frozen true']);
});

it('a quiet street, in which something has moved between the looks, is not', async () => {
  const { look, said } = start();
  for (let n = 0; n < 6; n++) await look(numbersOf(n % 2 ? withParkedCar : usual, still));
  expect(said()).toEqual([]);
});

it('learns from good looks only', async () => {
  const { look, references } = start();
  for (let n = 0; n < 3; n++) await look(numbersOf(usual));
  for (let n = 0; n < 3; n++) expect(await look(numbersOf(usual, { blur: 9 }))).toEqual(['blurred']);
  expect(references.get(8)?.samples).toBe(3);
  expect(references.get(8)?.usual.blur?.mean).toBe(5);
});

it('the end of a fault is told with the numbers of the good picture', async () => {
  const { look, said, told } = start();
  const black = numbersOf(() => 17, { blur: null });
  for (let n = 0; n < 2; n++) await look(black);
  for (let n = 0; n < 2; n++) await look(numbersOf(usual));
  expect([said().at(0), said().at(-1)]).toEqual(['black true', 'black false']);
  const luma = told.map(({ evidence }) => (evidence as { numbers: { luma: number } }).numbers.luma);
  const [begun, ended] = [luma.at(0), luma.at(-1)];
  expect(begun).toBeLessThan(22);
  expect(ended).toBeGreaterThan(60);
});

it('a verdict that could not be told is told by the next look', async () => {
  const { look, said, faults } = start();
  const black = numbersOf(() => 17, { blur: null });
  await look(black);
  faults.condition = true;
  await expect(look(black)).rejects.toThrow('not now');
  faults.condition = false;
  await look(black);
  expect(said()).toEqual(['black true']);
});

it('the picture as it is becomes the usual one when a person says so', async () => {
  const { keeper, look, said, rows, references, tx } = start();
  for (let n = 0; n < 3; n++) await look(numbersOf(usual));
  for (let n = 0; n < 2; n++) expect(await look(numbersOf(scene(7)))).toEqual(['sceneShifted']);
  await keeper.forget(tx, 1, 'newNormal', ['sceneShifted']);
  expect(said()).toEqual(['sceneShifted true', 'sceneShifted false']);
  expect(rows.states).toEqual([]);
  expect(references.size).toBe(0);
  for (let n = 0; n < 3; n++) expect(await look(numbersOf(scene(7)))).toEqual([]);
});

it('a full disk costs the picture, not the verdict', async () => {
  const { look, said } = start(() => Promise.reject(new Error('no space')));
  for (let n = 0; n < 2; n++) await look(numbersOf(() => 17, { blur: null }));
  expect(said()).toEqual(['black true']);
});
