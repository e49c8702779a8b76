import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TicketFile } from './ports/tickets.ts';
import { bearer, createTestApi } from './testing.ts';

const PICTURE = Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0x0d, 0x0a, 0x2d, 0x2d, 0, 1, 2, 3]);

/** A form as a browser writes it, with a delimiter of its own each time. */
function form(
  boundary: string,
  fields: readonly (readonly [string, string])[],
  files: readonly (readonly [string, string, Buffer])[],
) {
  const parts = [
    ...fields.map(([name, value]) =>
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    ),
    ...files.flatMap(([name, file, bytes]) => [
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="${file}"\r\ncontent-type: image/jpeg\r\n\r\n`,
      ),
      bytes,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ];
  return { payload: Buffer.concat(parts), type: `multipart/form-data; boundary=${boundary}` };
}

describe('pictures of tickets over HTTP', () => {
  const api = createTestApi();
  const created: { input: Record<string, unknown>; files: readonly TicketFile[] }[] = [];
  const attached: TicketFile[] = [];
  const ticket = { id: 'tk_1' };
  beforeAll(async () => {
    api.on(
      'tickets.create',
      async (_actor: never, input: Record<string, unknown>, _language: never, files: readonly TicketFile[]) => {
        created.push({ input, files });
        return ticket;
      },
    );
    api.on('tickets.attach', async (_actor: never, _id: never, file: TicketFile) => {
      attached.push(file);
      return ticket;
    });
    api.on('tickets.attachment', async () => ({
      content: PICTURE,
      mediaType: 'image/jpeg',
      name: '现场"1.jpg',
      sha256: 'ab',
    }));
    await api.app.ready();
  });
  afterAll(() => api.app.close());
  const post = (url: string, { payload, type }: { payload: Buffer; type: string }, more: Record<string, string> = {}) =>
    api.app.inject({
      method: 'POST',
      url: `/api/v1${url}`,
      payload,
      headers: { ...bearer('committee'), 'content-type': type, ...more },
    });
  const report = (boundary: string) =>
    form(
      boundary,
      [
        ['fault', 'illegalCharging'],
        ['siteId', 's1'],
        ['deviceIds', 'd1'],
        ['deviceIds', 'd2'],
        ['lat', '31.2'],
        ['lon', '121.5'],
        ['crs', 'gcj02'],
        ['takenAt', '2026-11-23T10:00:00+08:00'],
        ['note', '飞线充电'],
      ],
      [['photo', '现场.jpg', PICTURE]],
    );

  it('takes fields and pictures of a report in one form, and files it once however often it is sent', async () => {
    const first = await post('/tickets/reports', report('----a1'), { 'idempotency-key': 'phone-1' });
    expect([first.statusCode, first.json().code]).toEqual([201, undefined]);
    expect(created).toHaveLength(1);
    const { input, files } = created[0] ?? {};
    expect(input).toEqual({
      kind: 'manual',
      fault: 'illegalCharging',
      siteId: 's1',
      deviceIds: ['d1', 'd2'],
      note: '飞线充电',
    });
    expect(files).toMatchObject([
      { name: '现场.jpg', takenAt: Date.UTC(2026, 10, 23, 2), location: { lat: 31.2, lon: 121.5, crs: 'gcj02' } },
    ]);
    expect(Buffer.from(files?.[0]?.content ?? [])).toEqual(PICTURE);
    const again = await post('/tickets/reports', report('----b2'), { 'idempotency-key': 'phone-1' });
    expect([again.statusCode, again.headers['idempotent-replay'], created.length]).toEqual([201, 'true', 1]);
    const other = form('----c3', [['fault', 'other']], [['photo', 'x.jpg', PICTURE]]);
    expect((await post('/tickets/reports', other, { 'idempotency-key': 'phone-1' })).json().code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  it.each<[string, { payload: Buffer; type: string }, number, string | undefined]>([
    ['a field it does not know', form('x', [['stage', 'closed']], []), 400, 'INVALID_INPUT'],
    [
      'half a place',
      form(
        'x',
        [
          ['title', '漏水'],
          ['lat', '31'],
        ],
        [],
      ),
      400,
      'INVALID_INPUT',
    ],
    [
      'a place that is none',
      form(
        'x',
        [
          ['title', '漏水'],
          ['lat', 'north'],
          ['lon', '1'],
        ],
        [],
      ),
      400,
      'INVALID_INPUT',
    ],
    [
      'six pictures',
      form(
        'x',
        [['title', '漏水']],
        Array.from({ length: 6 }, () => ['photo', 'a.jpg', PICTURE] as const),
      ),
      400,
      'INVALID_INPUT',
    ],
    [
      'a form that breaks off',
      { ...form('x', [['title', '漏水']], []), payload: Buffer.from('--x\r\ncontent-disp') },
      400,
      'INVALID_INPUT',
    ],
    ['no delimiter', { payload: Buffer.from('x'), type: 'multipart/form-data' }, 400, 'INVALID_INPUT'],
    ['a field named like a prototype', form('x', [['__proto__', 'a']], []), 400, 'INVALID_INPUT'],
    ['another type', { payload: Buffer.from('{}'), type: 'application/json' }, 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_name, body, status, code) => {
    const before = created.length;
    const answer = await post('/tickets/reports', body);
    expect([answer.statusCode, created.length]).toEqual([status, before]);
    if (code) expect(answer.json().code).toBe(code);
  });

  it('takes a picture as it is or in a form', async () => {
    const raw = await post('/tickets/tk_1/attachments?phase=after&name=a.jpg', {
      payload: PICTURE,
      type: 'image/jpeg',
    });
    const formed = await post(
      '/tickets/tk_1/attachments',
      form('x', [['phase', 'before']], [['file', 'b.jpg', PICTURE]]),
    );
    expect([raw.statusCode, formed.statusCode]).toEqual([201, 201]);
    expect(attached.map(({ name, phase, content }) => [name, phase, Buffer.from(content).equals(PICTURE)])).toEqual([
      ['a.jpg', 'after', true],
      ['b.jpg', 'before', true],
    ]);
    expect((await post('/tickets/tk_1/attachments', form('x', [], []))).statusCode).toBe(400);
  });

  it('shows a picture so that a browser runs nothing of it', async () => {
    const answer = await api.app.inject({ url: '/api/v1/tickets/tk_1/attachments/1', headers: bearer('committee') });
    expect(answer.rawPayload).toEqual(PICTURE);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent('现场"1.jpg')}`,
    });
  });
});
