import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/** Folders the rules speak of. */
const ROOTS = ['gateway', 'adapters', 'device-schemas', 'tools', 'bench'];

export interface ArchitectureReport {
  /** Files read; 0 means the check did not work at all. */
  readonly modules: number;
  readonly violations: readonly string[];
}

/** Runs the import rules of `.dependency-cruiser.cjs` over a checkout. */
export async function checkArchitecture(root: string): Promise<ArchitectureReport> {
  const rules = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
    forbidden: object[];
    options: object;
  };
  const roots = ROOTS.filter((name) => exists(join(root, name)));
  const options = {
    ...rules.options,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: rules.forbidden },
  } as ICruiseOptions;
  const { output } = await cruise(roots, options, undefined, {
    tsConfig: extractTSConfig(join(root, 'tsconfig.json')),
  });
  const result = output as ICruiseResult;
  return {
    modules: result.modules.filter((module) => /\.ts$/.test(module.source) && !module.source.includes('node_modules'))
      .length,
    violations: result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
  };
}

function exists(path: string): boolean {
  try {
    readFileSync(join(path, '.'));
  } catch (error) {
    return (error as { code?: string }).code === 'EISDIR';
  }
  return true;
}
