import {
  ARCHIVE_CODECS,
  CAMERA_TYPES,
  DIRECTIONS,
  FUNCTION_TYPES,
  GB35114_LEVELS,
  NETWORK_PROPERTIES,
  POINT_CLASSES,
  POSITION_TYPES,
  ROOM_TYPES,
  SUPPLY_LIGHTS,
} from '../../domain/camera-archive.ts';
import type { Title } from '../../domain/device-type/types.ts';

/** Things that exist already and are named by id or by their exact name. */
export const REFERENCES = ['type', 'org', 'site', 'module', 'vendor', 'unit'] as const;
export type Reference = (typeof REFERENCES)[number];

type Codes = Readonly<Record<number | string, Title>>;

/** How a cell is read. `code`: digits and letters that must come as they were typed. */
export type ColumnKind =
  | 'text'
  | 'code'
  | 'number'
  | 'integer'
  | 'date'
  | 'address'
  | 'labels'
  | 'secret'
  | { readonly reference: Reference }
  | { readonly codes: Codes; readonly several?: boolean }
  | { readonly words: readonly string[] };

export interface Column {
  /** Field path of a device input; `archive.` = the camera's own fields. */
  readonly path: string;
  readonly zh: string;
  readonly en: string;
  readonly kind: ColumnKind;
  /** For the instruction sheet. */
  readonly note: Title;
  /** In the example row. */
  readonly example?: string | number;
  /** Recognised and not offered by the template: another way to say the same. */
  readonly hidden?: boolean;
  /** Other headers that name it. */
  readonly also?: readonly string[];
}

const CRS_WORDS = ['WGS-84', 'GCJ-02', 'CGCS2000'] as const;
const note = (zh: string, en: string): Title => ({ zh, en });
const NAMED = note('编号或准确名称', 'Id or exact name');
const CHOICE = note('从列表选择，或填代码', 'Choose from the list, or give the code');

const column = (
  path: string,
  zh: string,
  en: string,
  kind: ColumnKind,
  hint: Title,
  more: Partial<Column> = {},
): Column => ({ path, zh, en, kind, note: hint, ...more });

/** Columns of every device, in the order of template and export. */
export const DEVICE_COLUMNS: readonly Column[] = [
  column(
    'id',
    '设备编号',
    'Device id',
    'code',
    note('留空则自动生成；登记后不变', 'Made up when empty; never changes'),
  ),
  column('name', '设备名称', 'Name', 'text', note('必填', 'Required'), { example: '东门道闸' }),
  column('type', '设备类型', 'Device type', { reference: 'type' }, note('必填，登记后不变', 'Required, never changes')),
  column(
    'serial',
    '序列号',
    'Serial number',
    'code',
    note('同一厂商内唯一；凭它识别已登记的设备', 'Unique per vendor; tells registered devices'),
    { example: '001234' },
  ),
  column(
    'module',
    '所属模块',
    'Module',
    { reference: 'module' },
    note('留空按设备类型', 'By the device type when empty'),
  ),
  column('orgId', '所属组织', 'Organisation', { reference: 'org' }, NAMED),
  column('siteId', '点位', 'Site', { reference: 'site' }, NAMED, { also: ['所属点位'] }),
  column('nickname', '点位俗称', 'Nickname', 'text', note('当地人的叫法', 'What people call the place')),
  column('location.lon', '经度', 'Longitude', 'number', note('与纬度同时填写', 'Together with the latitude'), {
    example: 121.5123,
  }),
  column('location.lat', '纬度', 'Latitude', 'number', note('与经度同时填写', 'Together with the longitude'), {
    example: 31.1423,
  }),
  column(
    'location.crs',
    '坐标系',
    'Coordinate system',
    { words: CRS_WORDS },
    note('留空为 WGS-84；高德、腾讯地图取点为 GCJ-02', 'WGS-84 when empty; points of Chinese maps are GCJ-02'),
    { example: 'GCJ-02' },
  ),
  column('location.address', '安装地址', 'Address', 'text', note('须同时填写经纬度', 'Needs the coordinates'), {
    example: '浦东新区示例路 1 号',
  }),
  column('installedOn', '安装日期', 'Installed on', 'date', note('如 2026-11-23', 'Like 2026-11-23'), {
    example: '2026-11-23',
  }),
  column(
    'connection.address',
    '连接地址',
    'Connection address',
    'address',
    note('rtsp://主机/路径 或 onvif://主机:端口', 'rtsp://host/path or onvif://host:port'),
  ),
  column('connection.username', '登录名', 'Login', 'text', note('设备自身的登录名', "The device's own login"), {
    also: ['用户名'],
  }),
  column(
    'connection.password',
    '登录密码',
    'Password',
    'secret',
    note('加密保存，不导出；留空保留原密码', 'Kept sealed, never exported; empty keeps the one there is'),
    { also: ['密码'] },
  ),
  column(
    'secret',
    '设备密码',
    'Device secret',
    'secret',
    note(
      '设备出厂已写入的接入密码，至少 16 位；留空自动生成；只对新设备有效',
      'Secret burnt into the device, at least 16 characters; made up when empty; new devices only',
    ),
  ),
  column('maintenanceUnitId', '维保单位', 'Maintenance unit', { reference: 'unit' }, NAMED),
  column('vendorId', '厂商', 'Vendor', { reference: 'vendor' }, NAMED, { also: ['厂商编号'] }),
  column('externalId', '外部编号', 'External id', 'code', note('厂商平台中的编号', "The vendor platform's own id")),
  column(
    'parentId',
    '上级设备',
    'Parent device',
    'code',
    note('设备编号，可在同一文件中', 'A device id, may stand in the same file'),
  ),
  column('mac', 'MAC地址', 'MAC address', 'code', note('如 00:11:22:aa:bb:cc', 'Like 00:11:22:aa:bb:cc')),
  column(
    'nationalCode',
    '国标编码',
    'National code',
    'code',
    note('20 位，单元格须为文本格式', '20 digits, in a text cell'),
  ),
  column('labels', '标签', 'Labels', 'labels', note('名=值，多个用分号隔开', 'name=value, separated by semicolons'), {
    example: '楼栋=3;楼层=2',
  }),
  column('connection.protocol', '接入协议', 'Protocol', { words: ['rtsp', 'onvif'] }, CHOICE, { hidden: true }),
  column('connection.url', '视频地址', 'Stream URL', 'text', note('RTSP 地址', 'RTSP URL'), { hidden: true }),
  column('connection.host', '主机', 'Host', 'text', note('ONVIF 主机', 'ONVIF host'), { hidden: true }),
  column('connection.port', '端口', 'Port', 'integer', note('ONVIF 端口', 'ONVIF port'), { hidden: true }),
];

