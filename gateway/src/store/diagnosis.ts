import type { DeviceKey } from '../domain/device.ts';
import type { DiagnosisLook, DiagnosisState, DiagnosisTurnRecord, DiagnosisView } from '../domain/diagnosis.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

/** Turns kept of each camera. */
const TURNS_KEPT = 100;

interface ReferenceRow {
  readonly hour: number;
  readonly samples: number;
  readonly learnedAt: number;
  readonly usual: Readonly<Record<string, { readonly mean: number; readonly spread: number }>>;
  readonly edgeMap: Uint8Array;
  readonly blockMap: Uint8Array;
  readonly picture: string | null;
}

/** Statements of picture diagnosis: one camera at a time, as it is looked at. */
export function createDiagnosisStore() {
  const states = async (tx: Tx, device: DeviceKey): Promise<DiagnosisState[]> => {
    const { rows } = await sql(tx).query<DiagnosisState>(
      `select code, state, since, bad, good, counted_at as "countedAt", numbers, threshold, picture, reference
       from diagnosis_state where device = $1 order by since, code`,
      [device],
    );
    return rows;
  };
  return {
    async known(tx: Tx, device: DeviceKey) {
      const { rows } = await sql(tx).query<{ still: Uint8Array | null }>(
        'select still from diagnosis_look where device = $1',
        [device],
      );
      return { states: await states(tx, device), still: rows[0]?.still ?? null };
    },

    async references(tx: Tx, device: DeviceKey, hours: readonly number[]): Promise<ReferenceRow[]> {
      const { rows } = await sql(tx).query<ReferenceRow>(
        `select hour::int as hour, samples, learned_at as "learnedAt", usual, edge_map as "edgeMap",
           block_map as "blockMap", picture
         from diagnosis_reference where device = $1 and hour = any ($2::int[])`,
        [device, hours],
      );
      return rows;
    },

    async saveReference(tx: Tx, device: DeviceKey, reference: ReferenceRow): Promise<void> {
      await sql(tx).query(
        `insert into diagnosis_reference (device, hour, samples, learned_at, usual, edge_map, block_map, picture)
         values ($1, $2, $3, ${at('$4')}, $5::jsonb, $6::bytea, $7::bytea, $8)
         on conflict (device, hour) do update set samples = excluded.samples, learned_at = excluded.learned_at,
           usual = excluded.usual, edge_map = excluded.edge_map, block_map = excluded.block_map,
           picture = excluded.picture`,
        [
          device,
          reference.hour,
          reference.samples,
          reference.learnedAt,
          toJson(reference.usual),
          reference.edgeMap,
          reference.blockMap,
          reference.picture,
        ],
      );
    },

    async saveLook(
      tx: Tx,
      device: DeviceKey,
      look: {
        readonly last: DiagnosisLook;
        readonly still: Uint8Array | null;
        readonly states: readonly DiagnosisState[];
        readonly turns: readonly DiagnosisTurnRecord[];
      },
    ): Promise<void> {
      const { last } = look;
      await sql(tx).query(
        `insert into diagnosis_look (device, at, findings, numbers, picture, still)
         values ($1, ${at('$2')}, $3::jsonb, $4::jsonb, $5, $6::bytea)
         on conflict (device) do update set at = excluded.at, findings = excluded.findings,
           numbers = excluded.numbers, picture = excluded.picture, still = excluded.still`,
        [device, last.at, toJson(last.findings), toJson(last.numbers), last.picture, look.still],
      );
      await sql(tx).query('delete from diagnosis_state where device = $1 and code <> all ($2::text[])', [
        device,
        look.states.map((state) => state.code),
      ]);
      if (look.states.length > 0) await upsertStates(tx, device, look.states);
      if (look.turns.length > 0) await addTurns(tx, device, look.turns);
    },

    async endStates(tx: Tx, device: DeviceKey, codes: readonly string[], endedAt: number): Promise<void> {
      await sql(tx).query(
        `with ended as (
           delete from diagnosis_state where device = $1 and code = any ($2::text[])
           returning code, state, numbers, picture, reference)
         insert into diagnosis_history (device, at, code, turn, numbers, picture, reference)
         select $1, ${at('$3')}, code, case state when 'confirmed' then 'cleared' else 'withdrawn' end, numbers, picture,
           reference from ended`,
        [device, codes, endedAt],
      );
    },

    async forgetReferences(tx: Tx, device: DeviceKey): Promise<number> {
      const { rowCount } = await sql(tx).query('delete from diagnosis_reference where device = $1', [device]);
      return rowCount;
    },

    async view(tx: Tx, device: DeviceKey): Promise<DiagnosisView> {
      const session = sql(tx);
      const last = await session.query<DiagnosisLook>(
        'select at, findings, numbers, picture from diagnosis_look where device = $1',
        [device],
      );
      const baseline = await session.query<DiagnosisView['baseline'][number]>(
        `select hour::int as hour, samples, learned_at as "learnedAt" from diagnosis_reference
         where device = $1 order by hour`,
        [device],
      );
      const history = await session.query<DiagnosisTurnRecord>(
        `select at, code, turn, numbers, picture, reference from diagnosis_history
         where device = $1 order by id desc limit ${TURNS_KEPT}`,
        [device],
      );
      return {
        state: await states(tx, device),
        last: last.rows[0] ?? null,
        baseline: baseline.rows,
        history: history.rows,
      };
    },
  };
}

