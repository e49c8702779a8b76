/** What an event means, whichever topic a camera files it under. */
export const CAMERA_EVENT_CODES = [
  'motion',
  'tamper',
  'videoLoss',
  'tooDark',
  'tooBright',
  'blurred',
  'digitalInput',
  'storageFailure',
] as const;
export type CameraEventCode = (typeof CAMERA_EVENT_CODES)[number];

interface TopicRow {
  readonly code: CameraEventCode;
  /** Data items that say whether it is so; the first one there counts. */
  readonly state: readonly string[];
}

/**
 * Topics without namespace prefixes, as ONVIF's Core, Imaging, Analytics and Device I/O specifications and the common
 * manufacturers write them. What is not here is counted and ignored.
 */
const TOPICS: Readonly<Record<string, TopicRow>> = {
  'RuleEngine/CellMotionDetector/Motion': { code: 'motion', state: ['IsMotion', 'State'] },
  'RuleEngine/MotionRegionDetector/Motion': { code: 'motion', state: ['State', 'IsMotion'] },
  'VideoAnalytics/Motion': { code: 'motion', state: ['IsMotion', 'State'] },
  'VideoSource/MotionAlarm': { code: 'motion', state: ['State', 'IsMotion'] },
  'VideoSource/GlobalSceneChange/ImagingService': { code: 'tamper', state: ['State'] },
  'VideoSource/GlobalSceneChange/AnalyticsService': { code: 'tamper', state: ['State'] },
  'VideoSource/GlobalSceneChange/RecordingService': { code: 'tamper', state: ['State'] },
  'RuleEngine/TamperDetector/Tamper': { code: 'tamper', state: ['IsTamper', 'State'] },
  'VideoSource/ImageTooDark/ImagingService': { code: 'tooDark', state: ['State'] },
  'VideoSource/ImageTooDark/AnalyticsService': { code: 'tooDark', state: ['State'] },
  'VideoSource/ImageTooDark/RecordingService': { code: 'tooDark', state: ['State'] },
  'VideoSource/ImageTooBright/ImagingService': { code: 'tooBright', state: ['State'] },
  'VideoSource/ImageTooBright/AnalyticsService': { code: 'tooBright', state: ['State'] },
  'VideoSource/ImageTooBright/RecordingService': { code: 'tooBright', state: ['State'] },
  'VideoSource/ImageTooBlurry/ImagingService': { code: 'blurred', state: ['State'] },
  'VideoSource/ImageTooBlurry/AnalyticsService': { code: 'blurred', state: ['State'] },
  'VideoSource/ImageTooBlurry/RecordingService': { code: 'blurred', state: ['State'] },
  'VideoSource/SignalLoss': { code: 'videoLoss', state: ['State', 'IsSignalLoss'] },
  'Device/Trigger/DigitalInput': { code: 'digitalInput', state: ['LogicalState'] },
  'Device/HardwareFailure/StorageFailure': { code: 'storageFailure', state: ['Failed', 'State'] },
};

/** `tns1:VideoSource/tns1:SignalLoss` and `VideoSource/SignalLoss/` are the same topic. */
export function bareTopic(topic: string): string {
  return topic
    .split('/')
    .map((part) => part.replace(/^.*:/, '').trim())
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** undefined = a topic nobody here knows. Some cameras leave out the last step (`VideoSource/ImageTooDark`). */
export function topicRow(topic: string): TopicRow | undefined {
  const bare = bareTopic(topic);
  for (const name of [bare, `${bare}/ImagingService`]) if (Object.hasOwn(TOPICS, name)) return TOPICS[name];
  return undefined;
}

/** xs:boolean, and the words of cameras that do not know it; null = neither. */
export function booleanOf(said: string | undefined): boolean | null {
  const word = said?.trim().toLowerCase() ?? '';
  if (['true', '1', 'on', 'active', 'high'].includes(word)) return true;
  return ['false', '0', 'off', 'inactive', 'low'].includes(word) ? false : null;
}
