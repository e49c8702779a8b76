import { app } from './app.ts';
import { codes } from './codes.ts';
import { device } from './device.ts';
import { devices } from './devices.ts';
import { dictionary } from './dictionary.ts';
import { field } from './field.ts';
import { help } from './help.ts';
import { incidents } from './incidents.ts';
import { inspections } from './inspections.ts';
import { live } from './live.ts';
import { map } from './map.ts';
import { nav } from './nav.ts';
import { overview } from './overview.ts';
import { parts } from './parts.ts';
import { registrations } from './registrations.ts';
import { reports } from './reports.ts';
import { rules } from './rules.ts';
import { signIn } from './sign-in.ts';
import { system } from './system.ts';
import { tickets } from './tickets.ts';
import { types } from './types.ts';
import { vendor } from './vendor.ts';
import { video } from './video.ts';
import { wall } from './wall.ts';

/** Each part of the console has its own file; keys begin with its name. */
const catalogue = {
  ...app,
  ...codes,
  ...device,
  ...devices,
  ...dictionary,
  ...field,
  ...help,
  ...incidents,
  ...inspections,
  ...live,
  ...map,
  ...nav,
  ...overview,
  ...parts,
  ...registrations,
  ...reports,
  ...rules,
  ...signIn,
  ...system,
  ...tickets,
  ...types,
  ...vendor,
  ...video,
  ...wall,
};
export default catalogue;
