import Type, { type TSchema } from 'typebox';
import { GatewayError } from '../errors.ts';
import { List, Nullable } from './schema.ts';

/** What every list takes. `cursor` is opaque to callers and to this layer alike: the service made it. */
export const listQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Items a page' })),
  cursor: Type.Optional(Type.String({ maxLength: 1_000, description: '`nextCursor` of the page before' })),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Words to look for' })),
};

/** `total` is exact up to 10,000, else null; absent where counting would cost more than the list. */
export const page = <T extends TSchema>(item: T) =>
  Type.Object({
    items: List(item),
    nextCursor: Nullable(Type.String()),
    total: Type.Optional(Nullable(Type.Integer())),
  });

/** Comma-separated filter value → list; undefined when the filter is absent. */
export function commaList<T extends string>(
  value: string | undefined,
  allowed: readonly T[],
  path: string,
): T[] | undefined {
  if (value === undefined) return undefined;
  return value.split(',').map((word) => {
    const hit = allowed.find((a) => a === word);
    if (hit !== undefined) return hit;
    const message = `只能是 ${allowed.join('、')} / Use one of: ${allowed.join(', ')}`;
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'enum', message }] });
  });
}
