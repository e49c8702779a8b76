import Type from 'typebox';
import { SettingsInput } from '../../domain/settings.ts';
import { Named } from '../schema.ts';

export const SettingsView = Named('Settings', Type.Object(SettingsInput.properties, { additionalProperties: false }));
