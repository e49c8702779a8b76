import { expect, it } from 'vitest';
import { newsOf } from './news.ts';

type Incident = Parameters<typeof newsOf>[0][number];
const incident = (id: string, openedAt: string, resolvedAt: string | null) =>
  ({ id, openedAt, resolvedAt, members: [] }) as unknown as Incident;

it('tells what came and what was over, the newest first and each once', () => {
  const long = incident('a', '2026-11-20T08:00:00+08:00', '2026-11-24T08:00:00+08:00');
  const short = incident('b', '2026-11-24T07:00:00+08:00', null);
  expect(newsOf([short, long, long]).map(({ key }) => key)).toEqual(['a over', 'b came', 'a came']);
});
