import { GatewayError, isGatewayError } from '../../errors.ts';
import { bilingual, codeText, text } from '../../messages/index.ts';
import { JpegError } from '../pictures/jpeg.ts';
import { SourceError } from '../source.ts';
import { ProcessFailure } from '../supervisor/interface.ts';
import { GateFull } from './gate.ts';

/** The refusal of a camera that gives no picture; `reason` is a probe's reason, `notJpeg`, `oldPicture` or `aborted`. */
export function noPicture(reason: string, cause?: unknown): GatewayError {
  const inWords = (language: 'zh-CN' | 'en') =>
    text(language, 'snapshot.failed', { reason: codeText(language, reason) });
  return new GatewayError('CAMERA_UNAVAILABLE', `${inWords('zh-CN')} / ${inWords('en')}`, {
    extra: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What went wrong, as the asker is told: whether the camera is the reason, or we are. */
export function reasonOf(error: unknown): GatewayError {
  if (isGatewayError(error)) return error;
  if (error instanceof SourceError) return noPicture(error.reason, error);
  if (error instanceof JpegError) return noPicture('notJpeg', error);
  if (error instanceof GateFull) return busy(error);
  if (error instanceof ProcessFailure) {
    if (error.kind === 'deadline') return noPicture('timeout', error);
    if (error.kind === 'exit' || error.kind === 'output') return noPicture('notJpeg', error);
    return busy(error);
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') return noPicture('timeout', error);
  return new GatewayError('INTERNAL', undefined, { cause: error });
}

function busy(cause: unknown): GatewayError {
  return new GatewayError('UNAVAILABLE', bilingual('snapshot.busy'), { cause });
}
