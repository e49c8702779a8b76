import { bilingual } from '../../gateway/src/messages/index.ts';
import { probeUrl } from './probe-url.ts';

/** `cgw probe`: 0 = the stream can be had, 1 = it cannot, 2 = nothing to probe was named. */
export async function probe(args: readonly string[]): Promise<number> {
  const [url, ...more] = args;
  if (url === undefined || more.length > 0) {
    console.error(bilingual('cli.oneUrl'));
    return 2;
  }
  const report = await probeUrl(url, { allow: process.env.CGW_ALLOWED_TARGETS });
  for (const line of report.lines) console.log(line);
  return report.ok ? 0 : 1;
}
