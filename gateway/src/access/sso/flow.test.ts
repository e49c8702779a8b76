import { expect, it } from 'vitest';
import { TEST_KEY } from '../../../test/support/registry.ts';
import { createManualClock } from '../../clock.ts';
import { createSecrets } from '../secrets.ts';
import { createFlows, FLOW_MS, newState } from './flow.ts';

it('gives a flow back once, also when the provider would take its code again', () => {
  const clock = createManualClock();
  const flows = createFlows({ secrets: createSecrets(TEST_KEY), clock });
  const flow = { provider: 'wecom', state: newState() } as const;
  const sealed = flows.seal(flow);
  expect(flows.take('wecom', sealed, flow.state)).toMatchObject(flow);
  expect(() => flows.take('wecom', sealed, flow.state)).toThrow('请重新登录');
  const late = { provider: 'wecom', state: newState() } as const;
  const kept = flows.seal(late);
  clock.advance(FLOW_MS);
  expect(() => flows.take('wecom', kept, late.state)).toThrow('请重新登录');
  expect(late.state).toMatch(/^[0-9a-f]{32}$/);
});
