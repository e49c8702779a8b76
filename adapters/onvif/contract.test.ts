import { expect, it } from 'vitest';
import { adapterContract } from '../contract.ts';
import { onvifAdapter } from './adapter.ts';
import { ONVIF_DEFAULTS } from './config.ts';
import { testContext } from './testing-context.ts';

adapterContract({
  adapter: onvifAdapter,
  good: {},
  bad: [
    { config: { verifyTls: 'perhaps' }, says: /verifyTls/ },
    { config: { userAgent: 'two\r\nlines' }, says: /userAgent/ },
    { config: { threads: 0 }, says: /threads/ },
    { config: { discoveryPort: 70_000 }, says: /discoveryPort/ },
  ],
  // Nothing is opened before something is asked.
  cannotStart: null,
});

it('names a target entry that is none', () => {
  const config = { ...ONVIF_DEFAULTS, allowedTargets: ['localhost'] };
  expect(() => onvifAdapter.create(config, testContext)).toThrow(
    /adapter onvif: allowedTargets "localhost" is no target/,
  );
});
