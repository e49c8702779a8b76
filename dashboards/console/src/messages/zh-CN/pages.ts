import { device } from './device.ts';
import { devices } from './devices.ts';
import { dictionary } from './dictionary.ts';
import { field } from './field.ts';
import { help } from './help.ts';
import { incidents } from './incidents.ts';
import { inspections } from './inspections.ts';
import { live } from './live.ts';
import { map } from './map.ts';
import { registrations } from './registrations.ts';
import { reports } from './reports.ts';
import { rules } from './rules.ts';
import { settings } from './settings.ts';
import { system } from './system.ts';
import { tickets } from './tickets.ts';
import { types } from './types.ts';
import { vendor } from './vendor.ts';
import { video } from './video.ts';
import { wall } from './wall.ts';

/** What the other pages say, loaded with the first of them. */
const catalogue = {
  ...device,
  ...devices,
  ...dictionary,
  ...field,
  ...help,
  ...incidents,
  ...inspections,
  ...live,
  ...map,
  ...registrations,
  ...reports,
  ...rules,
  ...settings,
  ...system,
  ...tickets,
  ...types,
  ...vendor,
  ...video,
  ...wall,
};
export default catalogue;
