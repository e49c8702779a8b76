import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chooseChallenge, parseChallenges } from './auth.ts';

const choose = (...headers: string[]) => chooseChallenge(parseChallenges(headers));
const login = { username: 'Mufasa', password: 'Circle of Life' };

/** Recomputes the response from the header's own cnonce, as a server would. */
function fields(header: string): Map<string, string> {
  return new Map(
    [...header.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name = '', value = '']) => [name, value] as const),
  );
}

describe('challenges', () => {
  it.each([
    ['quoted, qop first (Hikvision)', ['Digest qop="auth", realm="IP Camera(1)", nonce="abc=="'], 'digest MD5'],
    ['unquoted', ['Digest realm=cam, nonce=abc==, algorithm=MD5'], 'digest MD5'],
    ['no blank after the comma', ['Digest realm="a",nonce="b",stale="FALSE"'], 'digest MD5'],
    ['lower case scheme', ['digest realm="a", nonce="b"'], 'digest MD5'],
    ['Digest and Basic in two headers', ['Basic realm="a"', 'Digest realm="a", nonce="b"'], 'digest MD5'],
    ['Digest and Basic in one header', ['Basic realm="a", Digest realm="a", nonce="b"'], 'digest MD5'],
    [
      'the strongest of several',
      [
        'Digest realm="a", nonce="b", algorithm=MD5',
        'Digest realm="a", nonce="b", algorithm=SHA-256, qop="auth,auth-int"',
      ],
      'digest SHA-256',
    ],
    ['session variant', ['Digest realm="a", nonce="b", algorithm="MD5-sess", qop="auth"'], 'digest MD5-sess'],
    ['Basic alone', ['Basic realm="a"'], 'basic'],
  ])('are read: %s', (_, headers, expected) => {
    expect(choose(...headers)?.name).toBe(expected);
  });

  it.each([
    ['nothing', []],
    ['an unknown scheme', ['Bearer realm="a"']],
    ['an unknown algorithm', ['Digest realm="a", nonce="b", algorithm=ROT13']],
    ['only integrity protection', ['Digest realm="a", nonce="b", qop="auth-int"']],
    ['a Digest without nonce', ['Digest realm="a"']],
  ])('cannot be answered: %s', (_, headers) => {
    expect(choose(...headers)).toBeUndefined();
  });

  it('never falls back to Basic beside a Digest it cannot answer', () => {
    expect(choose('Digest realm="a", nonce="b", algorithm=ROT13', 'Basic realm="a"')).toBeUndefined();
  });

  it('never answers Basic where the caller forbids it', () => {
    const among = (...headers: string[]) => chooseChallenge(parseChallenges(headers), { basic: false });
    expect(among('Basic realm="a"')).toBeUndefined();
    expect(among('Basic realm="a"', 'Digest realm="a", nonce="b"')?.name).toBe('digest MD5');
  });

  it('tells a stale nonce from a wrong password', () => {
    expect(choose('Digest realm="a", nonce="b", stale=true')?.stale).toBe(true);
    expect(choose('Digest realm="a", nonce="b", stale="FALSE"')?.stale).toBe(false);
  });
});

describe('integrity protection', () => {
  const offer = 'Digest realm="a", nonce="n", qop="auth-int"';

  it('is answered over the body when the caller hands one over', () => {
    const chosen = chooseChallenge(parseChallenges([offer]), { integrity: true });
    const sent = fields(chosen?.authorization(login, 'POST', '/x', { body: '<a/>', use: 17 }) ?? '');
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const ha1 = md5(`${login.username}:a:${login.password}`);
    const ha2 = md5(`POST:/x:${md5('<a/>')}`);
    expect(sent.get('nc')).toBe('00000011');
    expect(sent.get('response')).toBe(md5(`${ha1}:n:00000011:${sent.get('cnonce')}:auth-int:${ha2}`));
  });

  it('gives way to plain auth when both are offered', () => {
    const both = offer.replace('auth-int', 'auth-int,auth');
    const chosen = chooseChallenge(parseChallenges([both]), { integrity: true });
    expect(fields(chosen?.authorization(login, 'POST', '/x', { body: '<a/>' }) ?? '').get('qop')).toBe('auth');
  });
});

describe('answers', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('agree with the example of RFC 7616 for %s', (algorithm, response) => {
    const header = choose(
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    )?.authorization(login, 'GET', '/dir/index.html', { cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' });
    const sent = fields(header ?? '');
    expect(sent.get('response')).toBe(response);
    expect(sent.get('qop')).toBe('auth');
    expect(sent.get('opaque')).toBe('FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS');
  });

  it('follow RFC 2069 without qop', () => {
    // Computed with Python's hashlib for the same input.
    const header =
      choose('Digest realm="IP Camera", nonce="abc="')?.authorization(login, 'DESCRIBE', 'rtsp://h/1') ?? '';
    const sent = fields(header);
    expect(sent.get('response')).toBe('af49f0a2b31d9f46189ef667b633498c');
    expect(header).not.toContain('cnonce');
    expect(header).not.toContain('algorithm');
    expect(header).toContain('nonce="abc="');
  });

  it('keep quotes inside quotes, and let no line break out', () => {
    const header = choose('Digest realm="a\\"b", nonce="n"')?.authorization(
      { username: 'x"\r\nInjected: 1', password: 'p' },
      'DESCRIBE',
      'rtsp://h/1',
    );
    expect(header).toContain('realm="a\\"b"');
    expect(header).not.toMatch(/[\r\n]/);
  });

  it('send Basic as UTF-8', () => {
    const header = choose('Basic realm="a"')?.authorization({ username: 'admin', password: '密码:1' }, 'DESCRIBE', 'x');
    expect(Buffer.from(header?.slice(6) ?? '', 'base64').toString('utf8')).toBe('admin:密码:1');
  });
});
