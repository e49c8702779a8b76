const TILDE = /~([01])/g;

/** RFC 6901 tokens of a JSON Pointer. */
export function pointerTokens(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replace(TILDE, (_, digit) => (digit === '1' ? '/' : '~')));
}

/** A reader of own members only, so a pointer can never reach a prototype. Absent = undefined. */
export function compilePointer(tokens: readonly string[]): (document: unknown) => unknown {
  const [first] = tokens;
  if (first === undefined) return (document) => document;
  if (tokens.length === 1) return (document) => member(document, first);
  return (document) => {
    let value = document;
    for (const token of tokens) {
      value = member(value, token);
      if (value === undefined) return undefined;
    }
    return value;
  };
}

function member(value: unknown, token: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Record<string, unknown>)[token];
  return found === undefined || Object.hasOwn(value, token) ? found : undefined;
}
