import { devices } from './zh-CN/devices.ts';
import { exchange } from './zh-CN/exchange.ts';
import { health } from './zh-CN/health.ts';
import { inspections } from './zh-CN/inspections.ts';
import { people } from './zh-CN/people.ts';
import { reports } from './zh-CN/reports.ts';
import { tools } from './zh-CN/tools.ts';
import { video } from './zh-CN/video.ts';

/** Texts a person sees, Chinese (the first language). Keys are flat; `{name}` is a placeholder. */
export const zhCN = {
  ...health,
  ...exchange,
  ...people,
  ...devices,
  ...video,
  ...reports,
  ...inspections,
  ...tools,
} as const;

export type MessageKey = keyof typeof zhCN;
