import { t } from '../../language.ts';
import { Nothing } from '../nothing.tsx';

interface LivePictureProps {
  readonly camera: string;
  /** Starts without a click; the purpose is asked for all the same where the gateway wants one. */
  readonly start?: boolean;
}

/** A camera: its last snapshot, live on click. */
export function LivePicture(_props: LivePictureProps) {
  return <Nothing title={t('app.missing')} />;
}
