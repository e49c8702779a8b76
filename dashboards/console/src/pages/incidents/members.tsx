import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { Ago } from '../../parts/time.tsx';

const FIRST = 30;

/** The devices an incident took; those that came back are ticked off and stand below. */
export function Members({ members }: { members: Answer<'Incident'>['members'] }) {
  const [most, setMost] = useState(FIRST);
  const sorted = members.toSorted((a, b) => Number(a.state !== 'bad') - Number(b.state !== 'bad'));
  return (
    <>
      <ul className="members">
        {sorted.slice(0, most).map(({ deviceId, name, state, since }) => (
          <li key={deviceId}>
            <Mark
              tone={state === 'bad' ? 'bad' : 'good'}
              shape={state === 'bad' ? 'square' : 'disc'}
              label={t(state === 'bad' ? 'incidents.member.bad' : 'incidents.member.back')}
            />
            <Link to="/devices/$id" params={{ id: deviceId }}>
              {name ?? deviceId}
            </Link>
            <Ago at={since} />
          </li>
        ))}
      </ul>
      {members.length > most && (
        <Button size="small" onClick={() => setMost(members.length)}>
          {t('incidents.allMembers', { n: members.length })}
        </Button>
      )}
    </>
  );
}
