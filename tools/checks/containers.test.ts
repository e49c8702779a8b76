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
const PRODUCTION = 'compose.production.yaml';
const SCALE_OUT = 'compose.scale-out.yaml';
const COMPOSE = ['compose.yaml', PRODUCTION, SCALE_OUT];
const dockerfile = readFileSync(join(FOLDER, 'Dockerfile'), 'utf8');

interface Service {
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly build?: { readonly dockerfile: string; readonly context: string };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const read = (name: string) => parse(readFileSync(join(FOLDER, name), 'utf8'), { merge: true }) as Compose;

/** A file as it is run: the one of several processes is laid over production, a volume by where it is mounted. */
function asRun(name: string): Compose {
  const over = read(name);
  if (name !== SCALE_OUT) return over;
  const base = read(PRODUCTION);
  const services = { ...base.services };
  for (const [service, it] of Object.entries(over.services)) {
    const under = services[service];
    const volumes = new Map(
      [...(under?.volumes ?? []), ...(it.volumes ?? [])].map((line) => [line.split(':')[1], line]),
    );
    const environment = { ...under?.environment, ...it.environment };
    services[service] = { ...under, ...it, environment, volumes: [...volumes.values()] };
  }
  return { services, volumes: { ...base.volumes, ...over.volumes }, secrets: base.secrets };
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
    const file = asRun(name);
    const known: string[] = [...VARIABLES, ...SECRETS.map((secret) => `${secret}_FILE`)];
    const used = [...`${text}${dockerfile}`.matchAll(/CGW_[A-Z_]+/g)].map(([variable]) => variable);
    expect(used.filter((variable) => !known.includes(variable))).toEqual([]);
    const exposed = /^EXPOSE (.+)$/m.exec(dockerfile)?.[1]?.split(' ') ?? [];
    for (const [service, it] of Object.entries(file.services)) {
      expect([service, dangling(file, it)]).toEqual([service, []]);
      const mounted = it.volumes?.map((volume) => volume.split(':')[1] ?? '') ?? [];
      for (const [, path = ''] of it.command?.map((word) => /=(\/.+)$/.exec(word) ?? []) ?? []) {
        if (path !== '') expect(mounted).toContain(path);
      }
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

  it('run several processes as the one of production is run, with their files shared', () => {
    const { services } = asRun(SCALE_OUT);
    const { gateway } = read(PRODUCTION).services;
    const processes = Object.entries(services).filter(([, { environment }]) => environment?.CGW_ROLES);
    const roles = processes.map(([, { environment }]) => environment?.CGW_ROLES);
    expect(roles.sort()).toEqual(['api', 'api', 'ingest', 'ingest', 'monitor', 'monitor', 'video']);
    const mounts = (role: string) =>
      processes
        .filter(([, { environment }]) => environment?.CGW_ROLES === role)
        .map(([, { volumes = [] }]) => volumes.filter((line) => !line.endsWith(':/data')).sort());
    const files = ['attachments', 'audit-anchors', 'backups', 'clips', 'pictures', 'vendor-files'];
    const shared = files.map((folder) => `${folder}:/data/${folder}`);
    expect([...mounts('monitor'), ...mounts('api')]).toEqual([shared, shared, shared, shared]);
    for (const line of mounts('video')[0] ?? []) expect(shared).toContain(line);
    for (const folder of files) expect(dockerfile).toContain(`/data/${folder}`);
    const own = processes.map(([, { volumes }]) => volumes?.find((line) => line.endsWith(':/data')));
    expect(new Set(own).size).toBe(processes.length);
    const targets = readFileSync(join(FOLDER, 'prometheus.scale-out.yml'), 'utf8');
    for (const [service, it] of processes) {
      const { environment, volumes: _v, ports: _p, ...rest } = it as Service & { depends_on?: unknown };
      const { environment: usual, volumes: _w, ports: _q, ...same } = gateway as typeof it & { depends_on?: unknown };
      expect({ ...rest, depends_on: null }).toEqual({ ...same, depends_on: null });
      expect(environment).toMatchObject(usual ?? {});
      const { CGW_ROLES: role, CGW_NODE_URL: url } = environment ?? {};
      expect(url).toBe(role === 'api' || role === 'video' ? `http://${service}:8080` : undefined);
      expect(targets).toContain(` ${service}:8080\n`);
    }
  });
});
