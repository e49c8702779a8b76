import { useParams } from '@tanstack/react-router';
import { t } from '../../language.ts';
import { GatewayPaper } from '../../parts/gateway-paper.tsx';

/** 移交单 on paper. */
export default function HandoverPrint() {
  const { id = '' } = useParams({ strict: false });
  return (
    <GatewayPaper
      title={t('handovers.paper')}
      address={`/api/v1/handovers/${encodeURIComponent(id)}/print`}
      usual={[t('paper.usual.sign'), t('paper.usual.file')]}
    />
  );
}
