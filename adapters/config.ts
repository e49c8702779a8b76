import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { AdapterError } from './adapter.ts';

/**
 * Validates an adapter's configuration before `create()`: defaults filled in, unknown keys refused.
 * @throws AdapterError BAD_CONFIG naming every wrong key and its rule.
 */
export function parseConfig<C extends TSchema>(adapter: { name: string; config: C }, input: unknown): Static<C> {
  const value = Value.Default(adapter.config, Value.Clone(input));
  if (Value.Check(adapter.config, value)) return value;
  const faults = new Set<string>();
  for (const { instancePath, keyword, message, params } of Value.Errors(adapter.config, value)) {
    const path = instancePath.slice(1).replaceAll('/', '.');
    if (keyword === 'additionalProperties') {
      const { additionalProperties: names } = params as { additionalProperties: string[] };
      for (const name of names) faults.add(`${path === '' ? name : `${path}.${name}`} is not a known key`);
    } else if (keyword !== 'boolean') {
      faults.add(`${path === '' ? 'the configuration' : path} ${message}`);
    }
  }
  throw new AdapterError('BAD_CONFIG', `adapter ${adapter.name}: ${[...faults].join('; ')}`, { retry: false });
}
