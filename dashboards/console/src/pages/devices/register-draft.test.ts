import { describe, expect, it } from 'vitest';
import { inputOf, pairOf, prefilled } from './register-draft.ts';

describe('registering by hand', () => {
  it('sends nothing that was left empty, and no login without an address', () => {
    const draft = { type: 'generic/camera', name: ' 东门 ', nickname: '  ', lat: 31.1, lon: null, username: 'u' };
    expect(inputOf(draft)).toEqual({ type: 'generic/camera', name: '东门' });
  });

  it('sends a place and a connection as the gateway takes them', () => {
    const draft = {
      type: 't',
      name: 'n',
      lat: 31.1,
      lon: 121.5,
      crs: 'gcj02',
      protocol: 'onvif',
      host: '10.0.0.8',
      url: 'x',
    } as const;
    expect(inputOf(draft)).toEqual({
      type: 't',
      name: 'n',
      location: { lat: 31.1, lon: 121.5, crs: 'gcj02' },
      connection: { protocol: 'onvif', host: '10.0.0.8' },
    });
  });

  it('reads a pair of numbers in either order, and nothing out of one or three', () => {
    expect(pairOf('121.5067, 31.1364')).toEqual({ lon: 121.5067, lat: 31.1364 });
    expect(pairOf('纬度31.1364 经度121.5067')).toEqual({ lon: 121.5067, lat: 31.1364 });
    expect(pairOf('31.1')).toBeUndefined();
    expect(pairOf('1, 2, 3')).toBeUndefined();
  });

  it('takes from the address what is of use and leaves the rest', () => {
    const draft = prefilled({ lon: '121.5', lat: 'north', kind: 'camera', crs: 'mars', orgId: 'o1' });
    expect(draft).toEqual({ type: 'generic/camera', lon: 121.5, orgId: 'o1', crs: 'wgs84', protocol: 'rtsp' });
  });
});
