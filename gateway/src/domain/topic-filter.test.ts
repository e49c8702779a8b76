import { expect, it } from 'vitest';
import { foreignTopics } from './device-type/index.ts';
import { filterCovers } from './topic-filter.ts';

it.each([
  ['a/#', 'a/+/b', true],
  ['a/+', 'a/+', true],
  ['a/x', 'a/+', false],
  ['a/+', 'a/#', false],
  ['a/+/c', 'a/b', false],
  ['a/#', 'b/+', false],
])('a grant of %s covers %s: %s', (granted, wanted, covers) => {
  expect(filterCovers(granted, wanted)).toBe(covers);
});

it('names the topics of a type beside those of the contract, with what each may stand for', () => {
  const topics = ['cgw/v1/{deviceId}/telemetry', { topic: 'acme/{id}/up' }];
  expect(foreignTopics({ topics, state: { topic: 'acme/s-{id}' } })).toEqual([
    { topic: 'acme/{id}/up', filter: 'acme/+/up' },
    { topic: 'acme/s-{id}', filter: 'acme/+' },
  ]);
});
