import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from 'antd';
import { Problem } from '../api/problem.ts';
import { t } from '../language.ts';
import { Nothing } from '../parts/nothing.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { Forbidden } from './forbidden.tsx';

/** A page that failed: the frame stands, the way on is shown. After an update the old parts of the console are gone. */
export function Broken({ error, reset }: ErrorComponentProps) {
  if (error instanceof Problem) {
    return error.status === 403 ? <Forbidden /> : <ProblemNotice error={error} again={reset} />;
  }
  return (
    <Nothing
      title={t('app.broken')}
      next={
        <>
          <p>
            <code>{error instanceof Error ? error.message : String(error)}</code>
          </p>
          <Button type="primary" onClick={() => window.location.reload()}>
            {t('app.reload')}
          </Button>
        </>
      }
    />
  );
}