const own = (field: string, zh: string, en: string, kind: ColumnKind, more: Partial<Column> = {}) =>
  column(
    `archive.${field}`,
    zh,
    en,
    kind,
    typeof kind === 'object' ? CHOICE : note('摄像机档案', 'Camera archive'),
    more,
  );

/** 一机一档: columns of cameras. */
export const CAMERA_COLUMNS: readonly Column[] = [
  own('manufacturer', '生产厂家', 'Manufacturer', 'text'),
  own('model', '型号', 'Model', 'text'),
  own('ipv4', 'IPv4地址', 'IPv4', 'code'),
  own('ipv6', 'IPv6地址', 'IPv6', 'code'),
  own('pointClass', '监控点位类型', 'Point class', { codes: POINT_CLASSES }),
  own('cameraType', '摄像机类型', 'Camera type', { codes: CAMERA_TYPES }),
  own('functionTypes', '功能类型', 'Function types', { codes: FUNCTION_TYPES, several: true }),
  own('supplyLight', '补光属性', 'Supply light', { codes: SUPPLY_LIGHTS }),
  own('codec', '视频编码', 'Codec', { words: ARCHIVE_CODECS }),
  own('positionType', '位置类型', 'Position type', { codes: POSITION_TYPES }),
  own('direction', '监视方位', 'Direction', { codes: DIRECTIONS }),
  own('azimuth', '方位角', 'Azimuth', 'number'),
  own('poleNo', '杆号', 'Pole number', 'code'),
  own('mountHeight', '安装高度', 'Mount height', 'number'),
  own('focalLength', '焦距', 'Focal length', 'number'),
  own('fieldOfView', '视场角', 'Field of view', 'number'),
  own('roomType', '室内外', 'Room type', { codes: ROOM_TYPES }),
  own('networkProperty', '联网属性', 'Network property', { codes: NETWORK_PROPERTIES }),
  own('managingUnit', '管理单位', 'Managing unit', 'text'),
  own('managingContact', '管理联系方式', 'Managing contact', 'text'),
  own('recordDays', '录像保存天数', 'Record days', 'integer'),
  own('channel', '通道号', 'Channel', 'integer'),
  own('gb35114', 'GB35114等级', 'GB 35114 level', { words: GB35114_LEVELS }),
];

/** What import recognises. */
export const COLUMNS: readonly Column[] = [...DEVICE_COLUMNS, ...CAMERA_COLUMNS];
/** What export writes and the template offers, secrets included in the template only. */
export const OFFERED: readonly Column[] = COLUMNS.filter(({ hidden }) => !hidden);
/** The error workbook's own column; ignored when it comes back. */
export const ERROR_HEADER = '错误';
/** Begins the first cell of the template's example row, which is never imported. */
export const EXAMPLE_MARK = '示例';
