import { describe, expect, it } from 'vitest';
import type { ProbeResult, ProbeTarget } from '../../../adapters/adapter.ts';
import type { ConditionEvidence, ProbeEvidence } from '../domain/evidence.ts';
import { createLevels } from './levels.ts';
import { createOnvifDescribe } from './onvif-describe.ts';
import type { PassOptions } from './ports.ts';
import { createRefinement } from './refinement.ts';
import { createRefusedLogins } from './refused-logins.ts';

const OK: ProbeResult = { ok: true, reason: 'ok', detail: 'fine', rttMs: 1 };
const target = { deviceId: 'cam-1', connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.1/' } } as const;

function passOf(more: Partial<PassOptions> = {}): PassOptions {
  const signal = new AbortController().signal;
  const usual = { deadline: 1_000, signal, deviceKey: 1, thorough: false, urgent: false, intervalMs: 60_000 };
  return { ...usual, life: signal, ...more };
}

/** Levels whose two probes answer as the test says, and which of them was asked. */
function rig() {
  let now = 0;
  const asked: string[] = [];
  const answers = { tcp: OK, describe: { ...OK, facts: { codec: 'H265' } } as ProbeResult };
  const levels = createLevels({
    tcp: async () => {
      asked.push('L1');
      return answers.tcp;
    },
    describe: async () => {
      asked.push('L2');
      return answers.describe;
    },
    refusals: createRefusedLogins(() => now),
    monotonic: () => now,
  });
  const pass = passOf();
  return {
    asked,
    answers,
    async look(
      afterMs: number,
      more: Partial<PassOptions> = {},
      connection: ProbeTarget['connection'] = target.connection,
    ) {
      now += afterMs;
      return levels({ ...target, connection }, { ...pass, ...more });
    },
  };
}

describe('how deep a camera is looked at', () => {
  it('is described first, then only knocked at for five minutes', async () => {
    const { asked, look } = rig();
    await look(0);
    for (let n = 0; n < 4; n += 1) {
      const knocked = await look(60_000);
      expect(knocked).toMatchObject({ ok: true, detail: `fine, DESCRIBE was good ${(n + 1) * 60} s ago` });
      expect(knocked.facts).toBeUndefined();
    }
    await look(60_000);
    expect(asked).toEqual(['L2', 'L1', 'L1', 'L1', 'L1', 'L2']);
  });

  it('is not asked with a refused login again, but knocked at, for longer each time', async () => {
    const { asked, answers, look } = rig();
    answers.describe = { ok: false, reason: 'wrongPassword', detail: '401 to a login', rttMs: 1 };
    await look(0);
    for (let minute = 1; minute <= 40; minute += 1)
      expect(await look(60_000)).toMatchObject({ reason: 'wrongPassword' });
    // After 5, 10 and 20 minutes.
    expect(asked.flatMap((level, minute) => (level === 'L2' ? [minute] : []))).toEqual([0, 5, 15, 35]);
    answers.tcp = { ok: false, reason: 'portClosed', detail: 'refused', rttMs: 1 };
    expect(await look(60_000)).toMatchObject({ reason: 'portClosed' });
    const refused = asked.length;
    expect(await look(1, { urgent: true })).toMatchObject({ reason: 'wrongPassword' });
    const connection = { protocol: 'rtsp', url: 'rtsp://10.0.0.1/', password: 'new' } as const;
    await look(1, {}, connection);
    expect(asked.slice(refused)).toEqual(['L2', 'L2']);
  });

  it('is described again soon where the interval is short', async () => {
    const { asked, look } = rig();
    for (let n = 0; n <= 10; n += 1) await look(1_000, { intervalMs: 1_000 });
    expect(asked.filter((level) => level === 'L2')).toHaveLength(2);
  });

  it('is described at once after a knock that failed, until it is well', async () => {
    const { asked, answers, look } = rig();
    await look(0);
    answers.tcp = { ...OK, ok: false, reason: 'portClosed' };
    expect(await look(60_000)).toMatchObject({ ok: false, reason: 'portClosed' });
    answers.describe = { ...OK, ok: false, reason: 'noSuchStream' };
    expect(await look(31_000)).toMatchObject({ reason: 'noSuchStream' });
    await look(31_000);
    answers.describe = OK;
    await look(31_000);
    answers.tcp = OK;
    await look(31_000);
    expect(asked).toEqual(['L2', 'L1', 'L2', 'L2', 'L2', 'L1']);
  });

  it('is described whenever somebody waits or its port proves nothing, and after another address', async () => {
    const { asked, look } = rig();
    await look(0);
    await look(1_000, { thorough: true });
    await look(1_000, { life: new AbortController().signal });
    expect(asked).toEqual(['L2', 'L2', 'L2']);
  });
});

describe('an ONVIF camera', () => {
  it('is asked by ONVIF until its stream is known, then for the stream with the same login', async () => {
    const asked: unknown[] = [];
    let stream: string | null = null;
    let reads = 0;
    const ask = async ({ connection }: ProbeTarget) => {
      asked.push(connection);
      return OK;
    };
    const describeOnvif = createOnvifDescribe({
      rtsp: ask,
      onvif: ask,
      mainStream: async () => {
        reads += 1;
        return stream;
      },
      monotonic: () => 0,
    });
    const connection = { protocol: 'onvif', host: '10.0.0.1', username: 'u', password: 'p' } as const;
    const pass = passOf();
    await describeOnvif({ deviceId: 'cam-1', connection }, pass);
    stream = 'rtsp://10.0.0.1/main';
    await describeOnvif({ deviceId: 'cam-1', connection }, pass);
    await describeOnvif({ deviceId: 'cam-1', connection }, pass);
    const expected = { protocol: 'rtsp', url: stream, username: 'u', password: 'p' };
    expect(asked).toEqual([connection, expected, expected]);
    expect(reads).toBe(2);
  });

  it('shows its password to no other host than its own', async () => {
    const asked: unknown[] = [];
    const describeOnvif = createOnvifDescribe({
      rtsp: async ({ connection }) => {
        asked.push(connection);
        return OK;
      },
      onvif: () => Promise.reject(new Error('not asked')),
      mainStream: async () => 'rtsp://10.0.0.9/main',
      monotonic: () => 0,
    });
    for (const host of ['10.0.0.1', '10.0.0.9']) {
      await describeOnvif({ deviceId: 'cam-1', connection: { protocol: 'onvif', host } }, passOf());
    }
    const plain = { protocol: 'rtsp', url: 'rtsp://10.0.0.9/main' };
    expect(asked).toEqual([{ ...plain, digestOnly: true }, plain]);
  });
});

describe('what an answer means', () => {
  function refined() {
    const probes: string[] = [];
    const conditions: string[] = [];
    const turned: number[] = [];
    const take = createRefinement({
      probe: (one: ProbeEvidence) => probes.push(`${one.ok} ${one.reason}`),
      condition: (one: ConditionEvidence) => conditions.push(`${one.code} ${one.active}`),
      turned: (device) => turned.push(device),
    });
    const say = (...reasons: string[]) => {
      for (const reason of reasons) {
        take({ device: 1, path: 'rtsp', at: 1, ok: reason === 'ok', reason, detail: '' });
      }
    };
    let at = 0;
    const look = (...reasons: string[]) => {
      for (const reason of reasons) {
        at += 1_000;
        take.looked({ device: 1, path: 'rtsp', at, reason, detail: '', served: reason === 'ok' }, 1_000);
      }
    };
    const glance = () =>
      take.looked({ device: 1, path: 'rtsp', at: at + 999, reason: 'sessionLimit', detail: '', served: false }, 1_000);
    return { probes, conditions, turned, say, look, glance, answers: take.answers };
  }

  it('is that a full camera is alive, and degraded once three answers say so', () => {
    const { probes, conditions, say } = refined();
    say('ok', 'sessionLimit', 'sessionLimit');
    expect(conditions).toEqual([]);
    say('sessionLimit', 'sessionLimit');
    expect(conditions).toEqual(['sessionLimit true']);
    expect(probes).toEqual(['true ok', ...Array(4).fill('true sessionLimit')]);
    say('ok');
    expect(conditions).toHaveLength(1);
    say('ok');
    expect(conditions).toEqual(['sessionLimit true', 'sessionLimit false']);
  });

  it('is that one which only describes its stream is full too, until two looks get a session', () => {
    const { conditions, say, look, glance } = refined();
    say('ok', 'ok', 'ok');
    look('sessionLimit', 'sessionLimit', 'timeout', 'sessionLimit', 'sessionLimit');
    glance();
    expect(conditions).toEqual([]);
    look('sessionLimit');
    expect(conditions).toEqual(['sessionLimit true']);
    say('ok', 'ok', 'ok');
    look('ok', 'sessionLimit', 'ok');
    expect(conditions).toHaveLength(1);
    look('ok');
    expect(conditions).toEqual(['sessionLimit true', 'sessionLimit false']);
  });

  it('is no end of what an earlier run found before a look got a session', () => {
    const { conditions, say, look } = refined();
    say('ok', 'ok', 'ok');
    expect(conditions).toEqual([]);
    look('ok');
    expect(conditions).toEqual(['sessionLimit false']);
  });

  it('is nothing about sessions when it does not answer', () => {
    const { conditions, probes, say } = refined();
    say('sessionLimit', 'sessionLimit', 'timeout', 'sessionLimit', 'timeout', 'timeout');
    expect(conditions).toEqual([]);
    expect(probes.filter((probe) => probe === 'false timeout')).toHaveLength(3);
  });

  it('is a reason to look at the picture when it is good again', () => {
    const { turned, say, answers } = refined();
    expect(answers(1)).toBe(true);
    say('ok', 'ok');
    expect(turned).toEqual([]);
    say('timeout');
    expect(turned).toEqual([]);
    say('ok');
    expect(turned).toEqual([1]);
    say('wrongPassword', 'wrongPassword');
    expect(turned).toEqual([1]);
    expect(answers(1)).toBe(false);
  });
});
