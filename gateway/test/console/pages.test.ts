import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { nameHostile, tour } from './support/tour.ts';
import { makeWorld, type World } from './support/world.ts';

describe('every page, with names that are scripts', { timeout: 300_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
    await nameHostile(world);
    await world.street.camera('camera-01').fault('refuse');
    await world.street.device('smoke-01').send({ ts: Date.now(), code: 'smoke', severity: 'critical' }, 'event');
    const tickets = () => world.admin.get<{ items: unknown[] }>('/tickets?limit=1');
    await until('a ticket', async () => (await tickets()).items.length > 0, { withinMs: 60_000 });
  }, 180_000);
  afterAll(() => world?.end());

  it('is reachable for everybody, breaks nothing and carries nothing out, in Chinese on a wide screen', async () => {
    expect(await tour(world, { language: 'zh-CN', width: 1920, height: 1080 })).toEqual({});
  });

  it('is so in English on a phone of 360 pixels', async () => {
    expect(await tour(world, { language: 'en', width: 360, height: 740 })).toEqual({});
  });
});
