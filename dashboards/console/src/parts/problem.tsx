import { Alert, Button } from 'antd';
import { lazy, Suspense } from 'react';
import { Problem } from '../api/problem.ts';
import { t } from '../language.ts';

/** What went wrong, of which field, the remedy, and the id to tell to whoever looks after the gateway. */
export function ProblemNotice({ error, again }: { error: unknown; again?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  return (
    <Alert
      type="error"
      showIcon
      title={problem?.message ?? t('problem.noAnswer')}
      description={
        problem && (
          <>
            {problem.fields.length > 0 && (
              <ul className="fields">
                {problem.fields.map(({ path, message, row }) => (
                  <li key={`${row ?? ''}${path}${message}`}>
                    {row !== undefined && `${t('problem.row', { row })} `}
                    {path && <code>{path}</code>} {message}
                  </li>
                ))}
              </ul>
            )}
            {problem.requestId && <RequestId id={problem.requestId} />}
          </>
        )
      }
      action={again && <Button onClick={again}>{t('problem.again')}</Button>}
    />
  );
}

const Copyable = lazy(() => import('./copyable.tsx'));

function RequestId({ id }: { id: string }) {
  const words = t('problem.id', { id });
  return (
    <Suspense fallback={words}>
      <Copyable text={id} words={words} />
    </Suspense>
  );
}
