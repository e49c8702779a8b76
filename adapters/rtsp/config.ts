import { type Static, Type } from 'typebox';
import { DIAL_DEFAULTS, DIAL_OPTIONS } from '../dial-options.ts';

export const rtspConfig = Type.Object(DIAL_OPTIONS, { additionalProperties: false });

export type RtspConfig = Static<typeof rtspConfig>;

export const RTSP_DEFAULTS: RtspConfig = DIAL_DEFAULTS;
