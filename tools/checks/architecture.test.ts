import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../../gateway/test/support/scratch.ts';
import { checkArchitecture } from './architecture.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['gateway', 'adapters', 'device-schemas', 'tools', 'bench'];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(scratch(), 'cgw-architecture-'));
  for (const name of [...FOLDERS, '.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'vitest.config.ts']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** One file against every rule, each of its own, so that one reading of the code base judges them all. */
const PLANTED: readonly (readonly [rule: string, path: string, content: string])[] = [
  ['stages-are-siblings', 'gateway/src/ingest/p1.ts', "import '../tickets/index.ts';\nimport '../spool/spool.ts';\n"],
  ['database-libraries', 'gateway/src/tickets/p2.ts', "import 'pg';\n"],
  ['http-library', 'gateway/src/monitor/p3.ts', "import 'fastify';\n"],
  ['mqtt-libraries', 'adapters/rtsp/p4.ts', "import 'aedes';\n"],
  ['adapters-know-no-gateway', 'adapters/mqtt/p5.ts', "import '../../gateway/src/errors.ts';\n"],
  ['domain-knows-nobody', 'gateway/src/domain/p6.ts', "import '../log.ts';\n"],
  [
    'stages-know-only-the-adapter-interface',
    'gateway/src/monitor/p7.ts',
    "import '../../../adapters/rtsp/adapter.ts';\n",
  ],
  ['session-only-for-sql', 'gateway/src/tickets/p8.ts', "import '../store/database.ts';\n"],
  ['only-the-assembly-joins-stages', 'gateway/src/p9.ts', "import './tickets/tickets.ts';\n"],
  ['no-orphans', 'gateway/src/domain/p10.ts', 'export const lonely = 1;\n'],
  ['nobody-imports-tools', 'gateway/src/api/p11.ts', "import '../../../tools/checks/architecture.ts';\n"],
];

describe('architecture rules', () => {
  it('read nothing in an empty checkout, which the check treats as a failure', async () => {
    const empty = mkdtempSync(join(scratch(), 'cgw-empty-'));
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'vitest.config.ts'])
      cpSync(join(ROOT, name), join(empty, name));
    mkdirSync(join(empty, 'gateway'));
    expect((await checkArchitecture(empty)).modules).toBe(0);
    rmSync(empty, { recursive: true });
  });

  describe('in the whole code base', () => {
    let report: Awaited<ReturnType<typeof checkArchitecture>>;
    beforeAll(async () => {
      for (const [, path, content] of PLANTED) {
        mkdirSync(dirname(join(copy, path)), { recursive: true });
        writeFileSync(join(copy, path), content);
      }
      report = await checkArchitecture(copy);
    }, 120_000);

    it('find no violation where none was planted', () => {
      expect(report.modules).toBeGreaterThan(60);
      const paths = PLANTED.map(([, path]) => path);
      expect(report.violations.filter((violation) => !paths.some((path) => violation.includes(path)))).toEqual([]);
    });

    it.each(PLANTED)('see a planted violation of %s', (rule, path) => {
      expect(report.violations.join('\n')).toContain(`${rule}: ${path}`);
    });
  });
});
