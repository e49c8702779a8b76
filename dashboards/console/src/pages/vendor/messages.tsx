import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import { Decoded, Refused } from './decoded.tsx';
import { Payload } from './payload.tsx';
import { say } from './words.ts';

type Recent = Answer<'RecentMessages'>;
type Message = Recent['items'][number];
const VERDICTS = {
  stored: ['good', 'disc'],
  partly: ['warning', 'triangle'],
  duplicate: ['none', 'bar'],
  quarantined: ['bad', 'square'],
  rejected: ['bad', 'cross'],
} as const;
const keyOf = ({ receivedAt, topic, size }: Message) => `${receivedAt}${topic}${size}`;

/** The last twenty messages and what became of each; one of them opened. */
export function Messages({ recent, type }: { recent: Recent; type: string | null }) {
  const [chosen, setChosen] = useState<Message | null>(null);
  const { items, since } = recent;
  if (items.length === 0) {
    return <Nothing title={t('validator.none')} next={t('validator.none.next', { since: exactTime(since) })} />;
  }
  // What was opened stays, also when newer messages push it out of the list.
  const shown = chosen ?? items[0] ?? null;
  const refused = items.filter(({ verdict }) => verdict === 'quarantined' || verdict === 'rejected').length;
  return (
    <div className="validator">
      <section className="sheet" aria-label={t('validator.last')}>
        <h2>
          {t('validator.last')} <span className="quiet">{t('validator.counts', { n: items.length, refused })}</span>
        </h2>
        <ul className="messages" aria-live="off">
          {items.map((message) => {
            const [tone, shape] = VERDICTS[message.verdict];
            const open = shown !== null && keyOf(message) === keyOf(shown);
            return (
              <li key={keyOf(message)}>
                <button type="button" aria-pressed={open} onClick={() => setChosen(message)}>
                  <Mark tone={tone} shape={shape} label={tCode('verdict', message.verdict)} />
                  <span className="message-what">
                    {message.title
                      ? say(message.title)
                      : message.code
                        ? tCode('refused', message.code)
                        : t('validator.readings', { n: message.readings })}
                  </span>
                  <time dateTime={message.receivedAt}>{exactTime(message.receivedAt).slice(11)}</time>
                </button>
              </li>
            );
          })}
        </ul>
        {chosen && (
          <Button size="small" onClick={() => setChosen(null)}>
            {t('validator.follow')}
          </Button>
        )}
      </section>
      {shown && <Detail key={keyOf(shown)} message={shown} type={type} />}
    </div>
  );
}

function Detail({ message, type }: { message: Message; type: string | null }) {
  const { verdict, code, told, title, remedy, topic, receivedAt, size, principal, payload, payloadEncoding } = message;
  const [tone, shape] = VERDICTS[verdict];
  return (
    <section className="sheet">
      <h2>
        <Mark tone={tone} shape={shape} label={tCode('verdict', verdict)} />
        <span className="quiet">
          <Ago at={receivedAt} />
        </span>
      </h2>
      {code && (
        <Refused
          title={title ? say(title) : tCode('refused', code)}
          detail={told && say(told)}
          remedy={remedy && say(remedy)}
        />
      )}
      <dl className="two">
        <dt>{t('validator.topic')}</dt>
        <dd>
          <code>{topic}</code>
        </dd>
        <dt>{t('validator.login')}</dt>
        <dd>
          <code>{principal}</code> {size !== null && t('validator.size', { n: size })}
        </dd>
      </dl>
      <Payload text={payload} encoding={payloadEncoding} />
      {type !== null && size !== null && (
        <Reread type={type} topic={topic} payload={payload} encoding={payloadEncoding} />
      )}
    </section>
  );
}

interface RereadProps {
  readonly type: string;
  readonly topic: string;
  readonly payload: string;
  readonly encoding: 'text' | 'base64';
}

/** The message read once more by the type as it is served now: what would be stored, and field by field what is refused. */
export function Reread({ type, topic, payload, encoding }: RereadProps) {
  const result = useQuery({
    queryKey: ['decode', type, topic, payload],
    queryFn: () =>
      body(
        api.POST('/api/v1/device-types/{id}/decode', {
          params: { path: { id: type } },
          body: { topic, payload, payloadEncoding: encoding },
        }),
      ),
    staleTime: 60_000,
  });
  return (
    <>
      <h3>{t('validator.reread', { type })}</h3>
      <Loaded query={result}>{(data) => <Decoded result={data} />}</Loaded>
    </>
  );
}
