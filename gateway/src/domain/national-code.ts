import type { Title } from './device-type/types.ts';

/** Province prefixes of GB/T 2260. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82'.split(' '),
);

export type NationalCodeFault = 'length' | 'province' | 'type' | 'serial';

/**
 * Structure of a 20-digit GB/T 28181 code (rule A): 1–8 where, 9–10 industry, 11–13 type, 14 network, 15–20 serial.
 * Industry and network are not checked: cities use reserved values.
 */
export function nationalCodeFault(code: string): NationalCodeFault | undefined {
  if (!/^\d{20}$/.test(code)) return 'length';
  if (!PROVINCES.has(code.slice(0, 2))) return 'province';
  if (Number(code.slice(10, 13)) < 111) return 'type';
  if (Number(code.slice(14)) === 0) return 'serial';
  return undefined;
}

/** Digits 9–10. */
export const INDUSTRIES: Readonly<Record<string, Title>> = {
  '00': { zh: '社会治安路面接入', en: 'Public security, roads' },
  '01': { zh: '社会治安社区接入', en: 'Public security, communities' },
  '02': { zh: '社会治安内部接入', en: 'Public security, interiors' },
  '03': { zh: '社会治安其他接入', en: 'Public security, other' },
  '04': { zh: '交通路面接入', en: 'Traffic, roads' },
  '05': { zh: '交通卡口接入', en: 'Traffic, checkpoints' },
  '06': { zh: '交通内部接入', en: 'Traffic, interiors' },
  '07': { zh: '交通其他接入', en: 'Traffic, other' },
  '08': { zh: '城市管理接入', en: 'City management' },
  '09': { zh: '卫生环保接入', en: 'Health and environment' },
  10: { zh: '海关', en: 'Customs' },
  11: { zh: '教育', en: 'Education' },
  12: { zh: '民航', en: 'Aviation' },
  13: { zh: '铁路', en: 'Railway' },
  14: { zh: '航运', en: 'Shipping' },
};

/** Digits 11–13, as far as a street meets them. */
export const NATIONAL_TYPES: Readonly<Record<string, Title>> = {
  111: { zh: 'DVR', en: 'DVR' },
  112: { zh: '视频服务器', en: 'Video server' },
  113: { zh: '编码器', en: 'Encoder' },
  114: { zh: '解码器', en: 'Decoder' },
  117: { zh: '报警控制器', en: 'Alarm controller' },
  118: { zh: '网络视频录像机', en: 'NVR' },
  119: { zh: '预留', en: 'Reserved' },
  123: { zh: '停车场出入口控制', en: 'Parking access control' },
  124: { zh: '人员出入口控制', en: 'Personal access control' },
  130: { zh: '混合硬盘录像机', en: 'HVR' },
  131: { zh: '摄像机', en: 'Camera' },
  132: { zh: '网络摄像机', en: 'Network camera' },
  134: { zh: '报警输入设备', en: 'Alarm input' },
  135: { zh: '报警输出设备', en: 'Alarm output' },
  141: { zh: '道闸', en: 'Barrier' },
  200: { zh: '中心信令控制服务器', en: 'Signalling server' },
  209: { zh: '接入网关', en: 'Access gateway' },
  215: { zh: '业务分组', en: 'Business group' },
  216: { zh: '虚拟组织', en: 'Virtual organisation' },
};

/** Digit 14. */
export const NETWORKS: Readonly<Record<string, Title>> = {
  0: { zh: '监控报警专网', en: 'Surveillance network' },
  1: { zh: '监控报警专网', en: 'Surveillance network' },
  2: { zh: '监控报警专网', en: 'Surveillance network' },
  3: { zh: '监控报警专网', en: 'Surveillance network' },
  4: { zh: '监控报警专网', en: 'Surveillance network' },
  5: { zh: '公安信息网', en: 'Police network' },
  6: { zh: '政务外网', en: 'Government network' },
  7: { zh: '互联网', en: 'Internet' },
  8: { zh: '社会资源接入网', en: 'Network for third-party resources' },
  9: { zh: '预留', en: 'Reserved' },
};

/** A code taken apart. Names are null where the table knows none. */
export interface NationalCode {
  readonly code: string;
  /** Digits 1–2, 3–4, 5–6 (GB/T 2260) and 7–8 (the access unit below the district; 00 = none). */
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly unit: string;
  /** Digits 1–8 together. */
  readonly region8: string;
  readonly industry: string;
  readonly industryName: Title | null;
  readonly type: string;
  readonly typeName: Title | null;
  readonly network: string;
  readonly networkName: Title | null;
  readonly serial: number;
}

export function parseNationalCode(code: string): NationalCode | NationalCodeFault {
  const fault = nationalCodeFault(code);
  if (fault) return fault;
  const industry = code.slice(8, 10);
  const type = code.slice(10, 13);
  const network = code.slice(13, 14);
  return {
    code,
    province: code.slice(0, 2),
    city: code.slice(2, 4),
    district: code.slice(4, 6),
    unit: code.slice(6, 8),
    region8: code.slice(0, 8),
    industry,
    industryName: INDUSTRIES[industry] ?? null,
    type,
    typeName: NATIONAL_TYPES[type] ?? null,
    network,
    networkName: NETWORKS[network] ?? null,
    serial: Number(code.slice(14)),
  };
}

export const LAST_SERIAL = 999_999;

/** Puts a code together; every part must already have its width. Throws RangeError on a part that does not fit. */
export function composeNationalCode(parts: {
  readonly region8: string;
  readonly industry: string;
  readonly type: string;
  readonly network: string;
  readonly serial: number;
}): string {
  const code = `${parts.region8}${parts.industry}${parts.type}${parts.network}${String(parts.serial).padStart(6, '0')}`;
  const fits =
    parts.region8.length === 8 && parts.industry.length === 2 && parts.type.length === 3 && parts.network.length === 1;
  if (!fits || nationalCodeFault(code)) throw new RangeError(`no national code: ${code}`);
  return code;
}

/** Digits 1–9 of a 12-digit statistical division code: 区县 and 街镇; undefined when it is none. */
export function streetOf(division: string): string | undefined {
  return /^\d{9}(\d{3})?$/.test(division) && PROVINCES.has(division.slice(0, 2)) ? division.slice(0, 9) : undefined;
}
