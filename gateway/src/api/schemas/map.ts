import Type from 'typebox';
import { HEALTH_STATES } from '../../domain/health.ts';
import { Enum, List, Named } from '../schema.ts';

const Text = Type.String();

export const MapPointsView = Named(
  'MapPoints',
  Type.Object({
    kinds: List(Type.Object({ type: Text, camera: Type.Boolean() })),
    states: List(Enum(HEALTH_STATES)),
    ids: List(Text),
    names: List(Text),
    lon: Type.Unsafe<readonly number[]>({ type: 'array', items: { type: 'number' }, description: 'Degrees WGS-84' }),
    lat: List(Type.Number()),
    kind: Type.Unsafe<readonly number[]>({
      type: 'array',
      items: { type: 'integer' },
      description: 'Index in `kinds`',
    }),
    state: Type.Unsafe<readonly number[]>({
      type: 'array',
      items: { type: 'integer' },
      description: 'Index in `states`',
    }),
    suspect: Type.Unsafe<readonly number[]>({
      type: 'array',
      items: { type: 'integer' },
      description: 'Indexes of points with a fault (or recovery) that is not confirmed yet',
    }),
    total: Type.Integer({ description: 'Devices of the filter, with and without a place' }),
    unplaced: Type.Integer({ description: 'Those without a place' }),
  }),
);

export const MapBackgroundView = Named(
  'MapBackground',
  Type.Object({
    tiles: Type.Unsafe<readonly string[]>({
      type: 'array',
      items: { type: 'string' },
      description: 'Addresses with {z}, {x}, {y}, drawn one over the other; none = no tiles',
    }),
    crs: Enum(['wgs84', 'gcj02'], { description: 'What the tiles are drawn in; devices are always WGS-84' }),
    maxZoom: Type.Integer(),
    attribution: Text,
  }),
);
