import Type from 'typebox';
import { CAMERA_STAGE_NAMES, DIRECTIONS, type Direction } from '../../domain/camera-archive.ts';
import { CRS } from '../../domain/geo.ts';
import { Anything, Dict, Enum, List, Named, Nullable, TimeOut, Title } from '../schema.ts';
import { CoordinateWarningView, DeviceView, DuplicateMatchView } from './device.ts';

const Text = Type.String();
const Stage = Enum(CAMERA_STAGE_NAMES, { description: '待建档 awaitingArchive → 待推流 awaitingStream → 在用 inUse' });

const DifferenceView = Type.Object({
  field: Enum(['manufacturer', 'model', 'serial', 'codec']),
  archive: Text,
  camera: Text,
});

const FactsView = Named(
  'CameraFacts',
  Type.Object(
    {
      manufacturer: Nullable(Text),
      model: Nullable(Text),
      firmware: Nullable(Text),
      serial: Nullable(Text),
      streams: List(
        Type.Object({
          role: Enum(['main', 'sub']),
          codec: Text,
          width: Nullable(Type.Number()),
          height: Nullable(Type.Number()),
          fps: Nullable(Type.Number()),
          profile: Nullable(Text),
        }),
      ),
      ptz: Type.Boolean(),
      clockOffsetMs: Nullable(Type.Number({ description: 'Camera clock minus gateway clock' })),
      answeredBy: Nullable(Enum(['node-onvif', 'onvif'])),
      readAt: TimeOut,
    },
    { description: 'What the camera says of itself' },
  ),
);

export const CameraSchema = Named(
  'Camera',
  Type.Object({
    ...DeviceView.properties,
    stage: Stage,
    archiveComplete: Type.Boolean(),
    missing: List(Text),
    roundSince: Type.Unsafe<number>({ ...TimeOut, description: 'Registration or the last 换机' }),
    firstFrameAt: Nullable(TimeOut),
    inUseAt: Nullable(TimeOut),
    facts: Nullable(FactsView),
    factsError: Nullable(Text),
    differences: List(DifferenceView),
    exchanged: Type.Boolean({ description: 'Another serial number than the registered one, without 换机' }),
    picture: Nullable(Type.Object({ id: Text, at: TimeOut })),
  }),
);

export const ArchiveSchema = Named(
  'CameraArchive',
  Type.Object({
    archive: Dict(Anything),
    complete: Type.Boolean(),
    missing: List(Type.Object({ field: Text, zh: Text, en: Text })),
    stage: Stage,
    prefilled: List(Text),
    differences: List(DifferenceView),
    warnings: List(Type.Object({ field: Text, code: Text, zh: Text, en: Text })),
  }),
);

export const ComposedCodeView = Named(
  'NationalCode',
  Type.Object({
    code: Text,
    province: Text,
    city: Text,
    district: Text,
    unit: Text,
    region8: Text,
    industry: Text,
    industryName: Nullable(Title),
    type: Text,
    typeName: Nullable(Title),
    network: Text,
    networkName: Nullable(Title),
    serial: Type.Integer(),
    street: Nullable(Text),
    regionFrom: Enum(['street', 'district'], {
      description: 'Digits 7–8 from the table of streets, or 00 since it has none',
    }),
  }),
);

export const StreetCodeView = Named(
  'StreetCode',
  Type.Object({
    street: Type.String({ description: 'Digits 1–9 of the statistical division code' }),
    name: Text,
    region8: Text,
    centre: Nullable(Type.Object({ lat: Type.Number(), lon: Type.Number() })),
    radius: Nullable(Type.Number({ description: 'Metres' })),
  }),
);

const DirectionCode = Type.Unsafe<Direction>({ type: 'integer', enum: Object.keys(DIRECTIONS).map(Number) });

export const DuplicateReportView = Named(
  'DuplicateReport',
  Type.Object({
    location: Nullable(Type.Object({ lat: Type.Number(), lon: Type.Number(), crs: Enum(CRS) })),
    radius: Nullable(Type.Number()),
    angle: Type.Number({ description: 'Degrees within which two cameras are taken to look the same way' }),
    direction: Nullable(DirectionCode),
    checkedAt: TimeOut,
    items: List(
      Type.Object({
        camera: CameraSchema,
        distance: Type.Number({ description: 'Metres' }),
        bearing: Type.Number({ description: 'Degrees clockwise from north, seen from the point proposed' }),
        direction: Nullable(Type.Object({ code: DirectionCode, zh: Text, en: Text })),
        azimuth: Nullable(Type.Number()),
        sameDirection: Nullable(Type.Boolean()),
        advice: Type.Object({
          code: Enum(['share', 'repair', 'reusePoint', 'turn', 'sharePole', 'checkDirection']),
          zh: Text,
          en: Text,
        }),
      }),
    ),
    hidden: Type.Integer({ description: 'Cameras within the radius that the caller may not see' }),
    identities: List(DuplicateMatchView),
    coordinates: List(CoordinateWarningView),
    conclusion: Type.Object({ code: Enum(['duplicate', 'review', 'clear']), zh: Text, en: Text }),
  }),
);
