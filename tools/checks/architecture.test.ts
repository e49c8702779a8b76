import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkArchitecture } from './architecture.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['gateway', 'adapters', 'device-schemas', 'tools', 'bench'];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'cgw-architecture-'));
  for (const name of [...FOLDERS, '.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'vitest.config.ts']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Writes one file into the copy, checks, and takes it away again. */
async function planted(path: string, content: string): Promise<readonly string[]> {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), content);
  try {
    return (await checkArchitecture(copy)).violations;
  } finally {
    rmSync(join(copy, path));
  }
}

describe('architecture rules', () => {
  it('reads the whole code base and finds no violation', async () => {
    const report = await checkArchitecture(copy);
    expect(report.modules).toBeGreaterThan(60);
    expect(report.violations).toEqual([]);
  });

  it('reads nothing in an empty checkout, which the check treats as a failure', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'cgw-empty-'));
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'vitest.config.ts'])
      cpSync(join(ROOT, name), join(empty, name));
    mkdirSync(join(empty, 'gateway'));
    expect((await checkArchitecture(empty)).modules).toBe(0);
    rmSync(empty, { recursive: true });
  });

  it.each([
    [
      'stages-are-siblings',
      'gateway/src/ingest/planted.ts',
      "import '../tickets/index.ts';\nimport '../spool/spool.ts';\n",
    ],
    ['database-libraries', 'gateway/src/tickets/planted.ts', "import 'pg';\n"],
    ['http-library', 'gateway/src/monitor/planted.ts', "import 'fastify';\n"],
    ['mqtt-libraries', 'adapters/rtsp/planted.ts', "import 'aedes';\n"],
    ['adapters-know-no-gateway', 'adapters/mqtt/planted.ts', "import '../../gateway/src/errors.ts';\n"],
    ['domain-knows-nobody', 'gateway/src/domain/planted.ts', "import '../log.ts';\n"],
    [
      'stages-know-only-the-adapter-interface',
      'gateway/src/monitor/planted.ts',
      "import '../../../adapters/rtsp/adapter.ts';\n",
    ],
    ['session-only-for-sql', 'gateway/src/tickets/planted.ts', "import '../store/database.ts';\n"],
    ['only-the-assembly-joins-stages', 'gateway/src/planted.ts', "import './tickets/tickets.ts';\n"],
    ['no-orphans', 'gateway/src/domain/planted.ts', 'export const lonely = 1;\n'],
    ['nobody-imports-tools', 'gateway/src/api/planted.ts', "import '../../../tools/checks/architecture.ts';\n"],
  ])('sees a planted violation of %s', async (rule, path, content) => {
    expect((await planted(path, content)).join('\n')).toContain(`${rule}: ${path}`);
  });
});
