import { Modal } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';
import { ProblemNotice } from '../problem.tsx';
import { PurposeForm } from './purpose.tsx';
import { readStill, save } from './still.ts';

interface SaveStillProps {
  readonly camera: string;
  readonly open: boolean;
  readonly close: () => void;
  /** A stored picture; absent = the camera as it looks now. */
  readonly picture?: string;
}

/** A picture that leaves: with purpose, burnt-in proof and an entry in the audit. */
export function SaveStill({ camera, open, close, picture }: SaveStillProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const take = async (purpose: string) => {
    setBusy(true);
    setError(null);
    try {
      const path = picture === undefined ? 'snapshot' : `pictures/${encodeURIComponent(picture)}`;
      const query = new URLSearchParams({ export: 'true', purpose });
      const still = await readStill(`/api/v1/cameras/${encodeURIComponent(camera)}/${path}.jpg?${query}`);
      save(still.jpeg, `${camera}-${still.takenAt.slice(0, 19).replace(/\D/g, '')}.jpg`);
      close();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={open} title={t('live.saveTitle')} footer={null} onCancel={close} destroyOnHidden width={440}>
      <p className="quiet">{busy ? t('live.saving') : t('live.saveNote')}</p>
      {!busy && <PurposeForm go={take} cancel={close} label={t('live.save')} />}
      {error !== null && <ProblemNotice error={error} />}
    </Modal>
  );
}
