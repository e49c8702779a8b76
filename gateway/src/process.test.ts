import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { refuseUnavailable } from './process.ts';

describe('a configuration this version cannot follow', () => {
  it.each([
    ['CGW_MQTT_URL', { CGW_MQTT_URL: 'mqtt://127.0.0.1:1883' }],
    ['CGW_TIMESERIES_URL', { CGW_TIMESERIES_URL: 'influx://127.0.0.1:8086/db' }],
    ['CGW_NODE_URL', { CGW_NODE_URL: 'http://127.0.0.1:8080' }],
  ])('is refused naming %s, in both languages', (name, env) => {
    expect(() => refuseUnavailable(readConfig(env))).toThrow(
      `此版本尚不支持 ${name}，请删除该变量 / this version does not support ${name} yet`,
    );
  });

  it('is everything else', () => {
    expect(() => refuseUnavailable(readConfig({}))).not.toThrow();
  });
});
