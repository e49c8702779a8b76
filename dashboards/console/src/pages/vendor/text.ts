import { Document, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { t } from '../../language.ts';

const WRITTEN = { lineWidth: 0, flowCollectionPadding: true } as const;
/** Parts of a file whose entries stand one a line. */
const LISTS = new Set(['metrics', 'events', 'alarms', 'commands', 'components', 'examples']);

/** A type as a file people read: one metric, event and example a line. */
export function textOf(definition: unknown): string {
  const file = new Document(definition);
  visit(file, {
    Map(_, node, path) {
      if (path.length > 1 && !unfolded(path)) node.flow = true;
    },
    Seq(_, node, path) {
      if (!unfolded(path)) node.flow = true;
    },
  });
  return file.toString(WRITTEN);
}

/** Whether a collection at this place is written in lines of its own. */
function unfolded(path: readonly unknown[]): boolean {
  const keys = path.flatMap((node) =>
    typeof node === 'object' && node !== null && 'key' in node && isScalar(node.key) ? [String(node.key.value)] : [],
  );
  const [first, , third] = keys;
  if (first === undefined) return true;
  if (keys.length === 1) return LISTS.has(first) && !path.some(isSeq);
  if (first !== 'components') return false;
  return keys.length === 2 || (keys.length === 3 && third === 'metrics');
}

/** What is known of a text while it is being written: nothing of it need be right. */
export interface Sketch {
  readonly id: string | null;
  readonly metrics: readonly string[];
  readonly required: readonly string[];
  readonly examples: readonly { topic: string; payload: unknown; payloadEncoding?: 'hex' | 'base64'; name?: string }[];
}

export function sketchOf(source: string): Sketch {
  let content: unknown = null;
  try {
    content = parseDocument(source, { logLevel: 'silent' }).toJS({ maxAliasCount: 0 });
  } catch {
    // A text that is being typed may be no document yet; the gateway's check says what is wrong.
  }
  const { id, metrics, examples } = (typeof content === 'object' && content !== null ? content : {}) as Record<
    string,
    unknown
  >;
  const named = typeof metrics === 'object' && metrics !== null ? metrics : {};
  return {
    id: typeof id === 'string' ? id : null,
    metrics: Object.keys(named),
    required: Object.entries(named).flatMap(([name, metric]) =>
      (metric as { required?: unknown } | null)?.required === true ? [name] : [],
    ),
    examples: Array.isArray(examples)
      ? examples.filter((one) => typeof one === 'object' && one !== null && typeof one.topic === 'string')
      : [],
  };
}

/** A type to begin with, of a vendor's own. */
export function newText(vendorId: string, topic: string | undefined): string {
  const own = ownTopic(topic ?? `${vendorId}/#`);
  const inTopic = own.includes('{serial}');
  return t('types.template', {
    vendor: vendorId,
    topic: own,
    example: own.replace('{serial}', 'SN-1'),
    from: inTopic ? '"{serial}"' : '/sn',
    sn: inTopic ? '' : 'sn: SN-1, ',
  });
}

/** A granted topic as a device's: the serial stands where any word may, so that what is written may also be sent. */
export function ownTopic(granted: string): string {
  const levels = granted.split('/');
  const open = levels.indexOf('+');
  if (open >= 0) return levels.with(open, '{serial}').join('/').replace(/#$/, 'data').replaceAll('+', 'data');
  return levels.at(-1) === '#' ? [...levels.slice(0, -1), '{serial}', 'data'].join('/') : granted;
}

/** The same file under an id of the vendor's own. */
export function renamed(source: string, id: string): string {
  const file = parseDocument(source, { logLevel: 'silent' });
  if (isMap(file.contents)) file.set('id', id);
  return file.toString(WRITTEN);
}
