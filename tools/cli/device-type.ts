import { bilingual } from '../../gateway/src/messages/index.ts';
import { checkDeviceTypeFile } from '../../gateway/src/registry/device-types.ts';

/** `cgw device-type check`: 0 = good, 1 = at least one fault, 2 = no file was named. */
export async function checkDeviceType(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    console.error(bilingual('cli.oneFile'));
    return 2;
  }
  let good = true;
  for (const path of args) {
    const { ok, lines } = await checkDeviceTypeFile(path);
    for (const line of lines) (ok ? console.log : console.error)(line);
    good &&= ok;
  }
  return good ? 0 : 1;
}
