import { app } from './app.ts';
import { codes } from './codes.ts';
import { overview } from './overview.ts';
import { parts } from './parts.ts';
import { signIn } from './sign-in.ts';

/** Each part of the console has its own file; keys begin with its name. */
const catalogue = { ...app, ...codes, ...overview, ...parts, ...signIn };
export default catalogue;
