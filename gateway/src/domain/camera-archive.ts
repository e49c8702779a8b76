import { type Static, type TSchema, Type } from 'typebox';
import { DevicePatch } from './device-input.ts';
import type { Title } from './device-type/types.ts';

/** Code tables of 一机一档, as GB/T 28181 catalogues and the usual archive forms number them. */

/** PTZType. */
export const CAMERA_TYPES = {
  1: { zh: '球机', en: 'Dome with PTZ' },
  2: { zh: '半球', en: 'Half dome' },
  3: { zh: '固定枪机', en: 'Fixed bullet' },
  4: { zh: '遥控枪机', en: 'Bullet with PTZ' },
  5: { zh: '遥控半球', en: 'Half dome with PTZ' },
  6: { zh: '多目全景', en: 'Multi-lens panorama' },
  7: { zh: '多目分割', en: 'Multi-lens split' },
} as const satisfies Record<number, Title>;

/** 监控点位类型. */
export const POINT_CLASSES = {
  1: { zh: '一类视频监控点', en: 'Class 1' },
  2: { zh: '二类视频监控点', en: 'Class 2' },
  3: { zh: '三类视频监控点', en: 'Class 3' },
} as const satisfies Record<number, Title>;

/** 功能类型; a camera may have several. */
export const FUNCTION_TYPES = {
  1: { zh: '车辆卡口', en: 'Vehicle checkpoint' },
  2: { zh: '人员卡口', en: 'Personal checkpoint' },
  3: { zh: '微卡口', en: 'Micro checkpoint' },
  4: { zh: '特征摄像机', en: 'Feature camera' },
  5: { zh: '普通监控', en: 'Plain surveillance' },
  6: { zh: '高空瞭望', en: 'High view' },
  99: { zh: '其他', en: 'Other' },
} as const satisfies Record<number, Title>;

/** SupplyLightType. */
export const SUPPLY_LIGHTS = {
  1: { zh: '无补光', en: 'None' },
  2: { zh: '红外补光', en: 'Infrared' },
  3: { zh: '白光补光', en: 'White light' },
  4: { zh: '激光补光', en: 'Laser' },
  9: { zh: '其他', en: 'Other' },
} as const satisfies Record<number, Title>;

/** PositionType; 96 stands in archive forms only and is left out of a catalogue sent upward. */
export const POSITION_TYPES = {
  1: { zh: '省际检查站', en: 'Provincial checkpoint' },
  2: { zh: '党政机关', en: 'Government office' },
  3: { zh: '车站码头', en: 'Station or wharf' },
  4: { zh: '中心广场', en: 'Central square' },
  5: { zh: '体育场馆', en: 'Sports ground' },
  6: { zh: '商业中心', en: 'Shopping centre' },
  7: { zh: '宗教场所', en: 'Place of worship' },
  8: { zh: '校园周边', en: 'School surroundings' },
  9: { zh: '治安复杂区域', en: 'Area of complex security' },
  10: { zh: '交通干线', en: 'Main road' },
  96: { zh: '其他', en: 'Other' },
} as const satisfies Record<number, Title>;

/** DirectionType with the azimuth it means, degrees clockwise from north. */
export const DIRECTIONS = {
  1: { zh: '东', en: 'East', azimuth: 90 },
  2: { zh: '西', en: 'West', azimuth: 270 },
  3: { zh: '南', en: 'South', azimuth: 180 },
  4: { zh: '北', en: 'North', azimuth: 0 },
  5: { zh: '东南', en: 'South-east', azimuth: 135 },
  6: { zh: '东北', en: 'North-east', azimuth: 45 },
  7: { zh: '西南', en: 'South-west', azimuth: 225 },
  8: { zh: '西北', en: 'North-west', azimuth: 315 },
} as const satisfies Record<number, Title & { azimuth: number }>;
export type Direction = keyof typeof DIRECTIONS;

export const ROOM_TYPES = {
  1: { zh: '室外', en: 'Outdoors' },
  2: { zh: '室内', en: 'Indoors' },
} as const satisfies Record<number, Title>;

/** 联网属性. */
export const NETWORK_PROPERTIES = {
  0: { zh: '已联网', en: 'Networked' },
  1: { zh: '未联网', en: 'Not networked' },
} as const satisfies Record<number, Title>;

export const ARCHIVE_CODECS = ['H264', 'H265', 'MJPEG', 'MPEG4', 'SVAC'] as const;
/** GB 35114 level the camera has; recorded, not verified. */
export const GB35114_LEVELS = ['none', 'A', 'B', 'C'] as const;
/** Recordings must be kept at least this long. */
export const LEAST_RECORD_DAYS = 30;

const LINE = '^\\S(.*\\S)?$';
const Line = (max: number) => Type.String({ minLength: 1, maxLength: max, pattern: LINE });
const Code = <T extends Readonly<Record<number, Title>>>(table: T) =>
  Type.Unsafe<keyof T & number>({ type: 'integer', enum: Object.keys(table).map(Number) });
const Word = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] });

