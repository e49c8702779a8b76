import { type Config, describeConfig, readConfig } from '../../gateway/src/config.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { withSecretFiles } from '../../gateway/src/secret-files.ts';
import { checkMachine } from './doctor-checks.ts';
import type { Finding } from './doctor-finding.ts';

const MARK = { ok: '✓', info: '·', bad: '✗' } as const satisfies Record<Finding['level'], string>;

/** `cgw doctor`: the effective configuration and what this machine lacks; 0 = the gateway can start here. */
export async function doctor(): Promise<number> {
  // An INVALID_CONFIG ends the command with its one line.
  const config: Config = readConfig(withSecretFiles(process.env));
  console.log(bilingual('doctor.configuration'));
  const rows = describeConfig(config);
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`  ${name.padEnd(width)}  ${value}`);
  console.log(`\n${bilingual('doctor.machine')}`);
  const findings = await checkMachine(config);
  for (const { level, text } of findings) console.log(`  ${MARK[level]} ${text}`);
  return findings.some(({ level }) => level === 'bad') ? 1 : 0;
}
