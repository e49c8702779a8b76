import type { Scope } from '../domain/scope.ts';

/** Collects parameters while a statement is put together; `add` answers the placeholder. */
export interface Params {
  readonly values: unknown[];
  add(value: unknown): string;
}

export function createParams(...values: unknown[]): Params {
  return {
    values,
    add(value) {
      values.push(value);
      return `$${values.length}`;
    },
  };
}

/**
 * The condition under which a row of `device` may be seen. An organisation sees the devices in its subtree and those it
 * maintains (维保单位). Every statement that shows a device to somebody must carry it.
 */
export function deviceInScope(scope: Scope, params: Params, device = 'd'): string {
  switch (scope.kind) {
    case 'all':
      return 'true';
    case 'vendor':
      return `${device}.vendor_id = ${params.add(scope.vendorId)}`;
    case 'orgs': {
      const tree = `array(select org_subtree(${params.add(scope.orgIds)}::text[]))`;
      const place = `(${device}.org_id = any (${tree}) or ${device}.maintenance_unit_id = any (${tree}))`;
      return scope.moduleIds ? `(${place} and ${device}.module = any (${params.add(scope.moduleIds)}::text[]))` : place;
    }
  }
}

/** The condition under which an object hung on an organisation may be seen; a vendor sees none of them. */
export function orgInScope(scope: Scope, params: Params, column: string): string {
  switch (scope.kind) {
    case 'all':
      return 'true';
    case 'vendor':
      return 'false';
    case 'orgs':
      return `${column} in (select org_subtree(${params.add(scope.orgIds)}::text[]))`;
  }
}

/** `ilike` pattern for a piece of text a person typed. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** A number that stands in the statement itself, so that its plan is made for it. */
export function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`);
  return String(value);
}

/** Where the next page begins: the last row's sort value and key. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** undefined when the text is no cursor of ours. */
export function decodeCursor(text: string): (string | number)[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(parts)) return undefined;
    return parts.every((part) => typeof part === 'string' || typeof part === 'number') ? parts : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
