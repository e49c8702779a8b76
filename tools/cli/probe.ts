import { bilingual } from '../../gateway/src/messages/index.ts';
import { parseOnvifUrl, probeOnvif } from './probe-onvif.ts';
import { probeUrl } from './probe-url.ts';

/** `cgw probe`: 0 = the stream can be had, 1 = it cannot, 2 = nothing to probe was named. */
export async function probe(args: readonly string[]): Promise<number> {
  const [url, ...more] = args;
  if (url === undefined || more.length > 0) {
    console.error(bilingual('cli.oneUrl'));
    return 2;
  }
  const allow = process.env.CGW_ALLOWED_TARGETS;
  const onvif = parseOnvifUrl(url);
  if (!onvif && !/^rtsps?:/i.test(url)) {
    console.error(bilingual('probe.badUrl'));
    return 2;
  }
  const report = onvif ? await probeOnvif(onvif, { allow }) : await probeUrl(url, { allow });
  for (const line of report.lines) console.log(line);
  return report.ok ? 0 : 1;
}
