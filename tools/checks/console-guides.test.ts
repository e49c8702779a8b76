import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'dashboards/console/src');

it('sends no question mark of a page to a guide that is not there', () => {
  const named = globSync('**/*.tsx', { cwd: SOURCES }).flatMap((file) =>
    [...readFileSync(join(SOURCES, file), 'utf8').matchAll(/guide(?:="|: ')([\w.-]+)["']/g)].map(
      ([, name = '']) => [file, name] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(30);
  const isGuide = (name: string) => existsSync(join(ROOT, 'docs/zh', `${name.replaceAll('.', '/')}.md`));
  expect(named.filter(([, name]) => !isGuide(name))).toEqual([]);
});
