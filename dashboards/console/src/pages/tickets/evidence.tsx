import { Image } from 'antd';
import { t } from '../../language.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { Attachments } from '../../parts/photos.tsx';
import { proofPicture } from '../../parts/proof-words.ts';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';
import { evidenceWords } from './evidence-words.ts';

interface Snapshot {
  readonly src: string;
  readonly at: string;
  readonly words: string;
}

/** What the camera itself saw: `decision` proofs are of before the repair, the others of after. */
function snapshots({ evidence, deviceIds }: Ticket): { before: Snapshot[]; after: Snapshot[] } {
  const of = (after: boolean) =>
    evidence.flatMap((one) => {
      const picture = proofPicture(one.detail);
      const device = one.deviceId ?? deviceIds[0];
      if (picture === null || device === undefined || (one.kind !== 'decision') !== after) return [];
      return [{ src: `/api/v1/cameras/${device}/pictures/${picture}.jpg`, at: one.at, words: evidenceWords(one) }];
    });
  return { before: of(false), after: of(true) };
}

/** Before on the left, after on the right: what the cameras saw and what people photographed. */
export function Evidence({ ticket }: { ticket: Ticket }) {
  const { id, attachments } = ticket;
  const seen = snapshots(ticket);
  const by = nameIn(ticket);
  const files = (phase: string) => attachments.filter((file) => file.phase === phase);
  const others = files('other');
  const none = attachments.length + seen.before.length + seen.after.length === 0;
  return (
    <section className="sheet">
      <h2>{t('ticket.evidence')}</h2>
      {none ? (
        <Nothing title={t('ticket.noEvidence')} />
      ) : (
        <div className="before-after">
          {(['before', 'after'] as const).map((phase) => (
            <div key={phase}>
              <h3>{t(`photos.phase.${phase}`)}</h3>
              {files(phase).length + seen[phase].length === 0 && <p className="quiet">{t('ticket.noPicture')}</p>}
              <Image.PreviewGroup>
                {seen[phase].map(({ src, at, words }) => (
                  <figure key={src}>
                    <Image src={src} alt={words || `${t('ticket.byCamera')} ${exactTime(at)}`} />
                    <figcaption>
                      {t('ticket.byCamera')} · {exactTime(at)}
                    </figcaption>
                  </figure>
                ))}
              </Image.PreviewGroup>
              <Attachments ticketId={id} files={files(phase)} by={by} />
            </div>
          ))}
        </div>
      )}
      {others.length > 0 && <Attachments ticketId={id} files={others} by={by} />}
    </section>
  );
}
