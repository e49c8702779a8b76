import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from './testing.ts';

describe('the link in a message about life and limb', () => {
  let api: TestApi;
  const view = { state: 'open', title: '烟雾', text: '烟雾报警：<script>1</script>\n一号车棚', by: null, at: null };
  beforeEach(() => {
    api = createTestApi();
    api.on('notifications.look', async () => view);
    api.on('notifications.byLink', async () => ({ ...view, state: 'done', by: 'link:李卫（通过确认链接）', at: 0 }));
  });
  afterEach(() => api.app.close());

  const called = () =>
    api.calls.filter(({ method }) => method.startsWith('notifications.')).map(({ method }) => method);
  const press = (headers: Record<string, string> = {}, payload = 'name=%E6%9D%8E%E5%8D%AB') =>
    api.app.inject({
      method: 'POST',
      url: '/acknowledge/a.b',
      payload,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  it('opening it, as a preview does, shows and acknowledges nothing', async () => {
    for (const method of ['GET', 'HEAD'] as const) await api.app.inject({ method, url: '/acknowledge/a.b' });
    const page = await api.app.inject({ url: '/acknowledge/a.b' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*form-action 'self'/);
    expect(page.body).toContain('确认收到');
    expect(page.body).toContain('&lt;script&gt;');
    expect(page.body).not.toContain('<script');
    expect(new Set(called())).toEqual(new Set(['notifications.look']));
  });

  it('its button acknowledges, with a name, without a login', async () => {
    const page = await press({ 'sec-fetch-site': 'same-origin' });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('已确认。确认人：李卫（通过确认链接）');
    expect(api.calls.find(({ method }) => method === 'notifications.byLink')?.args.slice(0, 2)).toEqual([
      'a.b',
      '李卫',
    ]);
    expect((await press({ origin: 'http://gw.local:8080', host: 'gw.local:8080' }, '')).statusCode).toBe(200);
  });

  it('a foreign page cannot press it', async () => {
    expect((await press({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await press({ origin: 'http://evil.example' })).statusCode).toBe(403);
    expect((await press({}, `name=${'x'.repeat(5_000)}`)).statusCode).toBe(413);
    expect(called()).toEqual([]);
  });

  it.each([
    ['expired', 410, '链接已过期'],
    ['invalid', 404, '链接无效'],
  ])('a link that is %s answers %i', async (state, status, words) => {
    api.on('notifications.look', async () => ({ ...view, state, title: null, text: null }));
    const page = await api.app.inject({ url: '/acknowledge/a.b' });
    expect(page.statusCode).toBe(status);
    expect(page.body).toContain(words);
  });
});
