import { expect, it } from 'vitest';
import { testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { Transactor } from '../domain/tx.ts';
import { createDenials } from './denials.ts';

it('a flood of refusals is counted and told in a bounded number of entries, and hides no other actor', async () => {
  const written: AuditEntry[] = [];
  const clock = createManualClock();
  const denials = createDenials({
    db: { autocommit: {} } as unknown as Transactor,
    audit: { append: async (_tx, entries) => void written.push(...entries) },
    clock,
  });
  const note = (id: string, target: string) =>
    denials.note({
      actor: { ...testActor('vendor'), id },
      what: 'GET /devices/:id',
      target,
      reason: 'NOT_FOUND',
      resource: 'devices',
    });
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 5_000; n++) note('flood', `d${n}`);
    note('other', 'x');
    await denials.flush();
  }
  const flood = written.filter(({ actor }) => actor.id === 'flood');
  expect(flood).toHaveLength(1_001);
  expect(flood.at(-1)).toMatchObject({
    action: 'accessDenied',
    resource: 'devices',
    resourceId: '*',
    after: { count: 4_000 },
  });
  expect(written.filter(({ actor }) => actor.id === 'other')).toHaveLength(1);
  clock.advance(600_000);
  written.length = 0;
  await denials.flush();
  expect(written.find(({ resourceId }) => resourceId === '*')).toMatchObject({ after: { count: 8_000 } });
  // What is over and told makes room again.
  clock.advance(600_000);
  await denials.flush();
  written.length = 0;
  note('flood', 'new');
  await denials.flush();
  expect(written).toMatchObject([{ resourceId: 'new', after: { count: 1 } }]);
});
