import { expect, it } from 'vitest';
import { createProbePart } from '../assembly/probe.ts';
import { createManualClock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import type { ApiConfig } from './deps.ts';
import { BASE } from './route.ts';
import { bearer, createTestApi, deviceFixture } from './testing.ts';

/** The look at a device, over a registry that knows one device and a recheck that is told what to see. */
function probing(seen: { ok: boolean; detail: unknown } | undefined) {
  const api = createTestApi();
  const asked: unknown[] = [];
  const devices = {
    get: async (_actor: unknown, id: string) => {
      if (id !== 'cam-1') throw new GatewayError('NOT_FOUND');
      return deviceFixture();
    },
  };
  const recheck = async (...given: unknown[]) => {
    asked.push(given);
    return seen ? [{ device: 7, ...seen }] : [];
  };
  const clock = createManualClock();
  const { probes } = createProbePart({ registry: { devices } } as never, { recheck } as never, clock);
  api.on('probes.now', probes.now as never);
  const look = async (id: string, role: string, payload?: object) => {
    const url = `${BASE}/devices/${id}/probe`;
    const answer = await api.app.inject({ method: 'POST', url, headers: bearer(role), ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { look, asked };
}

it('looks at a device now for whoever works on tickets, for the fault asked about', async () => {
  const { look, asked } = probing({ ok: false, detail: { probe: 'wrongPassword' } });
  const answer = await look('cam-1', 'maintainer', { fault: 'black' });
  expect(answer).toMatchObject({ status: 200, body: { ok: false, reason: 'wrongPassword' } });
  expect(asked).toEqual([[[7], 'black']]);
  expect((await look('cam-1', 'auditor')).status).toBe(403);
});

it('looks at nothing that is out of reach', async () => {
  const { look, asked } = probing({ ok: true, detail: null });
  expect((await look('foreign', 'maintainer')).status).toBe(404);
  expect(asked).toEqual([]);
  expect((await look('cam-1', 'maintainer')).body).toMatchObject({ ok: true, reason: 'ok' });
});

it('does not call a device well that could not be looked at', async () => {
  const { look } = probing(undefined);
  expect((await look('cam-1', 'maintainer')).body).toMatchObject({ ok: false, reason: 'unknown' });
});

it('says where devices connect, and never a door that is shut', async () => {
  const at = async (mqtt?: ApiConfig['mqtt']) => {
    const api = createTestApi(mqtt ? { mqtt } : {});
    return (await api.app.inject({ url: `${BASE}/mqtt`, headers: bearer('vendor') })).json();
  };
  const own = { port: 1883, tls: { port: 8883 }, url: null };
  expect(await at()).toEqual({ host: null, port: null, tlsPort: null });
  expect(await at(own)).toEqual({ host: null, port: 1883, tlsPort: 8883 });
  const beside = await at({ ...own, url: 'mqtt://iot.street.example:1884' });
  expect(beside).toEqual({ host: 'iot.street.example', port: 1884, tlsPort: null });
  expect(await at({ ...own, url: 'mqtts://iot.street.example' })).toMatchObject({ port: null, tlsPort: 8883 });
});
