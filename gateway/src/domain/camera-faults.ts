import type { Title } from './device-type/types.ts';
import type { Severity } from './reading.ts';

interface CameraFaultRow {
  readonly severity: Severity;
  readonly title: Title;
  /** 处置建议 shown in the ticket. */
  readonly advice: Title;
}

/** What the gateway itself finds wrong with a camera that answers: its picture, its clock, its login. Never `offline`. */
export const CAMERA_FAULTS = {
  noFrames: {
    severity: 'major',
    title: { zh: '无视频帧', en: 'No frames' },
    advice: {
      zh: '检查编码通道和网络，必要时重启摄像机',
      en: 'Check encoder channel and network; restart the camera if need be',
    },
  },
  noSignal: {
    severity: 'major',
    title: { zh: '无视频信号（蓝屏）', en: 'No signal (blue picture)' },
    advice: {
      zh: '检查镜头模组与录像机之间的线缆和供电',
      en: 'Check cable and power between camera head and recorder',
    },
  },
  black: {
    severity: 'major',
    title: { zh: '画面过暗（黑屏）', en: 'Picture black' },
    advice: { zh: '检查补光灯、红外切换和镜头遮挡', en: 'Check the light, the IR filter and the lens' },
  },
  tooBright: {
    severity: 'minor',
    title: { zh: '画面过亮', en: 'Picture too bright' },
    advice: { zh: '检查曝光和逆光设置', en: 'Check exposure and back light' },
  },
  frozen: {
    severity: 'major',
    title: { zh: '画面冻结', en: 'Picture frozen' },
    advice: { zh: '重启摄像机或编码通道', en: 'Restart the camera or the channel' },
  },
  blurred: {
    severity: 'minor',
    title: { zh: '画面模糊', en: 'Picture blurred' },
    advice: { zh: '擦拭镜头或重新对焦', en: 'Clean or refocus the lens' },
  },
  noise: {
    severity: 'minor',
    title: { zh: '画面雪花噪声', en: 'Picture noisy' },
    advice: { zh: '检查线缆接地、供电和夜间增益', en: 'Check grounding, power and night gain' },
  },
  covered: {
    severity: 'major',
    title: { zh: '画面遮挡', en: 'Picture covered' },
    advice: { zh: '清除镜头前的遮挡物，修剪绿化', en: 'Remove what covers the lens, trim plants' },
  },
  colourCast: {
    severity: 'minor',
    title: { zh: '画面偏色', en: 'Colour cast' },
    advice: { zh: '检查白平衡和红外滤光片', en: 'Check white balance and IR filter' },
  },
  sceneShifted: {
    severity: 'major',
    title: { zh: '画面偏移（相机照偏）', en: 'Scene shifted' },
    advice: { zh: '现场校正摄像机角度', en: 'Turn the camera back on site' },
  },
  clockWrong: {
    severity: 'minor',
    title: { zh: '时钟不准', en: 'Clock wrong' },
    advice: { zh: '核对校时服务器（NTP）配置', en: 'Check the NTP setting' },
  },
  codecChanged: {
    severity: 'minor',
    title: { zh: '编码格式改变', en: 'Codec changed' },
    advice: { zh: '核对编码设置，确认后更新档案', en: 'Check the encoder setting, then update the archive' },
  },
  defaultPassword: {
    severity: 'major',
    title: { zh: '仍在使用出厂口令', en: 'Default password in use' },
    advice: { zh: '立即修改摄像机口令并更新档案', en: 'Change the camera password now and update the archive' },
  },
  sessionLimit: {
    severity: 'minor',
    title: { zh: '取流会话数已满', en: 'Session limit reached' },
    advice: { zh: '清理多余的取流连接或调高会话上限', en: 'Close spare sessions or raise the limit' },
  },
  storageFailure: {
    severity: 'minor',
    title: { zh: '存储故障', en: 'Storage failure' },
    advice: { zh: '检查存储卡或硬盘，必要时更换', en: 'Check the memory card or disk; replace it if need be' },
  },
} as const satisfies Record<string, CameraFaultRow>;

export type CameraFault = keyof typeof CAMERA_FAULTS;

export function isCameraFault(code: string): code is CameraFault {
  return Object.hasOwn(CAMERA_FAULTS, code);
}

/** Faults read from a picture; the others come from answers of the camera. */
export const PICTURE_FAULTS = [
  'noFrames',
  'noSignal',
  'black',
  'tooBright',
  'frozen',
  'blurred',
  'noise',
  'covered',
  'colourCast',
  'sceneShifted',
] as const satisfies readonly CameraFault[];
export type PictureFault = (typeof PICTURE_FAULTS)[number];

/** Faults that looks at what a camera says of itself find, and that are remembered with the camera. */
export const WATCHED_FAULTS = [
  'clockWrong',
  'codecChanged',
  'defaultPassword',
] as const satisfies readonly CameraFault[];
