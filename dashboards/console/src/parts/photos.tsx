import { CameraOutlined, DeleteOutlined } from '@ant-design/icons';
import { Alert, Button, Image, Progress } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Answer } from '../api/client.ts';
import { t, tCode } from '../language.ts';
import { type Photo, photoOf, whereAmI } from './photo-file.ts';
import { ProblemNotice } from './problem.tsx';
import { exactTime } from './time.tsx';
import './photos.css';

interface PhotosProps {
  readonly value?: readonly Photo[];
  readonly onChange?: (photos: readonly Photo[]) => void;
  /** How many at most. */
  readonly most?: number;
  /** Ask the phone where it is. */
  readonly place?: boolean;
  /** Share sent by photo id, 0–1, while they are on their way. */
  readonly sent?: ReadonlyMap<string, number>;
  readonly id?: string;
}

/** Takes pictures or chooses them, shows them, and takes them away again. Usable as a form's field. */
export function PhotoPicker({ value = [], onChange, most = 5, place = false, sent, id }: PhotosProps) {
  const input = useRef<HTMLInputElement>(null);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<unknown>();
  const [refused, setRefused] = useState<string>();
  const add = async (files: readonly File[]) => {
    setWorking(true);
    setError(undefined);
    const other = files.find(({ type }) => !type.startsWith('image/'));
    setRefused(other?.name);
    const pictures = files.filter(({ type }) => type.startsWith('image/'));
    try {
      const here = place ? await whereAmI() : undefined;
      const made = await Promise.all(pictures.slice(0, most - value.length).map((file) => photoOf(file, here)));
      onChange?.([...value, ...made]);
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <div className="photos">
      {value.map((photo) => (
        <Preview
          key={photo.id}
          photo={photo}
          share={sent?.get(photo.id)}
          remove={() => onChange?.(value.filter((one) => one.id !== photo.id))}
        />
      ))}
      {value.length < most && (
        <Button className="photo-add" loading={working} onClick={() => input.current?.click()} {...(id && { id })}>
          <CameraOutlined aria-hidden /> {t('photos.add')}
        </Button>
      )}
      <input
        ref={input}
        hidden
        type="file"
        accept="image/*"
        // Only a phone understands it: opens the camera first.
        capture="environment"
        multiple
        aria-label={t('photos.add')}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          target.value = '';
          if (files.length > 0) void add(files);
        }}
      />
      {refused !== undefined && <Alert type="error" showIcon title={t('photos.notPicture', { name: refused })} />}
      {error !== undefined && <ProblemNotice error={error} />}
    </div>
  );
}

function Preview({ photo, share, remove }: { photo: Photo; share: number | undefined; remove: () => void }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(photo.blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [photo.blob]);
  return (
    <figure className="photo">
      {address && <img src={address} alt={photo.name} />}
      {share === undefined ? (
        <Button
          className="photo-remove"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={t('photos.remove', { name: photo.name })}
          onClick={remove}
        />
      ) : (
        <Progress percent={Math.round(share * 100)} size="small" />
      )}
    </figure>
  );
}

export type Attachment = Answer<'TicketAttachment'>;
export const attachmentAddress = (ticketId: string, n: number) => `/api/v1/tickets/${ticketId}/attachments/${n}`;

/** Pictures and documents of a ticket, with when, where and by whom, and what makes one doubtful. */
export function Attachments(props: {
  ticketId: string;
  files: readonly Attachment[];
  by?: (id: string) => string;
  height?: number;
}) {
  const { ticketId, files, by, height = 150 } = props;
  const shown = useMemo(() => files.filter(({ mediaType }) => isShown(mediaType)), [files]);
  const others = files.filter(({ mediaType }) => !isShown(mediaType));
  return (
    <div className="attachments">
      <Image.PreviewGroup>
        {shown.map((file) => (
          <figure key={file.n}>
            <Image src={attachmentAddress(ticketId, file.n)} alt={file.note ?? file.name} height={height} />
            <AttachmentFacts file={file} by={by} />
          </figure>
        ))}
      </Image.PreviewGroup>
      {others.map((file) => (
        <figure key={file.n}>
          <a href={attachmentAddress(ticketId, file.n)} download={file.name}>
            {file.name}
          </a>
          <AttachmentFacts file={file} by={by} />
        </figure>
      ))}
    </div>
  );
}

/** What every browser draws; the rest is offered as a file. */
const isShown = (mediaType: string) => ['image/jpeg', 'image/png', 'image/webp'].includes(mediaType);

function AttachmentFacts({ file, by }: { file: Attachment; by: ((id: string) => string) | undefined }) {
  const { takenAt, at, distance, far, repeated, phase, note } = file;
  return (
    <figcaption>
      {note && <div>{note}</div>}
      <span>
        {tCode('photos.phase', phase)} · {exactTime(takenAt ?? at)}
        {by && ` · ${by(file.by)}`}
      </span>
      {distance !== null && (
        <span className={far ? 'doubtful' : 'quiet'}>
          {' '}
          {t(far ? 'photos.far' : 'photos.near', { metres: Math.round(distance) })}
        </span>
      )}
      {repeated && <span className="doubtful"> {t('photos.repeated')}</span>}
    </figcaption>
  );
}
