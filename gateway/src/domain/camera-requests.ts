import { type Static, Type } from 'typebox';
import { DIRECTIONS, type Direction } from './camera-archive.ts';
import { DeviceInput, ObjectId } from './device-input.ts';
import { CRS } from './geo.ts';

/** Body of a request for a national code. What is left out: 08 城市管理, 132 网络摄像机, 6 政务外网. */
export const NationalCodeInput = Type.Object(
  {
    orgId: Type.Optional(ObjectId),
    /** 12-digit statistical division code, or its first 9 digits; instead of `orgId`. */
    street: Type.Optional(Type.String({ pattern: '^\\d{9}(\\d{3})?$' })),
    industry: Type.Optional(Type.String({ pattern: '^\\d{2}$' })),
    type: Type.Optional(Type.String({ pattern: '^(11[1-9]|1[2-9]\\d|[2-9]\\d{2})$' })),
    network: Type.Optional(Type.String({ pattern: '^\\d$' })),
  },
  { additionalProperties: false },
);
export type NationalCodeInput = Static<typeof NationalCodeInput>;

/** Body of `PUT /street-codes/{street}`. */
export const StreetCodeInput = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^\\S(.*\\S)?$' }),
    region8: Type.String({ pattern: '^[1-8]\\d{7}$' }),
    /** WGS-84. */
    centre: Type.Optional(
      Type.Object(
        { lat: Type.Number({ minimum: -90, maximum: 90 }), lon: Type.Number({ minimum: -180, maximum: 180 }) },
        { additionalProperties: false },
      ),
    ),
    /** Metres. */
    radius: Type.Optional(Type.Number({ minimum: 100, maximum: 100_000 })),
  },
  { additionalProperties: false },
);
export type StreetCodeInput = Static<typeof StreetCodeInput>;

/** A point where somebody wants to put a camera. */
export const NearbyInput = Type.Object(
  {
    location: Type.Object(
      {
        lat: Type.Number({ minimum: -180, maximum: 180 }),
        lon: Type.Number({ minimum: -180, maximum: 180 }),
        crs: Type.Optional(Type.Enum([...CRS])),
      },
      { additionalProperties: false },
    ),
    /** Metres; the setting `duplicateRadius` when left out. */
    radius: Type.Optional(Type.Number({ minimum: 1, maximum: 2_000 })),
    direction: Type.Optional(Type.Unsafe<Direction>({ type: 'integer', enum: Object.keys(DIRECTIONS).map(Number) })),
    /** Degrees clockwise from north; more exact than `direction`. */
    azimuth: Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 360 })),
  },
  { additionalProperties: false },
);
export type NearbyInput = Static<typeof NearbyInput>;

/** Body of `POST /devices/duplicate-check`: the point proposed, the marks of the device, or both. */
export const DuplicateInput = Type.Object(
  {
    ...NearbyInput.properties,
    location: Type.Optional(NearbyInput.properties.location),
    serial: DeviceInput.properties.serial,
    mac: DeviceInput.properties.mac,
    nationalCode: DeviceInput.properties.nationalCode,
    connection: DeviceInput.properties.connection,
    vendorId: DeviceInput.properties.vendorId,
    orgId: DeviceInput.properties.orgId,
    siteId: DeviceInput.properties.siteId,
  },
  { additionalProperties: false },
);
export type DuplicateInput = Static<typeof DuplicateInput>;