/** The fields that belong to the camera and not to every device. */
const OWN = {
  manufacturer: Line(100),
  model: Line(100),
  ipv4: Type.String({ pattern: '^((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}$' }),
  ipv6: Type.String({ maxLength: 45, pattern: '^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$' }),
  mac: Type.String({ pattern: '^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$' }),
  pointClass: Code(POINT_CLASSES),
  cameraType: Code(CAMERA_TYPES),
  functionTypes: Type.Array(Code(FUNCTION_TYPES), { minItems: 1, maxItems: 7 }),
  supplyLight: Code(SUPPLY_LIGHTS),
  codec: Word(ARCHIVE_CODECS),
  positionType: Code(POSITION_TYPES),
  direction: Code(DIRECTIONS),
  /** Degrees clockwise from north. */
  azimuth: Type.Number({ minimum: 0, exclusiveMaximum: 360 }),
  poleNo: Line(64),
  /** Metres above the ground. */
  mountHeight: Type.Number({ exclusiveMinimum: 0, maximum: 500 }),
  /** Millimetres. */
  focalLength: Type.Number({ exclusiveMinimum: 0, maximum: 2_000 }),
  /** Horizontal angle of view, degrees. */
  fieldOfView: Type.Number({ exclusiveMinimum: 0, maximum: 360 }),
  roomType: Code(ROOM_TYPES),
  networkProperty: Code(NETWORK_PROPERTIES),
  managingUnit: Line(100),
  managingContact: Line(100),
  recordDays: Type.Integer({ minimum: 1, maximum: 3_650 }),
  channel: Type.Integer({ minimum: 1, maximum: 1_024 }),
  gb35114: Word(GB35114_LEVELS),
} as const;
export type OwnField = keyof typeof OWN;
export const OWN_FIELDS = Object.keys(OWN) as OwnField[];

/** Fields of the archive that every device has; they stand in its record and are changed there. */
export const DEVICE_FIELDS = [
  'name',
  'nickname',
  'serial',
  'nationalCode',
  'location',
  'orgId',
  'siteId',
  'maintenanceUnitId',
  'parentId',
  'installedOn',
] as const;
export type DeviceField = (typeof DEVICE_FIELDS)[number];

const pick = <K extends DeviceField>(names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, DevicePatch.properties[name]])) as Pick<
    (typeof DevicePatch)['properties'],
    K
  >;
type Optionals<T extends Readonly<Record<string, TSchema>>> = {
  [K in keyof T]: ReturnType<typeof Type.Optional<T[K]>>;
};
type Clearable<T extends Readonly<Record<string, TSchema>>> = {
  [K in keyof T]: ReturnType<typeof Type.Optional<ReturnType<typeof nullable<T[K]>>>>;
};
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const optionals = (fields: typeof OWN) =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)])) as Optionals<
    typeof OWN
  >;
const clearable = (fields: typeof OWN) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, Type.Optional(nullable(schema))]),
  ) as Clearable<typeof OWN>;

/** What is kept of the camera's own fields. */
export const OwnArchive = Type.Object(optionals(OWN), { additionalProperties: false });
export type OwnArchive = Static<typeof OwnArchive>;

/** Body of PUT: own fields that are absent are emptied; fields of the device that are absent stay. */
export const ArchiveInput = Type.Object({ ...optionals(OWN), ...pick(DEVICE_FIELDS) }, { additionalProperties: false });
export type ArchiveInput = Static<typeof ArchiveInput>;

/** Body of PATCH: what is absent stays, null empties. */
export const ArchivePatch = Type.Object({ ...clearable(OWN), ...pick(DEVICE_FIELDS) }, { additionalProperties: false });
export type ArchivePatch = Static<typeof ArchivePatch>;

/** What an archive needs to be complete. A camera is in use only then. */
export const COMPLETE_FIELDS = {
  name: { zh: '设备名称', en: 'Name' },
  nationalCode: { zh: '国标编码', en: 'National code' },
  location: { zh: '经纬度', en: 'Coordinates' },
  address: { zh: '安装地址', en: 'Address' },
  manufacturer: { zh: '厂商', en: 'Manufacturer' },
  model: { zh: '型号', en: 'Model' },
  cameraType: { zh: '摄像机类型', en: 'Camera type' },
  direction: { zh: '监视方位', en: 'Direction' },
  positionType: { zh: '位置类型', en: 'Position type' },
  maintenanceUnitId: { zh: '维保单位', en: 'Maintenance unit' },
  orgId: { zh: '所属组织', en: 'Organisation' },
  installedOn: { zh: '安装时间', en: 'Installed on' },
  connection: { zh: '接入方式', en: 'Connection' },
} as const satisfies Record<string, Title>;
export type CompleteField = keyof typeof COMPLETE_FIELDS;

/** 待建档 → 待推流 → 在用: beside the lifecycle, which says what the device may do. */
export const CAMERA_STAGES = {
  awaitingArchive: { zh: '待建档', en: 'Archive incomplete' },
  awaitingStream: { zh: '待推流', en: 'Awaiting the first frame' },
  inUse: { zh: '在用', en: 'In use' },
} as const satisfies Record<string, Title>;
export type CameraStage = keyof typeof CAMERA_STAGES;
export const CAMERA_STAGE_NAMES = Object.keys(CAMERA_STAGES) as CameraStage[];

export function stageOf(complete: boolean, firstFrameAt: number | null): CameraStage {
  if (!complete) return 'awaitingArchive';
  return firstFrameAt === null ? 'awaitingStream' : 'inUse';
}

/** The direction whose sector of 45° holds an azimuth. */
export function directionOf(azimuth: number): Direction {
  const sector = (Math.round(azimuth / 45) * 45) % 360;
  const found = Object.entries(DIRECTIONS).find(([, direction]) => direction.azimuth === sector);
  return Number(found?.[0] ?? 4) as Direction;
}

/** Degrees between two azimuths, 0 … 180. */
export function angleBetween(a: number, b: number): number {
  const apart = Math.abs(a - b) % 360;
  return apart > 180 ? 360 - apart : apart;
}
