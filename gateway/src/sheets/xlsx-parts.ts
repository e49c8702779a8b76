import { strFromU8, unzipSync } from 'fflate';
import sax from 'sax';
import { SheetFault } from './fault.ts';
import type { SheetLimits } from './table.ts';

/** The largest number of files a workbook may be packed of. */
const MAX_ENTRIES = 2_000;

export type Parts = ReturnType<typeof openPackage>;

/** A zip file's parts, unpacked one by one and never beyond what their headers say, nor beyond the limit. */
export function openPackage(bytes: Uint8Array, limits: SheetLimits) {
  const names: string[] = [];
  const unpack = (wanted: string | null) =>
    unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (wanted === null) {
          names.push(name);
          if (names.length > MAX_ENTRIES) throw new SheetFault('sheets.tooBig', {}, 'PAYLOAD_TOO_LARGE');
          return false;
        }
        if (name !== wanted) return false;
        if (originalSize > limits.maxPart) throw new SheetFault('sheets.tooBig', {}, 'PAYLOAD_TOO_LARGE');
        return true;
      },
    });
  readable(() => unpack(null));
  return {
    has: (name: string) => names.includes(name),
    read(name: string): Uint8Array | undefined {
      // Two parts of one name are read differently by different programs: nobody knows which the sender saw.
      if (names.filter((other) => other === name).length > 1) throw new SheetFault('sheets.damaged');
      return readable(() => unpack(name))[name];
    },
  };
}

function readable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SheetFault) throw error;
    throw new SheetFault('sheets.damaged');
  }
}

export interface XmlHandlers {
  /** Local name without its prefix. */
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

const SLICE = 65_536;

/** Walks an XML part. Document types, and with them entities of one's own, are refused; nothing is ever fetched. */
export function walkXml(bytes: Uint8Array, handlers: XmlHandlers): void {
  const parser = sax.parser(true, { position: false });
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.ondoctype = () => {
    throw new SheetFault('sheets.doctype');
  };
  parser.onerror = () => {
    throw new SheetFault('sheets.damaged');
  };
  let seen = false;
  parser.onopentag = ({ name, attributes }) => {
    seen = true;
    handlers.open?.(local(name), bare(attributes as Record<string, string>));
  };
  parser.onclosetag = (name) => handlers.close?.(local(name));
  if (handlers.text) {
    parser.ontext = (text) => handlers.text?.(text);
    parser.oncdata = (text) => handlers.text?.(text);
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let start = 0; start < bytes.length; start += SLICE) {
      parser.write(decoder.decode(bytes.subarray(start, start + SLICE), { stream: true }));
    }
    parser.write(decoder.decode()).close();
    if (!seen) throw new SheetFault('sheets.damaged');
  } catch (error) {
    if (error instanceof SheetFault) throw error;
    throw new SheetFault('sheets.damaged');
  }
}

/** Attributes by their local names. */
function bare(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const name in attributes) {
    if (name.includes(':')) {
      return Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [key.slice(key.indexOf(':') + 1), value]),
      );
    }
  }
  return attributes;
}

/** Whether bytes begin like a zip file. */
export const isZip = (bytes: Uint8Array): boolean => strFromU8(bytes.subarray(0, 4), true) === 'PK\u0003\u0004';
