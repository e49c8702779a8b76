import { describe, expect, it } from 'vitest';
import { compilePointer, pointerTokens } from './pointer.ts';

const read = (pointer: string, document: unknown) => compilePointer(pointerTokens(pointer))(document);

describe('a JSON Pointer', () => {
  // The document of RFC 6901 §5.
  const rfc = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, ' ': 7 };
  it.each<[string, unknown]>([
    ['', rfc],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/m~0n', 8],
    ['/ ', 7],
    ['/foo/2', undefined],
    ['/foo/0/x', undefined],
    ['/nix/x', undefined],
  ])('%j', (pointer, expected) => {
    expect(read(pointer, rfc)).toEqual(expected);
  });

  it('reads own members only', () => {
    for (const pointer of ['/toString', '/constructor/name', '/__proto__', '/foo/map']) {
      expect(read(pointer, rfc), pointer).toBeUndefined();
    }
    expect(read('/length', 'text')).toBeUndefined();
    expect(read('/x', null)).toBeUndefined();
  });
});
