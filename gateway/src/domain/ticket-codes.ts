import type { Title } from './device-type/types.ts';

/** A word people choose from a list. `modules` absent = every module. */
export interface TicketCode {
  readonly code: string;
  readonly title: Title;
  readonly modules?: readonly string[];
}

const of = (
  modules: readonly string[] | undefined,
  rows: Readonly<Record<string, readonly [zh: string, en: string]>>,
) =>
  Object.entries(rows).map(
    ([code, [zh, en]]): TicketCode => ({ code, title: { zh, en }, ...(modules ? { modules } : {}) }),
  );

const VIDEO = ['video', 'parking'];
const CHARGING = ['charging'];
const GARBAGE = ['garbage'];

/** 故障类型: what the handler found on site. The sixteen of video are those of a Shanghai district's repair system. */
export const FAULT_TYPES: readonly TicketCode[] = [
  ...of(VIDEO, {
    noPicture: ['无图像', 'No picture'],
    blurred: ['图像模糊', 'Picture blurred'],
    controlBroken: ['控制坏', 'Control broken'],
    plantsInView: ['绿化遮挡', 'Plants in view'],
    lightBroken: ['补光灯故障', 'Fill light broken'],
    captionWrong: ['无字幕或字幕错', 'Caption missing or wrong'],
    lensDirty: ['镜头异物', 'Something on the lens'],
    cameraTurned: ['相机照偏', 'Camera turned away'],
    cameraNetwork: ['摄像机网络不通', 'Camera network down'],
    noCloudData: ['上云无数据', 'No data in the cloud'],
    onuNetwork: ['ONU网络不通', 'ONU network down'],
    oltNetwork: ['OLT网络不通', 'OLT network down'],
    switchNetwork: ['交换机网络不通', 'Switch network down'],
    cabinetBroken: ['背包箱异常', 'Equipment box broken'],
    signalMissing: ['信号缺失', 'Signal missing'],
  }),
  ...of(CHARGING, {
    socketBroken: ['插座故障', 'Socket broken'],
    cableDamaged: ['线缆破损', 'Cable damaged'],
    meterWrong: ['计量异常', 'Metering wrong'],
    screenBroken: ['屏幕或按键故障', 'Screen or keys broken'],
    cabinetHot: ['柜体过热', 'Cabinet overheated'],
    leakage: ['漏电', 'Leakage'],
    sprinklerBroken: ['喷淋或消防设施异常', 'Sprinkler or fire equipment broken'],
    chargerNetwork: ['通信模块离线', 'Communication module offline'],
  }),
  ...of(GARBAGE, {
    binFull: ['满溢', 'Bin overflowing'],
    doorBroken: ['箱门故障', 'Door broken'],
    scaleWrong: ['称重异常', 'Scale wrong'],
    odour: ['异味超标', 'Odour above limit'],
    sinkBroken: ['洗手池或给排水故障', 'Sink or drain broken'],
    sensorBroken: ['传感器故障', 'Sensor broken'],
  }),
  ...of(undefined, { other: ['其他', 'Other'] }),
];

/** 原因: why it happened, named when the work is handed over, when a ticket is closed and when it is re-opened. */
export const CAUSES: readonly TicketCode[] = [
  ...of(undefined, {
    power: ['供电中断', 'Power failure'],
    network: ['网络中断', 'Network failure'],
    deviceAged: ['设备老化或损坏', 'Device worn out or broken'],
    construction: ['施工影响', 'Construction work'],
    humanDamage: ['人为损坏', 'Damaged by people'],
    weather: ['天气原因', 'Weather'],
    configuration: ['配置错误', 'Wrong configuration'],
    simExpired: ['流量卡欠费或失效', 'SIM card expired'],
    platformFault: ['厂商平台故障', "Fault of the vendor's platform"],
    moved: ['点位迁移', 'Device moved'],
    notRepaired: ['未修复', 'Not repaired'],
    recurred: ['再次发生', 'Happened again'],
    fire: ['火情', 'Fire'],
    other: ['其他', 'Other'],
  }),
  ...of(VIDEO, {
    lensCovered: ['镜头遮挡或脏污', 'Lens covered or dirty'],
    storageFull: ['存储故障', 'Storage failure'],
    lineCut: ['线路中断', 'Line cut'],
  }),
  ...of(CHARGING, {
    load: ['负荷过大', 'Load too high'],
    batteryFault: ['车辆电池故障', 'Battery of the vehicle faulty'],
    illegalCharging: ['违规充电', 'Illegal charging'],
    breakerTripped: ['空开跳闸', 'Breaker tripped'],
    socketWorn: ['插座损坏', 'Socket worn out'],
  }),
  ...of(GARBAGE, {
    notCollected: ['清运不及时', 'Not collected in time'],
    wrongSorting: ['投放不规范', 'Wrong sorting'],
    sensorDirty: ['传感器脏污', 'Sensor dirty'],
    drainBlocked: ['排水堵塞', 'Drain blocked'],
  }),
];

export const MANUAL_NEEDS = ['siteId', 'device', 'note', 'photo'] as const;
export type ManualNeed = (typeof MANUAL_NEEDS)[number];

/** What people report by hand, beside free words. */
export interface ManualKind extends TicketCode {
  /** The module it belongs to; null = that of the device, else of who reports it. */
  readonly module: string | null;
  readonly priority: 'normal' | 'urgent' | 'critical';
  /** `siteId` is also met by a device. */
  readonly needs: readonly ManualNeed[];
}

export const MANUAL_KINDS: readonly ManualKind[] = [
  {
    code: 'illegalCharging',
    title: { zh: '违规充电', en: 'Illegal charging' },
    module: 'charging',
    priority: 'urgent',
    needs: ['siteId', 'photo'],
  },
  {
    code: 'dataObjection',
    title: { zh: '数据异议', en: 'Objection to data' },
    module: null,
    priority: 'normal',
    needs: ['device', 'note'],
  },
  {
    code: 'facilityDamaged',
    title: { zh: '设施损坏', en: 'Facility damaged' },
    module: null,
    priority: 'normal',
    needs: ['siteId', 'photo'],
  },
  {
    code: 'garbageOverflow',
    title: { zh: '垃圾满溢', en: 'Garbage overflowing' },
    module: 'garbage',
    priority: 'normal',
    needs: ['siteId', 'photo'],
  },
  {
    code: 'viewBlocked',
    title: { zh: '监控遮挡', en: 'Camera view blocked' },
    module: 'video',
    priority: 'normal',
    needs: ['device', 'photo'],
  },
];

/** Codes of a module; a ticket without one may use those of every module. */
export function codesOf(codes: readonly TicketCode[], module: string | null): readonly TicketCode[] {
  return codes.filter(({ modules }) => !modules || module === null || modules.includes(module));
}

export function isCause(code: string, module: string | null): boolean {
  return codesOf(CAUSES, module).some((one) => one.code === code);
}

export function isFaultType(code: string, module: string | null): boolean {
  return codesOf(FAULT_TYPES, module).some((one) => one.code === code);
}

export function manualKind(code: string): ManualKind | undefined {
  return MANUAL_KINDS.find((one) => one.code === code);
}
