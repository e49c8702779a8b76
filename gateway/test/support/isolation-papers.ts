import type { Secrets } from '../../src/access/secrets.ts';
import { type Database, sql } from '../../src/store/database.ts';

/** What people leave behind in the world of the isolation test: papers, imports with their files, commands, device types. */

const review = (applicant: string) =>
  JSON.stringify({
    name: applicant,
    applicant,
    purpose: '新建监控',
    address: null,
    location: { lat: 31.1, lon: 121.5, crs: 'wgs84' },
    radius: 50,
    angle: 45,
    direction: null,
    azimuth: null,
    items: [],
    hidden: 0,
    conclusion: { code: 'clear', zh: '无重复', en: 'No duplicate' },
  });

/** id, organisation, who asked. Without an organisation it is its author's, and of those who see everything. */
const REVIEWS: readonly (readonly [string, string | null, string])[] = [
  ['own-review', 'own-hood', 'user:x'],
  ['own-review-lead', null, 'user:own-user-lead'],
  ['own-review-cooperating', null, 'user:own-user-cooperating'],
  ['own-review-maintainer', null, 'user:own-user-maintainer'],
  ['foreign-review', 'foreign-hood', 'user:own-user-stranger'],
  ['foreign-nobodys-review', null, 'user:own-user-stranger'],
];

const PAPERS = `
  insert into handover (id, no, kind, state, from_org_id, to_org_id, on_date, note, created_at, created_by, created_name) values
    ('own-handover', 'YJ-1', 'custody', 'draft', 'own-dept', 'own-help', '2026-11-23', null, now(), 'user:own-user-admin', '甲'),
    ('own-drawn', 'YJ-2', 'custody', 'draft', 'own-dept', 'own-help', '2026-11-23', null, now(), 'user:own-user-admin', '甲'),
    ('own-care', 'YJ-3', 'maintenance', 'handed', 'own-street', 'own-unit', '2026-11-23', null, now(), 'user:own-user-admin', '甲'),
    ('own-care-2', 'YJ-4', 'maintenance', 'handed', 'own-street', 'own-unit', '2026-11-23', null, now(), 'user:own-user-admin', '甲'),
    ('foreign-handover', 'YJ-5', 'custody', 'draft', 'foreign-dept', 'foreign-hood', '2026-11-23', 'foreign', now(), 'user:x', 'foreign'),
    ('foreign-care', 'YJ-6', 'maintenance', 'handed', 'foreign-hood', 'foreign-unit', '2026-11-23', 'foreign', now(), 'user:x', 'foreign');
  insert into handover_device (handover_id, device, position, snapshot)
    select h.id, d.key, 0, jsonb_build_object('id', d.id, 'name', d.name, 'type', d.type, 'serial', d.serial, 'nationalCode', null,
      'address', null, 'lifecycle', d.lifecycle, 'healthState', 'unknown')
    from handover h join device d on d.id = case when h.id like 'own%' then 'own-cam' else 'foreign-street-cam' end;
  insert into device_command (id, device, name, issued_by, sent_at, acked_at, ok, result, state, deadline, attempts, closed_at)
    select d.id || '-command', d.key, 'restart', 'user:x', now(), now(), true, jsonb_build_object('said', d.name), 'acknowledged',
      now(), 1, now() from device d;
  insert into vendor_invitation (id, vendor_id, token_hash, email, created_by, created_at, expires_at) values
    ('own-vendor-invitation', 'own-vendor', 'a', null, 'user:x', now(), now() + interval '1 day'),
    ('foreign-vendor-invitation', 'foreign-vendor', 'b', 'foreign@example.org', 'user:x', now(), now() + interval '1 day');
  insert into uploaded_type (id, vendor_id, shared) values
    ('own-vendor/meter', 'own-vendor', false), ('foreign-vendor/meter', 'foreign-vendor', false), ('open/meter', 'foreign-vendor', true);
`;

