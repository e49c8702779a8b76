import { type Static, Type } from 'typebox';
import type { Crs } from './geo.ts';

const Attribution = Type.Optional(
  Type.String({ maxLength: 60, description: 'Words the owner of the tiles wants to see' }),
);

/** What the map draws under devices. All but `none` make browsers ask somebody for pictures of the places they look at. */
export const MapTilesInput = Type.Union([
  Type.Object({ source: Type.Literal('none') }, { additionalProperties: false }),
  Type.Object(
    {
      source: Type.Literal('xyz'),
      /** No character that would end the address in a header: its origin is written into the console's policy. */
      url: Type.String({
        pattern:
          '^(?=.*\\{z\\})(?=.*\\{x\\})(?=.*\\{y\\})(https?://[A-Za-z0-9.-]+(:\\d{1,5})?)?/(?!/)[A-Za-z0-9{}._~/?&=%+-]*$',
        maxLength: 300,
        examples: ['https://tiles.street.example/{z}/{x}/{y}.png', '/tiles/{z}/{x}/{y}.png'],
      }),
      crs: Type.Optional(Type.Enum(['wgs84', 'gcj02'])),
      maxZoom: Type.Optional(Type.Integer({ minimum: 1, maximum: 22 })),
      attribution: Attribution,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      source: Type.Literal('tianditu'),
      key: Type.String({ pattern: '^[0-9A-Za-z]{8,64}$', description: 'Key of a browser, as 天地图 gives it' }),
    },
    { additionalProperties: false },
  ),
  Type.Object({ source: Type.Literal('amap') }, { additionalProperties: false }),
]);
export type MapTilesInput = Static<typeof MapTilesInput>;

/** What a browser needs to draw them. */
export interface MapBackground {
  /** Addresses with `{z}`, `{x}`, `{y}`, drawn one over the other. */
  readonly tiles: readonly string[];
  readonly crs: Exclude<Crs, 'cgcs2000'>;
  readonly maxZoom: number;
  readonly attribution: string;
}

const tianditu = (layer: string, key: string) =>
  `https://t0.tianditu.gov.cn/${layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}` +
  `&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${key}`;
const AMAP = 'https://webrd01.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}';

export function mapBackground(chosen: MapTilesInput): MapBackground {
  switch (chosen.source) {
    case 'none':
      return { tiles: [], crs: 'wgs84', maxZoom: 18, attribution: '' };
    case 'xyz':
      return {
        tiles: [chosen.url],
        crs: chosen.crs ?? 'wgs84',
        maxZoom: chosen.maxZoom ?? 18,
        attribution: chosen.attribution ?? '',
      };
    case 'tianditu':
      // CGCS2000 equals WGS-84 at the scale of a map.
      return {
        tiles: [tianditu('vec', chosen.key), tianditu('cva', chosen.key)],
        crs: 'wgs84',
        maxZoom: 18,
        attribution: '天地图',
      };
    case 'amap':
      return { tiles: [AMAP], crs: 'gcj02', maxZoom: 18, attribution: '高德地图' };
  }
}

/** Where the console's pages may ask for tiles, beside the gateway. */
export function tileOrigins(chosen: MapTilesInput): string[] {
  const foreign = mapBackground(chosen).tiles.filter((template) => !template.startsWith('/'));
  return [...new Set(foreign.map((template) => new URL(template).origin))];
}
