import { useParams } from '@tanstack/react-router';
import { t } from '../../language.ts';
import { GatewayPaper } from '../../parts/gateway-paper.tsx';

/** 比对审核单 on paper. */
export default function ConstructionPrint() {
  const { id = '' } = useParams({ strict: false });
  return (
    <GatewayPaper
      title={t('construction.paper')}
      address={`/api/v1/cameras/duplicate-construction/${encodeURIComponent(id)}/print`}
      usual={[t('paper.usual.review'), t('paper.usual.file')]}
    />
  );
}
