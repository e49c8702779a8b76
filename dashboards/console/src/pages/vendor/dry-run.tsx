import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { whole } from '../../parts/whole.ts';
import { topicsOf } from './connection.tsx';
import { Decoded } from './decoded.tsx';
import { SampleFields, type SampleMessage } from './sample-message.tsx';
import { useSettled } from './settled.ts';
import { say } from './words.ts';

/** A message nobody sent: what a type would make of it. Nothing is stored. */
export function DryRun() {
  const [{ type }, change] = useFilters();
  const [typed, setTyped] = useState<SampleMessage | null>(null);
  const types = useQuery({
    queryKey: ['lists', 'types', 'choose'],
    queryFn: async () => ({
      items: await whole((query) => body(api.GET('/api/v1/device-types', { params: { query } }))),
    }),
  });
  const detail = useQuery({
    queryKey: ['lists', 'type', type],
    enabled: type !== undefined,
    queryFn: () => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id: type ?? '' } } })),
  });
  const message = typed ?? firstExample(detail.data?.definition);
  const settled = useSettled(message, 300);
  const result = useQuery({
    queryKey: ['decode', type, settled],
    enabled: type !== undefined && settled.topic !== '' && settled.payload !== '',
    placeholderData: (before) => before,
    queryFn: () =>
      body(
        api.POST('/api/v1/device-types/{id}/decode', {
          params: { path: { id: type ?? '' } },
          body: { topic: settled.topic, payload: settled.payload, payloadEncoding: settled.encoding },
        }),
      ),
  });
  return (
    <>
      <p className="quiet">{t('dry.hint')}</p>
      <div className="validator">
        <section className="sheet">
          <h2>{t('dry.message')}</h2>
          <div className="sample-fields">
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              value={type ?? null}
              aria-label={t('dry.type')}
              placeholder={t('dry.choose')}
              onChange={(id: string) => {
                setTyped(null);
                change({ type: id });
              }}
              options={(types.data?.items ?? []).map(({ id, title }) => ({
                value: id,
                label: `${say(title)} · ${id}`,
              }))}
            />
          </div>
          {type !== undefined && <SampleFields value={message} onChange={setTyped} />}
        </section>
        <section className="sheet" aria-live="polite">
          <h2>{t('dry.result')}</h2>
          {type === undefined ? (
            <Nothing title={t('dry.choose')} />
          ) : (
            <Loaded query={result}>{(data) => <Decoded result={data} />}</Loaded>
          )}
        </section>
      </div>
    </>
  );
}

interface Example {
  readonly topic: string;
  readonly payload: unknown;
  readonly payloadEncoding?: 'hex' | 'base64';
}

/** The first example of a type's file as a message to begin from. */
export function firstExample(definition: unknown): SampleMessage {
  const examples = ((definition ?? {}) as { examples?: readonly Example[] }).examples ?? [];
  return sampleOf(examples[0]) ?? { topic: topicsOf(definition)[0] ?? '', payload: '', encoding: 'text' };
}

export function sampleOf(example: Example | undefined): SampleMessage | null {
  if (typeof example?.topic !== 'string') return null;
  const { topic, payload, payloadEncoding = 'text' } = example;
  return {
    topic,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2),
    encoding: payloadEncoding,
  };
}
