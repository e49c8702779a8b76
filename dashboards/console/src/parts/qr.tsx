import { QRCode } from 'antd';
import { t } from '../language.ts';

/** Address a device's label carries: whoever scans it is at its page, also on a phone. */
export const labelAddress = (id: string): string => `${window.location.origin}/d/${encodeURIComponent(id)}`;

interface QrProps {
  readonly text: string;
  /** Pixels, drawn as vectors: sharp on paper too. */
  readonly size?: number;
  /** What the code leads to, for those who do not see it. */
  readonly label?: string;
}

/** A QR code, made here: no address of a device leaves for somebody else's service. */
export function Qr({ text, size = 128, label }: QrProps) {
  return (
    <span className="qr">
      <QRCode
        value={text}
        size={size}
        type="svg"
        bordered={false}
        color="#000000"
        bgColor="#ffffff"
        errorLevel="M"
        aria-label={label ?? t('qr.label')}
      />
    </span>
  );
}
