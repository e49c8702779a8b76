import { app } from './app.ts';
import { codes } from './codes.ts';
import { nav } from './nav.ts';
import { overview } from './overview.ts';
import { parts } from './parts.ts';
import { signIn } from './sign-in.ts';

/** What the first screen says. Each part of the console has its own file; keys begin with its name. */
const catalogue = {
  ...app,
  ...codes,
  ...nav,
  ...overview,
  ...parts,
  ...signIn,
};
export default catalogue;
