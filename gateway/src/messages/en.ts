import { devices } from './en/devices.ts';
import { exchange } from './en/exchange.ts';
import { health } from './en/health.ts';
import { inspections } from './en/inspections.ts';
import { people } from './en/people.ts';
import { reports } from './en/reports.ts';
import { tools } from './en/tools.ts';
import { video } from './en/video.ts';
import type { MessageKey } from './zh-CN.ts';

export const en: Readonly<Record<MessageKey, string>> = {
  ...health,
  ...exchange,
  ...people,
  ...devices,
  ...video,
  ...reports,
  ...inspections,
  ...tools,
};
