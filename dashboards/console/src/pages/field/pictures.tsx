import { t } from '../../language.ts';
import type { Phase } from '../../parts/photo-upload.ts';
import { Attachments, PhotoPicker } from '../../parts/photos.tsx';
import type { Entry } from '../../parts/queue/entry.ts';
import { useAdd } from '../../parts/queue/use-add.ts';
import { nameIn, type Ticket } from './ticket-facts.ts';

interface PicturesProps {
  readonly ticket: Ticket;
  readonly stage: string;
  readonly entries: readonly Entry[];
}

/** What was photographed, and one more: kept at once, sent when there is a line. */
export function Pictures({ ticket, stage, entries }: PicturesProps) {
  const add = useAdd();
  const working = ['dispatched', 'handling', 'suspended'].includes(stage);
  const waiting = entries.filter(({ task }) => task.kind === 'photo').length;
  if (!working && ticket.attachments.length === 0 && waiting === 0) return null;
  const row = (phase: Phase, title: string) => (
    <>
      <h2>{title}</h2>
      <Attachments
        ticketId={ticket.id}
        files={ticket.attachments.filter((one) => (phase === 'after') === (one.phase === 'after'))}
        by={(id) => nameIn(ticket, id)}
        height={110}
      />
      {working && (
        <PhotoPicker
          place
          onChange={(photos) => {
            void add(photos.map((photo) => ({ kind: 'photo', ticketId: ticket.id, photo, phase })));
          }}
        />
      )}
    </>
  );
  return (
    <section className="sheet">
      {row('before', t('field.before'))}
      {stage !== 'dispatched' && row('after', t('field.after'))}
      {waiting > 0 && <p className="field-waits">{`${t('field.photo')} · ${t('field.waits', { n: waiting })}`}</p>}
    </section>
  );
}