const source = (id: string, title: string) => `id: ${id}
title: { zh: ${title}, en: ${title} }
module: video
adapter: mqtt
topics: ["${id}/{serial}"]
identify: { from: "{serial}", match: serial }
metrics:
  flow: { type: number, unit: L/min, min: 0, max: 900, title: { zh: 流量, en: Flow } }
health: { interval: 1m }
examples:
  - { name: usual, topic: ${id}/7, payload: { flow: 5 }, readings: { flow: 5 } }
  - { name: broken, topic: ${id}/7, payload: { flow: -5 }, refused: READING_OUT_OF_RANGE }
`;

/** Of a type that all may use only what is served is shown to other vendors: the draft of `open/meter` is foreign to them. */
const VERSIONS: readonly (readonly [string, number, string, string])[] = [
  ['own-vendor/meter', 1, 'superseded', 'own'],
  ['own-vendor/meter', 2, 'approved', 'own'],
  ['own-vendor/meter', 3, 'submitted', 'own'],
  ['own-vendor/meter', 4, 'draft', 'own'],
  ['foreign-vendor/meter', 1, 'approved', 'foreign'],
  ['foreign-vendor/meter', 2, 'draft', 'foreign'],
  ['open/meter', 1, 'approved', 'open'],
  ['open/meter', 2, 'draft', 'foreign'],
];

/** Imports and their files belong to who began them; what of a stranger is foreign to an administrator, too. */
const OWNERS: readonly (readonly [string, string])[] = [
  ['own-admin', 'user:own-user-admin'],
  ['own-lead', 'user:own-user-lead'],
  ['own-vendor', 'user:own-user-vendor'],
  ['own-vendor-key', 'vendor:own-vendor'],
  ['foreign-person', 'user:own-user-stranger'],
  ['foreign-vendor', 'vendor:foreign-vendor'],
];

/** After the rest of the world, for it hangs on its devices, people and vendors. */
export async function fillPapers(db: Database, secrets: Secrets): Promise<void> {
  const run = sql(db.autocommit);
  await run.script(PAPERS);
  for (const [id, org, by] of REVIEWS) {
    await run.query(
      `insert into construction_review (id, no, at, by, by_name, org_id, review) values ($1, 'CC-' || $1, now(), $2, '甲', $3, $4::jsonb)`,
      [id, by, org, review(id.startsWith('own') ? '管理办' : 'foreign')],
    );
  }
  const report = JSON.stringify({ topics: 1, metrics: 1, events: 0, alarms: 0, commands: 0, examples: 2 });
  for (const [id, n, state, word] of VERSIONS) {
    const author = word === 'open' ? 'user:x' : `vendor:${word}-vendor`;
    await run.query(
      `insert into device_type_version (type_id, n, state, author, source, checksum, report, created_at, updated_at, submitted_at, decided_at)
       values ($1, $2::int, $3, $4, $5, $1 || $2, $6::jsonb, now(), now(), now(), now())`,
      [id, n, state, author, source(id, word), report],
    );
  }
  for (const [name, owner] of OWNERS) {
    const [problem, job] = [{ code: 'INVALID_INPUT', detail: name }, `${name}-job`];
    await run.query(
      `insert into import_job (id, owner, state, phase, total, result, created_at, beat_at, finished_at)
       values ($1, $2, 'failed', 'checking', 1, $3, now(), now(), now())`,
      [job, owner, secrets.seal(JSON.stringify({ result: null, problem }), `import-job:${job}`)],
    );
    for (const kind of ['errors', 'credentials']) {
      const hash = secrets.hash(`${name}-${kind}`);
      await run.query(
        `insert into import_file (token_hash, owner, kind, name, content_type, sealed, created_at, expires_at)
         values ($1, $2, $3, $4, 'text/csv', $5, now(), now() + interval '1 day')`,
        [hash, owner, kind, `${name}.csv`, secrets.seal(Buffer.from(name).toString('base64'), `import-file:${hash}`)],
      );
    }
  }
}
