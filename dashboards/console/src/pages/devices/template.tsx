import { Button, Select } from 'antd';
import { useState } from 'react';
import { language, t } from '../../language.ts';
import { saveFile } from '../../parts/file.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useTypes } from './filter-bar.tsx';

/** An empty table with Chinese headers; of one type only the columns it needs. */
export function Template() {
  const types = useTypes();
  const [type, setType] = useState<string>();
  const [error, setError] = useState<unknown>();
  const save = (format: 'xlsx' | 'csv') => {
    const query = new URLSearchParams({ format, ...(type ? { type } : {}) });
    setError(undefined);
    saveFile(`/api/v1/devices/import/template?${query}`).catch(setError);
  };
  return (
    <>
      <p className="quiet">{t('import.template.words')}</p>
      <div className="devices-tools">
        <Select
          allowClear
          className="template-type"
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          aria-label={t('import.template.type')}
          placeholder={t('import.template.type')}
          value={type}
          onChange={setType}
          options={(types.data?.items ?? []).map(({ id, title }) => ({
            value: id,
            label: language() === 'en' ? title.en : title.zh,
          }))}
        />
        <Button onClick={() => save('xlsx')}>{t('import.template.xlsx')}</Button>
        <Button onClick={() => save('csv')}>{t('import.template.csv')}</Button>
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
    </>
  );
}