async function upsertStates(tx: Tx, device: DeviceKey, rows: readonly DiagnosisState[]): Promise<void> {
  await sql(tx).query(
    `insert into diagnosis_state
       (device, code, state, since, bad, good, counted_at, numbers, threshold, picture, reference)
     select $1, code, state, ${at('since')}, bad, good, ${at('counted')}, numbers::jsonb, threshold, picture, reference
     from unnest($2::text[], $3::text[], $4::float8[], $5::int[], $6::int[], $7::float8[], $8::text[], $9::float8[],
       $10::text[], $11::text[])
       as n (code, state, since, bad, good, counted, numbers, threshold, picture, reference)
     on conflict (device, code) do update set state = excluded.state, since = excluded.since, bad = excluded.bad,
       good = excluded.good, counted_at = excluded.counted_at, numbers = excluded.numbers,
       threshold = excluded.threshold, picture = excluded.picture, reference = excluded.reference`,
    [
      device,
      rows.map((row) => row.code),
      rows.map((row) => row.state),
      rows.map((row) => row.since),
      rows.map((row) => row.bad),
      rows.map((row) => row.good),
      rows.map((row) => row.countedAt),
      rows.map((row) => toJson(row.numbers)),
      rows.map((row) => row.threshold),
      rows.map((row) => row.picture),
      rows.map((row) => row.reference),
    ],
  );
}

async function addTurns(tx: Tx, device: DeviceKey, turns: readonly DiagnosisTurnRecord[]): Promise<void> {
  await sql(tx).query(
    `insert into diagnosis_history (device, at, code, turn, numbers, picture, reference)
     select $1, ${at('happened')}, code, turn, numbers::jsonb, picture, reference
     from unnest($2::float8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
       as n (happened, code, turn, numbers, picture, reference)`,
    [
      device,
      turns.map((turn) => turn.at),
      turns.map((turn) => turn.code),
      turns.map((turn) => turn.turn),
      turns.map((turn) => toJson(turn.numbers)),
      turns.map((turn) => turn.picture),
      turns.map((turn) => turn.reference),
    ],
  );
  await sql(tx).query(
    `delete from diagnosis_history where device = $1 and id < (
       select min(id) from (
         select id from diagnosis_history where device = $1 order by id desc limit ${TURNS_KEPT}) newest)`,
    [device],
  );
}
