import { describe, expect, it } from 'vitest';
import type { DiscoveredDevice } from '../../../adapters/adapter.ts';
import { createManualClock } from '../clock.ts';
import { type Actor, SYSTEM } from '../domain/actor.ts';
import { shippedRights } from '../domain/role-rights.ts';
import { createLogger } from '../log.ts';
import { createCameraJobs, type DiscoveryDeps } from './discovery.ts';

const who = (id: string, role: Actor['role'] = 'dispatcher'): Actor => ({
  ...SYSTEM,
  kind: 'user',
  id,
  role,
  rights: shippedRights(role),
});
const ann = who('ann');
const device = (address: string): DiscoveredDevice => ({ address, facts: { xaddr: `http://${address}/` } });

function setUp(more: Partial<DiscoveryDeps> = {}) {
  const clock = createManualClock();
  const jobs = createCameraJobs({
    clock,
    log: createLogger('error', () => undefined),
    async *discover() {
      yield device('10.0.0.5');
      yield device('10.0.0.6');
    },
    networkFault: (cidr) => (cidr.endsWith('/8') ? 'too large' : undefined),
    async *scan(_cidr, { signal, onProgress }) {
      onProgress(1, 254);
      yield device('10.0.0.7');
      await new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
    findOut: async () => {
      throw new Error('boom');
    },
    registered: async (_scope, { hosts }) =>
      hosts.includes('10.0.0.6') ? [{ host: '10.0.0.6', serial: null, deviceId: null }] : [],
    ...more,
  });
  return { jobs, clock };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('camera jobs', () => {
  it('tell what was found and what of it is registered, without naming what the asker may not see', async () => {
    const { jobs } = setUp();
    const { id, state } = jobs.discover(ann, { method: 'multicast' });
    expect(state).toBe('running');
    await settled();
    expect(jobs.get(ann, id)).toMatchObject({
      state: 'done',
      found: [
        { address: '10.0.0.5', registered: false, deviceId: null },
        { address: '10.0.0.6', registered: true, deviceId: null },
      ],
    });
  });

  it('show progress and what was found so far, and can be cancelled', async () => {
    const { jobs } = setUp();
    const { id } = jobs.discover(ann, { method: 'subnet', cidr: '10.0.0.0/24' });
    await settled();
    expect(jobs.get(ann, id)).toMatchObject({ state: 'running', progress: { done: 1, total: 254 }, found: [{}] });
    expect(jobs.cancel(ann, id)).toMatchObject({ state: 'cancelled', found: [{ address: '10.0.0.7' }] });
    await settled();
    expect(jobs.get(ann, id).state).toBe('cancelled');
  });

  it('say why they failed', async () => {
    const { jobs } = setUp();
    const { id } = jobs.probe(ann, { protocol: 'rtsp', url: 'rtsp://u:secret@10.0.0.5/' });
    await settled();
    expect(jobs.get(ann, id)).toMatchObject({ state: 'failed', error: 'boom', target: 'rtsp://10.0.0.5/' });
  });

  it('refuse a network that is none, too much at once, and those without the right', async () => {
    const { jobs } = setUp();
    const subnet = (cidr?: string) => () => jobs.discover(ann, { method: 'subnet', ...(cidr ? { cidr } : {}) });
    expect(subnet('10.0.0.0/8')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(subnet()).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    for (let i = 0; i < 4; i += 1) subnet('10.0.0.0/24')();
    expect(subnet('10.0.0.0/24')).toThrow(expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }));
    expect(() => jobs.list(who('eve', 'viewer'))).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    await jobs.stop();
    expect(jobs.list(ann).every(({ state }) => state === 'cancelled')).toBe(true);
  });

  it('belong to who started them, and are forgotten after an hour', async () => {
    const { jobs, clock } = setUp();
    const { id } = jobs.discover(ann, { method: 'multicast' });
    await settled();
    expect(() => jobs.get(who('bob'), id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(jobs.list(who('bob'))).toEqual([]);
    expect(jobs.list(who('root', 'admin'))).toHaveLength(1);
    clock.advance(3_600_001);
    expect(jobs.list(ann)).toEqual([]);
  });
});
