import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly content: Uint8Array;
}

export interface Form {
  /** A field given several times holds its values in order. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly files: readonly FormFile[];
}

/** Parts of one form; a phone sends about ten. */
const MOST_PARTS = 40;

/** Reads a `multipart/form-data` body that has arrived whole. INVALID_INPUT for one that is none. */
export async function readForm(body: Buffer, contentType: string): Promise<Form> {
  const parts = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw broken(cause);
    });
  const fields = new Map<string, string | readonly string[]>();
  const files: FormFile[] = [];
  let count = 0;
  for (const [field, value] of parts) {
    if (++count > MOST_PARTS) throw broken(undefined);
    if (typeof value === 'string') {
      const before = fields.get(field);
      fields.set(field, before === undefined ? value : [before, value].flat());
    } else files.push({ field, name: value.name, content: new Uint8Array(await value.arrayBuffer()) });
  }
  // Object.fromEntries defines own properties, so `__proto__` is a field like any other.
  return { fields: Object.fromEntries(fields), files };
}

/** The delimiter a client made up for this body; another one for a repetition of the same. */
export function boundaryOf(contentType: string): string | undefined {
  return /boundary="?([^";]{1,70})"?/i.exec(contentType)?.[1];
}

function broken(cause: unknown): GatewayError {
  const message = bilingual('api.brokenForm');
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/', code: 'form', message }], cause });
}
