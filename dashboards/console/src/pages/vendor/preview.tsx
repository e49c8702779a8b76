import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Decoded } from './decoded.tsx';
import { sampleOf } from './dry-run.tsx';
import { SampleFields, type SampleMessage } from './sample-message.tsx';
import { useSettled } from './settled.ts';
import type { Sketch } from './text.ts';

interface PreviewProps {
  readonly source: string;
  readonly sketch: Sketch;
  readonly sample: SampleMessage;
  readonly change: (next: SampleMessage | null) => void;
}

/** A message beside the text, and what would come of it; nothing is stored. */
export function Preview({ source, sketch, sample, change }: PreviewProps) {
  const { topic, payload, encoding } = useSettled(sample, 300);
  const result = useQuery({
    queryKey: ['decode-text', source, topic, payload, encoding],
    enabled: topic !== '' && payload !== '' && source.trim() !== '',
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: () =>
      body(api.POST('/api/v1/device-types/decode', { body: { source, topic, payload, payloadEncoding: encoding } })),
  });
  return (
    <div className="type-preview">
      <section className="sheet">
        <h2>
          {t('preview.sample')}
          {sketch.examples.length > 0 && (
            <Select<number | null>
              size="small"
              placeholder={t('preview.examples')}
              aria-label={t('preview.examples')}
              value={null}
              onChange={(index) => change(sampleOf(sketch.examples[index ?? 0]))}
              options={sketch.examples.map(({ name, topic: of }, index) => ({ value: index, label: name ?? of }))}
              popupMatchSelectWidth={false}
            />
          )}
        </h2>
        <SampleFields value={sample} onChange={change} />
      </section>
      <section className="sheet" aria-live="polite" aria-busy={result.isFetching}>
        <h2>{t('preview.result')}</h2>
        {topic === '' || payload === '' ? (
          <Nothing title={t('preview.none')} />
        ) : result.error instanceof Problem && result.error.status === 400 ? (
          // The text is at fault, and said to be so where it stands.
          <Nothing title={t('preview.faulty')} />
        ) : (
          <Loaded query={result}>
            {(data) =>
              data.faults.length > 0 && data.items.length === 0 ? (
                <Nothing title={t('preview.faulty')} />
              ) : (
                <Decoded result={data} expected={sketch.metrics} />
              )
            }
          </Loaded>
        )}
      </section>
    </div>
  );
}
