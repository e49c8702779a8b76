import { useParams } from '@tanstack/react-router';
import { t } from '../../language.ts';
import { GatewayPaper } from '../../parts/gateway-paper.tsx';

/** 验收报告 on paper. */
export default function Report() {
  const { id = '' } = useParams({ strict: false });
  return (
    <GatewayPaper
      title={t('registrations.reportTitle')}
      address={`/api/v1/devices/${encodeURIComponent(id)}/acceptance/report`}
      usual={[t('paper.usual.accept'), t('paper.usual.file')]}
    />
  );
}
