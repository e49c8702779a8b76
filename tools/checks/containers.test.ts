import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SECRETS, VARIABLES } from '../../gateway/src/config.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docker');
const COMPOSE = ['compose.yaml', 'compose.production.yaml'];
const dockerfile = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8');

interface Service {
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly build?: { readonly dockerfile: string; readonly context: string };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** What a service names that is nowhere. */
function dangling(file: Compose, { volumes = [], secrets = [], environment = {} }: Service): string[] {
  const sources = volumes.map((volume) => volume.split(':')[0] ?? '');
  const mounted = Object.values(environment).flatMap((value) => /^\/run\/secrets\/(\w+)$/.exec(value)?.[1] ?? []);
  return [
    ...sources.filter((source) =>
      source.startsWith('.') ? !existsSync(join(FOLDER, source)) : !(source in file.volumes),
    ),
    ...secrets.filter((secret) => !(secret in file.secrets)),
    ...mounted.filter((secret) => !secrets.includes(secret)),
  ];
}

describe('container files', () => {
  it('please their linters', async () => {
    const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);
    const files = COMPOSE.map((name) => join(FOLDER, name));
    await run(bin('dclint'), ['-c', join(FOLDER, '.dclintrc'), '--max-warnings', '0', ...files]);
    const { stdout } = await run(bin('dockerfilelint'), ['-o', 'json', join(FOLDER, 'Dockerfile')]);
    expect(JSON.parse(stdout)).toMatchObject({ totalIssues: 0 });
  });

  it('copy what is there into the image, and no secret', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?:--\S+ )*(.+) \S+$/gm)]
      .flatMap(([, sources = '']) => sources.split(' '))
      .map((source) => source.replace('/app/', ''));
    expect(copied.length).toBeGreaterThan(8);
    const made = ['node_modules', 'dashboards/console/dist'];
    expect(copied.filter((source) => !made.includes(source) && !existsSync(join(ROOT, source)))).toEqual([]);
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['docker/secrets', 'data', '.env', '.git']));
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it.each(COMPOSE)('%s names variables, secrets, volumes, ports and files that exist', (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const file = parse(text, { merge: true }) as Compose;
    const known: string[] = [...VARIABLES, ...SECRETS.map((secret) => `${secret}_FILE`)];
    const used = [...`${text}${dockerfile}`.matchAll(/CGW_[A-Z_]+/g)].map(([variable]) => variable);
    expect(used.filter((variable) => !known.includes(variable))).toEqual([]);
    const exposed = /^EXPOSE (.+)$/m.exec(dockerfile)?.[1]?.split(' ') ?? [];
    for (const [service, it] of Object.entries(file.services)) {
      expect([service, dangling(file, it)]).toEqual([service, []]);
      expect([service, it.healthcheck !== undefined || (it.build && dockerfile.includes('HEALTHCHECK'))]).toEqual([
        service,
        true,
      ]);
      if (!it.build) continue;
      expect(existsSync(join(FOLDER, it.build.context, it.build.dockerfile))).toBe(true);
      for (const port of it.ports ?? []) expect(exposed).toContain(port.split(':').at(-1));
    }
    for (const { file: path } of Object.values(file.secrets)) expect(dirname(path)).toBe('secrets');
  });
});
