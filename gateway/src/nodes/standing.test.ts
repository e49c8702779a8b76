import { expect, test } from 'vitest';
import type { NodeRole, NodeView } from '../domain/node.ts';
import { standingOf } from './standing.ts';

const ALL: readonly NodeRole[] = ['ingest', 'monitor', 'api', 'video'];
const node = (id: string, roles: readonly NodeRole[], extra: Partial<NodeView> = {}): NodeView => ({
  id,
  roles,
  url: null,
  startedAt: 0,
  seenAt: 0,
  undrained: 0,
  oldestUndrainedAt: null,
  backlogSince: null,
  state: 'live',
  ...extra,
});
const whole = node('a', ALL);

test('all is well as long as somebody does every work and nobody’s messages wait', () => {
  expect(standingOf([whole], ALL)).toEqual({ reason: 'ok', detail: undefined, waiting: 0 });
  expect(standingOf([whole, node('b', ['api'], { state: 'away' })], ALL).reason).toBe('ok');
  // Of one that lives its own readiness tells.
  expect(standingOf([node('a', ALL, { undrained: 9, backlogSince: 1 })], ALL)).toMatchObject({
    reason: 'ok',
    waiting: 0,
  });
});

test('messages of a process that is away are counted and named, also when it left properly', () => {
  const dead = node('b', ['ingest'], { state: 'away', undrained: 12, backlogSince: Date.UTC(2026, 10, 24) });
  const left = node('c', ['ingest'], { state: 'left', undrained: 3, backlogSince: 0 });
  const { reason, detail, waiting } = standingOf([whole, dead, left], ALL);
  expect({ reason, waiting }).toEqual({ reason: 'INGEST_AWAY', waiting: 15 });
  expect(detail).toContain('b: 12 messages, 2026-11-24T00:00:00.000Z');
});

test('work that nobody does is named', () => {
  const some = [node('a', ['ingest', 'monitor', 'api']), node('v', ['video'], { state: 'left' })];
  expect(standingOf(some, ALL)).toMatchObject({ reason: 'ROLE_MISSING', detail: 'video' });
});
