import { describe, expect, it } from 'vitest';
import { adapterContract } from '../contract.ts';
import { rtspAdapter } from './adapter.ts';
import { RTSP_DEFAULTS } from './config.ts';
import { probeContext } from './testing-prober.ts';

adapterContract({
  adapter: rtspAdapter,
  good: {},
  bad: [
    { config: { verifyTls: 'perhaps' }, says: /verifyTls/ },
    { config: { userAgent: 'two\r\nlines' }, says: /userAgent/ },
    { config: { allowedTargets: '10.0.0.0/8' }, says: /allowedTargets/ },
  ],
  // Nothing is opened before a probe.
  cannotStart: null,
});

describe('the rtsp configuration', () => {
  it('names a target entry that is none', () => {
    const config = { ...RTSP_DEFAULTS, allowedTargets: ['10.0.0.0/8', 'localhost'] };
    expect(() => rtspAdapter.create(config, probeContext)).toThrow(
      'adapter rtsp: allowedTargets "localhost" is no target: "localhost" is not an IP address; ' +
        'write cidr[:port], e.g. 192.168.0.0/16 or 127.0.0.1/32:8554',
    );
  });
});
