import { Button } from 'antd';
import { t } from '../../language.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { isOffline } from '../../parts/queue/send.ts';

/** Nothing to show: because there is no line and it was never read here, or because the gateway refuses. */
export function Offline({ error, again }: { error: unknown; again: () => unknown }) {
  if (!isOffline(error)) return <ProblemNotice error={error} again={() => void again()} />;
  return (
    <Nothing
      title={t('field.notKept')}
      next={
        <Button size="large" onClick={() => void again()}>
          {t('problem.again')}
        </Button>
      }
    />
  );
}
