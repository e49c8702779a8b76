import { Modal, Typography } from 'antd';
import { t } from '../../language.ts';

export interface Once {
  readonly title: string;
  /** What to do with it. */
  readonly words: string;
  readonly values: readonly { readonly label: string; readonly value: string }[];
}

/** What is shown this one time: closed only by the button, so that no stray click loses it. */
export function ShownOnce({ once, done }: { once: Once | null; done: () => void }) {
  return (
    <Modal
      open={once !== null}
      title={once?.title}
      okText={t('once.kept')}
      onOk={done}
      onCancel={done}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      cancelButtonProps={{ style: { display: 'none' } }}
    >
      <p>{once?.words}</p>
      <dl className="two">
        {once?.values.map(({ label, value }) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd>
              <Typography.Text className="once-value" copyable={{ text: value }}>
                {value}
              </Typography.Text>
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
