import { GatewayError } from '../../errors.ts';
import { codeText, text } from '../../messages/index.ts';
import type { FeedReason } from './feed.ts';

/** There is no picture, and why: the camera's own reason, in words and as a code. */
export function pictureless(reason: FeedReason, cause?: unknown): GatewayError {
  const [zh, en] = (['zh-CN', 'en'] as const).map((language) =>
    text(language, 'live.noPicture', { reason: codeText(language, reason) }),
  );
  return new GatewayError('CAMERA_UNAVAILABLE', `${zh} / ${en}`, { extra: { reason }, cause });
}
